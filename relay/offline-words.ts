/** What one thing that a caller said tells a booking. */
export interface Told {
  date?: string;
  time?: string;
  name?: string;
  phone?: string;
  service?: string;
}

/** What the offline model asked last. */
export type Asked = "day" | "time" | "name" | "number" | "nothing";

const WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day";
const MONTH =
  "(?:january|february|march|april|may|june|july|august|september|october|november|december)";
const DATE = new RegExp(
  `\\b(\\d{4}-\\d{2}-\\d{2}|\\d{1,2}/\\d{1,2}(?:/\\d{4})?|(?:day after )?tomorrow|today|(?:next )?${WEEKDAY}|${MONTH} \\d{1,2}(?:st|nd|rd|th)?|\\d{1,2}(?:st|nd|rd|th)? of ${MONTH})\\b`,
  "i",
);
const HOURS = [
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const TIME =
  /\b(\d{1,2}(?::\d{2})? ?[ap]\.?m\b|\d{1,2}:\d{2}|\d{1,2} o['’]?clock|noon)/i;
const NAME =
  /(?:[Mm]y name is|[Nn]ame's|[Ii]t's|[Tt]his is|\bI am|\bI'm|[Uu]nder(?: the name(?: of)?)?|\bfor) (\p{Lu}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*){0,3})/u;
const PHONE = /\+?\(?\d[\d\s().-]{8,}\d/;
// A sentence with one of these is no name, though it answers the question for one.
const NO_NAME =
  /\b(what|why|who|sorry|never|mind|forget|hold|wait|think|stop|second|moment|hmm|no|not|yes|yeah|ok|okay|i|you|ask|again|tell|say|joke|cancel|book|bye|hello|hi|am|pm|please|thanks|thank|free|time|day)\b|[?\d]/i;

/** Reads one utterance; what was asked decides what a bare word means. */
export function readWords(words: string, asked: Asked): Told {
  const meant = withDigits(
    words.replaceAll(
      new RegExp(`\\bnot (?:on )?(?:next )?${WEEKDAY}`, "gi"),
      " ",
    ),
  );
  const phone = readPhone(meant);
  const rest = phone === undefined ? meant : meant.replace(phone, " ");
  const told = {
    date: DATE.exec(rest)?.[0],
    time: readTime(rest, asked),
    name: readName(rest, asked),
    phone,
    service: /\bfollow[- ]up\b/i.test(words) ? "follow-up" : undefined,
  };
  return Object.fromEntries(
    Object.entries(told).filter(([, value]) => value !== undefined),
  );
}

/** The caller leaves what was begun. */
export function givesUp(words: string): boolean {
  return /\b(never ?mind|forget (it|that|about)|leave it|stop|not any ?more)\b/i.test(
    words,
  );
}

/** The caller needs a moment. */
export function wantsTime(words: string): boolean {
  return /^\W*(wait|hold on|one (second|moment)|just a (second|moment|minute)|h+m+|let me (think|see|check))\b/i.test(
    words,
  );
}

/** Ten digits, however they are grouped. */
export function readNumber(words: string): string | undefined {
  return /(?:\d[\s,.-]*){10}/.exec(words)?.[0].replaceAll(/\D/g, "");
}

/** Four digits that stand alone. */
export function readLastFour(words: string): string | undefined {
  const rest = words.replace(/(?:\d[\s,.-]*){10}/, " ");
  return /(?<!\d)(?:\d[\s-]?){3}\d(?!\d)/.exec(rest)?.[0].replaceAll(/\D/g, "");
}

function readTime(words: string, asked: Asked): string | undefined {
  const exact = TIME.exec(words)?.[0];
  if (exact !== undefined) return exact;
  const bare =
    asked === "time"
      ? /^\W*(?:at |around )?(\d{1,2})\W*(?:please\W*)?$/i
      : /\bat (\d{1,2})(?![\d/:-])\b/i;
  return bare.exec(words)?.[1];
}

function readName(words: string, asked: Asked): string | undefined {
  const said = NAME.exec(words)?.[1];
  if (said !== undefined && !isDay(said)) return said;
  const answer = words.replaceAll(/^[\s,.]+|[\s,.!]+$/g, "");
  const isName =
    asked === "name" &&
    /^[\p{L}][\p{L}'’ -]{0,60}$/u.test(answer) &&
    answer.split(" ").length <= 4;
  return isName && !NO_NAME.test(answer) && !DATE.test(answer)
    ? answer
    : undefined;
}

function isDay(name: string): boolean {
  return new RegExp(`^(${WEEKDAY}|${MONTH}|today|tomorrow|next)\\b`, "i").test(
    name,
  );
}

function readPhone(words: string): string | undefined {
  const phone = PHONE.exec(
    words.replaceAll(/\d{4}-\d{2}-\d{2}/g, (date) => "x".repeat(date.length)),
  )?.[0].trim();
  return (phone?.replaceAll(/\D/g, "").length ?? 0) >= 10 ? phone : undefined;
}

/** "three pm" as "3 pm". */
function withDigits(words: string): string {
  return words.replaceAll(
    new RegExp(`\\b(${HOURS.join("|")})\\b`, "gi"),
    (hour) => String(HOURS.indexOf(hour.toLowerCase()) + 1),
  );
}
