import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  addDays,
  toDate,
  WEEKDAYS,
  weekdayOf,
} from "../../endpoints/times/calendar.ts";
import {
  toBoundary,
  toInstants,
  toIso,
  toWall,
} from "../../endpoints/times/instants.ts";
import { readDate } from "../../endpoints/times/read-date.ts";
import { readTime } from "../../endpoints/times/read-time.ts";
import {
  toClock,
  toSpokenDate,
  toSpokenTime,
} from "../../endpoints/times/spoken.ts";
import { WALL_CASES, ZONES } from "../support/clock-cases.ts";

const zones = fc.constantFrom(...ZONES);
const minutes = fc.integer({ min: 0, max: 1439 });
const days = fc
  .integer({ min: 0, max: 15_000 })
  .map((after) => addDays("2000-01-01", after));
/** Any day of any zone, and often one on which clocks change. */
const places = fc.oneof(
  fc.record({ zone: zones, date: days }),
  fc.constantFrom(...WALL_CASES),
);
const minuteInstants = fc
  .integer({ min: 15_800_000, max: 36_000_000 })
  .map((minute) => minute * 60_000);
const runs = { numRuns: 2000 };

const oracles = new Map<string, Intl.DateTimeFormat>();
/** The wall clock by Intl alone, as "2026-03-09, 10:00". */
function oracle(instant: number, zone: string): string {
  let format = oracles.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    oracles.set(zone, format);
  }
  return format.format(instant);
}

