import type { RefusalCode } from "../answer.ts";
import { isRecord, toText } from "./platforms/platform.ts";
import type { Answer } from "./platforms/platform.ts";
import { CODES, SPEECH, toWords } from "./words.ts";

/** The words of this kit; the type sees to it that none is missing. */
const OURS = new Set<unknown>(
  Object.keys({
    invalid_arguments: true,
    date_in_past: true,
    closed: true,
    no_slots: true,
    slot_taken: true,
    outside_rules: true,
    not_found: true,
    ambiguous_time: true,
    idempotency_mismatch: true,
    verification_failed: true,
    locked: true,
    rate_limited: true,
    unavailable: true,
  } satisfies Record<RefusalCode, true>),
);

/** Where services write what an error says, or what kind it is. */
const WORDS = ["message", "msg", "detail", "error_description", "reason"];
const KINDS = ["code", "status", "statusCode", "type"];
/** Kinds of faults inside a service, as far as their names tell. */
const BROKEN = /unavailable|internal|time_?out|server_?error|overload/i;

/**
 * Whether an endpoint of this kit refused with status 200. It has done nothing
 * then; of another API's `error` nobody can say that.
 */
export function isOurRefusal(data: unknown): boolean {
  return (
    isRecord(data) &&
    toText(data["error"]) !== undefined &&
    OURS.has(data["code"])
  );
}

/**
 * A refusal that an API wrote with a success, with all that a refusal has
 * (design.md section 4): words, a code of ours and something to say. All else
 * in it stays.
 * @returns undefined when it is none: `error` is missing, or says that there is none
 */
export function completeRefusal(
  data: Record<string, unknown>,
): Answer | undefined {
  const { error, speech } = data;
  if (isNothing(error)) return undefined;
  const words =
    typeof error === "string" ? error : (findWords(error) ?? findWords(data));
  const number = typeof error === "number" ? `: ${error}` : "";
  const code = [data, error].map(findCode).find((each) => each !== undefined);
  const told = code ?? "outside_rules";
  return {
    ...data,
    error: toWords(words ?? `The service said no${number}`, 300),
    code: told,
    speech: toText(speech) ?? speechOf(told),
  };
}

function isNothing(error: unknown): boolean {
  if (typeof error === "string") return error.trim() === "";
  if (typeof error === "object" && error !== null)
    return Object.keys(error).length === 0;
  return (
    error === undefined || error === null || error === false || error === 0
  );
}

function findWords(value: unknown): string | undefined {
  if (Array.isArray(value)) return findWords(value[0]);
  if (!isRecord(value)) return toText(value);
  return WORDS.map((field) => toText(value[field])).find(
    (each) => each !== undefined,
  );
}

function findCode(value: unknown): RefusalCode | undefined {
  if (!isRecord(value)) return undefined;
  const kinds = KINDS.map((field) => value[field]);
  const ours = kinds.find((kind) => OURS.has(kind));
  if (ours !== undefined) return ours as RefusalCode; // as OURS has it
  const known = kinds
    .map((kind) => CODES.get(Number(kind)))
    .find((each) => each !== undefined);
  const isBroken = kinds.some(
    (kind) => Number(kind) >= 500 || BROKEN.test(toText(kind) ?? ""),
  );
  return known ?? (isBroken ? "unavailable" : undefined);
}

function speechOf(code: string): string {
  return (
    new Map<string, string>(Object.entries(SPEECH)).get(code) ??
    SPEECH.outside_rules
  );
}
