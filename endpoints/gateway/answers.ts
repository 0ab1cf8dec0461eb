import type { Tool, ToolResult } from "../../openapi/index.ts";
import type { Trip } from "./fence.ts";
import { isRecord } from "./platforms/platform.ts";
import type { Answer } from "./platforms/platform.ts";
import { completeRefusal, isOurRefusal } from "./refusals.ts";
import { CODES, refuse, SPEECH, toWords } from "./words.ts";

/** What a call came to, and whether it may be made again. */
export interface Outcome {
  answer: Answer;
  /** "unknown": it was sent, and nobody can tell whether it took effect. */
  effect: "none" | "done" | "unknown";
  /** For the log: why it failed. */
  reason?: string;
}

export function refuseUnknownTool(
  name: string,
  known: readonly string[],
): Answer {
  const shown = known.slice(0, 30).join(", ");
  const more = known.length > 30 ? ` and ${known.length - 30} more` : "";
  return refuse(
    "not_found",
    `There is no tool ${JSON.stringify(toWords(name, 64))}; the tools are ${shown}${more}`,
    "I'm sorry, I can't do that.",
  );
}

/** Whatever went wrong on this side of the upstream. */
export const UNAVAILABLE = refuse(
  "unavailable",
  "The service is not available right now",
  SPEECH.unavailable,
);

/** A write without an answer: to do it again might do it twice. */
const IN_DOUBT = refuse(
  "unavailable",
  "The service did not say whether this was done. Do not do it again; look first, or have a person look",
  "I'm sorry, I can't tell whether that went through.",
);

/**
 * Puts what a call came to into words for a model and a caller. Names of hosts,
 * redirects and faults inside the service are told to nobody.
 */
export function toOutcome(
  tool: Tool,
  result: ToolResult,
  trip: Trip["at"],
): Outcome {
  if (result.ok) return toSuccess(tool, result);
  const { code, message, status } = result;
  const reason = status === undefined ? code : `${code} ${status}`;
  if (code === "invalid_arguments")
    return {
      answer: refuse(code, toWords(message, 1000), SPEECH[code]),
      effect: "none",
    };
  if (trip === "fenced")
    return {
      answer: refuse(
        "invalid_arguments",
        "These arguments would lead out of the service",
        SPEECH.invalid_arguments,
      ),
      effect: "none",
      reason: "outside_upstream",
    };
  if (trip !== "sent") return { answer: UNAVAILABLE, effect: "none", reason };
  const isWrite = tool.effect === "write";
  if (status !== undefined && status < 300) {
    if (!isWrite) return toFault(toWords(message, 200), reason);
    return code === "nothing_picked"
      ? { answer: DONE_WITHOUT_FACTS, effect: "done", reason }
      : { answer: IN_DOUBT, effect: "unknown", reason }; // what it said cannot be read
  }
  const known = CODES.get(status ?? 0);
  if (known !== undefined)
    return {
      answer: refuse(known, toWords(message, 300), SPEECH[known]),
      effect: "none",
      reason,
    };
  // Refused, so nothing was done. A 301 to 303 may follow what was done (RFC 9110, section 15.4).
  const isRefused =
    status !== undefined && status >= 307 && status < 500 && status !== 408;
  if (isWrite && !isRefused)
    return { answer: IN_DOUBT, effect: "unknown", reason };
  return {
    answer: code === "timeout" ? SLOW : UNAVAILABLE,
    effect: "none",
    reason,
  };
}

const SLOW = refuse(
  "unavailable",
  "The service took too long to answer",
  SPEECH.unavailable,
);

/** A read whose answer tells nothing that could be used. */
function toFault(error: string, reason: string): Outcome {
  return {
    answer: refuse("unavailable", error, SPEECH.unavailable),
    effect: "done",
    reason,
  };
}

/** Statuses that promise no body: with them nothing is an answer (RFC 9110, sections 15.3.5 and 15.3.6). */
const WITHOUT_BODY = [204, 205];

/** A success without a body where one was promised is none (DECISIONS 12): a booking that answers with nothing is no booking. */
function toSuccess(
  { effect, operation }: Tool,
  { status, data, speech }: Extract<ToolResult, { ok: true }>,
): Outcome {
  const isWrite = effect === "write";
  const isEmpty =
    data === null || (typeof data === "string" && data.trim() === "");
  if (!isEmpty) {
    return {
      answer: toAnswer(data, speech),
      effect: isOurRefusal(data) ? "none" : "done",
    };
  }
  if (
    WITHOUT_BODY.includes(status) ||
    operation.method.toUpperCase() === "HEAD"
  )
    return { answer: isWrite ? DONE : NOTHING, effect: "done" };
  const reason = `empty ${status}`;
  return isWrite
    ? { answer: IN_DOUBT, effect: "unknown", reason }
    : toFault("The service said nothing", reason);
}

const DONE = { done: true, message: "Done; the service had no more to say" };
const DONE_WITHOUT_FACTS = {
  done: true,
  message:
    "Done, but the service did not say what was expected of it; look it up",
};
const NOTHING = { result: null, message: "The service has nothing to tell" };

/** Data as a JSON object that never is empty: an empty one would look like nothing at all. */
function toAnswer(data: unknown, speech?: string): Answer {
  const body = toBody(data);
  return speech === undefined || "speech" in body ? body : { ...body, speech };
}

function toBody(data: unknown): Answer {
  if (Array.isArray(data) && data.length === 0)
    return { result: [], message: "The list is empty" };
  if (!isRecord(data)) return { result: data };
  if (Object.keys(data).length === 0)
    return { result: {}, message: "The service answered with an empty object" };
  return completeRefusal(data) ?? data;
}

/** A refusal in this kit's words; it may come from a service too. */
function isRefused({ error, code }: Answer): boolean {
  return typeof error === "string" && error !== "" && typeof code === "string";
}

/** For logs and counts: a service's own code only if it looks like one. */
export function codeOf(answer: Answer): string {
  if (!isRefused(answer)) return "ok";
  const code = String(answer["code"]);
  return /^[a-z][a-z_]{0,39}$/.test(code) ? code : "refused";
}
