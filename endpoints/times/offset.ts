import { IANAZone } from "luxon";
import { DAY_MS } from "./calendar.ts";

/** What a zone's clocks do on one day of UTC: `after` holds from `jump` on. */
interface OffsetDay {
  before: number;
  after: number;
  jump: number;
}

/** Days that one zone remembers: about 27 years, about a megabyte. */
const MOST_DAYS = 10_000;

// Keyed by zones of the business rules, never by what a stranger sends.
const days = new Map<string, Map<number, OffsetDay>>();

/**
 * How far a zone's clocks are ahead of UTC, in milliseconds. Asked of luxon
 * twice a day of UTC and then remembered: luxon formats a date for each answer.
 */
export function offsetAt(instantMs: number, zone: string): number {
  let known = days.get(zone);
  if (!known) days.set(zone, (known = new Map()));
  const index = Math.floor(instantMs / DAY_MS);
  let day = known.get(index);
  if (!day) {
    if (known.size >= MOST_DAYS) known.clear();
    known.set(index, (day = readDay(index * DAY_MS, zone)));
  }
  return instantMs < day.jump ? day.before : day.after;
}

/**
 * The first instant for which `isAfter` holds, to the second, by halving.
 * @param low  an instant for which it does not hold
 * @param high an instant for which it holds
 */
export function findFirst(
  low: number,
  high: number,
  isAfter: (instantMs: number) => boolean,
): number {
  let [before, after] = [low, high];
  while (after - before > 1000) {
    const middle = before + Math.floor((after - before) / 2000) * 1000;
    if (isAfter(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/**
 * One change in a day at most: since 1970 the closest two of any zone are a
 * week apart (America/Boa_Vista, October 2000; tzdata 2025c).
 */
function readDay(start: number, zone: string): OffsetDay {
  const iana = IANAZone.create(zone);
  // luxon counts minutes; before 1972 some zones had seconds as well.
  const ask = (at: number) => Math.round(iana.offset(at) * 60) * 1000;
  const before = ask(start);
  const after = ask(start + DAY_MS);
  const jump =
    before === after
      ? start
      : findFirst(start, start + DAY_MS, (at) => ask(at) !== before);
  return { before, after, jump };
}
