import { addDays, toDate } from "./calendar.ts";
import type { LocalDate } from "./calendar.ts";

/** A day in figures; without a year the next such day is meant. */
export interface NumericDate {
  year?: number;
  month: number;
  day: number;
}

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})(?:\2(\d{4}|\d{2}))?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;

const monthFirst = new Map<string, boolean>();

/**
 * Reads a word such as `2026-03-09`, `20260309`, `3/9/26`, `3-9` or `9.3.2026`.
 * Dots are day first everywhere; the others as the country writes them, unless
 * a number above 12 can only be the day. Two figures of a year mean 20yy.
 * @param country ISO 3166 two letters
 */
export function readNumericDate(
  text: string,
  country: string,
): NumericDate | undefined {
  const compact = COMPACT.exec(text);
  if (compact) return numbered(compact[1], compact[2], compact[3]);
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) return numbered(yearFirst[1], yearFirst[3], yearFirst[4]);
  const match = YEAR_LAST.exec(text);
  if (!match) return undefined;
  const [, first, separator, second, tail] = match;
  const year = tail?.length === 2 ? `20${tail}` : tail;
  const isDayFirst =
    separator === "." ||
    Number(first) > 12 ||
    (Number(second) <= 12 && !isMonthFirst(country));
  return isDayFirst
    ? numbered(year, second, first)
    : numbered(year, first, second);
}

/** Who says a day of the last two weeks means that one, and should hear that it is over. */
const JUST_PASSED_DAYS = 14;

/** The day itself; without a year one that has just passed, else the next such day (today counts). */
export function toNextDate(
  { year, month, day }: NumericDate,
  today: LocalDate,
): LocalDate | undefined {
  if (year !== undefined) return toDate(year, month, day);
  const thisYear = Number(today.slice(0, 4));
  const first = addDays(today, -JUST_PASSED_DAYS);
  // February 29 may be eight years away, around 2100.
  for (let next = thisYear - 1; next <= thisYear + 8; next++) {
    const date = toDate(next, month, day);
    if (date !== undefined && date >= first) return date;
  }
  return undefined;
}

/** The next day with this number, from `today` on: "the 31st" may skip a month. */
export function toNextDayOfMonth(
  day: number,
  today: LocalDate,
): LocalDate | undefined {
  const year = Number(today.slice(0, 4));
  const month = Number(today.slice(5, 7));
  for (let later = 0; later <= 2; later++) {
    const index = month - 1 + later;
    const date = toDate(year + Math.floor(index / 12), (index % 12) + 1, day);
    if (date !== undefined && date >= today) return date;
  }
  return undefined;
}

function numbered(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
): NumericDate {
  const numbers = { month: Number(month), day: Number(day) };
  return year === undefined ? numbers : { ...numbers, year: Number(year) };
}

/** Whether a country writes March 9 as 3/9, by the CLDR data in Node. */
function isMonthFirst(country: string): boolean {
  let known = monthFirst.get(country);
  if (known === undefined) {
    // Without the script, or CLDR's en-Latn-GB falls back to American English.
    const { language } = new Intl.Locale("und", { region: country }).maximize();
    const parts = new Intl.DateTimeFormat(`${language}-${country}`, {
      calendar: "gregory",
      month: "numeric",
      day: "numeric",
    }).formatToParts(0);
    known =
      parts.find(({ type }) => type === "month" || type === "day")?.type ===
      "month";
    monthFirst.set(country, known);
  }
  return known;
}
