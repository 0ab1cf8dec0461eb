import { refuse as toRefusal } from "../answer.ts";
import type { RefusalCode } from "../answer.ts";
import type { Answer } from "./platforms/platform.ts";

export function refuse(
  code: RefusalCode,
  error: string,
  speech: string,
): Answer {
  return { ...toRefusal(code, error, speech) };
}

/** What the caller hears of a refusal; the model gets more. */
export const SPEECH = {
  invalid_arguments: "Sorry, I didn't get all of that. Could you say it again?",
  not_found: "I'm sorry, I couldn't find that.",
  outside_rules: "I'm sorry, that isn't possible.",
  locked: "I'm sorry, that can't be changed right now.",
  rate_limited: "That system is busy right now. Please give it a moment.",
  unavailable: "I'm sorry, I can't reach that system right now.",
} satisfies Partial<Record<RefusalCode, string>>;

/** Statuses that say something of what was asked; all others are between the gateway and the service. */
export const CODES = new Map<number, keyof typeof SPEECH>([
  [400, "invalid_arguments"],
  [404, "not_found"],
  [409, "outside_rules"],
  [410, "not_found"],
  [412, "outside_rules"],
  [422, "invalid_arguments"],
  [423, "locked"],
  [429, "rate_limited"],
]);

/** One line without addresses and control characters. */
export function toWords(text: string, maxLength: number): string {
  const line = text
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]]+/gi, "…")
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "…")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return line.length > maxLength
    ? `${line.slice(0, maxLength - 1).replace(/\p{Surrogate}$/u, "")}…` // the cut may go through a character
    : line;
}
