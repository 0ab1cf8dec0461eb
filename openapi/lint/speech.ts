import { listWords } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { asNames, listPlaces } from "../schemas/places.ts";
import type { JsonSchema, Tool } from "../types.ts";

const WORDS =
  'take plain words such as "tomorrow at two" and read them on the server';
const LOOK_UP = "let another tool's answer give it, or take a short number";
const LEAVE_OUT = "leave it out of the tool";
const CHECK = "take what people say and check it on the server";
const NAMES = "use the words that people say";

// Formats of OpenAPI's registry and JSON Schema 2020-12, section 7.3, that have no spoken form.
const FORMATS = new Map([
  ["uuid", LOOK_UP],
  ["date-time", WORDS],
  ["time", WORDS],
  ["duration", WORDS],
  ["byte", LEAVE_OUT],
  ["binary", LEAVE_OUT],
  ["base64url", LEAVE_OUT],
  ["password", LEAVE_OUT],
  ["uri", LOOK_UP],
  ["uri-reference", LOOK_UP],
  ["uri-template", LOOK_UP],
  ["url", LOOK_UP],
  ["iri", LOOK_UP],
  ["iri-reference", LOOK_UP],
  ["ipv4", LOOK_UP],
  ["ipv6", LOOK_UP],
  ["regex", CHECK],
  ["json-pointer", LOOK_UP],
  ["relative-json-pointer", LOOK_UP],
]);
// Digits alone can be said.
const DIGITS = /^\^?(?:(?:\\d|\[0-9\])(?:\{\d+(?:,\d*)?\}|[+*])?)+\$?$/;
const MANY_VALUES = 12;

interface Unspeakable {
  path: string;
  why: string;
  advice: string;
}

/** Fields whose values nobody can say on the phone; a warning where a call needs them. */
export function findUnspeakable({ parameters }: Tool): Finding[] {
  const needed = new Set(
    listPlaces(parameters, (holder, key) =>
      asNames(holder["required"]).includes(key),
    ).map(({ path }) => path),
  );
  const found = new Map<string, Unspeakable>();
  for (const { schema, path } of listPlaces(parameters)) {
    const fault = judge(schema);
    if (fault && path !== "" && !found.has(path))
      found.set(path, { path, ...fault });
  }
  const all = [...found.values()];
  return [
    ...tell(
      "warning",
      "required",
      all.filter(({ path }) => needed.has(path)),
    ),
    ...tell(
      "info",
      "optional",
      all.filter(({ path }) => !needed.has(path)),
    ),
  ];
}

function tell(
  severity: Finding["severity"],
  kind: string,
  fields: Unspeakable[],
): Finding[] {
  if (fields.length === 0) return [];
  const what = fields.map(({ path, why }) => `${path} (${why})`);
  const advice = [...new Set(fields.map((field) => field.advice))];
  return [
    {
      rule: "unspeakable-format",
      severity,
      message: `${kind} fields that a caller cannot say: ${listWords(what)}; ${advice.join("; ")}`,
    },
  ];
}

function judge(schema: JsonSchema): Omit<Unspeakable, "path"> | undefined {
  const { format, pattern, contentEncoding } = schema;
  if (typeof format === "string" && FORMATS.has(format))
    return { why: format, advice: FORMATS.get(format) as string };
  if (typeof contentEncoding === "string")
    return { why: contentEncoding, advice: LEAVE_OUT };
  if (typeof pattern === "string" && !DIGITS.test(pattern))
    return { why: `pattern ${pattern.slice(0, 30)}`, advice: CHECK };
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : [];
  const codes = values.filter(isCode);
  return values.length > MANY_VALUES && codes.length > values.length / 2
    ? { why: `${values.length} codes`, advice: NAMES }
    : undefined;
}

/** `USD`, `us-east-1`, `E1042`: not a word that people say. */
function isCode(value: unknown): boolean {
  return (
    typeof value === "string" &&
    (/[0-9]/.test(value) ||
      /^[A-Z]{1,4}$/.test(value) ||
      /^[a-z]{2}(?:[-_][A-Za-z]{2})?$/.test(value))
  );
}
