import { hoursOf } from "../business/business.ts";
import type { Business, Service } from "../business/business.ts";
import { addDays, weekdayOf } from "../times/calendar.ts";
import type { LocalDate } from "../times/calendar.ts";
import {
  dayExists,
  toBoundary,
  toInstants,
  toLocalDate,
} from "../times/instants.ts";

/** A start that the hours allow, whether or not it is still free. */
export interface Start {
  date: LocalDate;
  /** Minutes of the day on the wall clock. */
  minutes: number;
  /** Epoch milliseconds. */
  instant: number;
  /** Which of the two, where the clock shows this time twice. */
  which?: "first" | "second";
}

/** Why a day as a whole has nothing to offer. */
export interface ClosedDay {
  code: "date_in_past" | "outside_rules" | "closed";
  /** What it is closed for. */
  name?: string;
}

export const MINUTE_MS = 60_000;

/**
 * All starts of one day that the hours allow, in order of time. Search and
 * booking both ask this function, so what is offered can be booked and nothing
 * else can. A start is in when the whole service fits into time that is open
 * without a gap, also across midnight; buffers may reach beyond.
 */
export function listStarts(
  business: Business,
  service: Service,
  date: LocalDate,
): Start[] {
  const zone = business.timezone;
  if (!dayExists(date, zone)) return [];
  // The day after the next too: a service of a day may begin late before a short or left-out day.
  const open = mergeSpans(
    [-1, 0, 1, 2].flatMap((days) => openSpans(business, addDays(date, days))),
  );
  const fits = (instant: number) =>
    open.some(
      ({ from, to }) =>
        from <= instant && instant + service.minutes * MINUTE_MS <= to,
    );
  const starts: Start[] = [];
  for (const { from, to } of hoursOf(business, date, weekdayOf(date)).ranges) {
    for (let minutes = from; minutes < to; minutes += service.every) {
      const instants = toInstants(date, minutes, zone);
      instants.forEach((instant, index) => {
        const which = index === 0 ? "first" : "second";
        if (fits(instant))
          starts.push({
            date,
            minutes,
            instant,
            ...(instants.length > 1 ? { which } : {}),
          });
      });
    }
  }
  return starts.toSorted((a, b) => a.instant - b.instant);
}

/** The starts that can still be booked at this moment: notice counts elapsed time. */
export function afterNotice(
  business: Business,
  starts: Start[],
  now: Date,
): Start[] {
  const earliest = now.getTime() + business.noticeMinutes * MINUTE_MS;
  return starts.filter(({ instant }) => instant >= earliest);
}

/** The horizon counts calendar days of the business's zone. */
export function findClosedDay(
  business: Business,
  date: LocalDate,
  now: Date,
): ClosedDay | undefined {
  const today = toLocalDate(now, business.timezone);
  if (date < today) return { code: "date_in_past" };
  if (date > addDays(today, business.horizonDays))
    return { code: "outside_rules" };
  const { ranges, name } = hoursOf(business, date, weekdayOf(date));
  if (ranges.length > 0 && dayExists(date, business.timezone)) return undefined;
  return { code: "closed", ...(name === undefined ? {} : { name }) };
}

interface Span {
  from: number;
  to: number;
}

function openSpans(business: Business, date: LocalDate): Span[] {
  const zone = business.timezone;
  if (!dayExists(date, zone)) return [];
  return hoursOf(business, date, weekdayOf(date))
    .ranges.map(({ from, to }) => ({
      from: toBoundary(date, from, zone),
      to: toBoundary(date, to, zone),
    }))
    .filter(({ from, to }) => from < to); // a range that the clock jumps over
}

/** Spans in order, with those that touch joined. */
function mergeSpans(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  return merged;
}
