import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";
import { at, keywordFaults, parameterFaults, visitSchemas } from "./check.ts";
import { createResolve } from "../schemas/scope.ts";

// Rules that the strict modes of all providers share, checked on finished schemas.

/** Every object closed, every schema of a known kind, every word known, every reference inside. */
export function strictFaults(
  word: string,
  schema: unknown,
  known: ReadonlySet<string>,
): string[] {
  const faults = [
    ...parameterFaults(word, schema),
    ...(at(schema, "anyOf") === undefined
      ? []
      : [`anyOf at the root of ${word}`]),
    ...keywordFaults(word, schema, known),
  ];
  visitSchemas(schema, (each, place) => {
    if (!isRecord(each)) return;
    if (place !== "" && each["$defs"] !== undefined)
      faults.push(`${word}${place}: $defs below the root`);
    if (["type", "anyOf", "$ref"].every((key) => each[key] === undefined))
      faults.push(`${word}${place} has no type`);
    if (each["$ref"] !== undefined && Object.keys(each).length > 1)
      faults.push(`${word}${place}: words beside $ref`);
    faults.push(
      ...objectFaults(`${word}${place}`, each),
      ...valueFaults(`${word}${place}`, each),
    );
  });
  return [...new Set(faults)];
}

function objectFaults(place: string, schema: JsonSchema): string[] {
  const isObject = [schema["type"]].flat().includes("object");
  if (!isObject && schema["properties"] === undefined) return [];
  const keys = Object.keys(
    isRecord(schema["properties"]) ? schema["properties"] : {},
  );
  const known = new Set<unknown>(keys);
  const required = new Set<unknown>(
    Array.isArray(schema["required"]) ? schema["required"] : [],
  );
  return [
    ...(schema["additionalProperties"] === false
      ? []
      : [`${place}: additionalProperties is not false`]),
    ...keys
      .filter((key) => !required.has(key))
      .map((key) => `${place}: ${key} is not required`),
    ...[...required]
      .filter((key) => !known.has(key))
      .map((key) => `${place}: ${String(key)} is required and unknown`),
  ];
}

function valueFaults(place: string, schema: JsonSchema): string[] {
  const { enum: values, items, type } = schema;
  const isList = [type].flat().includes("array");
  return [
    ...(values === undefined ||
    (Array.isArray(values) && values.length > 0 && values.every(isPlain))
      ? []
      : [`${place}: enum is no list of plain values`]),
    ...(isList && !isRecord(items) ? [`${place}: a list without items`] : []),
  ];
}

function isPlain(value: unknown): boolean {
  return (
    value === null || ["string", "number", "boolean"].includes(typeof value)
  );
}

/** What limits count in a schema. */
export interface Size {
  properties: number;
  /** Objects and lists around the innermost value, references followed, each cycle once. */
  levels: number;
  enumValues: number;
  /** Characters of all property names, definition names and enum values. */
  characters: number;
  /** Characters of the values of the longest enum with more than 250. */
  longEnum: number;
  /** Schemas that are a choice of types. */
  unions: number;
  /** Properties that may be left out. */
  optional: number;
  isRecursive: boolean;
}

export function measure(root: JsonSchema): Size {
  const size = {
    properties: 0,
    enumValues: 0,
    characters: 0,
    longEnum: 0,
    unions: 0,
    optional: 0,
  };
  visitSchemas(root, (schema) => {
    if (!isRecord(schema)) return;
    const keys = Object.keys(
      isRecord(schema["properties"]) ? schema["properties"] : {},
    );
    const required = new Set<unknown>(
      Array.isArray(schema["required"]) ? schema["required"] : [],
    );
    const values: unknown[] = Array.isArray(schema["enum"])
      ? schema["enum"]
      : [];
    const length = values.reduce<number>(
      (sum, value) => sum + String(value).length,
      0,
    );
    size.properties += keys.length;
    size.optional += keys.filter((key) => !required.has(key)).length;
    size.enumValues += values.length;
    size.characters += keys.join("").length + length;
    if (values.length > 250) size.longEnum = Math.max(size.longEnum, length);
    if (Array.isArray(schema["anyOf"]) || Array.isArray(schema["type"]))
      size.unions++;
  });
  const names = Object.keys(isRecord(root["$defs"]) ? root["$defs"] : {});
  size.characters += names.join("").length;
  return { ...size, ...measureDepth(root) };
}

function measureDepth(root: JsonSchema): Pick<Size, "levels" | "isRecursive"> {
  const resolve = createResolve(root);
  const known = new Map<unknown, number>();
  const open = new Set<unknown>();
  let isRecursive = false;
  function levelsOf(schema: unknown): number {
    let levels = 0;
    visitSchemas(
      isRecord(schema) ? { ...schema, $defs: {} } : schema,
      (each, _, depth) => {
        const ref = at(each, "$ref");
        levels = Math.max(
          levels,
          depth + (typeof ref === "string" ? levelsOfRef(ref) : 0),
        );
      },
    );
    return levels;
  }
  function levelsOfRef(ref: string): number {
    if (open.has(ref)) {
      isRecursive = true;
      return 0;
    }
    const done = known.get(ref);
    if (done !== undefined) return done;
    open.add(ref);
    const levels = levelsOf(resolve(ref));
    open.delete(ref);
    known.set(ref, levels);
    return levels;
  }
  return { levels: levelsOf(root), isRecursive };
}

/** Regular expressions without lookaround, back references and boundaries, which no provider's grammar takes. */
export function isPlainPattern(pattern: unknown): boolean {
  return (
    typeof pattern === "string" &&
    !/\(\?|\\[1-9bBkpPcux]/.test(pattern) &&
    [...pattern.matchAll(/\{(\d+),?(\d*)\}/g)].every(([, least, most]) =>
      [least, most].every((bound) => Number(bound) <= 100),
    )
  );
}
