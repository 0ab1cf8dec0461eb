import type { Block, Message } from "./history.ts";
import { splitNotes } from "./notes.ts";
import { givesUp, readWords } from "./offline-words.ts";
import type { Asked, Told } from "./offline-words.ts";

/** What a tool answered. */
export interface Result {
  data: Record<string, unknown>;
  isError: boolean;
}

/** What the offline model knows when it is its turn. */
export interface Conversation {
  /** The caller's last words, keys they pressed among them. */
  words: string;
  /** Answers that came in and nobody has heard yet. */
  results: Result[];
  asked: Asked;
  /** What the last words tell, and what all since the last booking tell together. */
  told: Told;
  all: Told;
  /** Confirmation numbers of this call that are not cancelled. */
  bookings: string[];
  /** A booking was begun and is not made yet. */
  isBooking: boolean;
  lastTool: string | undefined;
  isRefused: boolean;
  /** Confirmation number of the last try to cancel. */
  lastTried: string | undefined;
}

const QUESTIONS: [pattern: RegExp, asked: Asked][] = [
  [/which day[^?]*\?\s*$/i, "day"],
  [/(what|which) time[^?]*\?\s*$/i, "time"],
  [/what name[^?]*\?\s*$/i, "name"],
  [/confirmation number[^?]*\?\s*$/i, "number"],
];

/** Reads the whole conversation, from its beginning, as a model does. */
export function readConversation(messages: readonly Message[]): Conversation {
  const state: Conversation = {
    words: "",
    results: [],
    asked: "nothing",
    told: {},
    all: {},
    bookings: [],
    isBooking: false,
    lastTool: undefined,
    isRefused: false,
    lastTried: undefined,
  };
  const uses = new Map<string, Extract<Block, { type: "tool_use" }>>();
  for (const { role, content } of messages) {
    const blocks: Block[] =
      typeof content === "string" ? [{ type: "text", text: content }] : content;
    for (const block of blocks) {
      if (block.type === "tool_use") {
        uses.set(block.id, block);
        state.lastTool = block.name;
      }
      if (block.type === "tool_result")
        takeResult(state, block, uses.get(block.tool_use_id));
      if (block.type !== "text") continue;
      if (role === "assistant") hearAgent(state, block.text);
      else hearCaller(state, block.text);
    }
  }
  return state;
}

function hearAgent(state: Conversation, text: string): void {
  state.results = [];
  state.asked =
    QUESTIONS.find(([pattern]) => pattern.test(text))?.[1] ?? "nothing";
  // "Which day would you like to come?" belongs to a booking, "Which day would suit you?" to a search.
  if (
    /like to come|time would you like\?|what name/i.test(text) &&
    !/I have/.test(text)
  )
    state.isBooking = true;
}

function hearCaller(state: Conversation, text: string): void {
  const { words, keys, finished } = splitNotes(text);
  state.results = [];
  for (const { tool, content } of finished)
    takeAnswer(state, tool, undefined, parse(content));
  state.words = `${words} ${keys}`.trim();
  if (givesUp(state.words)) {
    state.isBooking = false;
    state.asked = "nothing";
    state.all = {};
  }
  // Digits in talk of cancelling are a confirmation number.
  const { phone, ...others } = readWords(state.words, state.asked);
  const isNumber = state.asked === "number" || /\bcancel/i.test(state.words);
  state.told = phone === undefined || isNumber ? others : { ...others, phone };
  state.all = { ...state.all, ...state.told };
}

function takeResult(
  state: Conversation,
  block: Extract<Block, { type: "tool_result" }>,
  use: Extract<Block, { type: "tool_use" }> | undefined,
): void {
  const data = parse(block.content);
  state.results.push({ data, isError: block.is_error === true });
  takeAnswer(state, use?.name ?? "", use?.input, data);
}

function takeAnswer(
  state: Conversation,
  name: string,
  input: unknown,
  data: Record<string, unknown>,
): void {
  state.isRefused = "code" in data || !("speech" in data);
  if (name === "book_appointment") state.isBooking = state.isRefused;
  const number = data["confirmation_number"];
  if (name === "book_appointment" && typeof number === "string") {
    state.bookings.push(number);
    state.all = {};
  }
  if (name !== "cancel_appointment") return;
  const tried = (input as { confirmation_number?: unknown } | undefined)
    ?.confirmation_number;
  state.lastTried = typeof tried === "string" ? tried : undefined;
  if (data["cancelled"] === true)
    state.bookings = state.bookings.filter((each) => each !== tried);
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {}; // words for the model instead of data
  }
}
