import { describe, expect, test } from "@jest/globals";
import {
  makeBusiness,
  maria,
  MONDAY,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

// Every answer in these tests is held below 1 KB by startEndpoints.
const LONG = "牙科检查与专业洁牙服务".repeat(6).slice(0, 60);
const longNames = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `${LONG.slice(0, 57)}${index + 100}`,
    minutes: 30,
  }));

describe("answers stay below 1 KB", () => {
  test("with twelve times in a zone of the longest name on the longest day", async () => {
    const { search } = await startEndpoints({
      business: makeBusiness({
        timezone: "America/Argentina/ComodRivadavia",
        services: [{ name: LONG, minutes: 5 }],
        hours: { wednesday: ["10:00-23:55"] },
      }),
    });
    const day = { date: "2026-09-30", limit: 12 };
    expect((await search(day)).available_slots).toHaveLength(12);
    expect(
      (await search({ ...day, preferred_time: "11:30 AM" })).available_slots,
    ).toHaveLength(12);
  });

  test("with twelve times that the clock shows twice", async () => {
    const { search, book } = await startEndpoints({
      business: makeBusiness({
        timezone: "America/North_Dakota/New_Salem",
        services: [{ name: "visit", minutes: 5 }],
        hours: { sunday: ["01:00-02:00"] },
      }),
    });
    const date = "2026-11-01";
    const { available_slots = [] } = await search({ date, limit: 12 });
    expect(available_slots.length).toBeGreaterThanOrEqual(10);
    for (const time of available_slots)
      expect(await book({ ...maria, date, time })).toMatchObject({ time });
    for (const limit of [1, 6, 12])
      await search({ date, limit, preferred_time: "1:30 AM" });
    expect(
      await book(
        { ...maria, date, time: available_slots[0] },
        { callId: "CA2" },
      ),
    ).toMatchObject({ code: "slot_taken" });
  });

  test("with many services of long names", async () => {
    const business = makeBusiness({ services: longNames(50) });
    const { call, search, book, lookup } = await startEndpoints({ business });
    const listed = await call("list_services", {});
    expect(listed.services?.length).toBeGreaterThan(1);
    expect((listed.services?.length ?? 0) + (listed.more ?? 0)).toBe(50);
    expect(listed.speech).toMatch(/; and \d+ more\.$/);

    const refused = await search({ date: MONDAY, service: LONG.repeat(9) });
    expect(refused.code).toBe("invalid_arguments");
    expect(refused.speech).toMatch(
      / or \d+ more\. Which one would you like\?$/,
    );

    const name = longNames(50)[49]?.name;
    for (const time of ["9:00", "10:00", "11:00"])
      expect(await book({ ...maria, service: name, time })).toMatchObject({
        service: name,
      });
    const found = await lookup({ customer_phone: maria.customer_phone });
    expect(found.appointments?.length).toBeGreaterThan(0);
    expect(found.appointments?.[0]).toMatchObject({ service: name });
  });

  test("with a holiday of a long name", async () => {
    const { search } = await startEndpoints({
      business: makeBusiness({ holidays: { [MONDAY]: LONG } }),
    });
    expect(await search({ date: MONDAY })).toMatchObject({
      code: "closed",
      alternatives: [{ date: TUESDAY }, {}],
    });
  });

  test("with names of nothing but marks", async () => {
    const { book, lookup } = await startEndpoints();
    const zalgo = Array.from({ length: 4 }, () => `M${"\u0489".repeat(28)}`);
    for (const time of ["9:00", "10:00", "11:00"])
      await book({ ...maria, time, customer_name: zalgo.join(" ") });
    const { appointments } = await lookup({
      customer_phone: maria.customer_phone,
    });
    expect(appointments).toHaveLength(3);
  });

  test.each([
    ["letters of three bytes", "牙".repeat(300)],
    ["controls", "\u0007".repeat(300)],
    ["quotes and backslashes", '"\\'.repeat(150)],
    ["half characters", "😀".repeat(150).slice(1)],
  ])("whatever is said back: %s", async (_, text) => {
    const { search, book, call } = await startEndpoints();
    const wrong = { code: "invalid_arguments" };
    expect(await search({ date: text })).toMatchObject(wrong);
    expect(await search({ date: MONDAY, service: text })).toMatchObject(wrong);
    expect(await book({ ...maria, time: text })).toMatchObject(wrong);
    const all = {
      date: [text],
      time: { text },
      customer_name: text,
      customer_phone: text,
      service: [[text]],
    };
    expect(await book(all, { isMisfit: true })).toMatchObject(wrong);
    expect(
      await call(
        "reschedule_appointment",
        { ...all, confirmation_number: text, phone_last_four: [text] },
        { isMisfit: true },
      ),
    ).toMatchObject(wrong);
  });
});

describe("list_services", () => {
  test("tells names and minutes, and says them", async () => {
    const { call } = await startEndpoints({
      business: makeBusiness({
        services: [
          { name: "consultation", minutes: 60 },
          { name: "follow-up", minutes: 15 },
          { name: "course", minutes: 1440 },
        ],
        hours: { monday: ["00:00-24:00"] },
      }),
    });
    expect(await call("list_services", {})).toEqual({
      services: [
        { name: "consultation", minutes: 60 },
        { name: "follow-up", minutes: 15 },
        { name: "course", minutes: 1440 },
      ],
      speech:
        "We offer: consultation, 1 hour; follow-up, 15 minutes; course, 1 day.",
    });
  });

  test("tells ten at most, and how many more there are", async () => {
    const services = Array.from({ length: 14 }, (_, index) => ({
      name: `visit ${index}`,
      minutes: 30,
    }));
    const { call } = await startEndpoints({
      business: makeBusiness({ services }),
    });
    const told = await call("list_services", {});
    expect([told.services?.length, told.more]).toEqual([10, 4]);
  });
});

describe("every tool", () => {
  const drive: [tool: string, args: object][] = [
    ["search_appointments", { date: MONDAY }],
    ["book_appointment", maria],
    ["cancel_appointment", { confirmation_number: "1" }],
    [
      "reschedule_appointment",
      { confirmation_number: "1", date: MONDAY, time: "9:00" },
    ],
    ["lookup_appointments", { customer_phone: maria.customer_phone }],
    ["hold_appointment", { date: MONDAY, time: "9:00" }],
    ["list_services", {}],
    ["get_programming_joke", {}],
  ];

  test.each(drive)("%s answers what the document says", async (tool, args) => {
    const { call } = await startEndpoints();
    expect(await call(tool, args)).toHaveProperty("speech");
  });

  test.each(drive)(
    "%s says so when the database cannot be reached",
    async (tool, args) => {
      const { call, store } = await startEndpoints();
      await store.close();
      const answer = await call(tool, args);
      const needsNone = ["list_services", "get_programming_joke"];
      if (needsNone.includes(tool)) expect(answer).not.toHaveProperty("code");
      else
        expect(answer).toEqual({
          error: "The booking system is not available right now",
          code: "unavailable",
          speech: "I'm sorry, I can't reach our booking system right now.",
        });
    },
  );

  test.each(drive)(
    "%s counts for the rate of its call, and no other call's",
    async (tool, args) => {
      const { call, pass } = await startEndpoints({ callRatePerMinute: 2 });
      const limited = { code: "rate_limited" };
      await call(tool, args);
      await call(tool, args);
      expect(await call(tool, args)).toMatchObject(limited);
      expect(await call(tool, args, { callId: "CA2" })).not.toMatchObject(
        limited,
      );
      pass(60);
      expect(await call(tool, args)).not.toMatchObject(limited);
    },
  );
});
