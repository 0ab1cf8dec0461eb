import { isRecord, readArguments, toText } from "./platform.ts";
import type { Answer, Platform, WireCall } from "./platform.ts";

/**
 * Vapi's server messages: https://docs.vapi.ai/tools/custom-tools and
 * /server-url/events (read November 2026). A `tool-calls` message may hold
 * several calls; each answer is one line of text beside the id of its call.
 * All other messages are acknowledged with `{}`.
 */
export const vapi: Platform = {
  maxBodyBytes: 1024 * 1024, // messages hold the assistant and the transcript
  read(body) {
    const message = isRecord(body) ? body["message"] : undefined;
    if (!isRecord(message) || toText(message["type"]) === undefined)
      return { calls: [], reply: () => NO_MESSAGE };
    if (message["type"] !== "tool-calls")
      return { calls: [], reply: () => ({}) };
    const entries = listEntries(message);
    const calls = entries.map(toCall);
    const ids = entries.map(readId);
    const callId = isRecord(message["call"])
      ? toText(message["call"]["id"])
      : undefined;
    return {
      ...(callId === undefined ? {} : { callId }),
      calls,
      reply: (answers) => ({
        results: answers.map((answer, index) => ({
          toolCallId: ids[index] ?? "",
          ...toOutcome(answer),
        })),
      }),
    };
  },
};

const NO_MESSAGE = {
  error: "This address takes Vapi's server messages, and this is none",
};

/** Three spellings of one list; the first that is there. */
function listEntries(message: Record<string, unknown>): unknown[] {
  for (const field of ["toolCallList", "toolCalls", "toolWithToolCallList"]) {
    const list = message[field];
    if (Array.isArray(list) && list.length > 0) return list as unknown[];
  }
  return [];
}

/** `{id, name, arguments}`, or as OpenAI writes it; in `toolWithToolCallList` inside the tool. */
function toCall(entry: unknown): WireCall {
  const { outer, call } = unwrap(entry);
  const called = isRecord(call["function"]) ? call["function"] : call;
  const id = readId(entry);
  return {
    name: toText(called["name"]) ?? toText(outer["name"]) ?? "",
    arguments: readArguments(
      called["arguments"] ?? called["parameters"] ?? call["parameters"],
    ),
    ...(id === undefined ? { fault: NO_ID } : { id: String(id) }),
  };
}

/**
 * The id as it is to be echoed. Without one Vapi could not tell whose answer it
 * gets, so nothing is run; a number may have lost digits when it was read.
 */
function readId(entry: unknown): string | number | undefined {
  const { id } = unwrap(entry).call;
  return Number.isSafeInteger(id) ? (id as number) : toText(id);
}

function unwrap(entry: unknown) {
  const outer = isRecord(entry) ? entry : {};
  const call = isRecord(outer["toolCall"]) ? outer["toolCall"] : outer;
  return { outer, call };
}

const NO_ID = "This call has no id to answer it by, so it was not made";

function toOutcome(answer: Answer): { result: string } | { error: string } {
  const { error } = answer;
  return typeof error === "string" && error !== ""
    ? { error: toLine(error) }
    : { result: toLine(JSON.stringify(answer)) };
}

/** Vapi takes no line breaks; in JSON these two stand as they are (RFC 8259, section 7). */
function toLine(text: string): string {
  return text
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029")
    .replaceAll(/[\r\n]+/g, " ");
}
