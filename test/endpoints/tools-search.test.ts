import { describe, expect, test } from "@jest/globals";
import {
  freeTimes,
  makeBusiness,
  maria,
  MONDAY,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

describe("search_appointments", () => {
  test("offers at most six times spread over the day, in words and as instants", async () => {
    const { search } = await startEndpoints();
    expect(await search({ date: MONDAY })).toEqual({
      date: MONDAY,
      timezone: "America/Los_Angeles",
      available_slots: [
        "9:00 AM",
        "10:30 AM",
        "12:00 PM",
        "1:30 PM",
        "3:00 PM",
        "4:30 PM",
      ],
      slots: ["09:00", "10:30", "12:00", "13:30", "15:00", "16:30"].map(
        (time) => ({ time, start: `${MONDAY}T${time}:00-07:00` }),
      ),
      more: 10,
      speech:
        "On Monday, March 9 I have 9:00 AM, 10:30 AM, 12:00 PM, 1:30 PM, 3:00 PM or 4:30 PM, and 10 more.",
    });
  });

  test("offers the times nearest to a wish, as many as asked for", async () => {
    const { search } = await startEndpoints();
    const near = { date: MONDAY, preferred_time: "2:30", limit: 3 };
    expect((await search(near)).available_slots).toEqual([
      "2:00 PM",
      "2:30 PM",
      "3:00 PM",
    ]);
    const six = await search({ ...near, limit: 6 });
    expect(six.available_slots).toEqual([
      "9:00 AM",
      "1:30 PM",
      "2:00 PM",
      "2:30 PM",
      "3:00 PM",
      "4:30 PM",
    ]);
  });

  test("never tells more than twelve times, and says how many it left out", async () => {
    const { search } = await startEndpoints();
    for (const limit of [13, 99, 1_000_000]) {
      const most = await search({ date: MONDAY, limit });
      expect([most.available_slots?.length, most.more]).toEqual([12, 4]);
      expect(most.speech).toMatch(/, and 10 more\.$/);
    }
  });

  test("reads a number of times in quotes, and refuses none at all", async () => {
    const { search } = await startEndpoints();
    const quoted = { date: MONDAY, limit: "2" };
    expect(
      (await search(quoted, { isMisfit: true })).available_slots,
    ).toHaveLength(2);
    expect(
      await search({ date: MONDAY, limit: 0 }, { isMisfit: true }),
    ).toMatchObject({ code: "invalid_arguments" });
  });

  test("ignores a wish that it cannot read", async () => {
    const { search } = await startEndpoints();
    const { available_slots } = await search({
      date: MONDAY,
      preferred_time: "whenever it suits",
    });
    expect(available_slots).toHaveLength(6);
  });

  test("knows the services of the business file, however they are written", async () => {
    const { search } = await startEndpoints();
    for (const service of ["follow-up", "Follow up", " FOLLOW_UP "])
      expect((await search({ date: MONDAY, service })).more).toBe(26);
    expect(await search({ date: MONDAY, service: "massage" })).toMatchObject({
      code: "invalid_arguments",
      error:
        'service: expected one of consultation, follow-up, received "massage"',
      speech: "We offer consultation or follow-up. Which one would you like?",
    });
  });

  test("a part of the day is a wish for its middle", async () => {
    const { search } = await startEndpoints();
    const { date, available_slots } = await search({
      date: "tomorrow afternoon",
      limit: 3,
    });
    expect([date, available_slots]).toEqual([
      "2026-03-05",
      ["2:00 PM", "2:30 PM", "3:00 PM"],
    ]);
  });

  test("refuses a full day with the next two days that have room", async () => {
    const business = makeBusiness({
      hours: { monday: ["09:00-10:00"], tuesday: ["13:00-17:00"] },
    });
    const { search, book } = await startEndpoints({ business });
    for (const time of ["9:00", "9:30"])
      await book({ ...maria, time }, { callId: time });
    expect(await search({ date: MONDAY })).toEqual({
      error: "No slots available for that date",
      code: "no_slots",
      alternatives: [
        { date: TUESDAY, times: ["1:00 PM", "3:00 PM", "4:30 PM"] },
        { date: "2026-03-16", times: ["9:00 AM", "9:30 AM"] },
      ],
      speech:
        "Monday, March 9 is fully booked. I have 1:00 PM, 3:00 PM or 4:30 PM on Tuesday, March 10.",
    });
  });

  test("alternatives are near the time that was wished for", async () => {
    const business = makeBusiness({
      hours: { monday: ["09:00-09:30"], tuesday: ["09:00-17:00"] },
    });
    const { search, book } = await startEndpoints({ business });
    await book({ ...maria, time: "9 AM" });
    expect(
      await search({ date: MONDAY, preferred_time: "2 PM" }, { callId: "CA2" }),
    ).toMatchObject({
      code: "no_slots",
      alternatives: [
        { date: TUESDAY, times: ["1:30 PM", "2:00 PM", "2:30 PM"] },
        { date: "2026-03-16" },
      ],
    });
  });

  test("a day whose rest is too near says so, and not that it is full", async () => {
    const { search } = await startEndpoints({
      business: makeBusiness({ rules: { notice_minutes: 2880 } }),
    });
    const answer = await search({ date: "tomorrow" });
    expect(answer).toMatchObject({
      code: "no_slots",
      alternatives: [{ date: "2026-03-06" }, { date: MONDAY }],
    });
    expect(answer.speech).toMatch(/^Thursday, March 5 has no times left\. I/);
  });

  test("notice counts elapsed minutes to the minute", async () => {
    const { search, pass } = await startEndpoints({
      business: makeBusiness({ rules: { notice_minutes: 60 } }),
    });
    const today = { date: "today", limit: 1 };
    expect((await search(today)).available_slots).toEqual(["11:00 AM"]);
    pass(1);
    expect((await search(today)).available_slots).toEqual(["11:30 AM"]);
  });

  test("the horizon counts calendar days, and beyond it are times at its end", async () => {
    const { search } = await startEndpoints({
      business: makeBusiness({ rules: { horizon_days: 30 } }),
    });
    expect(await search({ date: "2026-04-03" })).toHaveProperty("slots");
    expect(await search({ date: "2026-04-04" })).toMatchObject({
      code: "outside_rules",
      alternatives: [{ date: "2026-03-30" }, { date: "2026-03-31" }],
      speech: expect.stringMatching(
        /^I can't book as far ahead as Saturday, April 4, only 30 days ahead\. I have /,
      ) as unknown,
    });
  });

  test("a past day is refused with the times of today", async () => {
    const { search } = await startEndpoints();
    expect(await search({ date: "2025-03-10" })).toMatchObject({
      code: "date_in_past",
      error: "2025-03-10 is in the past; today is 2026-03-04",
      alternatives: [{ date: "2026-03-04" }, { date: "2026-03-05" }],
    });
  });

  test("a holiday is told by its name", async () => {
    const { search } = await startEndpoints({
      business: makeBusiness({ holidays: { [MONDAY]: "Founders' Day" } }),
    });
    expect(await search({ date: MONDAY })).toMatchObject({
      code: "closed",
      error: "Closed on 2026-03-09 for Founders' Day",
      alternatives: [{ date: TUESDAY }, { date: "2026-03-11" }],
      speech: expect.stringContaining(
        "We're closed on Monday, March 9 for Founders' Day.",
      ) as unknown,
    });
  });

  test("a business that is never open again offers nothing, in words", async () => {
    const { search } = await startEndpoints({
      business: makeBusiness({
        hours: {},
        overrides: { "2026-03-02": ["09:00-17:00"] },
      }),
    });
    const answer = await search({ date: MONDAY });
    expect(answer).toEqual({
      code: "closed",
      error: "Closed on 2026-03-09",
      speech: "We're closed on Monday, March 9.",
    });
  });

  test("a weekday that contradicts its date is asked back with both days", async () => {
    const { search } = await startEndpoints();
    expect(await search({ date: "Monday, March 10" })).toMatchObject({
      code: "ambiguous_time",
      alternatives: [{ date: TUESDAY }, { date: MONDAY }],
      speech: "Did you mean Tuesday, March 10 or Monday, March 9?",
    });
  });

  test("times that the clock shows twice are told apart, and can be booked as they are told", async () => {
    const { search, book } = await startEndpoints({
      business: makeBusiness({ hours: { sunday: ["01:00-02:00"] } }),
    });
    const date = "2026-11-01";
    const { available_slots, slots } = await search({ date });
    expect(available_slots).toEqual([
      "1:00 AM (first)",
      "1:30 AM (first)",
      "1:00 AM (second)",
      "1:30 AM (second)",
    ]);
    expect(new Set(slots?.map(({ start }) => start)).size).toBe(4);
    expect(await book({ ...maria, date, time: "1:30 AM" })).toMatchObject({
      code: "ambiguous_time",
      alternatives: [{ date, times: ["1:30 AM (first)", "1:30 AM (second)"] }],
    });
    expect(
      await book({ ...maria, date, time: "1:30 AM (second)" }),
    ).toMatchObject({ time: "1:30 AM (second)" });
    expect(await freeTimes({ search }, date)).toHaveLength(3);
  });

  const days: [said: string, expected: object][] = [
    ["tomorrow", { date: "2026-03-05" }],
    ["next Tuesday", { date: TUESDAY }],
    ["Wednesday", { date: "2026-03-11" }],
    ["03/09", { date: MONDAY }],
    ["March 9th", { date: MONDAY }],
    ["Monday, 9 March", { date: MONDAY }],
    [
      "2026-03-04",
      {
        available_slots: [
          "10:00 AM",
          "11:30 AM",
          "12:30 PM",
          "2:00 PM",
          "3:00 PM",
          "4:30 PM",
        ],
      },
    ],
    ["2026-03-03", { code: "date_in_past" }],
    ["Saturday", { code: "closed", alternatives: [{ date: MONDAY }, {}] }],
    ["2028-01-03", { code: "outside_rules" }],
    ["2026-02-30", { code: "invalid_arguments" }],
    [
      "whenever",
      { speech: expect.stringContaining("Which day did you mean?") as unknown },
    ],
    ["", { code: "invalid_arguments" }],
    ["9".repeat(500), { code: "invalid_arguments" }],
  ];
  test.each(days)("understands the day %j", async (date, expected) => {
    const { search } = await startEndpoints();
    expect(await search({ date })).toMatchObject(expected);
  });

  test("refuses arguments that do not fit in words, all of them at once", async () => {
    const { search } = await startEndpoints();
    const { code, error } = await search({ limit: "many" }, { isMisfit: true });
    expect(code).toBe("invalid_arguments");
    expect(error).toContain(
      "date: expected string (required), received nothing",
    );
    expect(error).toContain('limit: expected integer, received string "many"');
  });
});
