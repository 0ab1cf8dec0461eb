import { isRecord } from "./json.ts";
import type { JsonSchema, Repair, Tool } from "./types.ts";

/**
 * Mends, one argument at a time, what models are known to get wrong. What it
 * does not know it leaves for the validator to refuse.
 */
export function repairArguments(
  tool: Tool,
  args: unknown,
  repair: boolean,
): { value: unknown; repairs: Repair[] } {
  const repairs: Repair[] = [];
  if (!isRecord(args)) return { value: args, repairs };
  const schemas = isRecord(tool.parameters["properties"])
    ? tool.parameters["properties"]
    : {};
  const required = Array.isArray(tool.parameters["required"])
    ? tool.parameters["required"]
    : [];
  const kept: [string, unknown][] = [];
  for (const [key, from] of Object.entries(args)) {
    const schema = Object.hasOwn(schemas, key) ? schemas[key] : undefined;
    const optional = !required.includes(key);
    if (!isRecord(schema)) {
      if (repair && tool.parameters["additionalProperties"] === false) {
        repairs.push({ path: key, from, to: undefined, rule: "unknown-key" });
      } else {
        kept.push([key, from]);
      }
    } else if (from === null && optional && !allows(schema, "null")) {
      continue;
    } else if (repair && from === "" && optional) {
      repairs.push({ path: key, from, to: undefined, rule: "empty-optional" });
    } else {
      const mended = repair ? mend(schema, from) : undefined;
      if (mended) repairs.push({ path: key, from, ...mended });
      kept.push([key, mended ? mended.to : from]);
    }
  }
  return { value: Object.fromEntries(kept), repairs };
}

/** A better value of a wrong type or case; a text field keeps its text whatever it looks like. */
function mend(
  schema: JsonSchema,
  value: unknown,
): { to: unknown; rule: string } | undefined {
  if (typeof value === "string" && !allows(schema, "string")) {
    const text = value.trim();
    if (
      (allows(schema, "integer") || allows(schema, "number")) &&
      /^-?\d+(\.\d+)?$/.test(text)
    ) {
      return { to: Number(text), rule: "number-as-text" };
    }
    if (allows(schema, "boolean") && /^(true|false)$/i.test(text)) {
      return { to: text.toLowerCase() === "true", rule: "boolean-as-text" };
    }
  }
  if (
    typeof value === "number" &&
    allows(schema, "string") &&
    !allows(schema, "number") &&
    !allows(schema, "integer")
  ) {
    return { to: String(value), rule: "text-as-number" };
  }
  if (
    typeof value === "string" &&
    Array.isArray(schema["enum"]) &&
    !schema["enum"].includes(value)
  ) {
    const same = schema["enum"].filter(
      (word) =>
        typeof word === "string" &&
        word.toLowerCase() === value.trim().toLowerCase(),
    );
    if (same.length === 1) return { to: same[0], rule: "enum-case" };
  }
  return undefined;
}

function allows(schema: JsonSchema, type: string): boolean {
  const types = schema["type"];
  if (types === undefined)
    return (
      schema["$ref"] !== undefined ||
      Object.keys(schema).every((word) => word !== "enum" && word !== "const")
    );
  return Array.isArray(types) ? types.includes(type) : types === type;
}
