import { describe, expect, test } from "@jest/globals";
import { readTime } from "../../endpoints/times/read-time.ts";

const ZONE = { zone: "America/Los_Angeles" };

/** Minutes as a clock shows them, for tables that can be read. */
function clocks(text: string): string {
  return readTime(text, ZONE)
    .minutes.map((minutes) => {
      const hours = Math.floor(minutes / 60);
      return `${hours}:${String(minutes % 60).padStart(2, "0")}`;
    })
    .join(" or ");
}

describe("a time of day", () => {
  const said: [said: string, meant: string][] = [
    ["14:30", "14:30"],
    ["2:30 PM", "14:30"],
    ["2:30pm", "14:30"],
    ["2:30 p.m.", "14:30"],
    ["2:30 P. M.", "14:30"],
    ["2:30 p m", "14:30"],
    ["2:30\u202fPM", "14:30"],
    ["2.30 pm", "14:30"],
    ["2 30 pm", "14:30"],
    ["230pm", "14:30"],
    ["02:30 PM", "14:30"],
    ["2pm", "14:00"],
    ["2 PM", "14:00"],
    ["at 2pm, please", "14:00"],
    ["2:30:00 PM", "14:30"],
    ["1430", "14:30"],
    ["14.30", "14:30"],
    ["14h30", "14:30"],
    ["14h", "14:00"],
    ["9h30", "9:30"],
    ["14:30:00", "14:30"],
    ["1400 hours", "14:00"],
    ["fourteen hundred hours", "14:00"],
    ["nine hundred", "9:00"],
    ["17:00 PM", "17:00"],
    ["14:30 in the afternoon", "14:30"],
    ["0900", "9:00"],
    ["09:00", "9:00"],
    ["09", "9:00"],
    ["09:00 PM", "21:00"],
    ["0:15", "0:15"],
    ["00:15 AM", "0:15"],
    ["0015", "0:15"],
    ["23:59", "23:59"],
    ["20", "20:00"],
    ["noon", "12:00"],
    ["12 noon", "12:00"],
    ["at noon", "12:00"],
    ["midday", "12:00"],
    ["midnight", "0:00"],
    ["12 midnight", "0:00"],
    ["12 AM", "0:00"],
    ["12 PM", "12:00"],
    ["12:30 am", "0:30"],
    ["nine in the morning", "9:00"],
    ["9 in the morning", "9:00"],
    ["9:15 in the morning", "9:15"],
    ["3 in the afternoon", "15:00"],
    ["three o'clock in the afternoon", "15:00"],
    ["3 this afternoon", "15:00"],
    ["7 in the evening", "19:00"],
    ["seven thirty in the evening", "19:30"],
    ["10 at night", "22:00"],
    ["12 at night", "0:00"],
    ["2 at night", "2:00"],
    ["8 tonight", "20:00"],
    ["two thirty pm", "14:30"],
    ["Two-thirty PM", "14:30"],
    ["ten oh five am", "10:05"],
    ["quarter to three pm", "14:45"],
    ["quarter to twelve at night", "23:45"],
    ["quarter to one pm", "12:45"],
    ["half past two in the afternoon", "14:30"],
    ["quarter to midnight", "23:45"],
    ["ten past noon", "12:10"],
    ["half past 14", "14:30"],
    ["twenty-one thirty", "21:30"],
    ["seventeen forty-five", "17:45"],
    ["１４：３０", "14:30"],
    ["١٤:٣٠", "14:30"],
    // The half of the day is open.
    ["2:30", "2:30 or 14:30"],
    ["2:30:00", "2:30 or 14:30"],
    ["2.30", "2:30 or 14:30"],
    ["2 30", "2:30 or 14:30"],
    ["930", "9:30 or 21:30"],
    ["1030", "10:30 or 22:30"],
    ["9:00", "9:00 or 21:00"],
    ["at 2", "2:00 or 14:00"],
    ["at two", "2:00 or 14:00"],
    ["2 o'clock", "2:00 or 14:00"],
    ["2 o’clock", "2:00 or 14:00"],
    ["two oclock", "2:00 or 14:00"],
    ["around 3 o'clock", "3:00 or 15:00"],
    ["12", "0:00 or 12:00"],
    ["12:30", "0:30 or 12:30"],
    ["half past two", "2:30 or 14:30"],
    ["half past twelve", "0:30 or 12:30"],
    ["quarter to three", "2:45 or 14:45"],
    ["a quarter to three", "2:45 or 14:45"],
    ["quarter of three", "2:45 or 14:45"],
    ["quarter to one", "0:45 or 12:45"],
    ["quarter to twelve", "11:45 or 23:45"],
    ["quarter past 9", "9:15 or 21:15"],
    ["quarter after nine", "9:15 or 21:15"],
    ["ten to four", "3:50 or 15:50"],
    ["twenty-five past six", "6:25 or 18:25"],
    ["10 past 2", "2:10 or 14:10"],
    ["5 minutes to 9", "8:55 or 20:55"],
    ["seven minutes past nine", "9:07 or 21:07"],
    ["ten thirty", "10:30 or 22:30"],
    ["nine fifteen", "9:15 or 21:15"],
    ["nine oh five", "9:05 or 21:05"],
    ["nine twenty five", "9:25 or 21:25"],
    ["ten forty-five", "10:45 or 22:45"],
  ];
  test.each(said)("%j is %s", (text, meant) => {
    expect(clocks(text)).toBe(meant);
  });
});

