import { readLooseJson } from "./loose-json.ts";
import { typesOfValue } from "./shape.ts";
import { findWord } from "./spelling.ts";

/** What a field takes. */
export interface Wanted {
  types: ReadonlySet<string>;
  /** The texts that it names. */
  words: string[];
  /** Of a list, what an entry takes. */
  entryTypes: ReadonlySet<string>;
  entryWords: string[];
  /** The value is itself an entry of a list: [1, 2] for [[1, 2]] is not [[1], [2]]. */
  isEntry: boolean;
}

export interface Candidate {
  to: unknown;
  rule: string;
}

/**
 * What a value that does not fit may have been meant as, the likeliest first.
 * Whoever asks takes the first that fits. A text is read as something else only
 * where no text is taken.
 */
export function listCandidates(value: unknown, wanted: Wanted): Candidate[] {
  if (typeof value === "string") {
    return wanted.types.has("string")
      ? readWord(value, wanted)
      : readText(value, wanted);
  }
  return [...writeNumber(value, wanted), ...wrapEntry(value, wanted)];
}

function readWord(text: string, { words }: Wanted): Candidate[] {
  const word = findWord(text, words);
  return word === undefined || word === text
    ? []
    : [{ to: word, rule: "enum-case" }];
}

function readText(text: string, wanted: Wanted): Candidate[] {
  return [
    ...readNumber(text, wanted),
    ...readBoolean(text, wanted),
    ...readNull(text, wanted),
    ...readJson(text, wanted),
    ...readList(text, wanted),
  ];
}

/** A number of JSON (RFC 8259, section 6; leading zeros too) that keeps its digits: above 2^53 it would not. */
function readNumber(text: string, { types }: Wanted): Candidate[] {
  const isWanted = types.has("number") || types.has("integer");
  if (!isWanted || text.length > 60) return [];
  if (!/^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(text)) return [];
  const number = Number(text);
  if (!(Math.abs(number) <= Number.MAX_SAFE_INTEGER)) return [];
  return [{ to: number === 0 ? 0 : number, rule: "number-as-text" }];
}

// "1" and "0" are left out: where a boolean is wanted they may be an id or a count.
const BOOLEANS = new Map([
  ["true", true],
  ["yes", true],
  ["false", false],
  ["no", false],
]);

function readBoolean(text: string, { types }: Wanted): Candidate[] {
  const to =
    text.length > 60 ? undefined : BOOLEANS.get(text.trim().toLowerCase());
  return types.has("boolean") && to !== undefined
    ? [{ to, rule: "boolean-as-text" }]
    : [];
}

function readNull(text: string, { types }: Wanted): Candidate[] {
  return types.has("null") && text === "null"
    ? [{ to: null, rule: "null-as-text" }]
    : [];
}

function readJson(text: string, { types }: Wanted): Candidate[] {
  if (!looksLikeJson(text)) return [];
  const read = readLooseJson(text);
  if (!read || read.isTruncated || text.slice(read.end).trim() !== "")
    return [];
  const type = Array.isArray(read.value) ? "array" : "object";
  return types.has(type) || types.has("array")
    ? [{ to: read.value, rule: "json-as-text" }]
    : [];
}

function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** "a, b" as two entries, unless the whole is one of the words that an entry may be. */
function readList(text: string, wanted: Wanted): Candidate[] {
  if (!wanted.types.has("array") || text.trim() === "" || looksLikeJson(text))
    return [];
  const parts = text.split(",").map((part) => part.trim());
  const entries = parts.filter((part) => part !== "");
  const single = wrapEntry(text, wanted);
  if (parts.length < 2 || entries.length === 0) return single;
  const list = [{ to: entries, rule: "comma-list" }];
  return wanted.entryWords.length > 0
    ? [...single, ...list]
    : [...list, ...single];
}

function wrapEntry(value: unknown, wanted: Wanted): Candidate[] {
  const { types, entryTypes, isEntry } = wanted;
  if (isEntry || !types.has("array") || value === null || value === undefined)
    return [];
  if (typesOfValue(value).some((type) => types.has(type))) return [];
  return [...entryTypes].some((type) => type !== "array" && type !== "null")
    ? [{ to: [value], rule: "single-value" }]
    : [];
}

/** Digits above 2^53 were lost before they came here, so they are not made an id. */
function writeNumber(value: unknown, { types }: Wanted): Candidate[] {
  if (typeof value !== "number" || !types.has("string")) return [];
  if (typesOfValue(value).some((type) => types.has(type))) return [];
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return [];
  const to = String(value);
  return to.includes("e") ? [] : [{ to, rule: "text-as-number" }];
}
