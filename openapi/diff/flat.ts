import { isRecord } from "../json.ts";
import { asNames, asRecord, refTarget } from "../schemas/places.ts";
import type { JsonSchema } from "../types.ts";

/** A schema with what its `$ref` and `allOf` say written into it. */
export interface Flat {
  /** Keywords but those below. */
  words: JsonSchema;
  properties: Map<string, JsonSchema>;
  required: Set<string>;
  /** The branches of each `anyOf` and `oneOf`; every list is a choice of its own. */
  choices: JsonSchema[][];
  /** What it was made of: a choice that leads back to it has nothing to add. */
  parts: Set<JsonSchema>;
  root: JsonSchema;
}

// One object each: two schemas that were compared are known by their objects.
const ANY: JsonSchema = {};
const NONE: JsonSchema = { not: ANY };

/** `true` and nothing at all take every value, `false` none. */
export function toSchema(value: unknown): JsonSchema {
  if (value === false) return NONE;
  return isRecord(value) ? value : ANY;
}

export function flatten(schema: JsonSchema, root: JsonSchema): Flat {
  const flat: Flat = {
    words: {},
    properties: new Map(),
    required: new Set(),
    choices: [],
    parts: new Set(),
    root,
  };
  add(schema, flat);
  return flat;
}

/** Later words win: a schema's own come after those that it refers to. */
function add(schema: JsonSchema, flat: Flat): void {
  if (flat.parts.has(schema)) return;
  flat.parts.add(schema);
  const target = refTarget(schema, flat.root);
  if (target) add(target, flat);
  for (const member of listSchemas(schema["allOf"])) add(member, flat);
  for (const [word, value] of Object.entries(schema)) {
    if (["$ref", "$defs", "allOf", "properties", "required"].includes(word))
      continue;
    if (word === "anyOf" || word === "oneOf")
      flat.choices.push(listSchemas(value));
    else flat.words[word] = value;
  }
  for (const [key, value] of Object.entries(asRecord(schema["properties"])))
    flat.properties.set(key, toSchema(value));
  for (const name of asNames(schema["required"])) flat.required.add(name);
}

/**
 * The branches of the first choice, each with all else that the schema says;
 * without a choice one branch a type. A branch that is only a choice of its
 * own gives its branches, each schema once, however intertwined they are.
 */
export function listAlternatives(flat: Flat): Flat[] {
  const [choice, ...choices] = flat.choices;
  if (!choice) {
    const types = [flat.words["type"] ?? []].flat();
    return types.length < 2
      ? [flat]
      : types.map((type) => ({ ...flat, words: { ...flat.words, type } }));
  }
  const alternatives: Flat[] = [];
  const seen = new Set<JsonSchema>();
  const open = [...choice];
  for (const branch of open) {
    const target = refTarget(branch, flat.root) ?? branch;
    if (flat.parts.has(target) || seen.has(target)) continue;
    seen.add(target);
    const alone = flatten(branch, flat.root);
    if (alone.choices.length === 1 && isWide({ ...alone, choices: [] }))
      open.push(...alone.choices.flat());
    else alternatives.push(join({ ...flat, choices }, branch));
  }
  return alternatives;
}

function join(base: Flat, branch: JsonSchema): Flat {
  const joined: Flat = {
    words: { ...base.words },
    properties: new Map(base.properties),
    required: new Set(base.required),
    choices: [...base.choices],
    parts: new Set(base.parts),
    root: base.root,
  };
  add(branch, joined);
  return joined;
}

// Words that do not narrow what a schema takes, beside its types.
const SILENT = ["type", "description", "title", "default", "examples"];

/** Takes every value of its types. */
export function isWide({
  words,
  properties,
  required,
  choices,
}: Flat): boolean {
  return (
    properties.size + required.size + choices.length === 0 &&
    Object.keys(words).every((word) => SILENT.includes(word))
  );
}

function listSchemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.map(toSchema) : [];
}
