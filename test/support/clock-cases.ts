import { WEEKDAYS } from "../../endpoints/times/calendar.ts";
import {
  dayExists,
  toBoundary,
  toInstants,
  toIso,
} from "../../endpoints/times/instants.ts";
import { readDate } from "../../endpoints/times/read-date.ts";
import { readTime } from "../../endpoints/times/read-time.ts";

/** Zones with every kind of change: by an hour, half an hour, two hours, at midnight, by politics, never. */
export const ZONES = [
  "UTC",
  "America/Los_Angeles",
  "America/New_York",
  "America/St_Johns",
  "America/Havana",
  "America/Santiago",
  "America/Asuncion",
  "America/Sao_Paulo",
  "America/Nuuk",
  "America/Scoresbysund",
  "Europe/London",
  "Europe/Berlin",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Beirut",
  "Asia/Gaza",
  "Asia/Tehran",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Tokyo",
  "Australia/Lord_Howe",
  "Antarctica/Troll",
  "Pacific/Chatham",
  "Pacific/Apia",
];

/** A wall time, and what the clocks of the zone make of it. */
export interface WallCase {
  zone: string;
  date: string;
  time: string;
  /** All instants at which the clocks show it. */
  instants: string[];
  /** Of a time that does not exist: the jump. */
  boundary?: string;
}

/** research/appointments.md, section 2; the offsets are those of tzdata 2025c. */
export const WALL_CASES: WallCase[] = [
  gap("America/Los_Angeles", "2026-03-08 02:30", "2026-03-08T03:00:00-07:00"),
  one("America/Los_Angeles", "2026-03-08 01:59", "-08:00"),
  one("America/Los_Angeles", "2026-03-08 03:00", "-07:00"),
  two("America/Los_Angeles", "2026-11-01 01:30", "-07:00", "-08:00"),
  one("America/Los_Angeles", "2026-11-01 02:00", "-08:00"),
  gap("Africa/Cairo", "2026-04-24 00:00", "2026-04-24T01:00:00+03:00"),
  gap("Africa/Cairo", "2026-04-24 00:30", "2026-04-24T01:00:00+03:00"),
  two("Africa/Cairo", "2026-10-29 23:30", "+03:00", "+02:00"),
  one("Africa/Cairo", "2026-10-30 00:00", "+02:00"),
  gap("America/Havana", "2026-03-08 00:00", "2026-03-08T01:00:00-04:00"),
  two("America/Havana", "2026-11-01 00:00", "-04:00", "-05:00"),
  two("America/Havana", "2026-11-01 00:30", "-04:00", "-05:00"),
  gap("Asia/Beirut", "2026-03-29 00:15", "2026-03-29T01:00:00+03:00"),
  two("Asia/Beirut", "2026-10-24 23:30", "+03:00", "+02:00"),
  gap("America/Santiago", "2026-09-06 00:00", "2026-09-06T01:00:00-03:00"),
  two("America/Santiago", "2026-04-04 23:30", "-03:00", "-04:00"),
  gap("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T02:30:00+11:00"),
  two("Australia/Lord_Howe", "2026-04-05 01:45", "+11:00", "+10:30"),
  one("Australia/Lord_Howe", "2026-04-05 01:15", "+11:00"),
  gap("Antarctica/Troll", "2026-03-29 01:30", "2026-03-29T03:00:00+02:00"),
  gap("Antarctica/Troll", "2026-03-29 02:30", "2026-03-29T03:00:00+02:00"),
  two("Antarctica/Troll", "2026-10-25 01:30", "+02:00", "+00:00"),
  two("Antarctica/Troll", "2026-10-25 02:30", "+02:00", "+00:00"),
  gap("America/Nuuk", "2026-03-28 23:30", "2026-03-29T00:00:00-01:00"),
  gap("America/Scoresbysund", "2026-03-28 23:30", "2026-03-29T00:00:00-01:00"),
  gap("Pacific/Apia", "2011-12-30 00:00", "2011-12-31T00:00:00+14:00"),
  gap("Pacific/Apia", "2011-12-30 12:00", "2011-12-31T00:00:00+14:00"),
  one("Pacific/Apia", "2011-12-29 23:59", "-10:00"),
  one("Pacific/Apia", "2011-12-31 00:00", "+14:00"),
  two("Africa/Casablanca", "2026-02-15 02:30", "+01:00", "+00:00"),
  gap("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22T03:00:00+01:00"),
  gap("Asia/Gaza", "2026-03-28 02:30", "2026-03-28T03:00:00+03:00"),
  // Paraguay stopped changing its clocks in October 2024.
  one("America/Asuncion", "2026-10-04 00:30", "-03:00"),
  one("America/Asuncion", "2026-03-21 23:30", "-03:00"),
  one("Asia/Kolkata", "2026-03-29 02:30", "+05:30"),
  one("Asia/Kathmandu", "2026-03-29 02:30", "+05:45"),
  gap("Pacific/Chatham", "2026-09-27 03:00", "2026-09-27T03:45:00+13:45"),
];

