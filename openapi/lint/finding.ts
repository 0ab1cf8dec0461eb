import type { Diagnostic } from "../types.ts";

/** What a rule has to say of one tool. */
export interface Finding {
  rule: string;
  severity: Diagnostic["severity"];
  message: string;
}

/** The first few, and how many more there are. */
export function listWords(words: string[], most = 6): string {
  const shown = words.slice(0, most).join(", ");
  return words.length > most
    ? `${shown} and ${words.length - most} more`
    : shown;
}

/** The words of a name in snake_case, camelCase or any mixture, in lower case and singular. */
export function splitName(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map((word) => toSingular(word.toLowerCase()));
}

export function toSingular(word: string): string {
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return /[^s]s$/.test(word) && word.length > 2 ? word.slice(0, -1) : word;
}
