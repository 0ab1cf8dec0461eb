import { isRecord } from "../json.ts";
import {
  at,
  fieldFaults,
  keywordFaults,
  nameFaults,
  textFaults,
  visitSchemas,
  show,
} from "./checks/check.ts";
import type { Dialect } from "./schemas/dialect.ts";
import { toFindings } from "./findings.ts";
import { simplify } from "./schemas/subset.ts";
import type { Target } from "./target.ts";

// https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/Schema and .../FunctionDeclaration (read November 2026)
const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const TYPES = ["string", "number", "integer", "boolean", "array", "object"];
const KEYWORDS: ReadonlySet<string> = new Set([
  "type",
  "format",
  "title",
  "description",
  "nullable",
  "default",
  "items",
  "minItems",
  "maxItems",
  "enum",
  "properties",
  "propertyOrdering",
  "required",
  "minProperties",
  "maxProperties",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "pattern",
  "example",
  "anyOf",
]);
// The Gemini API refuses other formats of texts, which Vertex only ignores.
const FORMATS: ReadonlySet<string> = new Set([
  "date-time",
  "float",
  "double",
  "int32",
  "int64",
]);

const dialect: Dialect = {
  // `default` is documented as ignored, so the description tells it.
  keywords: new Set([...KEYWORDS].filter((word) => word !== "default")),
  formats: FORMATS,
  unions: "alone",
  nulls: "nullable",
  textEnums: true,
  anything: [
    { type: "string" },
    { type: "number" },
    { type: "boolean" },
    { type: "object" },
  ],
  key: KEY,
  omitsEmpty: true,
};

/**
 * Gemini's function declarations, with `parameters` in its subset of OpenAPI:
 * that works with every model and both of its APIs, while `parametersJsonSchema`
 * excludes it and is newer.
 */
export const gemini: Target = {
  emit({ tool, name }) {
    const simplified = simplify(tool.parameters, dialect);
    const { properties } = simplified.schema;
    // "For function with no parameters, this can be left unset"; an object without properties is refused.
    const isEmpty =
      !isRecord(properties) || Object.keys(properties).length === 0;
    return {
      definition: {
        name,
        description: tool.description,
        ...(isEmpty ? {} : { parameters: simplified.schema }),
      },
      findings: toFindings(simplified),
    };
  },

  check(definition) {
    const parameters = at(definition, "parameters");
    return [
      ...fieldFaults("the tool", definition, [
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "behavior",
      ]),
      ...nameFaults(at(definition, "name"), NAME),
      ...textFaults("description", at(definition, "description"), 0, Infinity),
      ...(parameters !== undefined &&
      at(definition, "parametersJsonSchema") !== undefined
        ? ["parameters and parametersJsonSchema exclude each other"]
        : []),
      ...(parameters === undefined ? [] : schemaFaults(parameters)),
    ];
  },
};

function schemaFaults(parameters: unknown): string[] {
  const faults = keywordFaults("parameters", parameters, KEYWORDS);
  if (at(parameters, "type") !== "object")
    faults.push("the root of parameters is no object");
  visitSchemas(parameters, (schema, place) => {
    if (!isRecord(schema)) return;
    const { type, anyOf, enum: values, properties, items } = schema;
    const isChoice = Array.isArray(anyOf);
    if (isChoice && Object.keys(schema).length > 1)
      faults.push(`parameters${place}: words beside anyOf`);
    if (!isChoice && !TYPES.includes(String(type)))
      faults.push(`parameters${place}: type ${show(type)}`);
    if (type === "array" && !isRecord(items))
      faults.push(`parameters${place}: a list without items`);
    if (values !== undefined && !(type === "string" && isTexts(values)))
      faults.push(`parameters${place}: enum of other values than texts`);
    for (const key of Object.keys(isRecord(properties) ? properties : {})) {
      if (!KEY.test(key))
        faults.push(`parameters${place}: property ${key} is not ${KEY.source}`);
    }
    faults.push(...requiredFaults(`parameters${place}`, schema));
  });
  return faults;
}

function isTexts(values: unknown): boolean {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((value) => typeof value === "string" && value !== "")
  );
}

function requiredFaults(
  place: string,
  { required = [], properties = {} }: Record<string, unknown>,
): string[] {
  const names: unknown[] = Array.isArray(required) ? required : [required];
  return names
    .filter(
      (name) => typeof name !== "string" || at(properties, name) === undefined,
    )
    .map((name) => `${place}: ${String(name)} is required and unknown`);
}