describe("what is no time", () => {
  const nothing = [
    "",
    " ",
    "later",
    "morning",
    "in the afternoon",
    "9:00:99",
    "25:00",
    "24:00",
    "9:75",
    "9:5",
    "13 PM",
    "15:00 AM",
    "14:30 in the morning",
    "0:30 PM",
    "99",
    "99999",
    "-9",
    "in 2 hours",
    "in 30 minutes",
    "9 to 5",
    "one to two",
    "half to two",
    "nine five",
    "10 5",
    "13 noon",
    "thirty",
    "quarter",
    "quarter past",
    "past nine",
    "before 2",
    "after 2",
    "2 and 3",
    "tomorrow",
    "2026-03-09",
    "2026-02-30T10:00",
    "2026-03-09T10:61:00Z",
    "am",
    "constructor",
    `2pm${" ".repeat(80)}`,
    "1".repeat(1_000_000),
    "a m ".repeat(100_000),
  ];
  test.each(nothing.map((text) => [text.slice(0, 90), text]))(
    "%j",
    (_, text) => {
      expect(readTime(text, ZONE)).toEqual({ minutes: [] });
    },
  );
});

describe("a time that clocks show twice", () => {
  const said: [said: string, which: "first" | "second"][] = [
    ["1:30 AM (first)", "first"],
    ["1:30 AM (second)", "second"],
    ["first 1:30 AM", "first"],
    ["second 1:30 am", "second"],
    ["the second 1:30 am, please", "second"],
    ["1:30 AM, the first", "first"],
    ["one thirty am second", "second"],
  ];
  test.each(said)("%j says which", (text, which) => {
    expect(readTime(text, ZONE)).toEqual({ minutes: [90], which });
  });
});

describe("a date-time", () => {
  test("without an offset is a wall time", () => {
    expect(readTime("2026-03-09T02:30:00", ZONE)).toEqual({
      minutes: [150],
      date: "2026-03-09",
    });
    expect(readTime("2026-03-09 14:30", ZONE)).toEqual({
      minutes: [870],
      date: "2026-03-09",
    });
  });

  test("with an offset is an instant, and its wall time in the zone", () => {
    const instant = Date.parse("2026-11-01T09:30:00Z");
    for (const text of [
      "2026-11-01T01:30:00-08:00",
      "2026-11-01T01:30-0800",
      "2026-11-01t01:30:00.000-08",
      "2026-11-01T09:30:00Z",
      "20261101T093000Z",
      "2026-11-01 09:30:00 Z",
    ])
      expect(readTime(text, ZONE)).toEqual({
        minutes: [90],
        date: "2026-11-01",
        instant,
      });
    expect(readTime("2026-11-01T09:30:00Z", { zone: "Asia/Tokyo" })).toEqual({
      minutes: [18 * 60 + 30],
      date: "2026-11-01",
      instant,
    });
  });
});
