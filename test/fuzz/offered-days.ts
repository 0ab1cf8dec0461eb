/**
 * Zones of research/appointments.md section 2 and others: half and quarter
 * hours, both hemispheres, changes at midnight and of 30 minutes and 2 hours.
 */
export const ZONES = [
  "America/Los_Angeles",
  "Africa/Cairo",
  "America/Havana",
  "Asia/Beirut",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Antarctica/Troll",
  "America/Nuuk",
  "America/Scoresbysund",
  "Pacific/Apia",
  "Africa/Casablanca",
  "Asia/Gaza",
  "America/Asuncion",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "America/New_York",
  "America/St_Johns",
  "Atlantic/Azores",
  "Australia/Adelaide",
  "Australia/Eucla",
  "Europe/Berlin",
  "Europe/London",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Pacific/Marquesas",
  "Asia/Tokyo",
  "UTC",
] as const;

type Zone = (typeof ZONES)[number];

const MINUTE_MS = 60_000;
const STEP_MS = 5 * MINUTE_MS;
const DAY_MS = 1440 * MINUTE_MS;
const STEPS_A_DAY = DAY_MS / STEP_MS;
const FIRST_DAY = Date.parse("2026-01-01");
/** The days around the one that Samoa left out when it crossed the date line. */
const APIA = ["2011-12-28", "2011-12-29", "2011-12-30", "2011-12-31"];

const formats = new Map<string, Intl.DateTimeFormat>();
const walks = new Map<string, number[]>();
const days = new Map<Zone, string[]>();

/** What the wall clock shows, in minutes since 1970 as if the zone were UTC. */
export function readWall(instantMs: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    formats.set(zone, format);
  }
  const shown = format.format(instantMs).match(/\d+/g) ?? [];
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] =
    shown.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute) / MINUTE_MS;
}

/** The walls of each fifth minute from a midnight of UTC on, for some days; remembered. */
export function walkDays(
  firstMs: number,
  count: number,
  zone: string,
): number[] {
  const key = `${zone} ${firstMs} ${count}`;
  let walk = walks.get(key);
  if (!walk) {
    walk = Array.from({ length: count }, (_, index) =>
      walkDay(firstMs + index * DAY_MS, zone),
    ).flat();
    walks.set(key, walk);
  }
  return walk;
}

function walkDay(firstMs: number, zone: string): number[] {
  const key = `${zone} ${firstMs}`;
  let walk = walks.get(key);
  if (!walk) {
    walk = Array.from({ length: STEPS_A_DAY }, (_, step) =>
      readWall(firstMs + step * STEP_MS, zone),
    );
    walks.set(key, walk);
  }
  return walk;
}

/** Days of one zone to ask about: three of four near a change of the clocks. */
export function listDays(zone: Zone): string[] {
  let known = days.get(zone);
  if (!known) days.set(zone, (known = findDays(zone)));
  return known;
}

function findDays(zone: Zone): string[] {
  const toDate = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const offset = (ms: number) => readWall(ms, zone) - ms / MINUTE_MS;
  const changes = Array.from(
    { length: 400 },
    (_, index) => FIRST_DAY + index * DAY_MS,
  ).filter((ms) => offset(ms) !== offset(ms + DAY_MS));
  const around = changes.flatMap((ms) =>
    [-1, 0, 1, 2].map((more) => toDate(ms + more * DAY_MS)),
  );
  const near = zone === "Pacific/Apia" ? [...around, ...APIA] : around;
  const plain = Array.from(
    { length: Math.max(3, Math.ceil(near.length / 3)) },
    (_, index) => toDate(FIRST_DAY + (index * 37 + 3) * DAY_MS),
  );
  return [...near, ...plain];
}
