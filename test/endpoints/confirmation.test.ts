import { describe, expect, test } from "@jest/globals";
import {
  newConfirmationNumber,
  parseConfirmationNumber,
  toSpokenNumber,
} from "../../endpoints/people/confirmation.ts";

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
