import { isRecord } from "../json.ts";
import type { JsonSchema } from "../types.ts";

/**
 * The words of OpenAPI 3.0, Swagger 2.0 and JSON Schema draft 4 in those of
 * 2020-12, at one schema's own level. What is modern already comes back
 * as it is.
 */
export function modernize(schema: JsonSchema): JsonSchema {
  if (!needsChange(schema)) return schema;
  const result = { ...schema };
  if (result["type"] === "file") {
    result["type"] = "string"; // Swagger 2.0
    result["format"] = "binary";
  }
  if (result["type"] === null) result["type"] = "null"; // YAML reads an unquoted null so
  if (Array.isArray(result["type"]))
    result["type"] = [
      ...new Set(result["type"].map((type: unknown) => type ?? "null")),
    ];
  if (Array.isArray(result["items"])) {
    result["prefixItems"] = result["items"]; // renamed in 2020-12
    delete result["items"];
    if (result["additionalItems"] !== undefined)
      result["items"] = result["additionalItems"];
  }
  if (isEmptyList(result["prefixItems"])) delete result["prefixItems"];
  if (result["example"] !== undefined && result["examples"] === undefined)
    result["examples"] = [result["example"]];
  // Media types have maps of them; a schema has a list.
  if (!Array.isArray(result["examples"])) delete result["examples"];
  if (typeof result["required"] === "boolean") delete result["required"]; // draft 3 says it at the property
  boundExclusively(result);
  if (Array.isArray(result["enum"])) result["enum"] = toChoices(result);
  return result;
}

/** Most schemas are modern already, and a document has a hundred thousand. */
function needsChange(schema: JsonSchema): boolean {
  const { type, items, exclusiveMinimum, exclusiveMaximum } = schema;
  return (
    (type !== undefined && (typeof type !== "string" || type === "file")) ||
    Array.isArray(items) ||
    schema["example"] !== undefined ||
    schema["examples"] !== undefined ||
    schema["enum"] !== undefined ||
    schema["prefixItems"] !== undefined ||
    typeof schema["required"] === "boolean" ||
    typeof exclusiveMinimum === "boolean" ||
    typeof exclusiveMaximum === "boolean"
  );
}

/** 3.0's `exclusiveMinimum: true` makes `minimum` exclusive; since draft 6 it is the bound itself. */
function boundExclusively(schema: JsonSchema): void {
  for (const [side, word] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const exclusive = schema[word];
    if (typeof exclusive !== "boolean") continue;
    delete schema[word];
    if (!exclusive || typeof schema[side] !== "number") continue;
    schema[word] = schema[side];
    delete schema[side];
  }
}

/** Choices that the type allows: YAML makes numbers of `enum: [1, 2]` that should be texts, and the other way round. */
function toChoices({ type, enum: choices }: JsonSchema): unknown[] {
  const mended = (choices as unknown[]).map((choice) => {
    if (type === "string" && ["number", "boolean"].includes(typeof choice))
      return String(choice);
    const isNumber = type === "integer" || type === "number";
    if (
      isNumber &&
      typeof choice === "string" &&
      /^-?\d+(\.\d+)?$/.test(choice)
    )
      return Number(choice);
    return choice;
  });
  return mended.filter(
    (choice, index) =>
      typeof choice === "object" || mended.indexOf(choice) === index,
  );
}

/** The schema, and null too (`nullable` of OpenAPI 3.0, section 4.7.24.1, also where it stands beside a `$ref` or `allOf`, as authors mean it). */
export function allowNull(schema: JsonSchema): JsonSchema {
  const { type, enum: choices } = schema;
  const withNull = Array.isArray(choices)
    ? { ...schema, enum: [...new Set([...choices, null])] }
    : schema;
  if (type !== undefined)
    return { ...withNull, type: [...new Set([type, "null"].flat())] };
  if (Array.isArray(choices)) return withNull;
  const isOpen = !["$ref", "allOf", "oneOf", "anyOf", "not", "const"].some(
    (word) => schema[word] !== undefined,
  );
  if (isOpen) return schema;
  const { description, title, default: usual, examples, ...rest } = schema;
  const said = { description, title, default: usual, examples };
  return {
    ...Object.fromEntries(
      Object.entries(said).filter(([, value]) => value !== undefined),
    ),
    anyOf: [
      ...(isPlainChoice(rest) ? (rest["anyOf"] as unknown[]) : [rest]),
      { type: "null" },
    ],
  };
}

function isPlainChoice(schema: JsonSchema): boolean {
  return Object.keys(schema).length === 1 && Array.isArray(schema["anyOf"]);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Data of the document as plain JSON: YAML has numbers that JSON has not, and programs put in dates. Undefined for what has no form in it. */
export function toPlain(value: unknown): unknown {
  if (isPlain(value)) return value; // nearly always, and a copy of all examples takes longer than the rest
  if (typeof value === "number") return undefined;
  try {
    const text: string | undefined = JSON.stringify(value);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined; // it contains itself, or a bigint
  }
}

const MAX_DEPTH = 100;

function isPlain(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object": {
      if (value === null) return true;
      if (depth > MAX_DEPTH) return false;
      const entries = isPlainObject(value) ? Object.values(value) : value;
      return (
        Array.isArray(entries) &&
        entries.every((entry) => isPlain(entry, depth + 1))
      );
    }
    default:
      return false;
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a schema says that a value may be null, in the way of 3.0 or of Swagger 2. */
export function isNullable(schema: unknown): boolean {
  return (
    isRecord(schema) &&
    (schema["nullable"] === true || schema["x-nullable"] === true)
  );
}
