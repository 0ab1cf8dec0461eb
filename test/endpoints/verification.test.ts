import { describe, expect, test } from "@jest/globals";
import { describeEachEngine } from "../support/engines.ts";
import {
  business,
  maria,
  numberOf,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";
import type { CallOptions } from "../support/start-endpoints.ts";
import { newConfirmationNumber } from "../../endpoints/people/confirmation.ts";

const OTHER: CallOptions = { callId: "CA2" };
const GUESS = { phone_last_four: "0000" };
const RIGHT = { phone_last_four: "2671" };

/** A number that nobody has. */
function unknownNumber(known: string): string {
  const number = newConfirmationNumber();
  return number === known ? unknownNumber(known) : number;
}

await describeEachEngine("verification", (newUrl) => {
  async function open() {
    const endpoints = await startEndpoints({ url: await newUrl() });
    const confirmation_number = numberOf(await endpoints.book(maria));
    return { ...endpoints, confirmation_number };
  }

  test("the call that booked needs no second factor", async () => {
    const { cancel, confirmation_number } = await open();
    expect(await cancel({ confirmation_number })).toMatchObject({
      cancelled: true,
    });
  });

  test("another call needs the last four digits, however they are said", async () => {
    const { reschedule, confirmation_number } = await open();
    const said = ["2671", "2 6 7 1", "two six seven one", "２６７１"];
    said.push("(415) 555-2671", "+14155552671");
    for (const [index, phone_last_four] of said.entries())
      expect(
        await reschedule(
          {
            confirmation_number,
            date: TUESDAY,
            time: `${9 + index}:00`,
            phone_last_four,
          },
          OTHER,
        ),
      ).toMatchObject({ confirmation_number });
  });

  test("unknown number, wrong factor and missing factor are answered with the same bytes", async () => {
    const { callRaw, book, confirmation_number } = await open();
    const phoneless = numberOf(
      await book({
        date: TUESDAY,
        time: "9:00",
        customer_name: "Li",
      }),
    );
    const nobody = unknownNumber(confirmation_number);
    const tries = [
      { confirmation_number },
      { confirmation_number, ...GUESS },
      { confirmation_number, phone_last_four: "" },
      { confirmation_number, phone_last_four: "671" },
      { confirmation_number: nobody },
      { confirmation_number: nobody, ...RIGHT },
    ];
    const texts = new Set<string>();
    for (const [index, args] of tries.entries()) {
      const how = { callId: `CX${index}` };
      texts.add(await callRaw("cancel_appointment", args, how));
      texts.add(
        await callRaw(
          "reschedule_appointment",
          { ...args, date: TUESDAY, time: "10:00" },
          how,
        ),
      );
    }
    expect(texts.size).toBe(1);
    expect(JSON.parse([...texts][0] ?? "")).toMatchObject({
      code: "verification_failed",
    });
    // Where there is no phone there is no factor to ask for.
    expect(
      await callRaw(
        "cancel_appointment",
        { confirmation_number: phoneless },
        OTHER,
      ),
    ).toContain('"cancelled":true');
  });

  test("a number that cannot be one is asked for again digit by digit, and counts as a try", async () => {
    const { cancel, confirmation_number } = await open();
    for (const said of [
      "what?",
      "",
      "12345",
      `${confirmation_number}1`,
      "1111111111",
    ])
      expect(
        await cancel({ confirmation_number: said, ...RIGHT }, OTHER),
      ).toMatchObject({
        code: "verification_failed",
        speech: expect.stringContaining("one digit at a time") as unknown,
      });
    expect(
      await cancel({ confirmation_number, ...RIGHT }, OTHER),
    ).toMatchObject({ code: "locked" });
  });

  test("five wrong tries, of both tools together, lock this call and no other", async () => {
    const { cancel, reschedule, confirmation_number } = await open();
    const guess = { confirmation_number, ...GUESS };
    const move = { date: TUESDAY, time: "9:00" };
    for (const wrong of [1, 2, 3, 4, 5]) {
      const answer =
        wrong % 2 === 0
          ? await reschedule({ ...guess, ...move }, OTHER)
          : await cancel(guess, OTHER);
      expect(answer.code).toBe("verification_failed");
    }
    const right = { confirmation_number, ...RIGHT };
    expect(await cancel(right, OTHER)).toMatchObject({ code: "locked" });
    expect(await reschedule({ ...right, ...move }, OTHER)).toMatchObject({
      code: "locked",
    });
    expect(
      await reschedule({ ...right, ...move }, { callId: "CA3" }),
    ).toMatchObject({ date: TUESDAY });
    expect(await cancel({ confirmation_number })).toMatchObject({
      cancelled: true,
    });
  });

  test("a right try between wrong ones does not forgive them", async () => {
    const { cancel, reschedule, confirmation_number } = await open();
    const right = { confirmation_number, ...RIGHT };
    for (let wrong = 1; wrong <= 4; wrong++)
      await cancel({ confirmation_number, ...GUESS }, OTHER);
    expect(
      await reschedule({ ...right, date: TUESDAY, time: "9:00" }, OTHER),
    ).toMatchObject({ confirmation_number });
    await cancel({ confirmation_number, ...GUESS }, OTHER);
    expect(await cancel(right, OTHER)).toMatchObject({ code: "locked" });
  });

  test("tries that come at the same time are counted one by one", async () => {
    const { cancel, reschedule, confirmation_number } = await open();
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const args = {
          confirmation_number,
          phone_last_four: String(index).padStart(4, "0"),
        };
        return index % 2 === 0
          ? cancel(args, OTHER)
          : reschedule({ ...args, date: TUESDAY, time: "9:00" }, OTHER);
      }),
    );
    const codes = all.map(({ code }) => code);
    expect(codes.filter((code) => code === "verification_failed")).toHaveLength(
      5,
    );
    expect(codes.filter((code) => code === "locked")).toHaveLength(25);
  });

  test("equal wrong tries at the same time are tries too", async () => {
    const { cancel, confirmation_number } = await open();
    const all = await Promise.all(
      Array.from({ length: 12 }, () =>
        cancel({ confirmation_number, ...GUESS }, OTHER),
      ),
    );
    const codes = all.map(({ code }) => code);
    expect(codes.filter((code) => code === "verification_failed")).toHaveLength(
      5,
    );
    expect(codes.filter((code) => code === "locked")).toHaveLength(7);
  });

  test("who gives no call id is counted by address, and forgotten 15 minutes after the last wrong try", async () => {
    const { cancel, pass, confirmation_number } = await open();
    const nobody = { callId: null };
    const right = { confirmation_number, ...RIGHT };
    for (let wrong = 1; wrong <= 5; wrong++) {
      await cancel({ confirmation_number, ...GUESS }, nobody);
      pass(60);
    }
    expect(await cancel(right, nobody)).toMatchObject({ code: "locked" });
    pass(14 * 60);
    // A try while it is locked does not prolong it.
    expect(await cancel(right, nobody)).toMatchObject({ code: "locked" });
    pass(1);
    expect(await cancel(right, nobody)).toMatchObject({ cancelled: true });
  });

  test("an empty call id is none: two strangers are not the same call", async () => {
    const { book, cancel } = await open();
    const none = { callId: "" };
    const confirmation_number = numberOf(
      await book({ ...maria, date: TUESDAY }, none),
    );
    expect(await cancel({ confirmation_number }, none)).toMatchObject({
      code: "verification_failed",
    });
  });

  test("a call stays locked however long it lasts", async () => {
    const { cancel, pass, confirmation_number } = await open();
    for (let wrong = 1; wrong <= 5; wrong++)
      await cancel({ confirmation_number, ...GUESS }, OTHER);
    pass(3600);
    expect(
      await cancel({ confirmation_number, ...RIGHT }, OTHER),
    ).toMatchObject({ code: "locked" });
  });
});

describe("a locked call", () => {
  test("still searches and books", async () => {
    const { cancel, search, book } = await startEndpoints({ business });
    for (let wrong = 1; wrong <= 6; wrong++)
      await cancel({ confirmation_number: "1" });
    expect(await search({ date: TUESDAY })).toHaveProperty("slots");
    expect(await book(maria)).toHaveProperty("confirmation_number");
  });
});
