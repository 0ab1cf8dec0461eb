import { compareBounds } from "./bounds.ts";
import type { Tell } from "./change.ts";
import type { Flat } from "./flat.ts";
import { canonicalJson } from "../json.ts";

const ALL = ["null", "boolean", "object", "array", "number", "string"];
const SHOWN = 5;

/** The types of values that a schema takes; all when it does not say. */
export function listTypes({ words }: Flat): string[] {
  if (words["type"] !== undefined) return [words["type"]].flat().map(String);
  const values = listValues(words);
  if (!values) return ALL;
  return [...new Set(values.map((value) => typeOf(value)))];
}

export function covers(types: string[], type: string): boolean {
  return (
    types.includes(type) || (type === "integer" && types.includes("number"))
  );
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function listValues(words: Flat["words"]): unknown[] | undefined {
  if (Object.hasOwn(words, "const")) return [words["const"]];
  return Array.isArray(words["enum"]) ? words["enum"] : undefined;
}

/** Compares what single values may be: types, lists of values, formats, bounds. */
export function compareValues(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
): void {
  compareTypes(old, fresh, path, tell);
  compareEnums(old, fresh, path, tell);
  compareFormats(old, fresh, path, tell);
  compareBounds(old, fresh, path, tell);
}

function compareTypes(old: Flat, fresh: Flat, path: string, tell: Tell): void {
  const before = listTypes(old);
  const after = listTypes(fresh);
  const lost = before.filter((type) => !covers(after, type));
  const won = after.filter((type) => !covers(before, type));
  if (lost.length > 0)
    tell(
      "breaking",
      "type-narrowed",
      path,
      lost.join() === "null"
        ? "takes null no more"
        : `took ${nameTypes(before)}, takes ${nameTypes(after)}`,
    );
  else if (won.length > 0)
    tell(
      "compatible",
      "type-widened",
      path,
      `took ${nameTypes(before)}, takes ${nameTypes(after)}`,
    );
}

/** As a person says it. */
export function nameTypes(types: string[]): string {
  return types.length >= ALL.length ? "anything" : types.join(" or ");
}

function compareEnums(old: Flat, fresh: Flat, path: string, tell: Tell): void {
  const before = listValues(old.words)?.map(canonicalJson);
  const after = listValues(fresh.words)?.map(canonicalJson);
  if (!after) {
    if (before) tell("compatible", "enum-widened", path, "takes any value now");
    return;
  }
  if (!before) {
    tell("breaking", "enum-narrowed", path, `takes only ${list(after)} now`);
    return;
  }
  const known = new Set(after);
  const had = new Set(before);
  const lost = before.filter((value) => !known.has(value));
  const won = after.filter((value) => !had.has(value));
  if (lost.length > 0)
    tell("breaking", "enum-narrowed", path, `takes ${list(lost)} no more`);
  if (won.length > 0)
    tell("compatible", "enum-widened", path, `takes ${list(won)} too`);
}

function list(values: string[]): string {
  const shown = values.slice(0, SHOWN).join(", ");
  return values.length > SHOWN
    ? `${shown} and ${values.length - SHOWN} more`
    : shown;
}

// Formats that say how much a number holds (OpenAPI 3.1, section 4.4): each takes what those before it take.
const NUMBER_FORMATS = [
  ["int32", "int64", undefined],
  ["float", "double", undefined],
];

function compareFormats(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
): void {
  for (const word of [
    "format",
    "pattern",
    "contentEncoding",
    "contentMediaType",
  ]) {
    const before = old.words[word];
    const after = fresh.words[word];
    if (before === after) continue;
    const isWider =
      after === undefined ||
      (word === "format" &&
        NUMBER_FORMATS.some(
          (row) =>
            row.includes(after as string) &&
            row.includes(before as string | undefined) &&
            // A plain number is an int64 or a double in all that JSON can say.
            (before === undefined
              ? row.indexOf(after as string) === 1
              : row.indexOf(after as string) > row.indexOf(before as string)),
        ));
    const values = `${show(before)}, is ${show(after)}`;
    if (isWider)
      tell(
        "compatible",
        `${toRule(word)}-loosened`,
        path,
        `${word} was ${values}`,
      );
    else
      tell(
        "breaking",
        before === undefined
          ? `${toRule(word)}-added`
          : `${toRule(word)}-changed`,
        path,
        `${word} was ${values}`,
      );
  }
}

function toRule(word: string): string {
  return word.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function show(value: unknown): string {
  return value === undefined ? "free" : canonicalJson(value);
}
