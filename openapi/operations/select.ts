import type { RawOperation } from "../dialects/dialect.ts";
import { readExtensions } from "./extensions.ts";

export interface Selection {
  /** operationId, tag, or `METHOD /path`, with `*` for any text; only these become tools. */
  include?: string[];
  /** Same patterns; wins over `include`. */
  exclude?: string[];
  /** Only operations with one of these tags, `*` for any text. */
  tags?: string[];
}

/** Keeps what `include` and `tags` name (all, when they are empty), unless `exclude` or `x-tool.hidden` takes it out. @throws TypeError for patterns that are no list */
export function selectOperations(
  operations: RawOperation[],
  selection: Selection,
): RawOperation[] {
  const { include = [], exclude = [], tags = [] } = selection;
  for (const [name, patterns] of Object.entries({ include, exclude, tags }))
    if (!Array.isArray(patterns))
      throw new TypeError(`${name}: expected a list of patterns`);
  const isNamed = (patterns: string[], names: string[]) =>
    patterns.some((pattern) => names.some((name) => matches(pattern, name)));
  return operations.filter((operation) => {
    const names = namesOf(operation);
    return (
      readExtensions(operation.object)["hidden"] !== true &&
      (include.length === 0 || isNamed(include, names)) &&
      (tags.length === 0 || isNamed(tags, tagsOf(operation))) &&
      !isNamed(exclude, names)
    );
  });
}

function namesOf(operation: RawOperation): string[] {
  const { object, method, path } = operation;
  return [
    ...(typeof object["operationId"] === "string"
      ? [object["operationId"]]
      : []),
    ...tagsOf(operation),
    `${method} ${path}`,
  ];
}

function tagsOf({ object }: RawOperation): string[] {
  return Array.isArray(object["tags"]) ? object["tags"].map(String) : [];
}

/** Whether a text is a pattern's, from its first to its last letter; without a regular expression, whose time a pattern could make explode. */
function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
