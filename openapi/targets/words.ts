import type { JsonSchema } from "../types.ts";

const MAX_TEXT = 300;
const MAX_VALUE = 120;

// Words for programs, of which a model makes nothing.
const NUMBER_FORMATS: ReadonlySet<unknown> = new Set([
  "int32",
  "int64",
  "float",
  "double",
]);

/** Limits that a platform's schemas have no word for, as words for the model. */
const PHRASES: Record<string, (value: unknown) => string> = {
  enum: (value) => `one of ${[value].flat().map(toText).join(", ")}`,
  minimum: (value) => `at least ${toText(value)}`,
  maximum: (value) => `at most ${toText(value)}`,
  exclusiveMinimum: (value) => `more than ${toText(value)}`,
  exclusiveMaximum: (value) => `less than ${toText(value)}`,
  multipleOf: (value) => `a multiple of ${toText(value)}`,
  minLength: (value) => `at least ${toText(value)} characters`,
  maxLength: (value) => `at most ${toText(value)} characters`,
  pattern: (value) => `matching ${String(value)}`,
  format: (value) =>
    NUMBER_FORMATS.has(value) ? "" : `format ${String(value)}`,
  minItems: (value) => `at least ${toText(value)} entries`,
  maxItems: (value) => `at most ${toText(value)} entries`,
  uniqueItems: (value) => (value === true ? "no entry twice" : ""),
  minProperties: (value) => `at least ${toText(value)} fields`,
  maxProperties: (value) => `at most ${toText(value)} fields`,
  default: (value) => `default ${toText(value)}`,
  examples: (value) => `for example ${toText([value].flat()[0])}`,
};

/** Limits that the model is told in words when its platform cannot be. */
export const TELLABLE: ReadonlySet<string> = new Set(Object.keys(PHRASES));

/** A description with the limits that got lost, in brackets behind it. */
export function tell(description: unknown, lost: JsonSchema): string {
  const text = typeof description === "string" ? description.trim() : "";
  const phrases = Object.entries(lost)
    .map(([word, value]) => phraseOf(word, value))
    .filter((phrase) => phrase !== "");
  if (phrases.length === 0) return text;
  const told = `(${phrases.join("; ")})`;
  return text === "" ? told.slice(1, -1) : `${text} ${told}`;
}

/** A schema with its description; beside a `$ref` nothing may stand, so it moves into a choice of one. */
export function describe(
  schema: JsonSchema,
  { description, title }: JsonSchema,
  told: JsonSchema,
): JsonSchema {
  const text = tell(description ?? title, told);
  if (text === "") return schema;
  return {
    description: text,
    ...(schema["$ref"] === undefined ? schema : { anyOf: [schema] }),
  };
}

function phraseOf(word: string, value: unknown): string {
  const phrase = Object.hasOwn(PHRASES, word) ? PHRASES[word]?.(value) : "";
  if (phrase === undefined) return "";
  const most = word === "enum" ? MAX_TEXT : MAX_VALUE;
  if (phrase.length <= most) return phrase;
  return word === "enum" ? shortenText(phrase, most) : ""; // half a pattern is none
}

function toText(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** Cuts a text at a word, so that it fits. */
export function shortenText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const head = text.slice(0, maxLength - 1);
  const space = head.lastIndexOf(" ");
  const kept = space > maxLength / 2 ? head.slice(0, space) : head;
  return `${kept.replace(/[\uD800-\uDBFF]$/, "").trimEnd()}…`; // never half a character
}
