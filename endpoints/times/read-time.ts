import { readClock, shift, toTime } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { readDateTime } from "./date-time.ts";
import type { LocalDate } from "./calendar.ts";
import { toWall } from "./instants.ts";
import { toPlain, toWords } from "./words.ts";
import type { Word } from "./words.ts";

export type DayPart = "morning" | "afternoon" | "evening";

export interface TimeReading {
  /** Of the day, ascending: none = no time, two where morning and afternoon are both possible. */
  minutes: number[];
  /** Which of two equal wall times was meant, where clocks show one twice. */
  which?: "first" | "second";
  /** Epoch milliseconds, where the text had an offset from UTC. */
  instant?: number;
  /** The day, where it was a date-time. */
  date?: LocalDate;
}

/** A word as one letter, so that a sentence is a short string to match. */
interface Mark {
  letter: string;
  value: number;
  text: string;
  clock?: Clock | undefined;
}

const FILLERS = new Set(["at", "please", "the", "about", "around", "a"]);

// n noon or midnight, q quarter or half, p past, t to, z the "oh" of "oh five",
// N number in letters, F one or two figures, C clock.
const LETTERS = new Map<string, [letter: string, value: number]>([
  ["noon", ["n", 720]],
  ["midday", ["n", 720]],
  ["midnight", ["n", 0]],
  ["quarter", ["q", 15]],
  ["half", ["q", 30]],
  ["past", ["p", 1]],
  ["after", ["p", 1]],
  ["to", ["t", -1]],
  ["till", ["t", -1]],
  ["til", ["t", -1]],
  ["before", ["t", -1]],
  ["of", ["t", -1]],
  ["minute", ["m", 0]],
  ["minutes", ["m", 0]],
  ["oh", ["z", 0]],
  ["o", ["z", 0]],
  ["hundred", ["c", 0]],
  ["hours", ["u", 0]],
  ["in", ["i", 0]],
  ["this", ["i", 0]],
]);

/** Whether a minute of the day fits the half or part of it that was said last. */
const HALVES = new Map<string, (minutes: number) => boolean>([
  ["am", (minutes) => minutes < 720],
  ["pm", (minutes) => minutes >= 720],
  ["morning", (minutes) => minutes < 720],
  ["afternoon", (minutes) => minutes >= 720],
  ["evening", (minutes) => minutes >= 900],
  ["night", (minutes) => minutes < 360 || minutes >= 1080],
  ["tonight", (minutes) => minutes >= 1020],
]);

/**
 * Understands a time of day as models and callers say it: `14:30`, `2:30 PM`,
 * `1430`, `noon`, `half past two`, `ten thirty`, `9 in the morning`,
 * `1:30 AM (first)`, ISO date-times.
 * @param context zone: IANA name; an instant means its wall time there
 */
export function readTime(text: string, context: { zone: string }): TimeReading {
  const plain = toPlain(text);
  const moment = readDateTime(plain);
  if (moment === "none") return { minutes: [] };
  if (moment?.instant !== undefined) {
    const { minutes, date } = toWall(moment.instant, context.zone);
    return { minutes: [minutes], instant: moment.instant, date };
  }
  if (moment) return { minutes: [moment.minutes], date: moment.date };

  const spelled = plain
    .replaceAll(/(?<![a-z])([ap])\.? ?m(?![a-z])\.?/g, " $1m")
    .replaceAll(/o'? ?clock/g, " ");
  const words = toWords(spelled).filter(({ text }) => !FILLERS.has(text));
  const which = takeWhich(words);
  const minutes = toMinutes(words);
  return which === undefined ? { minutes } : { minutes, which };
}

/** The part of the day that is named somewhere in a text: "in the afternoon", "tonight". */
export function readPart(text: string): DayPart | undefined {
  const [said] = /morning|afternoon|evening|night/.exec(toPlain(text)) ?? [];
  return said === "night" ? "evening" : (said as DayPart | undefined);
}

/** Takes "first" or "second" from the beginning or the end. */
function takeWhich(words: Word[]): TimeReading["which"] {
  for (const at of [0, words.length - 1]) {
    const text = words[at]?.text;
    if (text !== "first" && text !== "second") continue;
    words.splice(at, 1);
    return text;
  }
  return undefined;
}

function toMinutes(words: Word[]): number[] {
  const isInHalf = HALVES.get(words.at(-1)?.text ?? "");
  const marks = (isInHalf ? words.slice(0, -1) : words).map(toMark);
  if (isInHalf && marks.at(-1)?.letter === "i") marks.pop();
  const clock = toClockOf(marks);
  if (!clock) return [];
  const { readings, fixed } = clock;
  // "13 PM" is a slip of the tongue, "17:00 PM" a habit.
  const [only] = marks;
  if (isInHalf && marks.length === 1 && only?.letter === "F" && only.value > 12)
    return [];
  const fitting = isInHalf
    ? readings.filter(isInHalf)
    : fixed === undefined
      ? readings
      : [fixed];
  return fitting.toSorted((a, b) => a - b);
}

function toClockOf(marks: Mark[]): Clock | undefined {
  const letters = marks.map(({ letter }) => letter).join("");
  const [first] = marks;
  const last = marks.at(-1);
  if (!first || !last) return undefined;
  if (/^(?:[NFCn]|Cu)$/.test(letters)) return first.clock;
  if (/^[NF]n$/.test(letters))
    return first.value === 12 ? last.clock : undefined;
  if (/^[NF]cu?$/.test(letters)) return toTime(first.value, 0, true);
  if (/^[NF]z?[NF]$/.test(letters)) {
    const isMinute =
      last.text.length > 1 && (last.value > 9 || last.letter === "F");
    return isMinute || letters.includes("z")
      ? toTime(first.value, last.value, first.text.startsWith("0"))
      : undefined;
  }
  if (!/^(?:q|[NF]m?)[pt][NFn]$/.test(letters)) return undefined;
  const by = first.value * (letters.includes("p") ? 1 : -1);
  return last.clock && isUsual(first, letters)
    ? shift(last.clock, by)
    : undefined;
}

/** "9 to 5" and "one to two" are spans; "half to two" is nothing. */
function isUsual({ letter, value }: Mark, letters: string): boolean {
  if (value < 1 || value > 59) return false;
  if (letters.includes("p") || letters.includes("m")) return true;
  return letter === "q" ? value === 15 : letter === "N" && value % 5 === 0;
}

function toMark({ text, number, isSpelled, isOrdinal }: Word): Mark {
  const known = LETTERS.get(text);
  if (known) {
    const [letter, value] = known;
    const mark = { letter, value, text };
    return letter === "n" ? { ...mark, clock: { readings: [value] } } : mark;
  }
  if (number !== undefined && !isOrdinal && (isSpelled || text.length <= 2)) {
    const clock = toTime(number, 0, !isSpelled && text.startsWith("0"));
    return { letter: isSpelled ? "N" : "F", value: number, text, clock };
  }
  const clock = readClock(text);
  return { letter: clock ? "C" : "?", value: 0, text, clock };
}