/** Days and where they begin and end. */
export const DAY_CASES: [
  zone: string,
  date: string,
  start: string,
  hours: number,
][] = [
  ["America/Los_Angeles", "2026-03-08", "2026-03-08T00:00:00-08:00", 23],
  ["America/Los_Angeles", "2026-11-01", "2026-11-01T00:00:00-07:00", 25],
  ["Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", 23],
  ["Africa/Cairo", "2026-10-29", "2026-10-29T00:00:00+03:00", 25],
  ["America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00", 23],
  ["America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00", 25],
  ["Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00", 23],
  ["America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00", 23],
  ["Australia/Lord_Howe", "2026-10-04", "2026-10-04T00:00:00+10:30", 23.5],
  ["Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00:00+11:00", 24.5],
  ["Antarctica/Troll", "2026-03-29", "2026-03-29T00:00:00+00:00", 22],
  ["America/Nuuk", "2026-03-28", "2026-03-28T00:00:00-02:00", 23],
  ["Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0],
  ["Asia/Kathmandu", "2026-03-29", "2026-03-29T00:00:00+05:45", 24],
];

/** Wednesdays in both. */
export const TODAYS = ["2026-01-14", "2026-07-15"] as const;

/** Minutes of the day of "HH:MM". */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Everything that a wrong clock or zone of the process could change, as plain data. */
export function readAllClocks(): unknown[] {
  const walls = WALL_CASES.map(({ zone, date, time }) => ({
    instants: toInstants(date, minutesOf(time), zone),
    boundary: toIso(toBoundary(date, minutesOf(time), zone), zone),
  }));
  const days = DAY_CASES.map(([zone, date]) => ({
    exists: dayExists(date, zone),
    start: toBoundary(date, 0, zone),
    end: toBoundary(date, 1440, zone),
  }));
  const texts = [
    ...WEEKDAYS,
    "tomorrow",
    "3/9",
    "March 9",
    "the 31st",
    "2026-03-08T02:30:00-08:00",
    "2026-11-01T01:30:00-08:00",
    "2026-11-01T01:30:00",
  ];
  const dates = ZONES.flatMap((zone) =>
    TODAYS.flatMap((today) =>
      texts.map((text) => readDate(text, { today, zone, country: "US" })),
    ),
  );
  const times = ZONES.flatMap((zone) =>
    texts.map((text) => readTime(text, { zone })),
  );
  return [...walls, ...days, ...dates, ...times];
}

function one(zone: string, wall: string, offset: string): WallCase {
  return two(zone, wall, offset);
}

function two(zone: string, wall: string, ...offsets: string[]): WallCase {
  const [date = "", time = ""] = wall.split(" ");
  const instants = offsets.map((offset) => `${date}T${time}:00${offset}`);
  return { zone, date, time, instants };
}

function gap(zone: string, wall: string, boundary: string): WallCase {
  return { ...two(zone, wall), boundary };
}
