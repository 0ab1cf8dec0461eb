import { isRecord } from "./json.ts";

// Where JSON Schema 2020-12 keeps subschemas.
export const ONE = [
  "items",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "contentSchema",
];
export const LIST = ["allOf", "anyOf", "oneOf", "prefixItems"];
export const MAP = [
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
];
// Words of OpenAPI that JSON Schema does not know (OpenAPI 3.1, section 4.8.24.1), and 3.0's own dialect.
export const DROPPED = [
  "nullable",
  "example",
  "discriminator",
  "xml",
  "externalDocs",
  "readOnly",
  "writeOnly",
  "$anchor",
  "$dynamicAnchor",
  "deprecated",
  "$schema",
  "$id",
];

const TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "array",
  "object",
  "null",
];

/** What is wrong with a keyword's value, if anything: one bad word would make the whole schema unusable. */
export function findFault(word: string, value: unknown): string | undefined {
  const expect = (isRight: boolean, what: string) =>
    isRight
      ? undefined
      : `expected ${what}, received ${JSON.stringify(value)?.slice(0, 60)}`;
  switch (word) {
    case "__proto__":
      return "no keyword";
    case "type":
      return expect(
        [value].flat().every((type) => TYPES.includes(String(type))) &&
          [value].flat().length > 0,
        `one of ${TYPES.join(", ")}`,
      );
    case "enum":
      return expect(
        Array.isArray(value) && value.length > 0,
        "a list with entries",
      );
    case "required":
      return expect(
        Array.isArray(value) && value.every((key) => typeof key === "string"),
        "a list of names",
      );
    case "pattern":
      return expect(isRegExp(value), "a regular expression of ECMAScript");
    case "title":
    case "description":
    case "format":
    case "contentEncoding":
    case "contentMediaType":
    case "$ref":
    case "$comment":
      return expect(typeof value === "string", "a text");
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return expect(["number", "boolean"].includes(typeof value), "a number");
    case "minimum":
    case "maximum":
      return expect(typeof value === "number", "a number");
    case "multipleOf":
      return expect(typeof value === "number" && value > 0, "a number above 0");
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
    case "minContains":
    case "maxContains":
    case "minProperties":
    case "maxProperties":
      return expect(
        Number.isInteger(value) && Number(value) >= 0,
        "a whole number",
      );
    case "dependentRequired":
      return expect(
        isRecord(value) &&
          Object.values(value).every(
            (names) =>
              Array.isArray(names) &&
              names.every((name) => typeof name === "string"),
          ),
        "lists of names",
      );
    case "uniqueItems":
      return expect(typeof value === "boolean", "true or false");
    default:
      if (MAP.includes(word)) return expect(isRecord(value), "an object");
      if (LIST.includes(word))
        return expect(
          Array.isArray(value) && value.length > 0,
          "a list of schemas",
        );
      return undefined;
  }
}

/** JSON Schema 2020-12, section 6.4: patterns are ECMA-262 with Unicode. */
export function isRegExp(pattern: unknown): boolean {
  try {
    return (
      typeof pattern === "string" && new RegExp(pattern, "u") instanceof RegExp
    );
  } catch {
    return false;
  }
}
