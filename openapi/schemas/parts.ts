import { isRecord } from "../json.ts";
import type { JsonSchema } from "../types.ts";

/** As `object[key] = value`, for a key that a stranger chose. */
export function setOwn(object: JsonSchema, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else object[key] = value;
}

export function isNested(schema: JsonSchema): boolean {
  return ["properties", "items", "allOf", "oneOf", "anyOf"].some(
    (word) => typeof schema[word] === "object",
  );
}

/** What a closed object asks for and does not take would make it fit nothing. */
export function isPossible(key: string, schema: JsonSchema): boolean {
  const { properties, patternProperties, additionalProperties } = schema;
  return (
    additionalProperties !== false ||
    isRecord(patternProperties) ||
    (isRecord(properties) && Object.hasOwn(properties, key))
  );
}

/** What has to be there: as listed, and as draft 3 says it at the property itself. */
export function listRequired(
  { properties }: JsonSchema,
  listed: unknown,
  unwanted: ReadonlySet<string>,
): string[] {
  const required = new Set(Array.isArray(listed) ? listed.map(String) : []);
  if (isRecord(properties))
    for (const key of Object.keys(properties)) {
      const property = properties[key];
      if (isRecord(property) && property["required"] === true)
        required.add(key);
    }
  return [...required].filter((key) => !unwanted.has(key));
}
