import {
  addDays,
  MONTHS,
  toDate,
  toUtc,
  WEEKDAYS,
  weekdayOf,
} from "./calendar.ts";
import type { LocalDate } from "./calendar.ts";
import { readDateTime } from "./date-time.ts";
import type { DateTimeText } from "./date-time.ts";
import { dayExists, toLocalDate } from "./instants.ts";
import {
  readNumericDate,
  toNextDate,
  toNextDayOfMonth,
} from "./numeric-date.ts";
import { readTime } from "./read-time.ts";
import type { DayPart } from "./read-time.ts";
import { toPlain, toWords } from "./words.ts";
import type { Word } from "./words.ts";

/**
 * What was understood: a day; or days to choose from, two where the weekday
 * contradicts the date (the date, then the nearest such weekday), none where
 * nothing was understood or no such day exists.
 */
export type DateReading =
  | {
      date: LocalDate;
      part?: DayPart;
      /** What was said of the time, for `readTime`. */
      time?: string;
    }
  | { choices: LocalDate[] };

export interface DateContext {
  today: LocalDate;
  /** IANA name: an instant means its day in this zone. */
  zone: string;
  /** ISO 3166 two letters: decides whether 3/9 is March 9 or September 3. */
  country: string;
}

/** A word as one letter, so that a sentence is a short string to match. */
interface Mark {
  letter: string;
  value: number;
  date?: LocalDate | undefined;
}

const PARTS: DayPart[] = ["morning", "afternoon", "evening"];
const FILLERS = new Set(["please", "on", "for", "the", "of"]);

// W weekday, M month, D date in figures, O ordinal, N number, K two figures,
// Y year, R day relative to today, P part of the day.
const MARKS = new Map<string, Mark>([
  ["a", { letter: "a", value: 1 }],
  ["in", { letter: "i", value: 0 }],
  ["from", { letter: "f", value: 0 }],
  ["after", { letter: "f", value: 0 }],
  ["this", { letter: "t", value: 0 }],
  ["coming", { letter: "t", value: 0 }],
  ["next", { letter: "x", value: 0 }],
  ["day", { letter: "d", value: 1 }],
  ["days", { letter: "d", value: 1 }],
  ["week", { letter: "w", value: 7 }],
  ["weeks", { letter: "w", value: 7 }],
  ["yesterday", { letter: "R", value: -1 }],
  ["today", { letter: "R", value: 0 }],
  ["now", { letter: "R", value: 0 }],
  ["tomorrow", { letter: "R", value: 1 }],
  ["night", { letter: "P", value: 2 }],
  ["weds", { letter: "W", value: 2 }],
  ...PARTS.map((part, value) => [part, { letter: "P", value }] as const),
]);

/**
 * Understands a day as models and callers say it: `2026-03-09`, `03/09`,
 * `tomorrow morning`, `next Tuesday`, `a week from Monday`, `the 9th of March`.
 * Without a year the next such day is meant, and today counts; a weekday alone
 * is always after today. Weeks begin on Monday.
 */
export function readDate(text: string, context: DateContext): DateReading {
  const { day, time } = splitTime(toPlain(text), context.zone);
  const reading = readDay(day, context);
  return "date" in reading && time !== undefined
    ? { ...reading, time }
    : reading;
}

function readDay(plain: string, context: DateContext): DateReading {
  const { today, zone } = context;
  const moment = readDateTime(plain);
  if (moment === "none") return { choices: [] };
  if (moment) {
    return moment.instant === undefined || isPadded(moment)
      ? existing(moment.date, zone)
      : { date: toLocalDate(new Date(moment.instant), zone) };
  }
  const [marks, part] = takePart(
    toWords(plain).flatMap((word) => toMarks(word, context)),
  );
  const letters = shapeOf(marks);
  const relative =
    part !== undefined && letters === "t" ? today : toRelative(marks, today);
  if (relative !== undefined) return existing(relative, zone, part);

  const named = /^(?:[tx]*W)?([^W]+)W?$/.exec(letters)?.[1];
  if (named === undefined) return { choices: [] };
  const at = letters.indexOf(named);
  const date = toNamed(marks.slice(at, at + named.length), today);
  if (date === undefined) return { choices: [] };
  const weekdays = marks.filter(({ letter }) => letter === "W");
  if (weekdays.some(({ value }) => value !== weekdayOf(date)))
    return {
      choices: [date, nearest(weekdays.at(-1)?.value ?? 0, date, today)],
    };
  return existing(date, zone, part);
}

/** "Tomorrow at 2pm", "tomorrow noon", "2026-03-09T14:30". */
function splitTime(
  plain: string,
  zone: string,
): { day: string; time?: string } {
  const [, day = "", time = ""] =
    /^(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d)(?::\d\d)?$/.exec(plain) ??
    /^(.+) at (.+)$/.exec(plain) ??
    /^(.+) (noon|midday)$/.exec(plain) ??
    [];
  const isTime = day !== "" && readTime(time, { zone }).minutes.length > 0;
  return isTime ? { day, time } : { day: plain };
}

