import { expect, test } from "@jest/globals";
import { describeEachEngine } from "../support/engines.ts";
import {
  freeTimes,
  makeBusiness,
  maria,
  MONDAY,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

const NINE = { date: MONDAY, time: "9:00" };
const TEN = { date: MONDAY, time: "10:00" };
const OTHER = { callId: "CA2" };
const TAKEN = { code: "slot_taken" };

await describeEachEngine("hold_appointment", (newUrl) => {
  async function open(change: object = {}) {
    const business = makeBusiness({
      hours: { monday: ["09:00-11:00"], tuesday: ["09:00-11:00"] },
      ...change,
    });
    const endpoints = await startEndpoints({ url: await newUrl(), business });
    /** How many times others see free on Monday. */
    const free = async (callId = "CA2") =>
      (await freeTimes(endpoints, MONDAY, { callId })).length;
    return { ...endpoints, free };
  }

  test("keeps a time from others for 120 seconds, and says until when", async () => {
    const { hold, book, free, pass } = await open();
    expect(await hold(NINE)).toEqual({
      held_until: "2026-03-04T10:02:00-08:00",
      date: MONDAY,
      time: "9:00 AM",
      speech: expect.stringMatching(
        /^I'm keeping 9:00 AM on Monday, March 9 for you for 2 minutes\.$/,
      ) as unknown,
    });
    pass(119.999);
    expect(await free()).toBe(3);
    expect(await book({ ...maria, ...NINE }, OTHER)).toMatchObject({
      code: "slot_taken",
      alternatives: [
        { date: MONDAY, times: ["9:30 AM", "10:00 AM", "10:30 AM"] },
        { date: TUESDAY },
      ],
    });
    expect(await hold(NINE, OTHER)).toMatchObject(TAKEN);
    pass(0.001);
    expect(await free()).toBe(4);
    expect(await book({ ...maria, ...NINE }, OTHER)).toHaveProperty(
      "confirmation_number",
    );
    expect(await hold(NINE)).toMatchObject(TAKEN);
  });

  test("stands neither in the way of its own booking nor of its own search", async () => {
    const { hold, book, free } = await open();
    await hold(NINE);
    expect(await free("CA1")).toBe(4);
    expect(await book({ ...maria, ...NINE })).toHaveProperty(
      "confirmation_number",
    );
    expect(await free("CA1")).toBe(3);
    expect(await free()).toBe(3);
  });

  test("a longer service that overlaps the own hold can be booked by the call that holds", async () => {
    const { hold, book } = await open();
    await hold({ ...NINE, time: "9:15", service: "follow-up" });
    expect(await book({ ...maria, ...NINE }, OTHER)).toMatchObject(TAKEN);
    expect(await book({ ...maria, ...NINE })).toHaveProperty(
      "confirmation_number",
    );
  });

  test("is given up when the call books another time", async () => {
    const { hold, book, free } = await open();
    await hold(NINE);
    await book({ ...maria, ...TEN });
    expect(await free()).toBe(3);
    expect(await hold(NINE, OTHER)).toHaveProperty("held_until");
  });

  test("a refused booking does not give it up", async () => {
    const { hold, book, free } = await open();
    await book({ ...maria, ...TEN }, OTHER);
    await hold(NINE);
    expect(await book({ ...maria, ...TEN })).toMatchObject(TAKEN);
    expect(await free()).toBe(2);
  });

  test("the same time is prolonged once, and no more", async () => {
    const { hold, pass, free } = await open();
    const until = async () => (await hold(NINE)).held_until;
    expect(await until()).toBe("2026-03-04T10:02:00-08:00");
    pass(100);
    expect(await until()).toBe("2026-03-04T10:03:40-08:00");
    pass(100);
    expect(await hold(NINE)).toMatchObject({
      held_until: "2026-03-04T10:03:40-08:00",
      speech: "I'm keeping 9:00 AM on Monday, March 9 for you for 20 seconds.",
    });
    expect(await free()).toBe(3);
    pass(20);
    expect(await free()).toBe(4);
  });

  test("another service at the same time does not prolong it again", async () => {
    const { hold, pass, free } = await open();
    const short = { ...NINE, service: "follow-up" };
    await hold(NINE);
    pass(100);
    expect(await hold(short)).toMatchObject({
      held_until: "2026-03-04T10:03:40-08:00",
    });
    pass(100);
    for (const each of [NINE, short, NINE])
      expect(await hold(each)).toMatchObject({
        held_until: "2026-03-04T10:03:40-08:00",
      });
    expect(await free()).toBe(3);
    pass(20);
    expect(await free()).toBe(4);
  });

  test("another time takes its place: a call has one hold", async () => {
    const { hold, free, book } = await open();
    await hold(NINE);
    await hold(TEN);
    expect(await free()).toBe(3);
    expect(await book({ ...maria, ...NINE }, OTHER)).toHaveProperty(
      "confirmation_number",
    );
    expect(await hold(TEN, OTHER)).toMatchObject(TAKEN);
  });

  test("one that is refused leaves the hold before it", async () => {
    const { hold, book, free } = await open();
    await book({ ...maria, ...TEN }, OTHER);
    await hold(NINE);
    expect(await hold(TEN)).toMatchObject({
      code: "slot_taken",
      alternatives: [
        { date: MONDAY, times: ["9:00 AM", "9:30 AM", "10:30 AM"] },
        { date: TUESDAY },
      ],
    });
    expect(await free()).toBe(2);
  });

  test("of many calls at once one holds the time, and a call that asks for many times at once has one", async () => {
    const { hold, free } = await open();
    const calls = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        hold(NINE, { callId: `CX${index}` }),
      ),
    );
    expect(calls.filter(({ code }) => code === undefined)).toHaveLength(1);
    const times = ["9:30", "10:00", "10:30"];
    await Promise.all(
      times.map((time) => hold({ date: MONDAY, time }, { callId: "CA9" })),
    );
    expect(await free("CA0")).toBe(2);
  });

  test("a hold takes one lane of a resource with room for two", async () => {
    const { hold, book } = await open({
      resources: [{ name: "main", capacity: 2 }],
    });
    await hold(NINE);
    expect(await hold(NINE, OTHER)).toHaveProperty("held_until");
    expect(await hold(NINE, { callId: "CA3" })).toMatchObject(TAKEN);
    expect(await book({ ...maria, ...NINE }, { callId: "CA3" })).toMatchObject(
      TAKEN,
    );
    expect(await book({ ...maria, ...NINE }, OTHER)).toHaveProperty(
      "confirmation_number",
    );
    expect(await book({ ...maria, ...NINE })).toHaveProperty(
      "confirmation_number",
    );
  });

  test("is for a phone call: without one it is refused in words", async () => {
    const { hold } = await open();
    for (const callId of [null, ""])
      expect(await hold(NINE, { callId })).toMatchObject({
        code: "invalid_arguments",
        speech: "I can't keep a time for you, but I can book one.",
      });
  });

  test("refuses what cannot be booked", async () => {
    const { hold } = await open();
    for (const [change, code] of [
      [{ time: "8 PM" }, "outside_rules"],
      [{ time: "9:05" }, "outside_rules"],
      [{ date: "Sunday" }, "closed"],
      [{ date: "yesterday" }, "date_in_past"],
      [{ date: "2028-01-03" }, "outside_rules"],
      [{ time: "" }, "invalid_arguments"],
      [{ service: "massage" }, "invalid_arguments"],
    ] as const)
      expect(await hold({ ...NINE, ...change })).toMatchObject({ code });
  });
});
