import { GRAIN_MINUTES, WEEKDAYS } from "./business.ts";
import type { Business, Service } from "./business.ts";
import { addDays, toInstant, toLocalDate, weekdayOf } from "./times.ts";
import type { LocalDate } from "./times.ts";

/** A start that the rules allow, whether or not it is still free. */
export interface Start {
  /** Minutes of the day on the wall clock. */
  minutes: number;
  /** Epoch milliseconds. */
  instant: number;
}

/** One of the places of one resource that a booking can take. */
export interface Lane {
  resource: string;
  lane: number;
}

/** A grain of time that is taken in one lane. */
export interface Claim extends Lane {
  /** Epoch milliseconds, a multiple of the grain. */
  start: number;
}

const MINUTE = 60_000;

/**
 * All starts of one day that the rules allow. Search and booking both ask this
 * function, so what is offered can be booked and nothing else can.
 */
export function listStarts(
  business: Business,
  service: Service,
  date: LocalDate,
  now: Date,
): Start[] {
  const earliest = now.getTime() + business.noticeMinutes * MINUTE;
  const ranges =
    business.hours[WEEKDAYS[weekdayOf(date)] as (typeof WEEKDAYS)[number]];
  const starts: Start[] = [];
  for (const { from, to } of ranges) {
    for (
      let minutes = from;
      minutes + service.minutes <= to;
      minutes += service.every
    ) {
      const instant = toInstant(date, minutes, business.timezone);
      if (instant !== undefined && instant >= earliest)
        starts.push({ minutes, instant });
    }
  }
  return starts;
}

/** Why a day as a whole has nothing to offer, if so. */
export function dayRefusal(
  business: Business,
  date: LocalDate,
  now: Date,
): "date_in_past" | "outside_rules" | "closed" | undefined {
  const today = toLocalDate(now, business.timezone);
  if (date < today) return "date_in_past";
  if (date > addDays(today, business.horizonDays)) return "outside_rules";
  const ranges =
    business.hours[WEEKDAYS[weekdayOf(date)] as (typeof WEEKDAYS)[number]];
  return ranges.length === 0 ? "closed" : undefined;
}

/** The grains that a booking owns, as epoch milliseconds in ascending order. */
export function toGrains(instant: number, service: Service): number[] {
  return Array.from(
    { length: service.minutes / GRAIN_MINUTES },
    (_, index) => instant + index * GRAIN_MINUTES * MINUTE,
  );
}

function listLanes(business: Business): Lane[] {
  return business.resources.flatMap(({ name, capacity }) =>
    Array.from({ length: capacity }, (_, lane) => ({ resource: name, lane })),
  );
}

/** The lanes in which all grains of the start are free, in order of preference. */
export function freeLanes(
  business: Business,
  service: Service,
  instant: number,
  claims: Claim[],
): Lane[] {
  const grains = new Set(toGrains(instant, service));
  const taken = new Set(
    claims
      .filter(({ start }) => grains.has(start))
      .map(({ resource, lane }) => `${resource} ${lane}`),
  );
  return listLanes(business).filter(
    ({ resource, lane }) => !taken.has(`${resource} ${lane}`),
  );
}

/** At most `limit` starts in order of time: the nearest to a wish, else spread over the day with its first and last. */
export function pickStarts(
  starts: Start[],
  limit: number,
  wishedMinutes?: number,
): Start[] {
  if (starts.length <= limit) return starts;
  if (wishedMinutes !== undefined) {
    const distance = ({ minutes }: Start) => Math.abs(minutes - wishedMinutes);
    return [...starts]
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, limit)
      .sort((a, b) => a.instant - b.instant);
  }
  if (limit === 1) return starts.slice(0, 1);
  return Array.from(
    { length: limit },
    (_, index) =>
      starts[Math.round((index * (starts.length - 1)) / (limit - 1))] as Start,
  );
}
