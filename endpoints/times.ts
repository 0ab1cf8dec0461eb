import { DateTime } from "luxon";
import { WEEKDAYS } from "./business.ts";

/** A calendar day of a zone, as YYYY-MM-DD. */
export type LocalDate = string;

const MONTHS = [
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
];

/**
 * The instant of a wall time, in epoch milliseconds. Undefined where clocks
 * skip it; the first of the two where they repeat it. luxon alone shifts the
 * skipped silently and picks the repeated by today's date.
 */
export function toInstant(
  date: LocalDate,
  minutes: number,
  zone: string,
): number | undefined {
  const [year, month, day] = date.split("-").map(Number) as [
    number,
    number,
    number,
  ];
  const wall = DateTime.fromObject(
    { year, month, day, hour: Math.floor(minutes / 60), minute: minutes % 60 },
    { zone },
  );
  if (
    !wall.isValid ||
    wall.hour * 60 + wall.minute !== minutes ||
    wall.day !== day
  )
    return undefined;
  return Math.min(
    ...wall.getPossibleOffsets().map((possible) => possible.toMillis()),
  );
}

/** "2:30 PM": the spoken form of a wall time. */
export function toSpokenTime(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const half = hours < 12 ? "AM" : "PM";
  return `${((hours + 11) % 12) + 1}:${String(minutes % 60).padStart(2, "0")} ${half}`;
}

/** "14:30". */
export function toClock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** "Monday, March 9". */
export function toSpokenDate(date: LocalDate): string {
  return DateTime.fromISO(date, { zone: "utc", locale: "en-US" }).toFormat(
    "cccc, LLLL d",
  );
}

export function toLocalDate(instant: Date, zone: string): LocalDate {
  return DateTime.fromJSDate(instant, { zone }).toISODate() as LocalDate;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return DateTime.fromISO(date, { zone: "utc" })
    .plus({ days })
    .toISODate() as LocalDate;
}

/** 0 for Monday. */
export function weekdayOf(date: LocalDate): number {
  return DateTime.fromISO(date, { zone: "utc" }).weekday - 1;
}

/**
 * Understands a day as models and callers say it: `2026-03-09`, `03/09`,
 * `tomorrow`, `next Tuesday`, `March 9th`. Undefined when it does not.
 */
export function parseDate(
  text: string,
  today: LocalDate,
): LocalDate | undefined {
  const said = text
    .trim()
    .toLowerCase()
    .replace(/^on /, "")
    .replace(/[.!?]+$/, "")
    .replaceAll(",", " ")
    .replaceAll(/\s+/g, " ");
  const days = {
    today: 0,
    tomorrow: 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
  }[said];
  if (days !== undefined) return addDays(today, days);
  const weekday = WEEKDAYS.indexOf(
    said.replace(/^(this|next|coming) /, "") as (typeof WEEKDAYS)[number],
  );
  if (weekday >= 0)
    return addDays(today, ((weekday - weekdayOf(today) + 6) % 7) + 1);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(t.*)?$/.exec(said);
  if (iso) return toDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const slashed = /^(\d{1,2})\/(\d{1,2})(?:\/(\d{4}))?$/.exec(said);
  if (slashed)
    return withYear(Number(slashed[1]), Number(slashed[2]), slashed[3], today);
  const named =
    /^(?:[a-z]+day )?([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?$/.exec(
      said,
    ) ??
    reorder(
      /^(?:[a-z]+day )?(?:the )?(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]+)\.?(?: (\d{4}))?$/.exec(
        said,
      ),
    );
  if (!named) return undefined;
  const month = MONTHS.findIndex(
    (name) =>
      (named[1] as string).length >= 3 && name.startsWith(named[1] as string),
  );
  return month < 0
    ? undefined
    : withYear(month + 1, Number(named[2]), named[3], today);
}

function reorder(match: RegExpExecArray | null): (string | undefined)[] | null {
  return match && [match[0], match[2], match[1], match[3]];
}

/** Without a year the next such day is meant. */
function withYear(
  month: number,
  day: number,
  year: string | undefined,
  today: LocalDate,
) {
  if (year !== undefined) return toDate(Number(year), month, day);
  const thisYear = Number(today.slice(0, 4));
  const date = toDate(thisYear, month, day);
  return date !== undefined && date >= today
    ? date
    : toDate(thisYear + 1, month, day);
}

function toDate(
  year: number,
  month: number,
  day: number,
): LocalDate | undefined {
  const date = DateTime.fromObject({ year, month, day }, { zone: "utc" });
  return date.isValid ? (date.toISODate() as LocalDate) : undefined;
}

/**
 * Understands a time of day: `14:30`, `2:30 PM`, `2pm`, `1430`, `noon`.
 * @returns minutes of the day; two where morning and afternoon are both meant ("2:30"); none when it is no time
 */
export function parseTime(text: string): number[] {
  const said = text
    .trim()
    .toLowerCase()
    .replace(/^at /, "")
    .replaceAll(/[.!?]/g, "")
    .replace(/ o['’]?clock/, "");
  if (said === "noon") return [720];
  if (said === "midnight") return [0];
  const match = /^(\d{1,2})(?::?(\d{2}))?(?::\d{2})? ?(am|pm)?$/.exec(said);
  if (!match) return [];
  const [, digits = "", tail, half] = match;
  const hours = Number(digits);
  const minutes = Number(tail ?? 0);
  if (minutes > 59) return [];
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return [];
    return [((hours % 12) + (half === "pm" ? 12 : 0)) * 60 + minutes];
  }
  if (hours > 23) return [];
  const isTwentyFour = hours === 0 || hours > 12 || digits.startsWith("0");
  if (isTwentyFour) return [hours * 60 + minutes];
  return [(hours % 12) * 60 + minutes, ((hours % 12) + 12) * 60 + minutes];
}
