import { isRecord } from "../json.ts";
import { resolveLocal } from "../schemas/local-ref.ts";
import type { JsonSchema } from "../types.ts";

/** Schemas of which each has to hold for the same value. */
export type Node = readonly unknown[];

/** What a node says of a value, its `$ref` and `allOf` followed. */
export interface Shape {
  parts: JsonSchema[];
  /** Of each `anyOf` and `oneOf` the branches. */
  choices: unknown[][];
}

/** What a node says of one field. */
export interface Field {
  node: Node;
  isKnown: boolean;
  isRequired: boolean;
  /** Nothing names the field, and the schema wants nothing unnamed. */
  isRefused: boolean;
}

/** Reads the schemas of one tool. */
export interface ShapeReader {
  shapeOf(node: Node): Shape;
  /** The types a value may have; a whole number is "integer" and "number". */
  typesOf(node: Node): ReadonlySet<string>;
  /** The texts that `enum` and `const` name. */
  wordsOf(node: Node): string[];
  fieldOf(shape: Shape, key: string): Field;
  /** The names of all fields, those of branches too. */
  keysOf(shape: Shape): Set<string>;
}

const TYPES = ["string", "number", "integer", "boolean", "array", "object"];
export const ALL: ReadonlySet<string> = new Set([...TYPES, "null"]);
const readers = new WeakMap<JsonSchema, ShapeReader>();

export function readerOf(root: JsonSchema): ShapeReader {
  const known = readers.get(root);
  if (known) return known;
  const reader = createReader(root);
  readers.set(root, reader);
  return reader;
}

function createReader(root: JsonSchema): ShapeReader {
  const shapes = new WeakMap<object, Shape>();
  const types = new WeakMap<object, ReadonlySet<string>>();
  const keys = new WeakMap<object, Set<string>>();

  function shapeOfOne(schema: unknown): Shape {
    if (!isRecord(schema)) return { parts: [], choices: [] };
    const known = shapes.get(schema);
    if (known) return known;
    const parts = listParts(schema, root);
    const choices = parts.flatMap((part) =>
      [part["anyOf"], part["oneOf"]].filter(Array.isArray),
    );
    shapes.set(schema, { parts, choices });
    return { parts, choices };
  }

  function shapeOf(node: Node): Shape {
    if (node.length === 1) return shapeOfOne(node[0]);
    const all = node.map(shapeOfOne);
    return {
      parts: all.flatMap(({ parts }) => parts),
      choices: all.flatMap(({ choices }) => choices),
    };
  }

  function typesOfOne(schema: unknown): ReadonlySet<string> {
    if (!isRecord(schema)) return schema === false ? new Set() : ALL;
    const known = types.get(schema);
    if (known) return known;
    types.set(schema, ALL); // a schema that contains itself adds nothing
    const { parts, choices } = shapeOfOne(schema);
    const found = intersect([
      ...parts.map(ownTypes),
      ...choices.map(
        (branches) =>
          new Set(branches.flatMap((each) => [...typesOfOne(each)])),
      ),
    ]);
    types.set(schema, found);
    return found;
  }

  function keysOfOne(schema: unknown): Set<string> {
    if (!isRecord(schema)) return new Set();
    const known = keys.get(schema);
    if (known) return known;
    keys.set(schema, new Set());
    const found = keysOf(shapeOfOne(schema));
    keys.set(schema, found);
    return found;
  }

  function keysOf({ parts, choices }: Shape): Set<string> {
    const own = parts.flatMap((part) => Object.keys(propertiesOf(part)));
    return new Set([
      ...own,
      ...choices.flat().flatMap((branch) => [...keysOfOne(branch)]),
    ]);
  }

  return {
    shapeOf,
    typesOf: (node) => intersect(node.map(typesOfOne)),
    wordsOf: (node) => [...new Set(listWords(node, shapeOfOne))],
    fieldOf: (shape, key) => readField(shape, key, keysOfOne),
    keysOf,
  };
}

function listParts(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const parts = new Set<JsonSchema>();
  const open: unknown[] = [schema];
  for (let part = open.shift(); part !== undefined; part = open.shift()) {
    if (!isRecord(part) || parts.has(part)) continue;
    parts.add(part);
    if (typeof part["$ref"] === "string")
      open.push(resolveLocal(root, part["$ref"]));
    if (Array.isArray(part["allOf"])) open.push(...part["allOf"]);
  }
  return [...parts];
}

function intersect(sets: ReadonlySet<string>[]): ReadonlySet<string> {
  if (sets.length === 1) return sets[0] as ReadonlySet<string>;
  return new Set([...ALL].filter((type) => sets.every((set) => set.has(type))));
}

function ownTypes(part: JsonSchema): ReadonlySet<string> {
  const sets: ReadonlySet<string>[] = [];
  if (part["type"] !== undefined) {
    const named = [part["type"]].flat().map(String);
    sets.push(
      new Set(named.includes("number") ? [...named, "integer"] : named),
    );
  }
  if (Array.isArray(part["enum"]))
    sets.push(new Set(part["enum"].flatMap(typesOfValue)));
  if (Object.hasOwn(part, "const"))
    sets.push(new Set(typesOfValue(part["const"])));
  return sets.length === 0 ? ALL : intersect(sets);
}

/** The types that a value has: a whole number is two. */
export function typesOfValue(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

function listWords(node: Node, shapeOf: (schema: unknown) => Shape): string[] {
  const seen = new Set<unknown>();
  const words: unknown[] = [];
  const open = [...node];
  while (open.length > 0) {
    const schema = open.pop();
    if (seen.has(schema)) continue;
    seen.add(schema);
    const { parts, choices } = shapeOf(schema);
    for (const part of parts) {
      if (Array.isArray(part["enum"])) words.push(...part["enum"]);
      words.push(part["const"]);
    }
    open.push(...choices.flat());
  }
  return words.filter((word) => typeof word === "string");
}

export function propertiesOf(part: JsonSchema): JsonSchema {
  return isRecord(part["properties"]) ? part["properties"] : {};
}

function isRequired({ parts }: Shape, key: string): boolean {
  return parts.some(
    (part) => Array.isArray(part["required"]) && part["required"].includes(key),
  );
}

function readField(
  shape: Shape,
  key: string,
  keysOf: (schema: unknown) => Set<string>,
): Field {
  const node: unknown[] = [];
  let isNamed = false;
  let isClosed = false;
  for (const part of shape.parts) {
    const own = namedSchemas(part, key);
    isNamed ||= own.length > 0;
    node.push(...own);
    const rest = part["additionalProperties"];
    if (own.length === 0 && isRecord(rest)) node.push(rest);
    isClosed ||= rest === false || part["unevaluatedProperties"] === false;
  }
  const isKnown =
    isNamed || shape.choices.flat().some((branch) => keysOf(branch).has(key));
  return {
    node,
    isKnown,
    isRequired: isRequired(shape, key),
    isRefused: !isKnown && isClosed,
  };
}

function namedSchemas(part: JsonSchema, key: string): unknown[] {
  const properties = propertiesOf(part);
  const own = Object.hasOwn(properties, key) ? [properties[key]] : [];
  const patterns = isRecord(part["patternProperties"])
    ? part["patternProperties"]
    : {};
  const fitting = Object.keys(patterns).filter((pattern) =>
    matches(pattern, key),
  );
  return [...own, ...fitting.map((pattern) => patterns[pattern])];
}

function matches(pattern: string, key: string): boolean {
  try {
    return new RegExp(pattern, "u").test(key);
  } catch {
    return false;
  }
}
