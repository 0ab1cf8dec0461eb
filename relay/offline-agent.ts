import type { Block, Message } from "./history.ts";

/** What the rules want to do next. */
export interface Decision {
  text: string;
  calls: { name: string; input: Record<string, string> }[];
}

/** What a caller has told so far. */
interface Told {
  date?: string;
  time?: string;
  name?: string;
  phone?: string;
  service?: string;
}

const SEARCH = "search_appointments";
const BOOK = "book_appointment";
const CANCEL = "cancel_appointment";
const JOKE = "get_programming_joke";

/**
 * The offline model's rules: it can search, book, cancel and joke, and asks for
 * what is missing. All it knows it reads from the conversation, as a model does.
 */
export function decideReply(
  messages: readonly Message[],
  tools: readonly string[],
): Decision {
  const results = resultsOf(messages.at(-1));
  if (results.length > 0) return say(results.map(toSpeech).join(" "));
  const words = textOf(messages.at(-1));
  const told = readTold(messages);
  const calls: Decision["calls"] = [];
  if (/\bjoke|funny|laugh/i.test(words)) calls.push({ name: JOKE, input: {} });
  if (
    /\bcancel/i.test(words) ||
    /confirmation number/i.test(lastQuestion(messages))
  ) {
    const number = readNumber(words) ?? lastNumber(messages);
    if (number === undefined)
      return say("Certainly. What is your confirmation number?");
    const lastFour = /last four[^\d]*((?:\d\s*){4})/i
      .exec(words)?.[1]
      ?.replaceAll(/\s/g, "");
    calls.push({
      name: CANCEL,
      input: {
        confirmation_number: number,
        ...(lastFour === undefined ? {} : { phone_last_four: lastFour }),
      },
    });
  } else if (wantsBooking(words, messages)) {
    const question = missing(told);
    if (question !== undefined) return say(question);
    const { date = "", time = "", name = "", phone, service } = told;
    calls.push({
      name: BOOK,
      input: {
        date,
        time,
        customer_name: name,
        ...(phone === undefined ? {} : { customer_phone: phone }),
        ...(service === undefined ? {} : { service }),
      },
    });
  } else if (
    /\b(free|available|availability|open(ings?)?|slots?|times?|when|appointments?)\b/i.test(
      words,
    ) ||
    asksDay(messages)
  ) {
    const { date, time, service } = told;
    if (date === undefined) return say("Which day would suit you?");
    calls.push({
      name: SEARCH,
      input: {
        date,
        ...(time === undefined ? {} : { preferred_time: time }),
        ...(service === undefined ? {} : { service }),
      },
    });
  }
  const known = calls.filter(({ name }) => tools.includes(name));
  if (known.length > 0) return { text: "", calls: known };
  if (/\b(bye|goodbye|thanks|thank you|that's all)\b/i.test(words))
    return say("You're welcome. Goodbye!");
  return say(
    "I can find a free time, book it, cancel an appointment, or tell you a joke. What would you like?",
  );
}

function say(text: string): Decision {
  return { text, calls: [] };
}

function missing({ date, time, name }: Told): string | undefined {
  if (date === undefined) return "Which day would you like to come?";
  if (time === undefined) return "What time would you like?";
  if (name === undefined) return "What name shall I put it under?";
  return undefined;
}

/** The caller asks for a booking, answers a question that belongs to one, or takes an offered time. */
function wantsBooking(words: string, messages: readonly Message[]): boolean {
  if (/\b(book|reserve|schedule|i'll take|i will take)\b/i.test(words))
    return true;
  const question = lastQuestion(messages);
  if (
    /^(Which day would you like to come|What time would you like|What name shall I)/.test(
      question,
    )
  )
    return true;
  const isRefused = resultsOf(messages.at(-3)).some(
    ({ data }) => "code" in data,
  );
  return (
    TIME.test(words) &&
    (isRefused || question.endsWith("Which time would you like?"))
  );
}

function asksDay(messages: readonly Message[]): boolean {
  return lastQuestion(messages).startsWith("Which day would suit you");
}

/** What the agent said last, if it was a question. */
function lastQuestion(messages: readonly Message[]): string {
  const said = textOf(messages.findLast(({ role }) => role === "assistant"));
  return said.trim().endsWith("?") ? said : "";
}

const DATE =
  /\b(\d{4}-\d{2}-\d{2}|\d{1,2}\/\d{1,2}(?:\/\d{4})?|(?:day after )?tomorrow|today|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}(?:st|nd|rd|th)?)\b/i;
const TIME = /\b(\d{1,2}(?::\d{2})? ?[ap]\.?m\b|\d{1,2}:\d{2}|noon)/i;
const NAME =
  /(?:[Mm]y name is|[Ii]t's|[Tt]his is|I am|I'm|[Nn]ame's|[Uu]nder the name(?: of)?|for) ((?:\p{Lu}[\p{L}'’-]*)(?: \p{Lu}[\p{L}'’-]*)*)/u;
const PHONE = /\+?\(?\d[\d\s().-]{8,}\d/;

/** Everything told since the last booking; what is told later counts. */
function readTold(messages: readonly Message[]): Told {
  const booked = messages.findLastIndex((message) =>
    resultsOf(message).some(({ data }) => "confirmation_number" in data),
  );
  const told: Told = {};
  let question = "";
  for (const message of messages.slice(booked + 1)) {
    const words = textOf(message);
    if (message.role === "assistant") {
      question = words;
      continue;
    }
    const phone = readPhone(words);
    const rest = phone === undefined ? words : words.replace(phone, " ");
    const isName = question.startsWith("What name") && !DATE.test(rest);
    Object.assign(
      told,
      drop({
        date: DATE.exec(rest)?.[0],
        time: TIME.exec(rest)?.[0],
        phone,
        name:
          NAME.exec(rest)?.[1] ??
          (isName ? rest.replace(/[\s.,!]+$/, "") : undefined),
        service: /\bfollow[- ]up\b/i.test(words) ? "follow-up" : undefined,
      }),
    );
  }
  return told;
}

function readPhone(words: string): string | undefined {
  const phone = PHONE.exec(words)?.[0].trim();
  const digits = phone?.replaceAll(/\D/g, "").length ?? 0;
  return digits >= 10 ? phone : undefined;
}

function drop(told: Record<string, string | undefined>): Told {
  return Object.fromEntries(
    Object.entries(told).filter(([, value]) => value !== undefined),
  );
}

/** Ten digits, however they are grouped. */
function readNumber(words: string): string | undefined {
  return /(?:\d[\s,.-]*){10}/.exec(words)?.[0].replaceAll(/\D/g, "");
}

function lastNumber(messages: readonly Message[]): string | undefined {
  const numbers = messages
    .flatMap(resultsOf)
    .map(({ data }) => data["confirmation_number"]);
  const last = numbers.findLast((number) => number !== undefined);
  return typeof last === "string" ? last : undefined;
}

interface Result {
  data: Record<string, unknown>;
  text: string;
  isError: boolean;
}

function toSpeech({ data, isError }: Result): string {
  const speech = typeof data["speech"] === "string" ? data["speech"] : "";
  if (isError) return "I'm sorry, that didn't work. Shall I try again?";
  if (speech === "") return "That is done.";
  return Array.isArray(data["available_slots"])
    ? `${speech} Which time would you like?`
    : speech;
}

function resultsOf(message: Message | undefined): Result[] {
  if (!message || typeof message.content === "string") return [];
  return message.content.flatMap((block: Block): Result[] => {
    if (block.type !== "tool_result") return [];
    return [
      {
        data: parse(block.content),
        text: block.content,
        isError: block.is_error === true,
      },
    ];
  });
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

function textOf(message: Message | undefined): string {
  if (!message) return "";
  if (typeof message.content === "string") return message.content;
  return message.content
    .flatMap((block) => (block.type === "text" ? [block.text] : []))
    .join(" ");
}
