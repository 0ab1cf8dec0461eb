import { listWords, splitName, toSingular } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { asRecord, refTarget } from "../schemas/places.ts";
import type { JsonSchema, Tool } from "../types.ts";

const PLACEHOLDER =
  /^\W*(?:todo|tbd|fixme|xxx|n\/?a|none|null|undefined|description|desc|no description|lorem ipsum.*|string|text|test|foo|bar)\W*$/i;
const FILLERS = new Set(
  "a an the of to for by in on with this that and or is be which it its".split(
    " ",
  ),
);
const LEAST_WORDS = 3;

let segmenter: Intl.Segmenter | undefined; // takes its time to make, and few lint

/** Tools and arguments that are not described, or in words that say nothing. */
export function findUseless(tool: Tool): Finding[] {
  const { parameters } = tool;
  const texts = Object.entries(asRecord(parameters["properties"])).map(
    ([key, schema]) => ({ key, text: textOf(asRecord(schema), parameters) }),
  );
  const missing = texts.filter(({ text }) => text.trim() === "");
  const useless = texts.filter(
    ({ key, text }) => text.trim() !== "" && isEmptyTalk(key, text),
  );
  return [
    ...judgeTool(tool),
    ...about("missing-description", "have no description", missing),
    ...about(
      "useless-description",
      "have a description that only repeats the name",
      useless,
    ),
  ];
}

function judgeTool({ name, description, operation }: Tool): Finding[] {
  const text = description.trim();
  if (text === "" || text === `${operation.method} ${operation.path}`)
    return [
      {
        rule: "missing-description",
        severity: "warning",
        message:
          "neither summary nor description; say when to use it and what comes back",
      },
    ];
  const isShort = countWords(text) < LEAST_WORDS;
  if (!isShort && !isEmptyTalk(name, text)) return [];
  return [
    {
      rule: "useless-description",
      severity: "warning",
      message: `"${text.slice(0, 60)}" ${isShort ? "is too short" : "only repeats the name"}; say when to use it and what comes back`,
    },
  ];
}

function about(
  rule: string,
  what: string,
  texts: { key: string }[],
): Finding[] {
  if (texts.length === 0) return [];
  const keys = listWords(texts.map(({ key }) => key));
  return [
    {
      rule,
      severity: "info",
      message: `arguments that ${what}: ${keys}; say what to ask the caller for`,
    },
  ];
}

/** The argument's own description, else that of what it refers to. */
export function textOf(schema: JsonSchema, root: JsonSchema): string {
  const own = schema["description"];
  if (typeof own === "string") return own;
  const target = refTarget(schema, root);
  const text = target?.["description"];
  return typeof text === "string" ? text : "";
}

function isEmptyTalk(name: string, text: string): boolean {
  if (PLACEHOLDER.test(text)) return true;
  const known = new Set(splitName(name));
  return listSaid(text).every(
    (word) => FILLERS.has(word) || known.has(toSingular(word)),
  );
}

function countWords(text: string): number {
  return listSaid(text).length;
}

function listSaid(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  return [...segmenter.segment(text.slice(0, 400))]
    .filter(({ isWordLike }) => isWordLike)
    .flatMap(({ segment }) => splitRaw(segment));
}

/** "userId" and "user_id" are two words each, here too. */
function splitRaw(segment: string): string[] {
  return segment
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[ _]+/)
    .filter((word) => word !== "");
}