describe("wall times", () => {
  test("every instant shows the wall time it was asked for, and they ascend", () => {
    fc.assert(
      fc.property(places, minutes, ({ zone, date }, minute) => {
        const found = toInstants(date, minute, zone);
        for (const instant of found)
          expect(toWall(instant, zone)).toEqual({ date, minutes: minute });
        expect(found.length).toBeLessThanOrEqual(2);
        expect(found.toSorted((a, b) => a - b)).toEqual(found);
      }),
      runs,
    );
  });

  test("every instant is found by its wall time", () => {
    fc.assert(
      fc.property(zones, minuteInstants, (zone, instant) => {
        const wall = toWall(instant, zone);
        expect(toInstants(wall.date, wall.minutes, zone)).toContain(instant);
      }),
      runs,
    );
  });

  test("an instant shows what Intl shows", () => {
    fc.assert(
      fc.property(zones, minuteInstants, (zone, instant) => {
        const wall = toWall(instant, zone);
        expect(`${wall.date}, ${toClock(wall.minutes)}`).toBe(
          oracle(instant, zone),
        );
      }),
      runs,
    );
  });

  test("an instant is the same after ISO text", () => {
    fc.assert(
      fc.property(zones, minuteInstants, (zone, instant) => {
        expect(Date.parse(toIso(instant, zone))).toBe(instant);
        expect(readTime(toIso(instant, zone), { zone })).toEqual({
          minutes: [toWall(instant, zone).minutes],
          date: toWall(instant, zone).date,
          instant,
        });
      }),
      runs,
    );
  });

  test("boundaries never run backwards through a day, and are jumps where nothing is shown", () => {
    fc.assert(
      fc.property(places, ({ zone, date }) => {
        let last = -Infinity;
        for (let minute = 0; minute <= 1440; minute += 15) {
          const boundary = toBoundary(date, minute, zone);
          expect(boundary).toBeGreaterThanOrEqual(last);
          last = boundary;
          if (toInstants(date, minute, zone).length > 0) continue;
          const [before, after] = [boundary - 60_000, boundary].map((at) => {
            const wall = toWall(at, zone);
            return `${wall.date} ${toClock(wall.minutes)}`;
          }) as [string, string];
          const asked =
            minute === 1440
              ? `${addDays(date, 1)} 00:00`
              : `${date} ${toClock(minute)}`;
          expect(before < asked && asked < after).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const words = fc
  .array(
    fc.constantFrom(
      ..."monday tue march mar 9 9th ninth twenty three third 12 30 2026 26 03/09 9.3. 3-9 2026-03-09 today tomorrow tonight day days week weeks a the of in from after next this coming on for please morning evening half quarter past to noon midnight am p.m. o'clock first second hundred oh 2:30 1430 14h30 2026-03-09T10:00Z T ( ) , . - : / ' ٣ ９".split(
        " ",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(" "));
const texts = fc.oneof(
  words,
  fc.string({ unit: "binary", maxLength: 90 }),
  fc.string({ maxLength: 90 }),
);
const context = { today: "2026-01-14", zone: "Europe/Berlin", country: "DE" };

describe("any text", () => {
  test("is a day, two days or nothing, and never throws", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const reading = readDate(text, context);
        const dates = "date" in reading ? [reading.date] : reading.choices;
        for (const date of dates) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
        if ("choices" in reading)
          expect([0, 2]).toContain(reading.choices.length);
      }),
      { numRuns: 5000 },
    );
  });

  test("has no, one or two times, and never throws", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { minutes: found } = readTime(text, context);
        expect(found.length).toBeLessThanOrEqual(2);
        for (const minute of found) {
          expect(Number.isInteger(minute)).toBe(true);
          expect(minute >= 0 && minute < 1440).toBe(true);
        }
        expect(found.toSorted((a, b) => a - b)).toEqual(found);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a day", () => {
  test("is understood in each way of writing it", () => {
    fc.assert(
      fc.property(days, (date) => {
        const [year = "", month = "", day = ""] = date.split("-");
        const spoken = toSpokenDate(date);
        const [weekday = "", named = ""] = spoken.split(", ");
        const [monthName = ""] = named.split(" ");
        const ways = [
          date,
          `${year}${month}${day}`,
          `${Number(day)}.${Number(month)}.${year}`,
          `${Number(day)}.${Number(month)}.${year.slice(2)}`,
          `${day}/${month}/${year}`,
          `${spoken} ${year}`,
          `${weekday} the ${Number(day)}th of ${monthName}, ${year}`,
          `${day}-${monthName.slice(0, 3)}-${year}`,
        ];
        for (const way of ways)
          expect([way, readDate(way, context)]).toEqual([way, { date }]);
        const american = `${month}/${day}/${year}`;
        expect(readDate(american, { ...context, country: "US" })).toEqual({
          date,
        });
      }),
      runs,
    );
  });

  test("without a year is the next such day, or one of the last two weeks", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -14, max: 350 }), (today, away) => {
        const date = addDays(today, away);
        fc.pre(!date.endsWith("02-29"));
        const [, named = ""] = toSpokenDate(date).split(", ");
        expect(readDate(named, { ...context, today })).toEqual({ date });
      }),
      runs,
    );
  });

  test("with a wrong weekday is a question with the date and the nearest such weekday", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 6 }), (date, weekday) => {
        fc.pre(weekday !== weekdayOf(date));
        const reading = readDate(`${WEEKDAYS[weekday]} ${date}`, {
          ...context,
          today: "2000-01-01",
        });
        const [first, second] = "choices" in reading ? reading.choices : [];
        expect(first).toBe(date);
        expect(weekdayOf(second ?? "")).toBe(weekday);
        const away = (Date.parse(second ?? "") - Date.parse(date)) / 86_400_000;
        expect(Math.abs(away)).toBeLessThanOrEqual(date < "2000-01-04" ? 6 : 3);
      }),
      runs,
    );
  });

  test("exists exactly when its figures do", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 15 }),
        (day, month) => {
          const reading = readDate(`${day}.${month}.2027`, context);
          const date = toDate(2027, month, day);
          expect(reading).toEqual(
            date === undefined ? { choices: [] } : { date },
          );
        },
      ),
      runs,
    );
  });
});

test("each minute of the day is understood as it is spoken and as clocks write it", () => {
  for (let minute = 0; minute < 1440; minute++) {
    const spoken = toSpokenTime(minute);
    for (const way of [
      spoken,
      spoken.toLowerCase().replace(" ", ""),
      spoken.replace("AM", "a.m.").replace("PM", "p.m."),
      spoken.replace(":", " "),
    ])
      expect([way, readTime(way, context).minutes]).toEqual([way, [minute]]);
    expect(readTime(toClock(minute), context).minutes).toContain(minute);
  }
});
