import { expect, test } from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import { describeEachEngine } from "../support/engines.ts";
import {
  freeTimes,
  makeBusiness,
  maria,
  MONDAY,
  numberOf,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

const TO_TUESDAY = { date: TUESDAY, time: "9:00" };

await describeEachEngine("reschedule_appointment", (newUrl) => {
  async function open(options = {}, order: object = maria) {
    const endpoints = await startEndpoints({ url: await newUrl(), ...options });
    const confirmation_number = numberOf(await endpoints.book(order));
    return { ...endpoints, confirmation_number };
  }
  const short = {
    hours: { monday: ["09:00-11:00"], tuesday: ["09:00-11:00"] },
  };
  const nine = { ...maria, time: "9:00" };

  test("moves the booking under its number, and frees the old time", async () => {
    const { reschedule, search, confirmation_number } = await open(
      { business: makeBusiness(short) },
      nine,
    );
    expect(await reschedule({ confirmation_number, ...TO_TUESDAY })).toEqual({
      confirmation_number,
      date: TUESDAY,
      time: "9:00 AM",
      timezone: "America/Los_Angeles",
      service: "consultation",
      speech: expect.stringContaining(
        "Your appointment is now on Tuesday, March 10 at 9:00 AM. Your confirmation number is ",
      ) as unknown,
    });
    expect(await freeTimes({ search }, MONDAY)).toContain("9:00 AM");
    expect(await freeTimes({ search }, TUESDAY)).not.toContain("9:00 AM");
  });

  test("refused, it keeps the old time and says what else there is", async () => {
    const { reschedule, book, search, lookup, confirmation_number } =
      await open();
    await book({ ...maria, ...TO_TUESDAY }, { callId: "CA2" });
    expect(
      await reschedule({ confirmation_number, ...TO_TUESDAY }),
    ).toMatchObject({
      code: "slot_taken",
      alternatives: [
        { date: TUESDAY, times: ["9:30 AM", "10:00 AM", "10:30 AM"] },
        {},
      ],
    });
    for (const [change, code] of [
      [{ time: "7 PM" }, "outside_rules"],
      [{ date: "Saturday" }, "closed"],
      [{ date: "2026-03-03" }, "date_in_past"],
      [{ date: "2028-03-03" }, "outside_rules"],
      [{ date: "Monday, March 10" }, "ambiguous_time"],
      [{ time: "soonish" }, "invalid_arguments"],
      [{ date: "whenever" }, "invalid_arguments"],
    ] as const)
      expect(
        await reschedule({ confirmation_number, ...TO_TUESDAY, ...change }),
      ).toMatchObject({ code });
    expect((await search({ date: MONDAY })).more).toBe(9);
    expect(
      (await lookup({ customer_phone: "4155552671" })).appointments,
    ).toMatchObject([{ date: MONDAY, time: "2:30 PM" }, { date: TUESDAY }]);
  });

  test("may overlap its own old time", async () => {
    const business = makeBusiness({
      services: [{ name: "long", minutes: 60, every: 15, buffer_after: 15 }],
      ...short,
    });
    const { reschedule, search, confirmation_number } = await open(
      { business },
      nine,
    );
    for (const [time, told] of [
      ["9:15", "9:15 AM"],
      ["9:00", "9:00 AM"],
      ["9:00", "9:00 AM"],
      ["10:00", "10:00 AM"],
    ] as const)
      expect(
        await reschedule({ confirmation_number, date: MONDAY, time }),
      ).toMatchObject({ time: told });
    expect(await search({ date: MONDAY })).toMatchObject({ code: "no_slots" });
    await reschedule({ confirmation_number, date: TUESDAY, time: "9:00" });
    expect(await freeTimes({ search }, MONDAY)).toHaveLength(5);
  });

  test("of two that want the same free time one gets it, and the other stays where it was", async () => {
    const { reschedule, book, lookup, confirmation_number } = await open();
    const second = numberOf(await book(nine, { callId: "CA2" }));
    const both = await Promise.all([
      reschedule({ confirmation_number, ...TO_TUESDAY }),
      reschedule(
        { confirmation_number: second, ...TO_TUESDAY },
        { callId: "CA2" },
      ),
    ]);
    expect(both.map(({ code }) => code ?? "moved").toSorted()).toEqual([
      "moved",
      "slot_taken",
    ]);
    const { appointments = [] } = await lookup({
      customer_phone: maria.customer_phone,
    });
    expect(appointments.map(({ date }) => date)).toEqual([MONDAY, TUESDAY]);
  });

  test("two bookings cannot swap their times, and neither is lost when they try at once", async () => {
    const { reschedule, book, lookup, confirmation_number } = await open();
    const second = numberOf(await book(nine, { callId: "CA2" }));
    const both = await Promise.all([
      reschedule({ confirmation_number, date: MONDAY, time: "9:00" }),
      reschedule(
        { confirmation_number: second, date: MONDAY, time: "2:30 PM" },
        { callId: "CA2" },
      ),
    ]);
    expect(both.map(({ code }) => code)).toEqual(["slot_taken", "slot_taken"]);
    expect(
      (await lookup({ customer_phone: maria.customer_phone })).appointments,
    ).toMatchObject([{ time: "9:00 AM" }, { time: "2:30 PM" }]);
  });

  test("keeps the length of its own service", async () => {
    const { reschedule, book, confirmation_number } = await open(
      {},
      { ...maria, service: "follow-up" },
    );
    expect(
      await reschedule({ confirmation_number, date: TUESDAY, time: "9:15" }),
    ).toMatchObject({ service: "follow-up", time: "9:15 AM" });
    expect(
      await book({ ...maria, date: TUESDAY, time: "9:30" }, { callId: "CA2" }),
    ).toHaveProperty("confirmation_number");
    expect(
      await book({ ...maria, date: TUESDAY, time: "9:00" }, { callId: "CA2" }),
    ).toMatchObject({ code: "slot_taken" });
  });

  test("after the move the old time can be booked again by the same call in the same words", async () => {
    const { reschedule, book, confirmation_number } = await open();
    await reschedule({ confirmation_number, ...TO_TUESDAY });
    const again = await book(maria);
    expect(again).toMatchObject({ date: MONDAY, time: "2:30 PM" });
    expect(numberOf(again)).not.toBe(confirmation_number);
  });

  test("a cancelled one is told to be so, and stays cancelled", async () => {
    const { reschedule, cancel, search, confirmation_number } = await open();
    await cancel({ confirmation_number });
    expect(
      await reschedule({ confirmation_number, ...TO_TUESDAY }),
    ).toMatchObject({
      code: "not_found",
      speech: "That appointment was cancelled. Shall I book a new one?",
    });
    expect((await search({ date: TUESDAY })).more).toBe(10);
  });

  test("cancel and move at the same time leave no time taken by nobody", async () => {
    const { reschedule, cancel, search, confirmation_number } = await open();
    const [moved] = await Promise.all([
      reschedule({ confirmation_number, ...TO_TUESDAY }),
      cancel({ confirmation_number }),
    ]);
    expect([undefined, "not_found"]).toContain(moved.code);
    expect((await search({ date: MONDAY })).more).toBe(10);
    expect((await search({ date: TUESDAY })).more).toBe(10);
  });

  test("one that has begun or is over can no longer be moved or cancelled", async () => {
    const { reschedule, cancel, clock, confirmation_number } = await open();
    const move = { confirmation_number, ...TO_TUESDAY };
    const late = {
      code: "outside_rules",
      error: "The appointment has already begun or is over",
    };
    for (const now of ["2026-03-09T14:30:01-07:00", "2026-03-09T20:00-07:00"]) {
      clock.now = new Date(now);
      expect(await reschedule(move)).toMatchObject(late);
      expect(await cancel({ confirmation_number })).toMatchObject(late);
    }
    clock.now = new Date("2026-03-09T14:30:00-07:00");
    expect(await reschedule(move)).toMatchObject({ date: TUESDAY });
  });

  test("the cut-off counts elapsed minutes to the second, for move and cancel", async () => {
    const { reschedule, cancel, clock, confirmation_number } = await open({
      business: makeBusiness({ rules: { cancel_cutoff_minutes: 1440 } }),
    });
    const move = { confirmation_number, ...TO_TUESDAY };
    // The clocks went forward on the 8th: a day of 24 hours begins at 13:30 on the 8th's wall.
    clock.now = new Date(Date.parse("2026-03-08T14:30:00-07:00") + 1000);
    const late = {
      code: "outside_rules",
      error: "Appointments can be changed until 1 day before they begin",
      speech:
        "I'm sorry, I can only change appointments until 1 day before they begin.",
    };
    expect(await reschedule(move)).toMatchObject(late);
    expect(await cancel({ confirmation_number })).toMatchObject(late);
    clock.now = new Date("2026-03-08T14:30:00-07:00");
    expect(await reschedule(move)).toMatchObject({ date: TUESDAY });
  });

  test("what its service is for may be gone", async () => {
    const url = await newUrl();
    const { book, cancel } = await startEndpoints({ url });
    const confirmation_number = numberOf(
      await book({ ...maria, service: "follow-up" }),
    );
    const { reschedule } = await startEndpoints({
      store: await openStore(url),
      business: makeBusiness({
        services: [{ name: "consultation", minutes: 30 }],
      }),
    });
    expect(
      await reschedule({ confirmation_number, ...TO_TUESDAY }),
    ).toMatchObject({ code: "outside_rules" });
    expect(await cancel({ confirmation_number })).toMatchObject({
      cancelled: true,
    });
  });

  test("gives up the call's hold", async () => {
    const { reschedule, hold, search, confirmation_number } = await open();
    await hold(TO_TUESDAY);
    expect(
      await reschedule({ confirmation_number, ...TO_TUESDAY }),
    ).toMatchObject({ date: TUESDAY });
    await hold({ date: TUESDAY, time: "10:00" });
    await reschedule({ confirmation_number, date: TUESDAY, time: "11:00" });
    expect((await search({ date: TUESDAY }, { callId: "CA2" })).more).toBe(9);
  });
});
