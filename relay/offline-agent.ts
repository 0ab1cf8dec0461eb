import type { Message } from "./history.ts";
import { readConversation } from "./offline-conversation.ts";
import type { Conversation, Result } from "./offline-conversation.ts";
import {
  givesUp,
  readLastFour,
  readNumber,
  wantsTime,
} from "./offline-words.ts";

/** What the rules want to do next. */
export interface Decision {
  text: string;
  calls: { name: string; input: Record<string, string> }[];
}

const SEARCH = "search_appointments";
const BOOK = "book_appointment";
const CANCEL = "cancel_appointment";
const JOKE = "get_programming_joke";

const MENU =
  "I can find a free time, book it, cancel an appointment, or tell you a joke. What would you like?";

/**
 * The offline model's rules: it can search, book, cancel and joke, and asks for
 * what is missing. All it knows it reads from the conversation, as a model does.
 */
export function decideReply(
  messages: readonly Message[],
  tools: readonly string[],
): Decision {
  const conversation = readConversation(messages);
  if (conversation.results.length > 0)
    return say(conversation.results.map(toSpeech).join(" "));
  const joke = wantsJoke(conversation) ? [{ name: JOKE, input: {} }] : [];
  const next = decideAppointment(conversation);
  const calls = [...joke, ...(next?.calls ?? [])].filter(({ name }) =>
    tools.includes(name),
  );
  if (calls.length > 0) return { text: "", calls };
  if (next && next.text !== "") return next;
  if (/\b(bye|goodbye|thanks|thank you|that's all)\b/i.test(conversation.words))
    return say("You're welcome. Goodbye!");
  return say(MENU);
}

function say(text: string): Decision {
  return { text, calls: [] };
}

function wantsJoke({ words, lastTool }: Conversation): boolean {
  return (
    /\bjokes?\b|funny|laugh/i.test(words) ||
    (lastTool === JOKE && /\banother\b/i.test(words))
  );
}

/** What the words ask for; without a word that says so, what they answer. */
function decideAppointment(conversation: Conversation): Decision | undefined {
  const { words, asked, told, lastTool, isRefused } = conversation;
  const tellsWhen = told.date !== undefined || told.time !== undefined;
  if (/\b(repeat|what('s| is| was)|tell me)\b.*\bnumber\b/i.test(words))
    return repeatNumber(conversation);
  if (wantsTime(words)) return say("Take your time.");
  if (/\bcancel/i.test(words)) return cancel(conversation);
  const isNegated =
    /\b(don't|do not|not|never)\b[^,.]*\b(book|reserve|schedule)/i.test(words);
  if (
    /\b(book|reserve|schedule|i'll take|i will take)\b/i.test(words) &&
    !isNegated
  )
    return book(conversation);
  if (
    /\b(free|available|availability|open(ings?)?|slots?|times?|when|appointments?|anything)\b/i.test(
      words,
    )
  )
    return search(conversation);
  if (asked === "number" || (lastTool === CANCEL && isRefused)) {
    if (readNumber(words) !== undefined || readLastFour(words) !== undefined)
      return cancel(conversation);
  }
  if (asked === "name" && told.name === undefined && !tellsWhen)
    return wantsJoke(conversation)
      ? undefined
      : say("What name shall I put it under?");
  if (
    conversation.isBooking &&
    (told.name !== undefined ||
      tellsWhen ||
      asked === "day" ||
      asked === "time")
  )
    return book(conversation);
  if (lastTool === SEARCH && !isRefused && told.time !== undefined)
    return book(conversation);
  if (tellsWhen) return search(conversation);
  return givesUp(words) && !wantsJoke(conversation)
    ? say("All right. What else can I do for you?")
    : undefined;
}

function search({ all, told }: Conversation): Decision {
  const { date, service } = all;
  if (date === undefined) return say("Which day would suit you?");
  const wish = told.time === undefined ? {} : { preferred_time: told.time };
  return {
    text: "",
    calls: [
      {
        name: SEARCH,
        input: { date, ...wish, ...(service === undefined ? {} : { service }) },
      },
    ],
  };
}

function book({ all }: Conversation): Decision {
  const { date, time, name, phone, service } = all;
  if (date === undefined) return say("Which day would you like to come?");
  if (time === undefined) return say("What time would you like?");
  if (name === undefined) return say("What name shall I put it under?");
  const input = {
    date,
    time,
    customer_name: name,
    ...(phone === undefined ? {} : { customer_phone: phone }),
    ...(service === undefined ? {} : { service }),
  };
  return { text: "", calls: [{ name: BOOK, input }] };
}

/** The number that was said, else the one booking of this call: never a guess among several. */
function cancel({ words, bookings, lastTried }: Conversation): Decision {
  const lastFour = readLastFour(words);
  const isOther = /\b(other|another|first|second|last)\b(?! four)/i.test(words);
  const [only] = bookings.length === 1 && !isOther ? bookings : [];
  const number =
    readNumber(words) ?? (lastFour === undefined ? only : (lastTried ?? only));
  if (number === undefined)
    return say("Certainly. What is its confirmation number?");
  const factor = lastFour === undefined ? {} : { phone_last_four: lastFour };
  return {
    text: "",
    calls: [
      { name: CANCEL, input: { confirmation_number: number, ...factor } },
    ],
  };
}

function repeatNumber({ bookings }: Conversation): Decision {
  const number = bookings.at(-1);
  if (number === undefined)
    return say(
      "There is no booking in this call that I could tell the number of.",
    );
  return say(`Your confirmation number is ${number.split("").join(" ")}.`);
}

function toSpeech({ data, isError }: Result): string {
  const speech = typeof data["speech"] === "string" ? data["speech"] : "";
  if (isError || speech === "") return "I'm sorry, that didn't work.";
  return Array.isArray(data["available_slots"])
    ? `${speech} Which time would you like?`
    : speech;
}