/** Models write a day as its midnight in UTC, which west of Greenwich is the day before. */
function isPadded({ date, instant }: DateTimeText): boolean {
  return instant === toUtc(date);
}

function existing(date: LocalDate, zone: string, part?: DayPart): DateReading {
  if (!dayExists(date, zone)) return { choices: [] };
  return part === undefined ? { date } : { date, part };
}

function toMarks(word: Word, { today, country }: DateContext): Mark[] {
  const { text, number } = word;
  if (FILLERS.has(text)) return [];
  if (text === "tonight")
    return [
      { letter: "t", value: 0 },
      { letter: "P", value: 2 },
    ];
  const known = MARKS.get(text);
  if (known) return [known];
  if (number !== undefined && word.isOrdinal)
    return [{ letter: "O", value: number }];
  if (number !== undefined && (word.isSpelled || text.length <= 2)) {
    const isTwoFigures = !word.isSpelled && text.length === 2;
    return [{ letter: isTwoFigures ? "K" : "N", value: number }];
  }
  if (number !== undefined && text.length === 4)
    return [{ letter: "Y", value: number }];
  const numeric = readNumericDate(text, country);
  if (numeric)
    return [{ letter: "D", value: 0, date: toNextDate(numeric, today) }];
  // Three letters of a name are enough: Tue, Tues, Sept.
  const starts = (name: string) => text.length >= 3 && name.startsWith(text);
  const weekday = WEEKDAYS.findIndex(starts);
  if (weekday >= 0) return [{ letter: "W", value: weekday }];
  const month = MONTHS.findIndex(starts) + 1;
  return [{ letter: month > 0 ? "M" : "?", value: month }];
}

/** Splits off "Tuesday [in the] morning" and "the morning of March 9". */
function takePart(marks: Mark[]): [Mark[], DayPart | undefined] {
  const [first] = marks;
  const last = marks.at(-1);
  if (last?.letter === "P") {
    const end = marks.at(-2)?.letter === "i" ? -2 : -1;
    return [marks.slice(0, end), PARTS[last.value]];
  }
  if (first?.letter === "P") return [marks.slice(1), PARTS[first.value]];
  return [marks, undefined];
}

function toRelative(marks: Mark[], today: LocalDate): LocalDate | undefined {
  const letters = shapeOf(marks);
  const [first, second, third] = marks.map(({ value }) => value);
  const weekday = marks.find(({ letter }) => letter === "W")?.value ?? 0;
  if (letters === "R") return addDays(today, first ?? 0);
  if (/^[tx]*W$/.test(letters))
    return addDays(today, ((weekday - weekdayOf(today) + 6) % 7) + 1);
  if (/^(?:W[tx]w|[tx]wW)$/.test(letters)) {
    const weeks = letters.includes("x") ? 7 : 0;
    return addDays(today, weekday - weekdayOf(today) + weeks);
  }
  if (/^i[aNK][dw]$/.test(letters))
    return addDays(today, (second ?? 0) * (third ?? 0));
  // "a week from Tuesday", "a week on Tuesday", "the day after tomorrow"
  const span = /^(?:([aNK])[dw]f?|[dw]f)(?=.)/.exec(letters);
  if (!span) return undefined;
  const days = span[1] === undefined ? first : (first ?? 0) * (second ?? 0);
  const from = toRelative(marks.slice(span[0].length), today);
  return from === undefined ? undefined : addDays(from, days ?? 0);
}

function toNamed(marks: Mark[], today: LocalDate): LocalDate | undefined {
  const letters = shapeOf(marks);
  const [first, second, third] = marks.map(({ value }) => value);
  if (letters === "D") return marks[0]?.date;
  if (letters === "O") return toNextDayOfMonth(first ?? 0, today);
  const isMonthFirst = /^M[NKO][YK]?$/.test(letters);
  if (!isMonthFirst && !/^[NKO]M[YK]?$/.test(letters)) return undefined;
  const month = (isMonthFirst ? first : second) ?? 0;
  const day = (isMonthFirst ? second : first) ?? 0;
  if (third === undefined) return toNextDate({ month, day }, today);
  return toDate(third < 100 ? 2000 + third : third, month, day);
}

/** The nearest such weekday, but none that is over when the date itself is not. */
function nearest(
  weekday: number,
  date: LocalDate,
  today: LocalDate,
): LocalDate {
  const away = ((weekday - weekdayOf(date) + 10) % 7) - 3;
  const near = addDays(date, away);
  return near < today && date >= today ? addDays(near, 7) : near;
}

function shapeOf(marks: Mark[]): string {
  return marks.map(({ letter }) => letter).join("");
}
