import { isRecord } from "../../json.ts";
import { createResolve } from "../schemas/scope.ts";

// What checkers share. They read a definition as a stranger's: any part of it may be missing or wrong.

/** The value at a path of keys; undefined where there is none. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined,
    value,
  );
}

export function nameFaults(name: unknown, pattern: RegExp): string[] {
  return typeof name === "string" && pattern.test(name)
    ? []
    : [`name ${show(name)} is not ${pattern.source}`];
}

export function textFaults(
  word: string,
  text: unknown,
  minLength: number,
  maxLength: number,
): string[] {
  return typeof text === "string" &&
    text.length >= minLength &&
    text.length <= maxLength
    ? []
    : [
        `${word} is no text of ${minLength} to ${maxLength} characters: ${show(text)}`,
      ];
}

export function oneOfFaults(
  word: string,
  value: unknown,
  known: readonly unknown[],
): string[] {
  return known.includes(value)
    ? []
    : [`${word} ${show(value)} is not one of ${known.join(", ")}`];
}

/** An optional whole number. */
export function rangeFaults(
  word: string,
  value: unknown,
  least: number,
  most: number,
): string[] {
  return value === undefined ||
    (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)
    ? []
    : [`${word} ${show(value)} is no whole number from ${least} to ${most}`];
}

/** Fields that the platform does not know. */
export function fieldFaults(
  place: string,
  value: unknown,
  known: readonly string[],
): string[] {
  if (!isRecord(value)) return [`${place} is no object`];
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${place} knows no ${key}`);
}

/** An absolute address without templates. */
export function urlFaults(
  word: string,
  url: unknown,
  protocols: readonly string[] = ["http:", "https:"],
): string[] {
  if (typeof url !== "string" || !URL.canParse(url))
    return [`${word} ${show(url)} is no URL`];
  if (!protocols.includes(new URL(url).protocol))
    return [`${word} ${url} is not ${protocols.join(" or ")}`];
  return /[{}\s]/.test(url)
    ? [`${word} ${url} has a template or white space`]
    : [];
}

/** Hosts that are nobody's on the internet (RFC 1918, 3927, 4193, 6761). */
export function privateHostFaults(word: string, url: unknown): string[] {
  if (typeof url !== "string" || !URL.canParse(url)) return [];
  const { hostname } = new URL(url);
  const isPrivate =
    /^(localhost|.+\.localhost|.+\.local|.+\.internal)$/.test(hostname) ||
    /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(hostname) ||
    /^\[(::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)\]$/.test(hostname);
  return isPrivate ? [`${word} ${url} is a private address`] : [];
}

/** Static headers: RFC 9110, sections 5.1 and 5.5. */
export function headerFaults(headers: unknown): string[] {
  if (!isRecord(headers)) return ["headers is no object"];
  return Object.entries(headers).flatMap(([name, value]) =>
    headerFault(name, value),
  );
}

export function headerFault(name: unknown, value: unknown): string[] {
  return typeof name === "string" &&
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) &&
    typeof value === "string" &&
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    !/[\u0000-\u0008\u000A-\u001F\u007F]/.test(value)
    ? []
    : [`header ${show(name)} cannot be sent`];
}

/** A value as it stands in a message. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

// Where JSON Schema 2020-12 keeps schemas.
const ONE = [
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
const LIST = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP = ["properties", "patternProperties", "dependentSchemas", "$defs"];

export type Visit = (schema: unknown, place: string, depth: number) => void;

/** Every schema within a schema, itself first; `depth` counts the objects and lists around it. */
export function visitSchemas(
  schema: unknown,
  visit: Visit,
  place = "",
  depth = 0,
): void {
  visit(schema, place, depth);
  if (!isRecord(schema)) return;
  for (const [word, value] of Object.entries(schema)) {
    const path = `${place}/${word}`;
    const below = word === "properties" || word === "items" ? depth + 1 : depth;
    if (ONE.includes(word)) visitSchemas(value, visit, path, below);
    else if (LIST.includes(word) && Array.isArray(value)) {
      value.forEach((each, index) =>
        visitSchemas(each, visit, `${path}/${index}`, below),
      );
    } else if (MAP.includes(word) && isRecord(value)) {
      for (const [key, each] of Object.entries(value))
        visitSchemas(
          each,
          visit,
          `${path}/${key}`,
          word === "$defs" ? 0 : below,
        );
    }
  }
}

/** Parameters in full JSON Schema: an object, no choice at the root, no reference into nothing. */
export function parameterFaults(word: string, schema: unknown): string[] {
  if (!isRecord(schema)) return [`${word} is no schema`];
  const faults =
    schema["type"] === "object" ? [] : [`the root of ${word} is no object`];
  for (const choice of ["oneOf", "anyOf", "allOf", "not", "enum", "$ref"]) {
    if (schema[choice] !== undefined)
      faults.push(`${choice} at the root of ${word}`);
  }
  return [
    ...faults,
    ...propertiesFaults(word, schema),
    ...referenceFaults(word, schema),
  ];
}

function propertiesFaults(
  word: string,
  schema: Record<string, unknown>,
): string[] {
  const { properties = {}, required = [] } = schema;
  if (!isRecord(properties)) return [`properties of ${word} is no object`];
  return Array.isArray(required) &&
    required.every((key) => typeof key === "string")
    ? []
    : [`required of ${word} is no list of names`];
}

export function referenceFaults(
  word: string,
  schema: Record<string, unknown>,
): string[] {
  const faults: string[] = [];
  const resolve = createResolve(schema);
  const known = new Map<unknown, boolean>();
  visitSchemas(schema, (each, place) => {
    const $ref = at(each, "$ref");
    if ($ref === undefined) return;
    if (!known.has($ref))
      known.set($ref, typeof $ref === "string" && resolve($ref) !== undefined);
    if (known.get($ref) !== true)
      faults.push(`${word}${place}: ${show($ref)} leads nowhere`);
  });
  return faults;
}

/** Words that a platform's schemas do not know, and schemas that are none. */
export function keywordFaults(
  word: string,
  schema: unknown,
  known: ReadonlySet<string>,
): string[] {
  const faults: string[] = [];
  visitSchemas(schema, (each, place) => {
    const isOpenOrClosed =
      typeof each === "boolean" && place.endsWith("/additionalProperties");
    if (isOpenOrClosed) return;
    if (!isRecord(each)) faults.push(`${word}${place} is no schema object`);
    else {
      for (const key of Object.keys(each)) {
        if (!known.has(key)) faults.push(`${word}${place}: unknown ${key}`);
      }
    }
  });
  return faults;
}
