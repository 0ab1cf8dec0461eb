import { isRecord, quote } from "../json.ts";
import { toUnicodePattern } from "./patterns.ts";

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
export const MAP = ["properties", "patternProperties", "dependentSchemas"];

/** Words whose schemas have to fit the very value, not a part of it (2020-12 core, section 10.2). */
export const IN_PLACE = new Set([
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
]);

/** Words beside a `$ref` that say something of this place; 3.0 and 2.0 know no others (OpenAPI 3.0, section 4.7.23). */
export const ANNOTATIONS = new Set([
  "description",
  "title",
  "default",
  "example",
  "examples",
  "nullable",
  "x-nullable",
  "deprecated",
]);

const TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "array",
  "object",
  "null",
];

/** What stands under a keyword, and how its value has to be: one bad word would make the whole schema unusable. */
interface Keyword {
  holds: "one" | "list" | "map" | "data";
  expected: string;
  fits: (value: unknown) => boolean;
}

/** All that stays of a schema: what is no word of 2020-12 says nothing to anyone. */
export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ...row("one", ONE, "a schema", () => true),
  ...row("list", LIST, "a list of schemas", isFilledList),
  ...row("map", MAP, "an object", isRecord),
  ...row("data", ["const", "default", "examples"], "a value", () => true),
  ...row("data", ["type"], `one of ${TYPES.join(", ")}`, isType),
  ...row("data", ["enum"], "a list with entries", isFilledList),
  ...row("data", ["required"], "a list of names", isNames),
  ...row(
    "data",
    ["pattern"],
    "a regular expression of ECMAScript",
    (value) => toUnicodePattern(value) !== undefined,
  ),
  ...row(
    "data",
    ["title", "description", "format", "contentEncoding", "contentMediaType"],
    "a text",
    (value) => typeof value === "string",
  ),
  ...row(
    "data",
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
    "a number",
    Number.isFinite,
  ),
  ...row(
    "data",
    ["multipleOf"],
    "a number above 0",
    (value) => Number.isFinite(value) && Number(value) > 0,
  ),
  ...row(
    "data",
    ["Length", "Items", "Contains", "Properties"].flatMap((what) => [
      `min${what}`,
      `max${what}`,
    ]),
    "a whole number",
    (value) => Number.isInteger(value) && Number(value) >= 0,
  ),
  ...row(
    "data",
    ["dependentRequired"],
    "lists of names",
    (value) => isRecord(value) && Object.values(value).every(isNames),
  ),
  ...row(
    "data",
    ["uniqueItems", "deprecated"],
    "true or false",
    (value) => typeof value === "boolean",
  ),
]);

function row(
  holds: Keyword["holds"],
  words: string[],
  expected: string,
  fits: Keyword["fits"],
): [string, Keyword][] {
  return words.map((word) => [word, { holds, expected, fits }]);
}

/** What is wrong with a keyword's value, in words. */
export function describeFault({ expected }: Keyword, value: unknown): string {
  return `expected ${expected}, received ${quote(value)}`;
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isNames(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((name) => typeof name === "string")
  );
}

function isType(value: unknown): boolean {
  if (typeof value === "string") return TYPES.includes(value);
  return (
    isFilledList(value) &&
    (value as unknown[]).every((type) => TYPES.some((known) => known === type))
  );
}
