import { fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Settings } from "luxon";
import { addDays, toDate, weekdayOf } from "../../endpoints/times/calendar.ts";
import {
  dayExists,
  toBoundary,
  toInstants,
  toIso,
  toLocalDate,
  toWall,
} from "../../endpoints/times/instants.ts";
import {
  toClock,
  toSpokenDate,
  toSpokenTime,
} from "../../endpoints/times/spoken.ts";
import {
  DAY_CASES,
  minutesOf,
  readAllClocks,
  WALL_CASES,
} from "../support/clock-cases.ts";

const CLOCKS = ["2026-01-14T12:00:00Z", "2026-07-15T12:00:00Z"];

const realNow = Settings.now;
afterEach(() => {
  Settings.now = realNow;
});

describe.each(CLOCKS)("wall times, asked at %s", (clock) => {
  test.each(WALL_CASES)(
    "$zone $date $time",
    ({ zone, date, time, instants, boundary }) => {
      Settings.now = () => Date.parse(clock);
      const minutes = minutesOf(time);
      const found = toInstants(date, minutes, zone);
      expect(found.map((instant) => toIso(instant, zone))).toEqual(instants);
      expect(found).toEqual(instants.map((iso) => Date.parse(iso)));
      expect(toIso(toBoundary(date, minutes, zone), zone)).toBe(
        boundary ?? instants[0],
      );
      for (const instant of found)
        expect(toWall(instant, zone)).toEqual({ date, minutes });
    },
  );

  test.each(DAY_CASES)(
    "%s %s begins at %s and has %d hours",
    (zone, date, start, hours) => {
      Settings.now = () => Date.parse(clock);
      const from = toBoundary(date, 0, zone);
      expect(toIso(from, zone)).toBe(start);
      expect((toBoundary(date, 1440, zone) - from) / 3_600_000).toBe(hours);
      expect(toBoundary(date, 1440, zone)).toBe(
        toBoundary(addDays(date, 1), 0, zone),
      );
      expect(dayExists(date, zone)).toBe(hours > 0);
    },
  );
});

describe("a process", () => {
  const script = new URL("../support/read-clocks.ts", import.meta.url);
  // The minutes are what JavaScript itself says of the zone, so that TZ is seen to work.
  const processes: [zone: string, clock: string, offset: number][] = [
    ["UTC", "2026-01-14T12:00:00Z", 0],
    ["Asia/Tokyo", "2026-07-15T12:00:00Z", -540],
    ["America/Los_Angeles", "2026-07-15T12:00:00Z", 420],
  ];
  test.each(processes)(
    "with TZ=%s at %s reads all clocks as this one does",
    async (zone, clock, offset) => {
      const child = fork(script, [clock], {
        execArgv: ["--import", "tsx"],
        env: { ...process.env, TZ: zone },
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      const [message] = await once(child, "message");
      expect(message).toEqual({ offset, results: readAllClocks() });
    },
  );
});

describe("a wall time", () => {
  test("in the gap before midnight belongs to the next date", () => {
    for (const zone of ["America/Nuuk", "America/Scoresbysund"]) {
      const jump = toBoundary("2026-03-28", 23 * 60 + 30, zone);
      expect(toWall(jump, zone)).toEqual({ date: "2026-03-29", minutes: 0 });
      expect(toWall(jump - 1, zone)).toEqual({
        date: "2026-03-28",
        minutes: 22 * 60 + 59,
      });
    }
  });

  test("of 1440 minutes is the next day's midnight", () => {
    const zone = "America/Los_Angeles";
    expect(toInstants("2026-03-08", 1440, zone)).toEqual(
      toInstants("2026-03-09", 0, zone),
    );
    expect(toInstants("2026-04-23", 1440, "Africa/Cairo")).toEqual([]);
  });

  test("cuts seconds off and counts days before 1970", () => {
    const instant = Date.parse("1969-12-31T23:59:59.999Z");
    expect(toWall(instant, "UTC")).toEqual({
      date: "1969-12-31",
      minutes: 1439,
    });
    expect(toLocalDate(new Date(instant), "Asia/Tokyo")).toBe("1970-01-01");
  });

  test("had seconds in its offset where zones had them", () => {
    // Liberia was 44 minutes and 30 seconds behind until 1972 (tzdata, africa).
    const [instant = 0] = toInstants("1971-06-01", 600, "Africa/Monrovia");
    expect(new Date(instant).toISOString()).toBe("1971-06-01T10:44:30.000Z");
    expect(toWall(instant, "Africa/Monrovia").minutes).toBe(600);
  });

  test("is the same after ten thousand other days were asked for", () => {
    const before = toInstants("2026-03-09", 600, "Europe/Berlin");
    for (let day = 0; day < 10_500; day++)
      toWall(day * 86_400_000, "Europe/Berlin");
    expect(toInstants("2026-03-09", 600, "Europe/Berlin")).toEqual(before);
  });
});

describe("an instant as ISO text", () => {
  const instants: [iso: string, zone: string][] = [
    ["2026-03-09T10:00:00-07:00", "America/Los_Angeles"],
    ["2026-03-09T10:00:00+05:45", "Asia/Kathmandu"],
    ["2026-03-09T10:00:05+00:00", "UTC"],
    ["2026-01-09T10:00:00-03:30", "America/St_Johns"],
  ];
  test.each(instants)("%s in %s", (iso, zone) => {
    expect(toIso(Date.parse(iso), zone)).toBe(iso);
  });
});

describe("the calendar", () => {
  test("adds days over months, years and leap days", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  });

  test("counts weekdays from Monday", () => {
    expect(weekdayOf("2026-03-09")).toBe(0);
    expect(weekdayOf("2026-03-15")).toBe(6);
  });

  test("has no February 30, no month 13 and no day 0", () => {
    const none: [number, number, number][] = [
      [2026, 2, 30],
      [2026, 2, 29],
      [2026, 13, 1],
      [2026, 0, 1],
      [2026, 1, 0],
      [26, 1, 1],
      [9999, 1, 1],
    ];
    expect(none.map((day) => toDate(...day))).toEqual(
      none.map(() => undefined),
    );
    expect(toDate(2028, 2, 29)).toBe("2028-02-29");
  });
});

describe("for the ear and for machines", () => {
  test("times are spoken on a twelve-hour clock", () => {
    expect([0, 540, 720, 870, 1439, 1440].map(toSpokenTime)).toEqual([
      "12:00 AM",
      "9:00 AM",
      "12:00 PM",
      "2:30 PM",
      "11:59 PM",
      "12:00 AM",
    ]);
  });

  test("clocks have two figures for hours and minutes", () => {
    expect([0, 545, 870].map(toClock)).toEqual(["00:00", "09:05", "14:30"]);
  });

  test("dates are spoken with their weekday", () => {
    expect(toSpokenDate("2026-03-09")).toBe("Monday, March 9");
    expect(toSpokenDate("2026-11-01")).toBe("Sunday, November 1");
  });
});
