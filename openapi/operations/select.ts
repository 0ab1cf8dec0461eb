import type { RawOperation } from "../dialects/dialect.ts";
import type { Report } from "../types.ts";
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
  report: Report,
): RawOperation[] {
  const { include = [], exclude = [], tags = [] } = selection;
  for (const [name, patterns] of Object.entries({ include, exclude, tags }))
    if (!Array.isArray(patterns))
      throw new TypeError(`${name}: expected a list of patterns`);
  reportUnmatched(operations, { include, exclude, tags }, report);
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

/** A pattern that names nothing is a slip, and what it should have kept or left out goes the other way. */
function reportUnmatched(
  operations: RawOperation[],
  selection: Required<Selection>,
  report: Report,
): void {
  for (const [option, patterns] of Object.entries(selection))
    for (const pattern of patterns as string[]) {
      const isUsed = operations.some((operation) =>
        (option === "tags" ? tagsOf(operation) : namesOf(operation)).some(
          (name) => matches(pattern, name),
        ),
      );
      if (!isUsed)
        report({
          rule: "unmatched-pattern",
          severity: "warning",
          message: `${option}: no operation is named by ${pattern} (operationId, tag, or METHOD /path; * for any text)`,
          pointer: "#/paths",
        });
    }
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
function matches(given: string, text: string): boolean {
  const pattern = given.replace(/^[a-z]+(?= \/)/, (method) =>
    method.toUpperCase(),
  );
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
