import { isJson } from "./references.ts";
import type { Json } from "./references.ts";

/** Where JSON Schema 2020-12 has schemas: one, a list of them, or a map whose keys are names and no keywords. */
const ONE =
  "items additionalProperties contains propertyNames not if then else unevaluatedItems unevaluatedProperties contentSchema";
const LIST = "allOf anyOf oneOf prefixItems";
const MAP = "properties patternProperties dependentSchemas $defs";

/** Every schema in a schema, itself first, each with a pointer to it. Values in enum, const, default and examples are no schemas. */
export function listSchemas(
  schema: unknown,
  where = "",
): { schema: Json; where: string }[] {
  if (!isJson(schema)) return [];
  const parts = Object.entries(schema).flatMap(([word, value]) => {
    const at = `${where}/${word}`;
    if (ONE.split(" ").includes(word)) return listSchemas(value, at);
    const isNested = LIST.split(" ").includes(word)
      ? Array.isArray(value)
      : MAP.split(" ").includes(word) && isJson(value);
    return isNested
      ? Object.entries(value as object).flatMap(([key, part]) =>
          listSchemas(part, `${at}/${key}`),
        )
      : [];
  });
  return [{ schema, where }, ...parts];
}

/** Whether a `$ref` is a JSON pointer to something inside `root`. */
export function pointsSomewhere(root: object, ref: unknown): boolean {
  if (ref === "#") return true;
  if (typeof ref !== "string" || !ref.startsWith("#/")) return false;
  let value: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    const key = decodeURIComponent(part)
      .replaceAll("~1", "/")
      .replaceAll("~0", "~");
    if (typeof value !== "object" || value === null) return false;
    if (!Object.hasOwn(value, key)) return false;
    value = (value as Json)[key];
  }
  return true;
}
