import { flatten, listAlternatives, toSchema } from "./flat.ts";
import type { Flat } from "./flat.ts";
import type { Tell } from "./change.ts";
import { matchAlternatives } from "./choices.ts";
import { compareValues, listTypes, nameTypes } from "./values.ts";
import { canonicalJson } from "../json.ts";
import { refTarget } from "../schemas/places.ts";
import type { JsonSchema } from "../types.ts";

// What is compared as a text: which of two is narrower cannot be told.
const OPAQUE = [
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "propertyNames",
  "contains",
  "minContains",
  "maxContains",
];

const MOST_COMPARISONS = 20_000; // choices within choices multiply

type Pair = [old: JsonSchema, fresh: JsonSchema, path: string];

/**
 * Tells how two versions of a tool's parameters differ, at every depth. Each
 * two schemas are compared once, at their shallowest place, so a cycle ends.
 */
export function compareArguments(
  old: JsonSchema,
  fresh: JsonSchema,
  tell: Tell,
): void {
  if (canonicalJson(old) === canonicalJson(fresh)) return;
  const seen = new Map<JsonSchema, Set<JsonSchema>>();
  const queue: Pair[] = [[old, fresh, ""]];
  const bound = { left: MOST_COMPARISONS };
  for (const [before, after, path] of queue) {
    const known = seen.get(before) ?? new Set();
    seen.set(before, known);
    if (known.has(after)) continue;
    known.add(after);
    const note: Note = (one, other, at) =>
      queue.push([resolve(one, old), resolve(other, fresh), at]);
    compare(
      flatten(before, old),
      flatten(after, fresh),
      path,
      tell,
      note,
      bound,
    );
  }
  if (bound.left < 0)
    tell("breaking", "not-compared", "", "too intertwined to compare whole");
}

/** A `$ref` alone is what it names, so that a cycle comes back to the same object. */
function resolve(value: unknown, root: JsonSchema): JsonSchema {
  let schema = toSchema(value);
  const passed = new Set<JsonSchema>();
  while (Object.keys(schema).length === 1 && !passed.has(schema)) {
    passed.add(schema);
    schema = refTarget(schema, root) ?? schema;
  }
  return schema;
}

/** Takes two schemas to compare later. */
type Note = (old: unknown, fresh: unknown, path: string) => void;

function compare(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
  note: Note,
  bound: { left: number },
): void {
  bound.left -= 1;
  if (bound.left < 0) return;
  if (old.choices.length === 0 && fresh.choices.length === 0) {
    compareValues(old, fresh, path, tell);
    compareFields(old, fresh, path, tell, note);
    compareParts(old, fresh, path, tell, note);
    compareTexts(old, fresh, path, tell);
    return;
  }
  const { pairs, removed, added } = matchAlternatives(
    listAlternatives(old),
    listAlternatives(fresh),
  );
  for (const [before, after] of pairs)
    compare(before, after, path, tell, note, bound);
  for (const each of removed)
    tell(
      "breaking",
      listTypes(each).join() === "null"
        ? "type-narrowed"
        : "alternative-removed",
      path,
      `takes ${nameTypes(listTypes(each))} no more as it did`,
    );
  for (const each of added)
    tell(
      "compatible",
      "alternative-added",
      path,
      `takes ${nameTypes(listTypes(each))} too`,
    );
}

function compareFields(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
  note: Note,
): void {
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  for (const [key, before] of old.properties) {
    const after = fresh.properties.get(key);
    if (after === undefined)
      tell("breaking", "argument-removed", at(key), "is no argument any more");
    else note(before, after, at(key));
  }
  for (const key of fresh.properties.keys())
    if (!old.properties.has(key) && !fresh.required.has(key))
      tell("compatible", "optional-argument-added", at(key), "is new");
  for (const key of fresh.required) {
    if (old.required.has(key)) continue;
    if (old.properties.has(key))
      tell("breaking", "argument-now-required", at(key), "was optional");
    else
      tell(
        "breaking",
        "required-argument-added",
        at(key),
        "is new and required",
      );
  }
  for (const key of old.required)
    if (!fresh.required.has(key) && fresh.properties.has(key))
      tell("compatible", "argument-now-optional", at(key), "was required");
  compareRest(old, fresh, path, tell, note);
}

/** What fields a call may have beside those that are named. */
function compareRest(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
  note: Note,
): void {
  const before = restOf(old);
  const after = restOf(fresh);
  if (before === false && after === false) return;
  if (after === false)
    tell("breaking", "closed", path, "takes no further fields any more");
  else if (before === false)
    tell("compatible", "opened", path, "takes further fields");
  else note(before, after, path === "" ? "*" : `${path}.*`);
}

function restOf({ words }: Flat): unknown {
  if (words["unevaluatedProperties"] === false) return false;
  return words["additionalProperties"] ?? true;
}

/** Entries of lists, and what can only be compared as a whole. */
function compareParts(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
  note: Note,
): void {
  if (old.words["items"] !== undefined || fresh.words["items"] !== undefined)
    note(old.words["items"], fresh.words["items"], `${path}[]`);
  const before = [old.words["prefixItems"] ?? []].flat();
  const after = [fresh.words["prefixItems"] ?? []].flat();
  for (let index = 0; index < Math.max(before.length, after.length); index++)
    note(before[index], after[index], `${path}[${index}]`);
  for (const word of OPAQUE) {
    const was = old.words[word];
    const is = fresh.words[word];
    if (is === undefined) {
      if (was !== undefined)
        tell("compatible", "constraint-removed", path, `${word} is gone`);
    } else if (was === undefined)
      tell("breaking", "constraint-added", path, `${word} is new`);
    else if (canonicalJson(was) !== canonicalJson(is))
      tell("breaking", "constraint-changed", path, `${word} is another`);
  }
}

function compareTexts(old: Flat, fresh: Flat, path: string, tell: Tell): void {
  for (const word of ["description", "default"])
    if (canonicalJson(old.words[word]) !== canonicalJson(fresh.words[word]))
      tell("compatible", `${word}-changed`, path, `another ${word}`);
}
