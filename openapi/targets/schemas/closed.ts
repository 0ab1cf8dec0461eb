import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";

/**
 * What closing an object to its known fields takes away: everything, where no
 * name is known or further fields have a schema; "whatever else" beside known
 * fields is a limit that is told.
 */
export function closeObject(
  schema: JsonSchema,
  known: number,
): "exact" | "narrower" | "impossible" {
  const {
    additionalProperties: further,
    patternProperties,
    unevaluatedProperties,
  } = schema;
  const isOpen = further === undefined || further === true || isEmpty(further);
  if (
    (known === 0 && isOpen && unevaluatedProperties !== false) ||
    (!isOpen && further !== false) ||
    (patternProperties !== undefined && !isEmpty(patternProperties)) ||
    (isRecord(unevaluatedProperties) && !isEmpty(unevaluatedProperties))
  )
    return "impossible";
  return isOpen && further !== undefined ? "narrower" : "exact";
}

/** A schema that says in so many words that no value fits. */
export function isNever(schema: unknown): boolean {
  if (!isRecord(schema)) return schema === false;
  return schema["not"] === true || isEmpty(schema["not"]);
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}
