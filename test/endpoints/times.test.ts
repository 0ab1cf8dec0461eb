import { describe, expect, test } from "@jest/globals";
import {
  newConfirmationNumber,
  parseConfirmationNumber,
  toSpokenNumber,
} from "../../endpoints/confirmation.ts";
import {
  parseDate,
  parseTime,
  toInstant,
  toSpokenTime,
} from "../../endpoints/times.ts";

describe("parseTime", () => {
  const times: [said: string, minutes: number[]][] = [
    ["14:30", [870]],
    ["2:30 PM", [870]],
    ["2:30 p.m.", [870]],
    ["at 2pm", [840]],
    ["1430", [870]],
    ["0900", [540]],
    ["930", [570, 1290]],
    ["09:00", [540]],
    ["9:00", [540, 1260]],
    ["12", [0, 720]],
    ["12 AM", [0]],
    ["noon", [720]],
    ["3 o'clock", [180, 900]],
    ["25:00", []],
    ["9:75", []],
    ["13 PM", []],
    ["later", []],
    ["", []],
  ];
  test.each(times)("%j", (said, minutes) => {
    expect(parseTime(said)).toEqual(minutes);
  });
});

describe("parseDate", () => {
  const dates: [said: string, date: string | undefined][] = [
    ["2026-12-31", "2026-12-31"],
    ["2026-12-31T09:00:00Z", "2026-12-31"],
    ["today", "2026-11-21"],
    ["the day after tomorrow", "2026-11-23"],
    ["Saturday", "2026-11-28"],
    ["on Sunday", "2026-11-22"],
    ["1/2", "2027-01-02"],
    ["12/24/2026", "2026-12-24"],
    ["Dec 24", "2026-12-24"],
    ["the 24th of December", "2026-12-24"],
    ["Thursday, December 24th 2026", "2026-12-24"],
    ["2026-13-01", undefined],
    ["Febtember 3", undefined],
    ["", undefined],
  ];
  test.each(dates)("%j", (said, date) => {
    expect(parseDate(said, "2026-11-21")).toBe(date);
  });
});

describe("toInstant", () => {
  const zone = "America/Los_Angeles";
  test("knows no time that the clocks skip", () => {
    expect(toInstant("2026-03-08", 150, zone)).toBeUndefined();
    expect(toInstant("2026-03-08", 180, zone)).toBe(
      Date.parse("2026-03-08T03:00:00-07:00"),
    );
  });
  test("takes the first of two, whatever today is", () => {
    expect(toInstant("2026-11-01", 90, zone)).toBe(
      Date.parse("2026-11-01T01:30:00-07:00"),
    );
  });
});

test("times are spoken on a twelve-hour clock", () => {
  expect([0, 540, 720, 870, 1439].map(toSpokenTime)).toEqual([
    "12:00 AM",
    "9:00 AM",
    "12:00 PM",
    "2:30 PM",
    "11:59 PM",
  ]);
});

describe("the confirmation number", () => {
  test("has the check digit of Damm's example", () => {
    // 572 has the check digit 4 in Damm's thesis; leading zeros change nothing.
    expect(parseConfirmationNumber("0000005724")).toBe("0000005724");
  });

  test("finds every wrong digit and every swap of neighbours", () => {
    for (let round = 0; round < 200; round++) {
      const number = newConfirmationNumber();
      expect(parseConfirmationNumber(number)).toBe(number);
      for (let at = 0; at < 10; at++) {
        const wrong = `${number.slice(0, at)}${(Number(number[at]) + 1 + (round % 9)) % 10}${number.slice(at + 1)}`;
        expect(parseConfirmationNumber(wrong)).toBeUndefined();
        const [a, b] = [number[at], number[at + 1]];
        if (b === undefined || a === b) continue;
        expect(
          parseConfirmationNumber(
            `${number.slice(0, at)}${b}${a}${number.slice(at + 2)}`,
          ),
        ).toBeUndefined();
      }
    }
  });

  test("is spoken in groups and understood however it is grouped", () => {
    expect(toSpokenNumber("4827193605")).toBe("4 8 2, 7 1 9, 3 6 0 5");
    expect(parseConfirmationNumber("0 0 0, 000-5724.")).toBe("0000005724");
    expect(parseConfirmationNumber("5724")).toBeUndefined();
  });
});
