import { describe, expect, test } from "@jest/globals";
import {
  makeBusiness,
  maria,
  MONDAY,
  numberOf,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

const PHONE = { customer_phone: maria.customer_phone };

describe("lookup_appointments", () => {
  test("tells the next three that are live and ahead, with names and numbers masked", async () => {
    const { lookup, book, cancel, clock } = await startEndpoints();
    const numbers: string[] = [];
    for (const [index, time] of [
      "9:00",
      "10:00",
      "11:00",
      "12:00",
      "1 PM",
    ].entries())
      numbers.push(
        numberOf(
          await book(
            { ...maria, time, customer_name: "Maria de la O'Hara Lopez-Li" },
            { callId: `CA${index}` },
          ),
        ),
      );
    await cancel(
      { confirmation_number: numbers[1], phone_last_four: "2671" },
      { callId: "CB" },
    );
    const told = await lookup(PHONE);
    expect(told).toEqual({
      appointments: [0, 2, 3].map((index) => ({
        date: MONDAY,
        time: ["9:00 AM", "", "11:00 AM", "12:00 PM"][index],
        service: "consultation",
        name: "M. D. L. O.",
        number_ends_with: numbers[index]?.slice(-2),
      })),
      more: true,
      speech:
        "I found: consultation on Monday, March 9 at 9:00 AM; and consultation on Monday, March 9 at 11:00 AM; and consultation on Monday, March 9 at 12:00 PM; and more after that.",
    });
    const text = JSON.stringify(told);
    expect(text).not.toMatch(/Maria|Lopez|2671/);
    for (const number of numbers) expect(text).not.toContain(number);
    // What has begun is no longer ahead.
    clock.now = new Date("2026-03-09T11:00:00-07:00");
    expect((await lookup(PHONE)).appointments).toMatchObject([
      { time: "12:00 PM" },
      { time: "1:00 PM" },
    ]);
  });

  test("tells a moved appointment at its new time only", async () => {
    const { lookup, book, reschedule } = await startEndpoints();
    const confirmation_number = numberOf(await book(maria));
    await reschedule({ confirmation_number, date: TUESDAY, time: "9:00" });
    expect((await lookup(PHONE)).appointments).toMatchObject([
      { date: TUESDAY, time: "9:00 AM" },
    ]);
  });

  test("an unknown number has an empty list and a sentence", async () => {
    const { lookup, book } = await startEndpoints();
    await book(maria);
    expect(await lookup({ customer_phone: "415-555-2672" })).toEqual({
      appointments: [],
      speech: "I found no appointment ahead for that number.",
    });
  });

  test.each([
    "4155552671",
    "415.555.2671",
    "+1 (415) 555-2671",
    "1 415 555 2671",
    "tel:+14155552671",
    "415-555-2671 ext. 22",
    "４１５５５５２６７１",
    "٤١٥٥٥٥٢٦٧١",
  ])("finds the number spelled %s", async (customer_phone) => {
    const { lookup, book } = await startEndpoints();
    await book(maria);
    expect((await lookup({ customer_phone })).appointments).toHaveLength(1);
  });

  test.each(["555-0123", "four one five", "", "0", "+1 415", "911"])(
    "asks again for what is no number: %j",
    async (customer_phone) => {
      const { lookup } = await startEndpoints();
      expect(await lookup({ customer_phone })).toMatchObject({
        code: "invalid_arguments",
        speech: expect.stringContaining("area code") as unknown,
      });
    },
  );

  test("a service keeps its name, whatever words are in it", async () => {
    const { lookup, book } = await startEndpoints({
      business: makeBusiness({
        services: [{ name: "cut or colour", minutes: 30 }],
      }),
    });
    await book(maria);
    expect((await lookup(PHONE)).speech).toBe(
      "I found: cut or colour on Monday, March 9 at 2:30 PM.",
    );
  });

  test("tells the time in the zone in which it was agreed", async () => {
    const { book, store } = await startEndpoints();
    await book(maria);
    const { lookup } = await startEndpoints({
      store,
      business: makeBusiness({ timezone: "Europe/Berlin", country: "US" }),
    });
    expect((await lookup(PHONE)).appointments).toMatchObject([
      { date: MONDAY, time: "2:30 PM" },
    ]);
  });
});
