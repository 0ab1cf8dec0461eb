import type { Dialect } from "./dialect.ts";

/** Words of JSON Schema that say one value at a time, without references. */
export const INLINE_KEYWORDS: ReadonlySet<string> = new Set([
  "type",
  "title",
  "description",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "enum",
  "const",
  "default",
  "examples",
  "format",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
]);

/** JSON Schema for platforms that hand a schema on to their model, but document no `$defs`. */
export const inlineDialect: Dialect = {
  keywords: INLINE_KEYWORDS,
  formats: "any",
  unions: "anyOf",
  nulls: "types",
  textEnums: false,
  anything: [{}],
};
