import { MONTHS, WEEKDAYS, weekdayOf } from "./calendar.ts";
import type { LocalDate } from "./calendar.ts";

/** "2:30 PM": a wall time for the ear, of minutes of the day. */
export function toSpokenTime(minutes: number): string {
  const hours = Math.floor(minutes / 60) % 24;
  const half = hours < 12 ? "AM" : "PM";
  return `${((hours + 11) % 12) + 1}:${pad(minutes % 60)} ${half}`;
}

/** "14:30": a wall time for machines, of minutes of the day. */
export function toClock(minutes: number): string {
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** "Monday, March 9"; with the year where it is not today's. */
export function toSpokenDate(date: LocalDate, today = date): string {
  const [month, day] = [Number(date.slice(5, 7)), Number(date.slice(8))];
  const weekday = WEEKDAYS[weekdayOf(date)] ?? "";
  const year = date.slice(0, 4);
  const later = year === today.slice(0, 4) ? "" : `, ${year}`;
  return `${capitalise(weekday)}, ${capitalise(MONTHS[month - 1] ?? "")} ${day}${later}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

function capitalise(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
