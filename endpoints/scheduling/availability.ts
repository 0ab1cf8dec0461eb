import type { Business, Service } from "../business/business.ts";
import type { Store } from "../store/store.ts";
import { addDays } from "../times/calendar.ts";
import type { LocalDate } from "../times/calendar.ts";
import { hasFreeLane, listLanes, toBusy, toGrains } from "./lanes.ts";
import { pickStarts } from "./pick.ts";
import { afterNotice, findClosedDay, listStarts, MINUTE_MS } from "./starts.ts";
import type { Start } from "./starts.ts";

/** Where and for whom to look for free time. */
export interface Wish {
  date: LocalDate;
  service: Service;
  /** Minutes of the day that the caller would like. */
  minutes?: number;
  /** Whose own hold does not count. */
  viewer: string | undefined;
}

export type Availability = ReturnType<typeof createAvailability>;

/** How many open days are asked for their free times, and how many of them are told. */
const MOST_ASKED_DAYS = 30;
const TOLD_DAYS = 2;
const TOLD_TIMES = 3;
const MOST_CACHED_DAYS = 1000;

/** What of the starts that the rules allow is free. */
export function createAvailability(
  business: Business,
  store: Store,
  now: () => Date,
) {
  // A day's starts never change; making them costs more than all else in a search.
  const cache = new Map<string, Start[]>();

  /** The starts that the hours allow, whatever the time is now. */
  function startsOf(service: Service, date: LocalDate): Start[] {
    const key = `${date} ${service.name}`;
    const known = cache.get(key);
    if (known) return known;
    if (cache.size >= MOST_CACHED_DAYS) cache.clear();
    const starts = listStarts(business, service, date);
    cache.set(key, starts);
    return starts;
  }

  /** The starts of a day that the rules allow at this moment. */
  function offeredStarts(service: Service, date: LocalDate): Start[] {
    return findClosedDay(business, date, now())
      ? []
      : afterNotice(business, startsOf(service, date), now());
  }

  /** Those that somebody can have. */
  async function freeStarts(
    { service, viewer }: Pick<Wish, "service" | "viewer">,
    starts: Start[],
  ): Promise<Start[]> {
    const [first, last] = [starts[0], starts.at(-1)];
    if (!first || !last) return [];
    const lanes = listLanes(business, service);
    const claims = await store.listClaims({
      resources: [...new Set(lanes.map(({ resource }) => resource))],
      from: first.instant - service.bufferBefore * MINUTE_MS,
      to: last.instant + (service.minutes + service.bufferAfter) * MINUTE_MS,
    });
    const busy = toBusy(claims, now(), viewer);
    return starts.filter(({ instant }) =>
      hasFreeLane(lanes, toGrains(instant, service), busy),
    );
  }

  /** The first days with room from a date on, each with a few times. */
  async function findTimes(
    wish: Wish,
  ): Promise<{ date: LocalDate; starts: Start[] }[]> {
    const found: { date: LocalDate; starts: Start[] }[] = [];
    let asked = 0;
    // Days without a start cost nothing: a long holiday is stepped over.
    for (let days = 0; days <= business.horizonDays; days++) {
      const date = addDays(wish.date, days);
      const offered = offeredStarts(wish.service, date);
      if (offered.length === 0) continue;
      if (++asked > MOST_ASKED_DAYS) break;
      const free = await freeStarts(wish, offered);
      const starts = pickStarts(free, TOLD_TIMES, wish.minutes);
      if (starts.length > 0) found.push({ date, starts });
      if (found.length === TOLD_DAYS) break;
    }
    return found;
  }

  return { startsOf, offeredStarts, freeStarts, findTimes };
}
