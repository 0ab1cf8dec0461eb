import { expect, test } from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import type { Store } from "../../endpoints/index.ts";
import { describeEachEngine, describePostgres } from "../support/engines.ts";
import {
  maria,
  MONDAY,
  numberOf,
  startEndpoints,
  TUESDAY,
} from "../support/start-endpoints.ts";

type Work = Parameters<Store["execute"]>[1];
type Transaction = Parameters<Work>[0];

const UNAVAILABLE = {
  error: "The booking system is not available right now",
  code: "unavailable",
  speech: "I'm sorry, I can't reach our booking system right now.",
};
const TO_TUESDAY = { date: TUESDAY, time: "9:00" };

/** A store of which the next transaction that gets to one statement breaks there. */
function breakable(store: Store) {
  let at: keyof Transaction | undefined;
  const lost = () => {
    at = undefined;
    return Promise.reject(new Error("connection terminated"));
  };
  return {
    breakAt: (statement: keyof Transaction) => {
      at = statement;
    },
    store: {
      ...store,
      execute: (...[execution, work]: Parameters<Store["execute"]>) =>
        store.execute(execution, (transaction) =>
          work(at === undefined ? transaction : { ...transaction, [at]: lost }),
        ),
    },
  };
}

await describeEachEngine("a transaction that breaks", (newUrl) => {
  async function open() {
    const { store, breakAt } = breakable(await openStore(await newUrl()));
    return { ...(await startEndpoints({ store })), breakAt };
  }
  const writes = ["claim", "findHold", "insertBooking", "audit"] as const;

  test.each(writes)(
    "at %s leaves no half-written booking, and the same call again books",
    async (statement) => {
      const { book, search, lookup, breakAt } = await open();
      for (const how of [{ key: "toolu_1" }, { callId: "CA2" }]) {
        const order = how.key ? maria : { ...maria, time: "3 PM" };
        const { more } = await search({ date: MONDAY });
        breakAt(statement);
        expect(await book(order, how)).toEqual(UNAVAILABLE);
        expect((await search({ date: MONDAY })).more).toBe(more);
        expect(await book(order, how)).toHaveProperty("confirmation_number");
        expect((await search({ date: MONDAY })).more).toBe((more ?? 0) - 1);
      }
      const found = await lookup({ customer_phone: maria.customer_phone });
      expect(found.appointments).toHaveLength(2);
    },
  );

  test.each([
    "lockBooking",
    "releaseBooking",
    "claim",
    "moveBooking",
    "audit",
  ] as const)(
    "at %s leaves a moved appointment where it was",
    async (statement) => {
      const { book, reschedule, search, lookup, breakAt } = await open();
      const confirmation_number = numberOf(await book(maria));
      const move = { confirmation_number, ...TO_TUESDAY };
      breakAt(statement);
      expect(await reschedule(move)).toEqual(UNAVAILABLE);
      expect((await search({ date: MONDAY })).more).toBe(9);
      expect((await search({ date: TUESDAY })).more).toBe(10);
      expect(
        (await lookup({ customer_phone: maria.customer_phone })).appointments,
      ).toMatchObject([{ date: MONDAY }]);
      expect(await reschedule(move)).toMatchObject({ date: TUESDAY });
    },
  );

  test("at a cancellation's end leaves the appointment live", async () => {
    const { book, cancel, search, breakAt } = await open();
    const confirmation_number = numberOf(await book(maria));
    breakAt("audit");
    expect(await cancel({ confirmation_number })).toEqual(UNAVAILABLE);
    expect((await search({ date: MONDAY })).more).toBe(9);
    expect(await cancel({ confirmation_number })).toMatchObject({
      already_cancelled: false,
    });
  });

  test("at a wrong try's count does not let the caller through", async () => {
    const { book, cancel, breakAt } = await open();
    const confirmation_number = numberOf(await book(maria));
    const other = { callId: "CA2" };
    for (const statement of ["countFailures", "setFailures"] as const) {
      breakAt(statement);
      expect(await cancel({ confirmation_number }, other)).toEqual(UNAVAILABLE);
    }
    expect(await cancel({ confirmation_number }, other)).toMatchObject({
      code: "verification_failed",
    });
  });
});

await describePostgres(
  "a server that goes away",
  (newUrl, server) => {
    const { kill, restart } = server;
    if (!kill || !restart) {
      test.skip("is not ours to end", () => {});
      return;
    }

    test("is unavailable in words at once, and the next call after it is back works", async () => {
      const { book, search, cancel } = await startEndpoints({
        url: await newUrl(),
      });
      const confirmation_number = numberOf(await book(maria));
      await kill();
      const tomorrow = { ...maria, ...TO_TUESDAY };
      expect(await search({ date: MONDAY })).toEqual(UNAVAILABLE);
      expect(await book(tomorrow)).toEqual(UNAVAILABLE);
      expect(await cancel({ confirmation_number })).toEqual(UNAVAILABLE);
      await restart();
      expect(await book(tomorrow)).toHaveProperty("confirmation_number");
      expect(await cancel({ confirmation_number })).toMatchObject({
        already_cancelled: false,
      });
    });

    test("in the middle of bookings loses none that was told, and writes no half of one", async () => {
      const { book, store } = await startEndpoints({ url: await newUrl() });
      const orders = Array.from({ length: 32 }, (_, index) => ({
        order: {
          ...maria,
          date: index < 16 ? MONDAY : TUESDAY,
          time: `${9 + Math.floor((index % 16) / 2)}:${index % 2 === 0 ? "00" : "30"}`,
        },
        how: { callId: `CA${index}`, key: "toolu_1" },
      }));
      const running = orders.map(({ order, how }) => book(order, how));
      await Promise.race(running);
      await kill();
      const before = await Promise.all(running);
      await restart();
      for (const [index, { order, how }] of orders.entries()) {
        const told = before[index] ?? { speech: "" };
        const again = await book(order, how);
        numberOf(again);
        if (told.code === undefined) expect(again).toEqual(told);
        else expect(told).toEqual(UNAVAILABLE);
      }
      const claims = await store.listClaims({
        resources: ["main"],
        from: 0,
        to: Number.MAX_SAFE_INTEGER,
      });
      expect(claims).toHaveLength(32 * 6);
      expect(new Set(claims.map(({ owner }) => owner)).size).toBe(32);
      expect(await store.findUpcoming("+14155552671", 0, 100)).toHaveLength(32);
    });
  },
  { fsync: false },
);
