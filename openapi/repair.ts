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
  const isOpen = tool.request.body?.open === true;
  const kept: [string, unknown][] = [];
  for (const [key, from] of Object.entries(args)) {
    const schema = Object.hasOwn(schemas, key)
      ? flatten(schemas[key], tool.parameters)
      : undefined;
    const optional = !required.includes(key);
    if (!isRecord(schema)) {
      if (repair && !isOpen) {
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
  const branches = [schema["anyOf"], schema["oneOf"]].find(Array.isArray);
  if (branches)
    return branches.some((branch) => isRecord(branch) && allows(branch, type));
  const types = schema["type"];
  if (types !== undefined)
    return Array.isArray(types) ? types.includes(type) : types === type;
  if (Array.isArray(schema["enum"]))
    return schema["enum"].some(
      (value) => (value === null ? "null" : typeof value) === type,
    );
  return schema["const"] === undefined;
}

/** The schema with what its `$ref` names inside the tool, and those of its branches. */
function flatten(
  schema: unknown,
  root: JsonSchema,
  depth = 0,
): JsonSchema | undefined {
  if (!isRecord(schema) || depth > 8) return undefined;
  const name =
    typeof schema["$ref"] === "string"
      ? schema["$ref"].replace("#/$defs/", "")
      : undefined;
  const defs = isRecord(root["$defs"]) ? root["$defs"] : {};
  const target =
    name !== undefined && Object.hasOwn(defs, name)
      ? flatten(defs[name], root, depth + 1)
      : undefined;
  const flat = { ...target, ...schema };
  for (const word of ["anyOf", "oneOf"]) {
    if (Array.isArray(flat[word]))
      flat[word] = flat[word].map(
        (branch) => flatten(branch, root, depth + 1) ?? {},
      );
  }
  return flat;
}
