import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";
import { closeObject, isNever } from "./closed.ts";
import { without } from "./fold.ts";
import { createResolve, follow } from "./scope.ts";
import type { Resolve } from "./scope.ts";
import { mayBeNull, toShape } from "./shape.ts";
import { orNull } from "./null.ts";
import { describe, TELLABLE } from "../words.ts";

/** What a provider's strict mode lets a schema say, beside structure. */
export interface StrictRules {
  /** Whether this word with this value can stay. */
  keeps: (word: string, value: unknown) => boolean;
  /** How a plain value may be null: by a list of types, or by a branch of its own. */
  nullAsType: boolean;
  /** Null is a value of its own, which no field may stand for that is left out. */
  nullMatters: boolean;
}

export interface Strict {
  schema: JsonSchema;
  /** Why no strict form says the same; empty when one does. */
  reasons: string[];
  /** Limits that only the server behind will check. */
  limits: string[];
}

// No provider takes more.
const MAX_SIZE = 10_000;
const MAX_DEPTH = 100;
const ENOUGH = 5; // reasons, after which no more are looked for
const DEFINITIONS: ReadonlySet<string> = new Set(["$defs"]);
const STRUCTURE = [
  "type",
  "description",
  "title",
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "unevaluatedProperties",
  "items",
  "prefixItems",
  "unevaluatedItems",
  "deprecated",
  "$comment",
];

interface Pen {
  rules: StrictRules;
  resolve: Resolve;
  /** Definitions by their new names; empty while one is being written. */
  defs: Map<string, JsonSchema>;
  /** New names by reference. */
  names: Map<string, string>;
  size: number;
  depth: number;
  reasons: Set<string>;
  limits: Set<string>;
}

/**
 * Parameters as strict modes want them: every object closed, every field
 * required, and what was optional may be null. `checkArguments` drops such a
 * null again, so the request is the same.
 */
export function toStrict(parameters: JsonSchema, rules: StrictRules): Strict {
  const pen: Pen = {
    rules,
    resolve: createResolve(parameters),
    defs: new Map(),
    names: new Map(),
    size: 0,
    depth: 0,
    reasons: new Set(),
    limits: new Set(),
  };
  const root = writeRoot(without(parameters, DEFINITIONS), pen);
  const schema =
    pen.defs.size > 0 ? { ...root, $defs: Object.fromEntries(pen.defs) } : root;
  return { schema, reasons: [...pen.reasons], limits: [...pen.limits] };
}

/** A tool without arguments takes an empty object, not one with any fields. */
function writeRoot(schema: JsonSchema, pen: Pen): JsonSchema {
  const isEmpty =
    Object.keys(asRecord(schema["properties"])).length === 0 &&
    schema["additionalProperties"] === undefined;
  return write(
    isEmpty ? { ...schema, additionalProperties: false } : schema,
    "",
    pen,
  );
}

function write(
  schema: unknown,
  path: string,
  pen: Pen,
  isOptional = false,
): JsonSchema {
  if (pen.depth > MAX_DEPTH) pen.reasons.add("it is nested too deeply");
  if (pen.size > MAX_SIZE)
    pen.reasons.add(`it is more than ${MAX_SIZE} schemas`);
  if (
    pen.depth > MAX_DEPTH ||
    pen.size > MAX_SIZE ||
    pen.reasons.size >= ENOUGH
  )
    return {};
  const { branches, nullable, notes } = toShape(
    schema,
    pen.resolve,
    (what, isLoss = false) =>
      (isLoss ? pen.reasons : pen.limits).add(`${what} at ${where(path)}`),
  );
  pen.size += Math.max(branches.length, 1);
  const isNull = nullable || isOptional;
  if (isOptional && pen.rules.nullMatters && mayBeNull(schema, pen.resolve))
    pen.reasons.add(
      `null is a value of ${where(path)}, and no sign of its absence`,
    );
  if (branches.length === 1) {
    const written = writeBranch({ ...branches[0], ...notes }, path, pen);
    return isNull ? orNull(written, pen.rules.nullAsType) : written;
  }
  if (branches.length === 0 && !nullable)
    pen.reasons.add(`no value fits ${where(path)}`);
  const anyOf = branches.map((branch) => writeBranch(branch, path, pen));
  return describe(
    {
      anyOf:
        isNull || branches.length === 0 ? [...anyOf, { type: "null" }] : anyOf,
    },
    notes,
    notes,
  );
}

