import type { ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { sign, verifySignature } from "../../middleware/index.ts";
import type { ToolRequest } from "../../middleware/index.ts";
import { createRandom } from "../support/random-call.ts";
import { mutateText, pick } from "./bytes.ts";
import type { FuzzResult } from "./signatures.ts";

const SECRET = "whsec_test_secret";
const SCHEME = "thunderphone"; // its bodies are written again; the others' are not
const checkCall = verifySignature({ scheme: SCHEME, secrets: SECRET });
const PER_SAMPLE = 10;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Bodies that a parser has taken, then changed: no form that is written of them
 * may fit the signature, unless it reads as just the changed value. Unchanged
 * ones must be recovered, in raw UTF-8 as in ASCII.
 */
export function fuzzParsedBodies(rounds: number): FuzzResult {
  const random = createRandom(3);
  const result: FuzzResult = { altered: 0, good: 0, wrong: [] };
  while (result.altered < rounds) {
    const sent = { ...(randomObject(random, 3) as object), n: random() };
    const text = writeSorted(sent, random() < 0.5);
    const headers = lowerCase(sign(SCHEME, SECRET, { body: text }));
    result.good++;
    if (!isRecovered(JSON.parse(text), headers))
      result.wrong.push(`not recovered: ${text}`);
    for (let round = 0; round < PER_SAMPLE; round++) {
      const parsed: unknown = JSON.parse(text);
      const altered = alter(parsed as Json, random);
      if (isDeepStrictEqual(altered, parsed)) continue;
      result.altered++;
      if (isRecovered(altered, headers))
        result.wrong.push(`altered accepted: ${text}`);
    }
  }
  return result;
}

/** Whether the middleware lets a request through whose stream is at its end. */
function isRecovered(
  body: unknown,
  headers: Readonly<Record<string, string>>,
): boolean {
  const request = {
    method: "POST",
    url: "/",
    headers,
    socket: {},
    readableDidRead: true,
    body,
  };
  const answered = { headersSent: true }; // so that a refusal writes nothing
  let isThrough = false;
  checkCall(
    request as unknown as ToolRequest, // what the middleware reads of one
    answered as ServerResponse,
    (error) => {
      if (error !== undefined) throw error;
      isThrough = true;
    },
  );
  return isThrough;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

const TEXTS = ["", "é", "a\u2028b", '"\\', "\ud83d\ude00", "\ue000", "1", "x"];

function randomValue(random: () => number, depth: number): Json {
  const kind = Math.floor(random() * (depth > 0 ? 8 : 5));
  if (kind === 0) return pick(random, [null, true, false]);
  if (kind === 1) return Math.floor(random() * 2e6) - 1e6;
  if (kind === 2) return (Math.floor(random() * 1e6) * 2 + 1) / 1024;
  if (kind < 5) return pick(random, TEXTS) + pick(random, TEXTS);
  if (kind < 7) return randomObject(random, depth - 1);
  return Array.from({ length: Math.floor(random() * 4) }, () =>
    randomValue(random, depth - 1),
  );
}

function randomObject(random: () => number, depth: number): Json {
  const keys = ["date", "\ue000", "\ud83d\ude00", "Z", "é", "1", "__proto_"];
  return Object.fromEntries(
    keys
      .filter(() => random() < 0.4)
      .map((key) => [key, randomValue(random, depth)]),
  );
}

/** As Python's json.dumps with sort_keys and narrow separators writes it; in UTF-8 the order of bytes is that of code points. */
function writeSorted(value: Json, isAscii: boolean): string {
  if (Array.isArray(value))
    return `[${value.map((each) => writeSorted(each, isAscii)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .toSorted(([a], [b]) => Buffer.from(a).compare(Buffer.from(b)))
      .map(
        ([key, each]) =>
          `${writeSorted(key, isAscii)}:${writeSorted(each, isAscii)}`,
      );
    return `{${fields.join(",")}}`;
  }
  if (typeof value === "number" && Math.abs(value) < 1e-4 && value !== 0)
    return value.toFixed(20).replace(/0+$/, ""); // no number here is so small
  const text = JSON.stringify(value);
  return isAscii
    ? text.replace(
        /[\u007f-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      )
    : text;
}

/** One change somewhere in a parsed value. */
function alter(value: unknown, random: () => number): unknown {
  if (typeof value !== "object" || value === null)
    return alterScalar(value, random);
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length > 0 && random() < 0.7) {
    const [key, inner] = pick(random, entries);
    return Object.assign(value, { [key]: alter(inner, random) });
  }
  if (Array.isArray(value))
    return pick<() => unknown>(random, [
      () => [...(value as unknown[]), null],
      () => value.slice(1),
      () => value.toReversed(),
      () => Object.fromEntries(entries),
      () => Object.assign(value, { extra: 1 }),
      () => Object.assign([], { 1: value[0] as unknown }),
    ])();
  return alterObject(value, entries, random);
}

function alterObject(
  value: object,
  entries: [string, unknown][],
  random: () => number,
): unknown {
  const [key = "none", inner] = entries[0] ?? [];
  return pick<() => unknown>(random, [
    () => ({ ...value, extra: null }),
    () => Object.fromEntries(entries.slice(1)),
    () => Object.fromEntries([...entries.slice(1), [`${key} `, inner]]),
    () => Object.fromEntries([...entries, ["__proto__", { admin: true }]]),
    () => Object.assign(value, { toJSON: () => value, extra: 1 }),
    () => Object.defineProperty({ ...value }, key, { get: () => inner }),
    () => Object.assign(Object.create({ inherited: 1 }) as object, value),
    () => new Map(entries),
    () => entries,
    () => JSON.stringify({ ...value, extra: 1 }),
  ])();
}

function alterScalar(value: unknown, random: () => number): unknown {
  if (typeof value === "number")
    return pick(random, [
      value + 1,
      value * (1 + Number.EPSILON * 2),
      -value,
      String(value),
      BigInt(Math.floor(value)),
      Number.NaN,
      Infinity,
      [value],
    ]);
  if (typeof value === "string")
    return pick(random, [
      `${value}\0`,
      mutateText(`${value} `, random),
      value.normalize("NFD"),
      value.slice(1), // may leave half of a surrogate pair
      value.toUpperCase(),
      Number(value),
      Buffer.from(value),
      null,
    ]);
  return pick(random, [undefined, 0, "", "null", "true", {}, [], !value, null]);
}
