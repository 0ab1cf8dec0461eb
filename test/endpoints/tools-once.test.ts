import { expect, test } from "@jest/globals";
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

const times = (count: number) => Array.from({ length: count });
const texts = (answers: unknown[]) =>
  new Set(answers.map((answer) => JSON.stringify(answer)));

await describeEachEngine("single execution", (newUrl) => {
  const open = async (options = {}) =>
    startEndpoints({ url: await newUrl(), ...options });

  test("the same key gets the same answer, also in parallel", async () => {
    const { book } = await open();
    const how = { key: "toolu_1" };
    const all = await Promise.all(times(20).map(() => book(maria, how)));
    expect(texts(all).size).toBe(1);
    numberOf(all[0] ?? { speech: "" });
  });

  test("without a key, the same arguments in one call are the same booking; in another call they are not", async () => {
    const { book } = await open();
    const first = await book(maria);
    const changedOrder = Object.fromEntries(Object.entries(maria).toReversed());
    expect(await book(changedOrder)).toEqual(first);
    expect(await book(maria, { callId: "CA2" })).toMatchObject({
      code: "slot_taken",
    });
  });

  test("without call and key, two equal requests are two requests", async () => {
    const { book } = await open();
    await book(maria, { callId: null });
    expect(await book(maria, { callId: null })).toMatchObject({
      code: "slot_taken",
    });
  });

  test("two calls with the same key are two calls", async () => {
    const { book } = await open();
    const key = "toolu_1";
    const first = await book(maria, { key });
    const later = { ...maria, time: "3 PM" };
    const second = await book(later, { callId: "CA2", key });
    expect(numberOf(second)).not.toBe(numberOf(first));
  });

  test("two tools with the same key are two writes", async () => {
    const { book, cancel } = await open();
    const key = "toolu_1";
    const confirmation_number = numberOf(await book(maria, { key }));
    expect(await cancel({ confirmation_number }, { key })).toMatchObject({
      cancelled: true,
    });
  });

  test("two long keys that begin alike are two keys", async () => {
    const { book } = await open();
    const first = await book(maria, { key: `${"k".repeat(300)}1` });
    const second = await book(
      { ...maria, time: "3 PM" },
      { key: `${"k".repeat(300)}2` },
    );
    expect(numberOf(second)).not.toBe(numberOf(first));
  });

  test("the same key with other arguments is refused by every tool that writes", async () => {
    const { book, cancel, reschedule, hold } = await open();
    const how = { key: "toolu_1" };
    const mismatch = { code: "idempotency_mismatch" };
    const confirmation_number = numberOf(await book(maria, how));
    expect(await book({ ...maria, time: "3 PM" }, how)).toMatchObject(mismatch);
    const monday = { date: MONDAY, time: "9:00" };
    const moved = { confirmation_number, ...monday };
    expect(await reschedule(moved, how)).toMatchObject({ time: "9:00 AM" });
    expect(await reschedule({ ...moved, time: "9:30" }, how)).toMatchObject(
      mismatch,
    );
    expect(await hold(monday, { ...how, callId: "CA2" })).toMatchObject({
      code: "slot_taken",
    });
    const free = { date: MONDAY, time: "10:00" };
    expect(await hold(free, how)).toHaveProperty("held_until");
    expect(await hold(monday, how)).toMatchObject(mismatch);
    expect(await cancel({ confirmation_number }, how)).toMatchObject({
      cancelled: true,
    });
    expect(
      await cancel({ confirmation_number, phone_last_four: "2671" }, how),
    ).toMatchObject(mismatch);
  });

  test("what was booked is told again when the rules no longer allow its time", async () => {
    const { book, pass } = await open();
    const eleven = { ...maria, date: "2026-03-04", time: "11 AM" };
    const first = await book(eleven, { key: "k" });
    numberOf(first);
    pass(3601);
    expect(await book(eleven, { key: "k" })).toEqual(first);
    expect(
      await book({ ...eleven, date: "Saturday" }, { key: "k" }),
    ).toMatchObject({ code: "idempotency_mismatch" });
  });

  test("a refusal is not kept: the same key may succeed later", async () => {
    const { book, cancel } = await open();
    const confirmation_number = numberOf(await book(maria));
    const how = { callId: "CA2", key: "k" };
    expect(await book(maria, how)).toMatchObject({ code: "slot_taken" });
    await cancel({ confirmation_number });
    expect(await book(maria, how)).toHaveProperty("confirmation_number");
  });

  test("book, cancel, book again in one call makes two bookings", async () => {
    const { book, cancel } = await open();
    const first = numberOf(await book(maria));
    await cancel({ confirmation_number: first });
    const second = numberOf(await book(maria));
    expect(second).not.toBe(first);
    expect(await cancel({ confirmation_number: first })).toMatchObject({
      already_cancelled: true,
    });
    expect(await cancel({ confirmation_number: second })).toMatchObject({
      already_cancelled: false,
    });
    expect(numberOf(await book(maria))).not.toBe(second);
  });

  test("a booking's key tells its booking again after it was cancelled, and books nothing", async () => {
    const { book, cancel, search } = await open();
    const first = await book(maria, { key: "k" });
    await cancel({ confirmation_number: numberOf(first) });
    expect(await book(maria, { key: "k" })).toEqual(first);
    expect((await search({ date: MONDAY })).more).toBe(10);
  });

  test("a cancel that comes again with its key gets the first answer, without one the truth of now", async () => {
    const { book, cancel } = await open();
    const booked = { confirmation_number: numberOf(await book(maria)) };
    const all = await Promise.all(
      times(8).map(() => cancel(booked, { key: "toolu_c" })),
    );
    expect(texts(all).size).toBe(1);
    expect(all[0]).toMatchObject({ already_cancelled: false });
    expect(await cancel(booked)).toMatchObject({ already_cancelled: true });
  });

  test("of cancels at the same time without a key one has done it", async () => {
    const { book, cancel } = await open();
    const booked = { confirmation_number: numberOf(await book(maria)) };
    const all = await Promise.all(times(8).map(() => cancel(booked)));
    const done = all.filter(({ already_cancelled }) => !already_cancelled);
    expect([all.length, done.length]).toEqual([8, 1]);
    expect(all.every(({ cancelled }) => cancelled === true)).toBe(true);
  });

  test("a move that comes again is one move, also in parallel", async () => {
    const { book, reschedule, search } = await open();
    const confirmation_number = numberOf(await book(maria));
    const move = { confirmation_number, date: TUESDAY, time: "9:00" };
    for (const how of [{ key: "toolu_m" }, {}]) {
      const all = await Promise.all(times(8).map(() => reschedule(move, how)));
      expect(texts(all).size).toBe(1);
      expect(all[0]).toMatchObject({ date: TUESDAY, time: "9:00 AM" });
    }
    expect((await search({ date: MONDAY })).more).toBe(10);
    expect((await search({ date: TUESDAY })).more).toBe(9);
  });

  test("moving there, back and there again are three moves", async () => {
    const { book, reschedule, search } = await open();
    const confirmation_number = numberOf(await book(maria));
    const there = { confirmation_number, date: TUESDAY, time: "9:00" };
    const back = { confirmation_number, date: MONDAY, time: "2:30 PM" };
    for (const move of [there, back, there])
      expect(await reschedule(move)).toMatchObject({ date: move.date });
    expect((await search({ date: MONDAY })).more).toBe(10);
    expect((await search({ date: TUESDAY })).more).toBe(9);
  });

  test("a held time with its key is held once, and its answer is told again", async () => {
    const { hold, pass } = await open();
    const time = { date: MONDAY, time: "9:00" };
    const all = await Promise.all(
      times(6).map(() => hold(time, { key: "toolu_h" })),
    );
    expect(texts(all).size).toBe(1);
    pass(30);
    expect(await hold(time, { key: "toolu_h" })).toEqual(all[0]);
    // Another key is another wish: the one prolongation.
    const { held_until } = await hold(time, { key: "toolu_i" });
    expect(held_until).toBe("2026-03-04T10:02:30-08:00");
  });

  test("a search is never answered from memory", async () => {
    const { search, book } = await open({
      business: makeBusiness({ hours: { monday: ["09:00-10:00"] } }),
    });
    const how = { key: "toolu_s" };
    expect((await search({ date: MONDAY }, how)).slots).toHaveLength(2);
    await book({ ...maria, time: "9:00" });
    expect((await search({ date: MONDAY }, how)).slots).toHaveLength(1);
    expect(await freeTimes({ search }, MONDAY, how)).toEqual(["9:30 AM"]);
  });
});
