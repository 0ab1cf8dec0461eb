import { isRecord } from "../../json.ts";
import { resolveLocal } from "../../schemas/local-ref.ts";
import type { JsonSchema } from "../../types.ts";

/** Words that say something about a value without limiting it. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "$comment",
]);

/** The schema that a `$ref` of one tool names; undefined when it leads nowhere. */
export type Resolve = (ref: string) => unknown;

/** Resolves JSON pointers (RFC 6901) within one schema, whatever its keys are called. */
export function createResolve(root: JsonSchema): Resolve {
  return (ref) => resolveLocal(root, ref);
}

/** Follows references with at most annotations beside them; a chain that bites its tail says nothing. */
export function follow(schema: unknown, resolve: Resolve): unknown {
  const seen = new Set<string>();
  let current = schema;
  while (isRecord(current) && isReference(current)) {
    if (seen.has(current.$ref)) return {};
    seen.add(current.$ref);
    current = resolve(current.$ref) ?? {};
  }
  return current;
}

function isReference(schema: JsonSchema): schema is { $ref: string } {
  return (
    typeof schema["$ref"] === "string" &&
    Object.keys(schema).every(
      (word) => word === "$ref" || word === "$defs" || ANNOTATIONS.has(word),
    )
  );
}
