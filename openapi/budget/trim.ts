import { dropFewest, forgetArguments } from "./drop.ts";
import { listOptionalFields } from "./optional.ts";
import type { OptionalField } from "./optional.ts";
import { listPlaces } from "../schemas/places.ts";
import type { Place } from "../schemas/places.ts";
import { cutAtWord, firstSentence, toPlainText } from "./plain-text.ts";
import type { JsonSchema, Tool } from "../types.ts";

/** What a tool costs of a model's context: the characters of its name, description and parameters as JSON. */
export function sizeOf(
  tool: Pick<Tool, "name" | "description" | "parameters">,
): number {
  const { name, description, parameters } = tool;
  return textOf({ name, description, parameters }).length;
}

/** What was cut, in words' counts and fields' paths. */
export interface Cuts {
  shortened: number;
  descriptions: number;
  examples: number;
  defaults: number;
  fields: string[];
}

// A tool that says less is not chosen, an argument that says less is guessed.
const TOOL_TEXT = 200;
const LEAST_TOOL_TEXT = 80;
const ARGUMENT_TEXT = 80;

interface Draft {
  tool: Tool;
  description: string;
  /** A copy of the draft's own. */
  parameters: JsonSchema;
  /** Of the parameters, deepest first; made when they are needed. */
  places?: Place[];
  size: number;
  limit: number;
  cuts: Cuts;
}

/**
 * Makes a tool fit into a number of characters, or as small as it gets: its
 * words go first, then examples, then optional fields, deepest first. What is
 * required stays.
 */
export function trimTool(
  tool: Tool,
  limit: number,
): { tool: Tool; size: number; cuts: Cuts } {
  const draft: Draft = {
    tool,
    description: tool.description,
    parameters: JSON.parse(textOf(tool.parameters)) as JsonSchema,
    size: sizeOf(tool),
    limit,
    cuts: {
      shortened: 0,
      descriptions: 0,
      examples: 0,
      defaults: 0,
      fields: [],
    },
  };
  for (const step of STEPS) if (draft.size > limit) step(draft);
  return {
    tool: forgetArguments(tool, draft),
    size: draft.size,
    cuts: draft.cuts,
  };
}

const STEPS: ((draft: Draft) => void)[] = [
  (draft) => dropWords(draft, ["title", "$comment"], 0),
  shortenDescriptions,
  (draft) => dropWords(draft, ["description"], 2),
  cutArgumentTexts,
  (draft) => cutToolText(draft, TOOL_TEXT),
  (draft) => dropWords(draft, ["examples", "example"], 0),
  (draft) => dropWords(draft, ["default"], 2),
  (draft) => dropFields(draft, ({ depth }) => depth > 1),
  (draft) => dropFields(draft, ({ depth }) => depth === 1),
  (draft) => cutToolText(draft, LEAST_TOOL_TEXT),
  (draft) => dropWords(draft, ["description"], 0),
];

/** Deepest first, of one depth the last first. */
function listDeepest(draft: Draft, fromDepth = 0): JsonSchema[] {
  draft.places ??= listPlaces(draft.parameters).toReversed();
  return draft.places
    .filter(({ depth }) => depth >= fromDepth)
    .map(({ schema }) => schema);
}

function dropWords(draft: Draft, words: string[], fromDepth: number): void {
  for (const schema of listDeepest(draft, fromDepth)) {
    for (const word of words) {
      if (draft.size <= draft.limit) return;
      if (!Object.hasOwn(schema, word)) continue;
      const comma = Object.keys(schema).length > 1 ? 1 : 0;
      draft.size -= `"${word}":`.length + textOf(schema[word]).length + comma;
      delete schema[word];
      if (word === "description" || word === "title")
        draft.cuts.descriptions += 1;
      if (word.startsWith("example")) draft.cuts.examples += 1;
      if (word === "default") draft.cuts.defaults += 1;
    }
  }
}

function shortenDescriptions(draft: Draft): void {
  for (const schema of listDeepest(draft)) {
    if (draft.size <= draft.limit) return;
    replaceText(draft, schema, (text) =>
      cutFor(draft, text, firstSentence(text)),
    );
  }
}

function cutArgumentTexts(draft: Draft): void {
  for (const schema of listDeepest(draft)) {
    if (draft.size <= draft.limit) return;
    replaceText(draft, schema, (text) =>
      cutFor(draft, text, cutAtWord(text, ARGUMENT_TEXT)),
    );
  }
}

/** A text cut by what is too much, where that leaves more of it than the short form. */
function cutFor({ size, limit }: Draft, text: string, short: string): string {
  const plain = toPlainText(text) || text;
  const room = text.length - (size - limit);
  const cut = room > short.length ? cutAtWord(plain, room) : short;
  // What JSON escapes is longer there than here.
  const saved = textOf(text).length - textOf(cut).length;
  return saved >= Math.min(size - limit, 1) && cut.length > short.length
    ? cut
    : short;
}

function replaceText(
  draft: Draft,
  schema: JsonSchema,
  change: (text: string) => string,
): void {
  const before = schema["description"];
  if (typeof before !== "string") return;
  const after = change(before);
  const saved = textOf(before).length - textOf(after).length;
  if (saved <= 0 || after === "") return;
  schema["description"] = after;
  draft.size -= saved;
  draft.cuts.shortened += 1;
}

/** The tool's own description, no shorter than it has to be and than `least`. */
function cutToolText(draft: Draft, least: number): void {
  const before = textOf(draft.description).length;
  const plain = toPlainText(draft.description) || draft.description;
  let length = plain.length;
  let after = plain;
  const excess = () => draft.size - before + textOf(after).length - draft.limit;
  while (excess() > 0 && length > least) {
    length = Math.max(least, length - excess());
    after = cutAtWord(plain, length);
  }
  if (textOf(after).length >= before) return;
  draft.description = after;
  draft.size -= before - textOf(after).length;
  draft.cuts.shortened += 1;
}

function dropFields(
  draft: Draft,
  isMeant: (field: OptionalField) => boolean,
): void {
  const { tool, description, parameters, limit, cuts } = draft;
  const { name } = tool;
  const measure = () => sizeOf({ name, description, parameters });
  const fields = listOptionalFields(tool, parameters).filter(isMeant);
  cuts.fields.push(...dropFewest(parameters, fields, () => measure() <= limit));
  draft.size = measure();
  delete draft.places;
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
