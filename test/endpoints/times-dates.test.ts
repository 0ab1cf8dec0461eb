import { describe, expect, test } from "@jest/globals";
import { readDate } from "../../endpoints/times/read-date.ts";
import type {
  DateContext,
  DateReading,
} from "../../endpoints/times/read-date.ts";
import { TODAYS } from "../support/clock-cases.ts";

const AMERICAN = { zone: "America/Los_Angeles", country: "US" };

/** A reading in few words: "2026-03-09", "2026-03-09 morning", "2026-03-10 or 2026-03-09", "none". */
function inWords(reading: DateReading): string {
  if ("choices" in reading) return reading.choices.join(" or ") || "none";
  return [reading.date, reading.part].filter(Boolean).join(" ");
}

function read(text: string, context: Partial<DateContext> = {}): string {
  return inWords(readDate(text, { ...AMERICAN, today: TODAYS[0], ...context }));
}

/** What was said, and what it means on Wednesday 2026-01-14 and on Wednesday 2026-07-15. */
const SAID: [said: string, january: string, july?: string][] = [
  // The same on each day.
  ["2026-03-09", "2026-03-09"],
  ["2026-3-9", "2026-03-09"],
  ["2026/03/09", "2026-03-09"],
  ["20260309", "2026-03-09"],
  ["2026-03-09T10:00:00", "2026-03-09"],
  ["2026-03-09 10:00", "2026-03-09"],
  ["2026-03-09T10:00:00-07:00", "2026-03-09"],
  ["2026-03-09T10:00:00.000-07:00", "2026-03-09"],
  ["2026-03-09T02:00:00Z", "2026-03-08"],
  ["2026-03-09T23:30:00-10:00", "2026-03-10"],
  ["20260309T200000Z", "2026-03-09"],
  // A day that a model padded to an instant.
  ["2026-03-09T00:00:00Z", "2026-03-09"],
  ["2026-03-09T00:00:00.000+00:00", "2026-03-09"],
  // The time has an argument of its own.
  ["tomorrow at 2pm", "2026-01-15", "2026-07-16"],
  ["tomorrow noon", "2026-01-15", "2026-07-16"],
  // Over for some days: nobody books a year ahead by a slip.
  ["1/10", "2026-01-10", "2027-01-10"],
  ["July 10", "2026-07-10", "2026-07-10"],
  ["March 9 2026 at half past two", "2026-03-09"],
  ["2026-03-09 at 14:30", "2026-03-09"],
  ["03/09/2026", "2026-03-09"],
  ["3/9/26", "2026-03-09"],
  ["3-9-2026", "2026-03-09"],
  ["13/3/2026", "2026-03-13"],
  ["9.3.2026", "2026-03-09"],
  ["09.03.26", "2026-03-09"],
  ["Mar 9 2026", "2026-03-09"],
  ["March 9, 2026", "2026-03-09"],
  ["March 9 26", "2026-03-09"],
  ["9 Mar 2026", "2026-03-09"],
  ["9-Mar-2026", "2026-03-09"],
  ["Mon, 09 Mar 2026", "2026-03-09"],
  ["Monday, March 9th, 2026", "2026-03-09"],
  ["the ninth of March 2026", "2026-03-09"],
  ["Sept 1 2026", "2026-09-01"],
  // Days from today.
  ["today", "2026-01-14", "2026-07-15"],
  ["Today, please.", "2026-01-14", "2026-07-15"],
  ["tonight", "2026-01-14 evening", "2026-07-15 evening"],
  ["this morning", "2026-01-14 morning", "2026-07-15 morning"],
  ["this afternoon", "2026-01-14 afternoon", "2026-07-15 afternoon"],
  ["tomorrow", "2026-01-15", "2026-07-16"],
  ["TOMORROW", "2026-01-15", "2026-07-16"],
  ["for tomorrow", "2026-01-15", "2026-07-16"],
  ["tomorrow morning", "2026-01-15 morning", "2026-07-16 morning"],
  ["tomorrow in the afternoon", "2026-01-15 afternoon", "2026-07-16 afternoon"],
  ["tomorrow night", "2026-01-15 evening", "2026-07-16 evening"],
  ["day after tomorrow", "2026-01-16", "2026-07-17"],
  ["the day after tomorrow", "2026-01-16", "2026-07-17"],
  ["yesterday", "2026-01-13", "2026-07-14"],
  ["in 3 days", "2026-01-17", "2026-07-18"],
  ["in three days", "2026-01-17", "2026-07-18"],
  ["3 days from now", "2026-01-17", "2026-07-18"],
  ["in a week", "2026-01-21", "2026-07-22"],
  ["in two weeks", "2026-01-28", "2026-07-29"],
  ["two weeks from today", "2026-01-28", "2026-07-29"],
  ["a week from today", "2026-01-21", "2026-07-22"],
  ["a week from tomorrow", "2026-01-22", "2026-07-23"],
  ["one week from tomorrow", "2026-01-22", "2026-07-23"],
  // Weekdays: always after today.
  ["Tuesday", "2026-01-20", "2026-07-21"],
  ["Tues", "2026-01-20", "2026-07-21"],
  ["Tue.", "2026-01-20", "2026-07-21"],
  ["on Tuesday", "2026-01-20", "2026-07-21"],
  ["this Tuesday", "2026-01-20", "2026-07-21"],
  ["next Tuesday", "2026-01-20", "2026-07-21"],
  ["this coming Tuesday", "2026-01-20", "2026-07-21"],
  ["Tuesday afternoon", "2026-01-20 afternoon", "2026-07-21 afternoon"],
  ["the morning of next Tuesday", "2026-01-20 morning", "2026-07-21 morning"],
  ["Thursday", "2026-01-15", "2026-07-16"],
  ["thurs", "2026-01-15", "2026-07-16"],
  ["Wednesday", "2026-01-21", "2026-07-22"],
  ["weds", "2026-01-21", "2026-07-22"],
  ["a week from Tuesday", "2026-01-27", "2026-07-28"],
  ["a week on Tuesday", "2026-01-27", "2026-07-28"],
  ["two weeks from Friday", "2026-01-30", "2026-07-31"],
  ["Tuesday next week", "2026-01-20", "2026-07-21"],
  ["next week Tuesday", "2026-01-20", "2026-07-21"],
  ["next week on Friday", "2026-01-23", "2026-07-24"],
  ["Friday of next week", "2026-01-23", "2026-07-24"],
  [
    "Friday next week in the morning",
    "2026-01-23 morning",
    "2026-07-24 morning",
  ],
  ["Friday this week", "2026-01-16", "2026-07-17"],
  // Without a year: the next such day, and today counts.
  ["March 9", "2026-03-09", "2027-03-09"],
  ["March 9th", "2026-03-09", "2027-03-09"],
  ["march ninth", "2026-03-09", "2027-03-09"],
  ["9 March", "2026-03-09", "2027-03-09"],
  ["9th March", "2026-03-09", "2027-03-09"],
  ["the 9th of March", "2026-03-09", "2027-03-09"],
  ["on the ninth of March, please", "2026-03-09", "2027-03-09"],
  ["March 9th in the evening", "2026-03-09 evening", "2027-03-09 evening"],
  ["03/09", "2026-03-09", "2027-03-09"],
  ["3-9", "2026-03-09", "2027-03-09"],
  ["9.3.", "2026-03-09", "2027-03-09"],
  ["9.3", "2026-03-09", "2027-03-09"],
  ["25/12", "2026-12-25", "2026-12-25"],
  ["12/25", "2026-12-25", "2026-12-25"],
  ["January 14", "2026-01-14", "2027-01-14"],
  ["7/15", "2026-07-15", "2026-07-15"],
  ["July twenty-third", "2026-07-23", "2026-07-23"],
  ["July twenty third", "2026-07-23", "2026-07-23"],
  ["March thirty-first", "2026-03-31", "2027-03-31"],
  ["December twelfth", "2026-12-12", "2026-12-12"],
  ["February 29", "2028-02-29", "2028-02-29"],
  ["the 9th", "2026-02-09", "2026-08-09"],
  ["the fourteenth", "2026-01-14", "2026-08-14"],
  ["the 15th", "2026-01-15", "2026-07-15"],
  ["the twenty-third", "2026-01-23", "2026-07-23"],
  ["the 31st", "2026-01-31", "2026-07-31"],
  ["the 23rd in the morning", "2026-01-23 morning", "2026-07-23 morning"],
  // With a weekday: right, or a question.
  ["Monday March 9", "2026-03-09", "2027-03-09 or 2027-03-08"],
  ["March 9, Monday", "2026-03-09", "2027-03-09 or 2027-03-08"],
  ["Monday March 10", "2026-03-10 or 2026-03-09", "2027-03-10 or 2027-03-08"],
  ["Monday, the 9th", "2026-02-09", "2026-08-09 or 2026-08-10"],
  ["Friday the 23rd", "2026-01-23", "2026-07-23 or 2026-07-24"],
  ["Monday 3/9/2026", "2026-03-09", "2026-03-09"],
  [
    "Tuesday 2026-03-09",
    "2026-03-09 or 2026-03-10",
    "2026-03-09 or 2026-03-10",
  ],
  // The nearest Monday is over: the next one is meant.
  ["Monday the 14th", "2026-01-14 or 2026-01-19", "2026-08-14 or 2026-08-17"],
];

