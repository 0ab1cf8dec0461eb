import { describe, expect, test } from "@jest/globals";
import {
  freeTimes,
  makeBusiness,
  maria,
  MONDAY,
  numberOf,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

describe("book_appointment", () => {
  test("answers with a ten-digit number and echoes what was booked", async () => {
    const { book, search } = await startEndpoints();
    const answer = await book({ ...maria, date: "next monday", time: "1430" });
    const number = numberOf(answer);
    expect(answer).toEqual({
      confirmation_number: number,
      date: MONDAY,
      time: "2:30 PM",
      timezone: "America/Los_Angeles",
      service: "consultation",
      speech: expect.stringMatching(
        /^You're booked for Monday, March 9 at 2:30 PM\. Your confirmation number is \d \d \d, \d \d \d, \d \d \d \d\.$/,
      ) as unknown,
    });
    const spoken = answer.speech.split("number is")[1] ?? "";
    expect(spoken.replaceAll(/\D/g, "")).toBe(number);
    expect((await search({ date: MONDAY })).more).toBe(9);
  });

  const refusals: [what: string, args: object, expected: object][] = [
    [
      "a time outside the hours",
      { time: "7 PM" },
      {
        code: "outside_rules",
        alternatives: [
          { date: MONDAY, times: ["3:30 PM", "4:00 PM", "4:30 PM"] },
          { date: TUESDAY },
        ],
        speech:
          "I can't book 7:00 PM on Monday, March 9. I have 3:30 PM, 4:00 PM or 4:30 PM on Monday, March 9.",
      },
    ],
    [
      "a time between the offered ones",
      { time: "14:40" },
      { code: "outside_rules", alternatives: [{ date: MONDAY }, {}] },
    ],
    [
      "an end after the hours",
      { time: "16:45", service: "consultation" },
      { code: "outside_rules" },
    ],
    [
      "a closed day",
      { date: "2026-03-08" },
      { code: "closed", alternatives: [{ date: MONDAY }, { date: TUESDAY }] },
    ],
    [
      "a day that is over",
      { date: "2026-03-03" },
      { code: "date_in_past", alternatives: [{ date: "2026-03-04" }, {}] },
    ],
    [
      "a day beyond the horizon",
      { date: "2027-03-05" },
      { code: "outside_rules", alternatives: [{ date: "2027-02-26" }, {}] },
    ],
    [
      "a past time of today",
      { date: "today", time: "9:30 AM" },
      { code: "date_in_past", alternatives: [{ date: "2026-03-04" }, {}] },
    ],
    [
      "a service that is none",
      { service: "massage" },
      { code: "invalid_arguments" },
    ],
    [
      "a time of absurd length",
      { time: `9${".".repeat(5000)}:15am` },
      { code: "invalid_arguments" },
    ],
    [
      "a time that is none",
      { time: "soonish" },
      {
        code: "invalid_arguments",
        speech:
          "What time did you mean? I have 9:00 AM, 1:00 PM or 4:30 PM on Monday, March 9.",
      },
    ],
    [
      "an instant of another day",
      { time: "2026-03-10T09:00:00-07:00" },
      {
        code: "ambiguous_time",
        speech: "Did you mean Monday, March 9 or Tuesday, March 10?",
      },
    ],
    [
      "a time between two starts, near the one that was meant",
      { time: "quarter past nine" },
      {
        code: "outside_rules",
        speech:
          "I can't book 9:15 AM on Monday, March 9. I have 9:00 AM, 9:30 AM or 10:00 AM on Monday, March 9.",
      },
    ],
    [
      "a day that has just passed, with its year where it is another",
      { date: "12/31/2025" },
      { code: "date_in_past" },
    ],
    [
      "a day of next year in words that say so",
      { date: "3/7/2027" },
      {
        code: "outside_rules",
        speech: expect.stringContaining("Sunday, March 7, 2027") as unknown,
      },
    ],
    [
      "a name of control characters",
      { customer_name: "\u0000\u202E \n" },
      {
        code: "invalid_arguments",
        speech: "What name shall I put the appointment under?",
      },
    ],
    [
      "a phone number that cannot exist",
      { customer_phone: "four one five" },
      {
        code: "invalid_arguments",
        error:
          "customer_phone: expected a full phone number with its area code",
      },
    ],
  ];
  test.each(refusals)("refuses %s", async (_, change, expected) => {
    const { book, search } = await startEndpoints();
    expect(await book({ ...maria, ...change })).toMatchObject(expected);
    expect((await search({ date: MONDAY })).more).toBe(10);
  });

  test("refuses a missing name in words", async () => {
    const { book } = await startEndpoints();
    const { customer_name: _, ...nameless } = maria;
    expect(await book(nameless, { isMisfit: true })).toMatchObject({
      code: "invalid_arguments",
      error: expect.stringContaining(
        "customer_name: expected string (required)",
      ) as unknown,
    });
  });

  test("asks back when morning and afternoon are both meant", async () => {
    const { book } = await startEndpoints({
      business: makeBusiness({ hours: { monday: ["00:00-24:00"] } }),
    });
    expect(await book({ ...maria, time: "2:30" })).toMatchObject({
      code: "ambiguous_time",
      error:
        "time: 2:30 AM or 2:30 PM? Call again with one of them as it is written here",
      alternatives: [{ date: MONDAY, times: ["2:30 AM", "2:30 PM"] }],
      speech: "Did you mean 2:30 AM or 2:30 PM?",
    });
    expect(
      await book({ ...maria, date: "Monday morning", time: "2:30" }),
    ).toMatchObject({ time: "2:30 AM" });
  });

  test("of fifty calls for one time, one gets it and the others get alternatives", async () => {
    const { book } = await startEndpoints();
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        book(maria, { callId: `CA${index}` }),
      ),
    );
    const codes = all.map((answer) => answer.code ?? "booked");
    expect(codes.filter((code) => code === "booked")).toHaveLength(1);
    expect(codes.filter((code) => code === "slot_taken")).toHaveLength(49);
    expect(all.find(({ code }) => code === "slot_taken")).toMatchObject({
      error: "2:30 PM on 2026-03-09 is already taken",
      alternatives: [
        { date: MONDAY, times: ["1:30 PM", "2:00 PM", "3:00 PM"] },
        { date: TUESDAY },
      ],
    });
  });

  test("a short and a long service never overlap", async () => {
    const { book } = await startEndpoints();
    await book({ ...maria, service: "follow-up", time: "14:45" });
    const other = { callId: "CA2" };
    expect(await book(maria, other)).toMatchObject({ code: "slot_taken" });
    expect(
      await book({ ...maria, service: "follow-up", time: "14:30" }, other),
    ).toHaveProperty("confirmation_number");
  });

  test("buffers of neighbours add up, and none is needed at the ends of the day", async () => {
    const { book, search } = await startEndpoints({
      business: makeBusiness({
        services: [
          {
            name: "visit",
            minutes: 30,
            every: 5,
            buffer_before: 5,
            buffer_after: 10,
          },
        ],
        hours: { monday: ["09:00-11:00"] },
      }),
    });
    await book({ ...maria, time: "9:00" });
    // 9:30 + 10 after the first + 5 before the second
    expect((await freeTimes({ search }, MONDAY))[0]).toBe("9:45 AM");
    expect(
      await book({ ...maria, time: "9:40" }, { callId: "CA2" }),
    ).toMatchObject({ code: "slot_taken" });
    expect(
      await book({ ...maria, time: "10:30" }, { callId: "CA2" }),
    ).toHaveProperty("confirmation_number");
    expect(await freeTimes({ search }, MONDAY)).toEqual(["9:45 AM"]);
  });

  test("a resource with room for two takes two at a time", async () => {
    const { book } = await startEndpoints({
      business: makeBusiness({ resources: [{ name: "main", capacity: 2 }] }),
    });
    const all = await Promise.all(
      [1, 2, 3].map((index) => book(maria, { callId: `CA${index}` })),
    );
    expect(all.filter(({ code }) => code === "slot_taken")).toHaveLength(1);
    expect(
      all.filter((answer) => "confirmation_number" in answer),
    ).toHaveLength(2);
  });

  test("each resource takes only the services that it gives", async () => {
    const { book } = await startEndpoints({
      business: makeBusiness({
        resources: [
          { name: "doctor" },
          { name: "nurse", services: ["follow-up"] },
        ],
      }),
    });
    const short = { ...maria, service: "follow-up" };
    const codes = [];
    for (const [index, args] of [maria, short, maria, short].entries())
      codes.push((await book(args, { callId: `CA${index}` })).code ?? "booked");
    expect(codes).toEqual(["booked", "booked", "slot_taken", "slot_taken"]);
  });

  test("one phone number has no more appointments ahead than it may, in whatever spelling, also in parallel", async () => {
    const { book, cancel, pass } = await startEndpoints({
      business: makeBusiness({ rules: { bookings_per_phone: 2 } }),
    });
    const spellings = [
      "(415) 555-2671",
      "+1 415 555 2671",
      "4155552671",
      "1-415-555-2671",
    ];
    const all = await Promise.all(
      spellings.map((customer_phone, index) =>
        book(
          { ...maria, time: `${index + 9}:00`, customer_phone },
          { callId: `CA${index}` },
        ),
      ),
    );
    const booked = all.filter((answer) => "confirmation_number" in answer);
    expect(booked).toHaveLength(2);
    expect(all.filter(({ code }) => code === "outside_rules")).toHaveLength(2);
    const next = { ...maria, time: "4 PM" };
    expect(await book(next)).toMatchObject({ code: "outside_rules" });
    expect(
      await book({ ...next, customer_phone: "(415) 555-2672" }),
    ).toHaveProperty("confirmation_number");
    // A cancelled one does not count, nor does one that is over.
    await cancel({
      confirmation_number: numberOf(booked[0] ?? { speech: "" }),
      phone_last_four: "2671",
    });
    expect(
      await book({ ...maria, time: "3 PM" }, { callId: "CA9" }),
    ).toHaveProperty("confirmation_number");
    pass(7 * 24 * 3600);
    expect(
      await book({ ...maria, date: "next Friday" }, { callId: "CA10" }),
    ).toHaveProperty("confirmation_number");
  });

  test("a booking keeps its zone and wall time beside the instant", async () => {
    const { book, store } = await startEndpoints();
    await book(maria);
    expect(await store.findUpcoming("+14155552671", 0, 3)).toEqual([
      expect.objectContaining({
        zone: "America/Los_Angeles",
        localStart: "2026-03-09T14:30",
        start: Date.parse("2026-03-09T14:30:00-07:00"),
        end: Date.parse("2026-03-09T15:00:00-07:00"),
        callId: "CA1",
      }),
    ]);
  });
});
