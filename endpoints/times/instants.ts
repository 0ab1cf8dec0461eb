import { DAY_MS, fromUtc, toUtc } from "./calendar.ts";
import type { LocalDate } from "./calendar.ts";
import { findFirst, offsetAt } from "./offset.ts";
import { toClock } from "./spoken.ts";

const MINUTE_MS = 60_000;

/**
 * The instants at which a zone's clocks show a wall time, in epoch
 * milliseconds, ascending: none where they skip it, two where they show it
 * twice. luxon shifts the first kind silently and decides the second by the
 * date on which it is asked; nothing here knows what day it is.
 * @param minutes of the day, 0 to 1440 (1440 is the next day's midnight)
 */
export function toInstants(
  date: LocalDate,
  minutes: number,
  zone: string,
): number[] {
  const wall = toUtc(date) + minutes * MINUTE_MS;
  const [before, after] = offsetsAround(wall, zone);
  // The larger offset is the earlier instant.
  const candidates =
    before === after
      ? [wall - before]
      : [wall - Math.max(before, after), wall - Math.min(before, after)];
  return candidates.filter((at) => at + offsetAt(at, zone) === wall);
}

/**
 * A wall time as the edge of open hours, in epoch milliseconds: the earlier of
 * two, and where clocks skip it the instant at which they jump.
 * @param minutes of the day, 0 to 1440
 */
export function toBoundary(
  date: LocalDate,
  minutes: number,
  zone: string,
): number {
  const [first] = toInstants(date, minutes, zone);
  if (first !== undefined) return first;
  const wall = toUtc(date) + minutes * MINUTE_MS;
  const [before, after] = offsetsAround(wall, zone);
  return findFirst(
    wall - after,
    wall - before,
    (at) => at + offsetAt(at, zone) > wall,
  );
}

/** Whether the zone had or will have this day: Pacific/Apia had no 2011-12-30. */
export function dayExists(date: LocalDate, zone: string): boolean {
  return toBoundary(date, 0, zone) < toBoundary(date, 1440, zone);
}

/** What the clocks of a zone show at an instant; minutes of the day, seconds cut off. */
export function toWall(
  instantMs: number,
  zone: string,
): { date: LocalDate; minutes: number } {
  const wall = instantMs + offsetAt(instantMs, zone);
  const start = Math.floor(wall / DAY_MS) * DAY_MS;
  return {
    date: fromUtc(start),
    minutes: Math.floor((wall - start) / MINUTE_MS),
  };
}

/** The zone's calendar day at an instant. */
export function toLocalDate(instant: Date, zone: string): LocalDate {
  return toWall(instant.getTime(), zone).date;
}

/** "2026-03-09T10:00:00-07:00": an instant by the zone's clocks, without milliseconds. */
export function toIso(instantMs: number, zone: string): string {
  const offset = Math.round(offsetAt(instantMs, zone) / MINUTE_MS);
  const wall = new Date(instantMs + offset * MINUTE_MS).toISOString();
  const sign = offset < 0 ? "-" : "+";
  return `${wall.slice(0, 19)}${sign}${toClock(Math.abs(offset))}`;
}

/**
 * The offsets before and after any change of the clocks near a wall time. A
 * day is more than any offset (-12 to +14 hours) and less than the time between
 * two changes.
 */
function offsetsAround(wall: number, zone: string): [number, number] {
  return [offsetAt(wall - DAY_MS, zone), offsetAt(wall + DAY_MS, zone)];
}
