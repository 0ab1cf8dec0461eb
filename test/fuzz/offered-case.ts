import type { BusinessFile } from "../../endpoints/business/schema.ts";
import type { Claim } from "../../endpoints/scheduling/lanes.ts";
import { createRandom } from "../support/random-call.ts";
import { pick } from "./bytes.ts";
import { listDays, ZONES } from "./offered-days.ts";

/** A business, a day, a moment, and what is already taken. */
export interface OfferedCase {
  file: BusinessFile;
  service: BusinessFile["services"][number];
  date: string;
  now: Date;
  /** No two of the same grain in the same lane. */
  claims: Claim[];
  /** Whose own hold does not count. */
  viewer: string;
}

export const CALL_ID = "CA1";
const VIEWER = `hold of ${CALL_ID}`;
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];

type Random = () => number;

/** The case of a seed; the same again for the same seed. */
export function createCase(seed: number): OfferedCase {
  const random = createRandom(seed);
  const timezone = pick(random, ZONES);
  const date = pick(random, listDays(timezone));
  const services = createServices(random);
  const horizon = pick(random, [1, 2, 7, 30, 365]);
  const file: BusinessFile = {
    name: "Any",
    timezone,
    country: "US",
    services,
    resources: createResources(random, services),
    hours: {
      ...Object.fromEntries(
        WEEKDAYS.filter(() => random() < 0.9).map((day) => [
          day,
          createRanges(random),
        ]),
      ),
      // A file with a service that fits nowhere would be refused.
      [pick(random, WEEKDAYS)]: ["00:00-24:00"],
    },
    ...createExceptions(random, date),
    rules: {
      notice_minutes: pick(random, [0, 0, 0, 1, 60, 61, 120, 1440, 2880]),
      horizon_days: horizon,
    },
  };
  const now = createNow(random, date, horizon);
  return {
    file,
    service: pick(random, services),
    date,
    now,
    claims: createClaims(random, file, date, now),
    viewer: VIEWER,
  };
}

function createServices(random: Random): BusinessFile["services"] {
  return ["one", "two", "three"].slice(0, upTo(random, 3)).map((name) => ({
    name,
    minutes:
      random() < 0.05 ? 1440 : pick(random, [5, 10, 15, 30, 45, 60, 90, 240]),
    ...(random() < 0.7
      ? { every: pick(random, [5, 10, 15, 20, 30, 60, 75]) }
      : {}),
    ...(random() < 0.4 ? { buffer_before: 5 * upTo(random, 12) } : {}),
    ...(random() < 0.4 ? { buffer_after: 5 * upTo(random, 12) } : {}),
  }));
}

function createResources(
  random: Random,
  services: BusinessFile["services"],
): BusinessFile["resources"] {
  const others = ["ann", "room-2"].slice(0, upTo(random, 3) - 1);
  return [
    // Somebody gives everything, or the file would be refused.
    { name: "all", ...(random() < 0.5 ? { capacity: upTo(random, 3) } : {}) },
    ...others.map((name) => ({
      name,
      capacity: upTo(random, 2),
      services: [pick(random, services).name],
    })),
  ];
}

/** Hours of one day: often at night, because clocks change there. */
function createRanges(random: Random): string[] {
  const kind = random();
  if (kind < 0.3) return ["00:00-24:00"];
  if (kind < 0.4) return ["09:00-12:00", "13:00-17:00"];
  if (kind < 0.5) return ["00:00-04:00", "20:00-24:00"];
  if (kind < 0.55) return [];
  const edges = new Set<number>();
  const count = 2 * upTo(random, 3);
  const latest = random() < 0.5 ? 288 : 60; // grains: the whole day, or until 5:00
  while (edges.size < count) edges.add(Math.floor(random() * (latest + 1)));
  const sorted = [...edges].toSorted((a, b) => a - b).map((edge) => edge * 5);
  const ranges = sorted.flatMap((from, index) =>
    index % 2 === 0
      ? [`${toText(from)}-${toText(sorted[index + 1] ?? 0)}`]
      : [],
  );
  return random() < 0.5 ? ranges : ranges.toReversed();
}

/** Days near the one that is asked about: other hours, holidays once and every year. */
function createExceptions(
  random: Random,
  date: string,
): Pick<BusinessFile, "overrides" | "holidays"> {
  const near = () => addDays(date, upTo(random, 5) - 3);
  const span = () => `${addDays(date, -upTo(random, 3))}..${near()}`;
  const days = () => {
    const text = random() < 0.5 ? near() : span();
    const [from = "", to = from] = text.split("..");
    return from <= to ? text : from;
  };
  const holidays = Array.from({ length: upTo(random, 2) }, () =>
    random() < 0.4 ? near().slice(5) : days(),
  );
  const overrides = Array.from({ length: upTo(random, 3) }, () => [
    days(),
    createRanges(random),
  ]);
  return {
    ...(random() < 0.3
      ? { overrides: Object.fromEntries(overrides) as Record<string, string[]> }
      : {}),
    ...(random() < 0.15
      ? {
          holidays:
            random() < 0.5
              ? holidays
              : Object.fromEntries(holidays.map((day) => [day, "Some reason"])),
        }
      : {}),
  };
}

/** Mostly before the day and inside the horizon; sometimes just outside, on the day, or after it. */
function createNow(random: Random, date: string, horizon: number): Date {
  const before =
    random() < 0.75
      ? Math.floor(random() * Math.min(horizon, 9))
      : pick(random, [-1, horizon, horizon + 1]);
  const at = Date.parse(date) - before * DAY_MS + Math.floor(random() * DAY_MS);
  return new Date(random() < 0.5 ? at : at - (at % (5 * MINUTE_MS)));
}

function createClaims(
  random: Random,
  { resources }: BusinessFile,
  date: string,
  now: Date,
): Claim[] {
  const claims = new Map<string, Claim>();
  const count = random() < 0.3 ? 0 : upTo(random, 14);
  for (let index = 0; index < count; index++) {
    const resource = pick(random, resources);
    const lane = upTo(random, resource.capacity ?? 1) - 1;
    const first =
      Date.parse(date) + 5 * MINUTE_MS * Math.floor((random() * 60 - 15) * 12);
    const owner = createOwner(random, index, now);
    const length = upTo(random, random() < 0.2 ? 144 : 24);
    for (let grain = 0; grain < length; grain++) {
      const start = first + grain * 5 * MINUTE_MS;
      const key = `${resource.name}/${lane}/${start}`;
      if (!claims.has(key))
        claims.set(key, { resource: resource.name, lane, start, ...owner });
    }
  }
  return [...claims.values()];
}

/** A booking, or a hold that runs, ends at this moment, is over, or is the viewer's own. */
function createOwner(
  random: Random,
  index: number,
  now: Date,
): { owner: string; expires?: number } {
  const owner = random() < 0.3 ? VIEWER : `owner ${index}`;
  if (owner !== VIEWER && random() < 0.6) return { owner };
  const left = pick(random, [1, 60_000, 120_000, 0, -1, -60_000]);
  return { owner, expires: now.getTime() + left };
}

/** 1 to `most`. */
function upTo(random: Random, most: number): number {
  return 1 + Math.floor(random() * most);
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

function toText(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
