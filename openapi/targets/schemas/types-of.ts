import type { JsonSchema } from "../../types.ts";
import type { Lose } from "./fold.ts";

// Which words limit which type (JSON Schema 2020-12, Validation, section 6).
const NUMBERS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "format",
];
const LIMITS = new Map<string, readonly string[]>(
  Object.entries({
    string: [
      "minLength",
      "maxLength",
      "pattern",
      "format",
      "contentEncoding",
      "contentMediaType",
    ],
    integer: NUMBERS,
    number: NUMBERS,
    boolean: [],
    array: [
      "items",
      "prefixItems",
      "minItems",
      "maxItems",
      "uniqueItems",
      "contains",
      "minContains",
      "maxContains",
      "unevaluatedItems",
    ],
    object: [
      "properties",
      "required",
      "additionalProperties",
      "patternProperties",
      "propertyNames",
      "minProperties",
      "maxProperties",
      "dependentRequired",
      "dependentSchemas",
      "unevaluatedProperties",
    ],
  }),
);
const CONDITIONS = ["not", "if", "then", "else"];

/** One branch for each type that a schema without choices lets a value have. */
export function splitTypes(
  schema: JsonSchema,
  lose: Lose,
): {
  branches: JsonSchema[];
  nullable: boolean;
} {
  for (const word of CONDITIONS) {
    if (schema[word] !== undefined) lose(word);
  }
  const values = listValues(schema);
  const types = listTypes(schema, values);
  if (types === undefined) return { branches: [{}], nullable: false };
  const branches = types
    .filter((type) => type !== "null" && LIMITS.has(type))
    .filter((type) => type !== "integer" || !types.includes("number"))
    .map((type) => ({
      type,
      values: values?.filter((value) => isOf(type, value)),
    }))
    .filter(
      ({ values: fitting }) => fitting === undefined || fitting.length > 0,
    )
    .map(({ type, values: fitting }) => ({
      type,
      ...(fitting === undefined ? {} : { enum: fitting }),
      ...pick(schema, LIMITS.get(type) ?? []),
    }));
  const nullable =
    types.includes("null") && (values === undefined || values.includes(null));
  return { branches, nullable };
}

function listValues(schema: JsonSchema): unknown[] | undefined {
  if (Object.hasOwn(schema, "const")) return [schema["const"]];
  return Array.isArray(schema["enum"]) ? schema["enum"] : undefined;
}

/** The types that a schema names, or that its values or its words belong to. */
function listTypes(
  schema: JsonSchema,
  values: unknown[] | undefined,
): string[] | undefined {
  const named = [schema["type"]]
    .flat()
    .filter((type) => typeof type === "string");
  if (named.length > 0) return named;
  if (values) return [...new Set(values.map(typeOf))];
  const implied = [...LIMITS.keys()].filter(
    (type) =>
      type !== "integer" &&
      LIMITS.get(type)?.some(
        (word) => word !== "format" && schema[word] !== undefined,
      ),
  );
  if (implied.length > 0) return implied;
  return schema["format"] === undefined ? undefined : ["string"];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number")
    return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function isOf(type: string, value: unknown): boolean {
  const given = typeOf(value);
  return given === type || (given === "integer" && type === "number");
}

function pick(schema: JsonSchema, words: readonly string[]): JsonSchema {
  return Object.fromEntries(
    words
      .filter((word) => schema[word] !== undefined)
      .map((word) => [word, schema[word]]),
  );
}