function writeBranch(branch: JsonSchema, path: string, pen: Pen): JsonSchema {
  pen.depth++;
  const written = writeParts(branch, path, pen);
  pen.depth--;
  return written;
}

function writeParts(branch: JsonSchema, path: string, pen: Pen): JsonSchema {
  const { type, $ref } = branch;
  if (typeof $ref === "string")
    return describe({ $ref: writeDefinition($ref, path, pen) }, branch, branch);
  if (type === undefined) pen.reasons.add(`any value at ${where(path)}`);
  const said: JsonSchema = {};
  const told: JsonSchema = {};
  for (const [word, value] of Object.entries(branch)) {
    if (STRUCTURE.includes(word)) continue;
    if (
      word === "enum" &&
      [value].flat().some((each) => typeof each === "object" && each !== null)
    )
      pen.reasons.add(`objects or lists as values at ${where(path)}`);
    else if (pen.rules.keeps(word, value)) said[word] = value;
    else if (TELLABLE.has(word)) told[word] = value;
    else pen.limits.add(`${word} at ${where(path)}`);
  }
  const structure =
    type === "object"
      ? writeObject(branch, path, pen)
      : type === "array"
        ? { items: writeItems(branch, path, pen) }
        : {};
  return describe({ type, ...said, ...structure }, branch, told);
}

function writeObject(branch: JsonSchema, path: string, pen: Pen): JsonSchema {
  const names: unknown[] = Array.isArray(branch["required"])
    ? branch["required"]
    : [];
  const required = new Set(names.filter((name) => typeof name === "string"));
  const properties = new Map(Object.entries(asRecord(branch["properties"])));
  for (const key of required) {
    if (!properties.has(key)) properties.set(key, {});
  }
  const closed = closeObject(branch, properties.size);
  if (closed === "impossible")
    pen.reasons.add(`fields of any name at ${where(path)}`);
  if (closed === "narrower") pen.limits.add(`further fields at ${where(path)}`);
  const written = [...properties]
    .filter(([key, value]) => required.has(key) || !isNever(value))
    .map(([key, value]): [string, JsonSchema] => [
      key,
      write(
        value,
        path === "" ? key : `${path}.${key}`,
        pen,
        !required.has(key),
      ),
    ]);
  return {
    properties: Object.fromEntries(written),
    required: written.map(([key]) => key),
    additionalProperties: false,
  };
}

/** Of a list with places, the entries of all places. */
function writeItems(branch: JsonSchema, path: string, pen: Pen): JsonSchema {
  const { items, prefixItems } = branch;
  if (!Array.isArray(prefixItems) || prefixItems.length === 0)
    return write(items, `${path}[]`, pen);
  pen.limits.add(`the order of entries at ${where(path)}`);
  const rest = isRecord(items) ? [items] : [];
  return write(
    { anyOf: [...(prefixItems as unknown[]), ...rest] },
    `${path}[]`,
    pen,
  );
}

/** Writes what a reference leads to once, and answers the new reference. */
function writeDefinition(ref: string, path: string, pen: Pen): string {
  let name = pen.names.get(ref);
  if (name === undefined) {
    name = freeName(ref, pen.defs);
    pen.names.set(ref, name);
    pen.defs.set(name, {});
    pen.defs.set(name, write(follow({ $ref: ref }, pen.resolve), path, pen));
  }
  return `#/$defs/${name}`;
}

function freeName(ref: string, taken: Map<string, unknown>): string {
  const base =
    ref.slice(ref.lastIndexOf("/") + 1).replaceAll(/[^A-Za-z0-9_.-]/g, "_") ||
    "root";
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
  return name;
}

function asRecord(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}

function where(path: string): string {
  return path === "" ? "the arguments" : path;
}
