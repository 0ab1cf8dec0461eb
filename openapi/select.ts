import type { Operation } from "./operations.ts";

/** Keeps what `include` names (all, when it is empty), unless `exclude` or `x-tool.hidden` takes it out. */
export function selectOperations(
  operations: Operation[],
  { include = [], exclude = [] }: { include?: string[]; exclude?: string[] },
): Operation[] {
  return operations.filter(
    (operation) =>
      operation.tool["hidden"] !== true &&
      (include.length === 0 ||
        include.some((pattern) => matches(operation, pattern))) &&
      !exclude.some((pattern) => matches(operation, pattern)),
  );
}

/** A pattern is an operationId, a tag, or `METHOD /path`, where `*` stands for any text. */
function matches(
  { object, method, path }: Operation,
  pattern: string,
): boolean {
  const glob = new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(".*")}$`,
  );
  const tags = Array.isArray(object.tags) ? object.tags.map(String) : [];
  return [object.operationId ?? "", ...tags, `${method} ${path}`].some((name) =>
    glob.test(name),
  );
}
