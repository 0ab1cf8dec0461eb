import type { JsonSchema } from "../../types.ts";

/**
 * A schema that null fits too, what describes it staying outside.
 * @param nullAsType  a plain value's types may be a list
 */
export function orNull(schema: JsonSchema, nullAsType: boolean): JsonSchema {
  const { type, anyOf, description, ...rest } = schema;
  const said = description === undefined ? {} : { description };
  if (Array.isArray(anyOf))
    return { ...said, anyOf: [...(anyOf as unknown[]), { type: "null" }] };
  const isPlain =
    typeof type === "string" && type !== "object" && type !== "array";
  if (!nullAsType || !isPlain) {
    const inner = type === undefined ? rest : { type, ...rest };
    return { ...said, anyOf: [inner, { type: "null" }] };
  }
  const values = Array.isArray(rest["enum"])
    ? { enum: [...(rest["enum"] as unknown[]), null] }
    : {};
  return { ...said, type: [type, "null"], ...rest, ...values };
}
