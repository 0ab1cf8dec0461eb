/** The words a refusal can carry (design.md section 4). */
export type RefusalCode =
  | "invalid_arguments"
  | "date_in_past"
  | "closed"
  | "no_slots"
  | "slot_taken"
  | "outside_rules"
  | "not_found"
  | "ambiguous_time"
  | "idempotency_mismatch"
  | "verification_failed"
  | "locked"
  | "rate_limited"
  | "unavailable";

/** Times on a day that the caller may like instead. */
export interface Alternative {
  date: string;
  times: string[];
}

/** A refusal that the model should hear; sent with status 200 because several platforms drop every other. */
export interface Refusal {
  error: string;
  code: RefusalCode;
  alternatives?: Alternative[];
  speech: string;
}

/** What a tool answers: facts for the model, and `speech`, the same as a sentence for the ear. */
export type Answer = ({ speech: string } & Record<string, unknown>) | Refusal;

export function refuse(
  code: RefusalCode,
  error: string,
  speech: string,
  alternatives: Alternative[] = [],
): Refusal {
  return {
    error,
    code,
    ...(alternatives.length > 0 ? { alternatives } : {}),
    speech,
  };
}

export function isRefusal(answer: Answer): answer is Refusal {
  return "code" in answer && "error" in answer;
}

/** "9:00 AM, 10:30 AM or 4:30 PM". */
export function toSpokenList(words: string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/** "30 minutes", "2 hours", "3 days": the largest unit that says it without a rest. */
export function toSpokenDuration(minutes: number): string {
  const units: [string, number][] = [
    ["day", 1440],
    ["hour", 60],
    ["minute", 1],
  ];
  const [unit, size] = units.find(([, each]) => minutes % each === 0) ?? [
    "minute",
    1,
  ];
  const count = minutes / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** At most so many bytes of a text, in whole characters: an answer has to stay below 1 KB. */
export function cutBytes(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  let cut = text.slice(0, mostBytes);
  while (Buffer.byteLength(cut) > mostBytes - 3) cut = cut.slice(0, -8); // a bundle of characters at a time
  return `${cut.replace(/\p{Surrogate}$/u, "")}…`;
}

/** Words of a caller or model, short enough to be said back. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
