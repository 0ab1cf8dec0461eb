import type { OfferedCase } from "./offered-case.ts";
import { readWall, walkDays } from "./offered-days.ts";

const MINUTE_MS = 60_000;
const STEP_MS = 5 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const SUNDAY_FIRST = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
];

/** A start by the rules' own words. */
export interface Allowed {
  instant: number;
  /** Minutes of the day on the wall clock. */
  minutes: number;
  which?: "first" | "second";
}

/**
 * All starts that the rules allow on the case's day, found by looking at each
 * fifth minute: nothing here knows of offsets, jumps or spans.
 *
 * Open is when the clock has reached a range's beginning and has not reached
 * its end, ever: where it is set back, what has closed stays closed and what is
 * open stays open; where it leaps, both count as reached.
 */
export function listAllowed({ file, service, date, now }: OfferedCase) {
  const zone = file.timezone;
  const day = Date.parse(date) / MINUTE_MS / 1440;
  const today = Math.floor(readWall(now.getTime(), zone) / 1440);
  const horizon = file.rules?.horizon_days ?? 365;
  if (day < today || day > today + horizon) return [];

  // No clock is more than 14 hours ahead or 12 behind, and no service longer than a day.
  const first = Date.parse(date) - 24 * HOUR_MS;
  const walls = walkDays(first, 4, zone);
  const openSteps = countOpenSteps(file, walls);
  const hours = readHours(file, day);
  const every = service.every ?? service.minutes;
  const earliest =
    now.getTime() + (file.rules?.notice_minutes ?? 0) * MINUTE_MS;
  const shown = new Map<number, number[]>(); // the steps at which a time of the day is shown
  walls.forEach((wall, step) => {
    if (Math.floor(wall / 1440) === day)
      shown.set(wall, [...(shown.get(wall) ?? []), step]);
  });
  const allowed: Allowed[] = [];
  for (const [wall, steps] of shown) {
    const minutes = wall - day * 1440;
    const isOnGrid = hours.some(
      ([from, to]) =>
        from <= minutes && minutes < to && (minutes - from) % every === 0,
    );
    if (!isOnGrid) continue;
    steps.forEach((step, index) => {
      const instant = first + step * STEP_MS;
      const isOpen = (openSteps[step] ?? 0) * 5 >= service.minutes;
      if (!isOpen || instant < earliest) return;
      const which = index === 0 ? "first" : "second";
      allowed.push({
        instant,
        minutes,
        ...(steps.length > 1 ? { which } : {}),
      });
    });
  }
  return allowed.toSorted((a, b) => a.instant - b.instant);
}

/** For each step how many steps from it on are open without a gap. */
function countOpenSteps(file: OfferedCase["file"], walls: number[]): number[] {
  let [day, ranges] = [NaN, readHours(file, 0)];
  let reached = 0;
  const isOpen = walls.map((wall) => {
    reached = Math.max(reached, wall);
    const reachedDay = Math.floor(reached / 1440);
    if (reachedDay !== day)
      [day, ranges] = [reachedDay, readHours(file, reachedDay)];
    const minutes = reached - day * 1440;
    return ranges.some(([from, to]) => from <= minutes && minutes < to);
  });
  const counts = isOpen.map(Number);
  for (let step = counts.length - 2; step >= 0; step--)
    counts[step] = isOpen[step] ? 1 + (counts[step + 1] as number) : 0;
  return counts;
}

/** The hours that the file gives a day, in minutes: the shortest override, else a holiday, else its weekday's. */
function readHours(
  { overrides = {}, holidays = [], hours }: OfferedCase["file"],
  day: number,
): [from: number, to: number][] {
  const at = new Date(day * 1440 * MINUTE_MS);
  const date = at.toISOString().slice(0, 10);
  const [override] = Object.entries(overrides)
    .filter(([days]) => includes(days, date))
    .toSorted(([a], [b]) => countDays(a) - countDays(b));
  if (override) return override[1].map(readRange);
  const closed = Array.isArray(holidays) ? holidays : Object.keys(holidays);
  if (closed.some((days) => includes(days, date))) return [];
  return (hours[SUNDAY_FIRST[at.getUTCDay()] ?? ""] ?? []).map(readRange);
}

function includes(days: string, date: string): boolean {
  if (days.length === "MM-DD".length) return date.endsWith(`-${days}`);
  const [from = "", to = from] = days.split("..");
  return from <= date && date <= to;
}

function countDays(days: string): number {
  const [from = "", to = from] = days.split("..");
  return (Date.parse(to) - Date.parse(from)) / MINUTE_MS / 1440;
}

function readRange(text: string): [from: number, to: number] {
  const [from = 0, fromMinutes = 0, to = 0, toMinutes = 0] = text
    .split(/[:-]/)
    .map(Number);
  return [from * 60 + fromMinutes, to * 60 + toMinutes];
}

/** Whether some lane that gives the service has all its time free, buffers with it. */
export function createIsFree({
  file,
  service,
  now,
  claims,
  viewer,
}: OfferedCase): (instant: number) => boolean {
  const taken = new Set(
    claims
      .filter(
        ({ owner, expires = Infinity }) =>
          owner !== viewer && expires > now.getTime(),
      )
      .map(({ resource, lane, start }) => `${resource}/${lane}/${start}`),
  );
  const from = (service.buffer_before ?? 0) * MINUTE_MS;
  const to = (service.minutes + (service.buffer_after ?? 0)) * MINUTE_MS;
  const lanes = file.resources
    .filter(({ services = [service.name] }) => services.includes(service.name))
    .flatMap(({ name, capacity = 1 }) =>
      Array.from({ length: capacity }, (_, lane) => `${name}/${lane}`),
    );
  return (instant) =>
    lanes.some((lane) => {
      for (let at = instant - from; at < instant + to; at += STEP_MS)
        if (taken.has(`${lane}/${at}`)) return false;
      return true;
    });
}