describe.each(TODAYS)("on %s", (today) => {
  test.each(SAID)("%j", (said, january, july = january) => {
    expect(read(said, { today })).toBe(today === TODAYS[0] ? january : july);
  });
});

describe("where the day comes first", () => {
  const places: [country: string, said: string, date: string][] = [
    ["US", "3/9", "2026-03-09"],
    ["US", "3-9", "2026-03-09"],
    ["CA", "3/9", "2026-03-09"],
    ["JP", "3/9", "2026-03-09"],
    ["GB", "3/9", "2026-09-03"],
    ["AU", "3-9", "2026-09-03"],
    ["DE", "03/09/2026", "2026-09-03"],
    ["FR", "3/9/26", "2026-09-03"],
    ["IN", "3/9", "2026-09-03"],
    ["GB", "12/25", "2026-12-25"],
    ["US", "25/12", "2026-12-25"],
    ["US", "9.3.", "2026-03-09"],
    ["GB", "2026/03/09", "2026-03-09"],
  ];
  test.each(places)("%s: %j", (country, said, date) => {
    expect(read(said, { country })).toBe(date);
  });
});

describe("what is no day", () => {
  const nothing = [
    "",
    " ",
    "soon",
    "asap",
    "next week",
    "this week",
    "weekend",
    "this weekend",
    "next month",
    "the first Monday of April",
    "morning",
    "in the morning",
    "this",
    "March",
    "9",
    "2026",
    "February 30",
    "April 31st",
    "2026-02-30",
    "2026-13-01",
    "2026-02-29T10:00:00Z",
    "2026-03-09T25:00:00Z",
    "2026-03-09T10:00:00+29:00",
    "13/13",
    "3/32",
    "0/5",
    "3/9-2026",
    "3.25.2026",
    "the 32nd",
    "the 0th",
    "Febtember 3",
    "Ma 9",
    "a",
    "in",
    "in a",
    "week",
    "a week from",
    "from Tuesday",
    "Monday Tuesday",
    "Monday the 9th March Tuesday 2026 9",
    "constructor",
    "__proto__",
    `Tuesday${" ".repeat(80)}`,
    "9".repeat(1_000_000),
    "a week from ".repeat(100_000),
  ];
  test.each(nothing.map((said) => [said.slice(0, 90), said]))(
    "%j",
    (_, said) => {
      expect(read(said)).toBe("none");
    },
  );
});

