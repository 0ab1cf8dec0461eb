import { refuse, toSpokenList } from "./answer.ts";
import type { Alternative, Refusal, RefusalCode } from "./answer.ts";
import type { Business, Service } from "./business.ts";
import { dayRefusal, freeLanes, listStarts, pickStarts } from "./scheduling.ts";
import type { Start } from "./scheduling.ts";
import type { Store } from "./store/store.ts";
import {
  addDays,
  parseDate,
  parseTime,
  toLocalDate,
  toSpokenDate,
  toSpokenTime,
} from "./times.ts";
import type { LocalDate } from "./times.ts";

/** A day that was asked for, with the starts that the rules allow. */
export interface Day {
  date: LocalDate;
  service: Service;
  starts: Start[];
}

/** A refusal before its alternatives are looked up; `near` says where to look. */
export interface Refused {
  code: RefusalCode;
  error: string;
  speech: string;
  near?: { date: LocalDate; service: Service; minutes?: number };
}

export type Availability = ReturnType<typeof createAvailability>;

const ALTERNATIVE_DAYS = 14;

/** Reads what callers ask for against the rules of the business and what is booked already. */
export function createAvailability(
  business: Business,
  store: Store,
  now: () => Date,
) {
  function readDay(args: {
    date: string;
    service?: string;
  }): Day | { refused: Refused } {
    const service = findService(business, args.service);
    if (!service) {
      const names = business.services.map(({ name }) => name);
      return refused(
        "invalid_arguments",
        `service: expected one of ${names.join(", ")}`,
        `We offer ${toSpokenList(names)}. Which one would you like?`,
      );
    }
    const today = toLocalDate(now(), business.timezone);
    const date = parseDate(args.date, today);
    if (date === undefined) {
      const error = `date: expected YYYY-MM-DD or a day like "next Tuesday", received "${args.date.slice(0, 40)}"; today is ${today}`;
      return refused("invalid_arguments", error, "Which day did you mean?");
    }
    const spoken = toSpokenDate(date);
    const why = dayRefusal(business, date, now());
    switch (why) {
      case "date_in_past":
        return refused(
          why,
          `${date} is in the past; today is ${today}`,
          `${spoken} has already passed.`,
          { date: today, service },
        );
      case "outside_rules":
        return refused(
          why,
          `Only ${business.horizonDays} days ahead can be booked; today is ${today}`,
          `I can't book as far ahead as ${spoken}.`,
        );
      case "closed":
        return refused(why, `Closed on ${date}`, `We're closed on ${spoken}.`, {
          date,
          service,
        });
      case undefined:
        return {
          date,
          service,
          starts: listStarts(business, service, date, now()),
        };
    }
  }

  /** The one start that is meant, or why there is none. */
  function readStart(
    time: string,
    { date, service, starts }: Day,
  ): Start | Refusal | { refused: Refused } {
    const readings = parseTime(time);
    if (readings.length === 0) {
      const error = `time: expected a time like "2:30 PM" or "14:30", received "${time.slice(0, 40)}"`;
      return refused("invalid_arguments", error, "What time did you mean?");
    }
    const meant = starts.filter(({ minutes }) => readings.includes(minutes));
    if (meant.length > 1) {
      const choices = meant.map(({ minutes }) => toSpokenTime(minutes));
      return refuse(
        "ambiguous_time",
        `time: ${toSpokenList(choices)}?`,
        `Did you mean ${toSpokenList(choices)}?`,
        [{ date, times: choices }],
      );
    }
    const [start] = meant;
    if (start) return start;
    const minutes = readings.at(-1) as number;
    return refused(
      "outside_rules",
      `${time.trim().slice(0, 40)} is not one of the times offered on ${date}`,
      `I can't book ${toSpokenTime(minutes)} on ${toSpokenDate(date)}.`,
      { date, service, minutes },
    );
  }

  async function freeStarts(
    service: Service,
    starts: Start[],
  ): Promise<Start[]> {
    const [first, last] = [starts[0], starts.at(-1)];
    if (!first || !last) return [];
    const claims = await store.listClaims(
      first.instant,
      last.instant + service.minutes * 60_000,
    );
    return starts.filter(
      ({ instant }) => freeLanes(business, service, instant, claims).length > 0,
    );
  }

  /** The refusal with times that can be had: on the day itself, then on the next days with room. */
  async function refuseWithTimes({
    code,
    error,
    speech,
    near,
  }: Refused): Promise<Refusal> {
    const alternatives: Alternative[] = [];
    for (
      let days = 0;
      near && days < ALTERNATIVE_DAYS && alternatives.length < 2;
      days++
    ) {
      const date = addDays(near.date, days);
      if (dayRefusal(business, date, now()) !== undefined) continue;
      const free = await freeStarts(
        near.service,
        listStarts(business, near.service, date, now()),
      );
      const times = pickStarts(free, 3, near.minutes).map(({ minutes }) =>
        toSpokenTime(minutes),
      );
      if (times.length > 0) alternatives.push({ date, times });
    }
    const [next] = alternatives;
    const offer = next
      ? ` I have ${toSpokenList(next.times)} on ${toSpokenDate(next.date)}.`
      : "";
    return refuse(code, error, speech + offer, alternatives);
  }

  return { readDay, readStart, freeStarts, refuseWithTimes };
}

function refused(
  code: RefusalCode,
  error: string,
  speech: string,
  near?: Refused["near"],
): { refused: Refused } {
  return { refused: { code, error, speech, ...(near ? { near } : {}) } };
}

function findService(
  business: Business,
  name: string | undefined,
): Service | undefined {
  if (name === undefined) return business.services[0];
  const toKey = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, "-");
  return business.services.find(
    (service) => toKey(service.name) === toKey(name),
  );
}
