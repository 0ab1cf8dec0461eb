/** A calendar day, as YYYY-MM-DD. It means an instant only together with a zone. */
export type LocalDate = string;

export const DAY_MS = 86_400_000;

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

export const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

const FIRST_YEAR = 1900;
const LAST_YEAR = 2999;

/** The day as if its zone were UTC, in epoch milliseconds: for arithmetic on days only. */
export function toUtc(date: LocalDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/** The day of epoch milliseconds that were counted as if in UTC. */
export function fromUtc(utcMs: number): LocalDate {
  return new Date(utcMs).toISOString().slice(0, 10);
}

/**
 * The day with this year, month (1 to 12) and day. Undefined where the calendar
 * has none, and for years that nobody books in (before 1900, after 2999).
 */
export function toDate(
  year: number,
  month: number,
  day: number,
): LocalDate | undefined {
  if (year < FIRST_YEAR || year > LAST_YEAR) return undefined;
  const date = fromUtc(Date.UTC(year, month - 1, day));
  const isSame =
    Number(date.slice(5, 7)) === month && Number(date.slice(8)) === day;
  return isSame ? date : undefined;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return fromUtc(toUtc(date) + days * DAY_MS);
}

/** 0 for Monday, 6 for Sunday: an index of `WEEKDAYS`. */
export function weekdayOf(date: LocalDate): number {
  return (new Date(toUtc(date)).getUTCDay() + 6) % 7;
}