describe("writing does not matter", () => {
  const ways = [
    "２０２６－０３－０９",
    "٢٠٢٦-٠٣-٠٩",
    "२०२६-०३-०९",
    "\u200e2026-03-09\u200f",
    "2026\u201103\u201109",
    "３／９",
    "3\u20449",
    "Ｍａｒｃｈ ９",
    "  MARCH\u00a0\u202f9 !",
    "March,9",
    "march 9.",
  ];
  test.each(ways)("%j", (said) => {
    expect(read(said)).toBe("2026-03-09");
  });
});

describe("a date-time with an offset is the business's day", () => {
  const moment = "2026-03-09T02:00:00Z";
  const days: [zone: string, date: string][] = [
    ["America/Los_Angeles", "2026-03-08"],
    ["UTC", "2026-03-09"],
    ["Asia/Tokyo", "2026-03-09"],
  ];
  test.each(days)("in %s", (zone, date) => {
    expect(read(moment, { zone })).toBe(date);
  });
});

describe("ends of months and years", () => {
  const ends: [today: string, said: string, date: string][] = [
    ["2026-12-31", "tomorrow", "2027-01-01"],
    ["2026-12-31", "the 1st", "2027-01-01"],
    ["2026-12-31", "the 31st", "2026-12-31"],
    ["2027-01-30", "the 29th", "2027-03-29"],
    ["2026-02-01", "the 31st", "2026-03-31"],
    ["2026-11-21", "1/2", "2027-01-02"],
    ["2028-02-29", "February 29", "2028-02-29"],
    ["2096-03-01", "February 29", "2096-02-29"],
    ["2096-03-15", "February 29", "2104-02-29"],
    ["2027-01-03", "December 30", "2026-12-30"],
    ["2026-03-08", "Monday next week", "2026-03-09"],
    ["2026-03-09", "Monday", "2026-03-16"],
    ["2026-03-09", "Monday next week", "2026-03-16"],
    ["2026-03-10", "Monday March 10", "2026-03-10 or 2026-03-16"],
    ["2026-06-01", "Monday March 10 2026", "2026-03-10 or 2026-03-09"],
  ];
  test.each(ends)("on %s: %j", (today, said, date) => {
    expect(read(said, { today })).toBe(date);
  });

  test("a day that the zone left out is no day", () => {
    const apia = { zone: "Pacific/Apia", today: "2011-12-29" };
    expect(read("2011-12-30", apia)).toBe("none");
    expect(read("December 30", apia)).toBe("none");
    expect(read("2011-12-31", apia)).toBe("2011-12-31");
    expect(read("2011-12-30", { today: "2011-12-29" })).toBe("2011-12-30");
  });
});
