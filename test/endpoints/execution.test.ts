import { expect, test } from "@jest/globals";
import { openDatabase, openStore } from "../../endpoints/store/index.ts";
import { createStore } from "../../endpoints/store/queries.ts";
import type {
  Booking,
  Execution,
  Outcome,
} from "../../endpoints/store/store.ts";
import { describePostgres } from "../support/engines.ts";

const execution: Execution = {
  callId: "CA1",
  tool: "book_appointment",
  key: "arguments {}",
  arguments: "{}",
  derived: true,
  created: 0,
};
const outcome: Outcome = {
  answer: { speech: "first" },
  commit: true,
  remember: true,
  bookingId: "b",
};

const booking: Booking = {
  id: "b",
  number: "1234567895",
  resource: "main",
  lane: 0,
  start: 0,
  end: 1_800_000,
  zone: "UTC",
  localStart: "1970-01-01T00:00",
  service: "visit",
  customerName: "Ann",
  customerPhone: null,
  callId: "CA1",
  status: "confirmed",
  created: 0,
};

// SQLite has one writer at a time, so nothing comes between two statements there.
await describePostgres(
  "a write that ran before",
  (newUrl) => {
    test("runs again when a cancellation frees its key while it is looked up", async () => {
      const url = await newUrl();
      const other = await openStore(url);
      const database = await openDatabase(url);
      await other.execute(execution, async () => outcome);
      let hasCancelled = false;
      const store = createStore({
        ...database,
        transaction: (work, options) =>
          database.transaction(
            (session) =>
              work({
                all: (sql, values) => session.all(sql, values),
                run: async (sql, values) => {
                  const changed = await session.run(sql, values);
                  const isSecond =
                    sql.includes("INSERT INTO execution") && changed === 0;
                  if (!isSecond || hasCancelled) return changed;
                  hasCancelled = true;
                  await other.execute(undefined, async (transaction) => {
                    await transaction.cancelBooking(booking);
                    return { ...outcome, remember: false };
                  });
                  return changed;
                },
              }),
            options,
          ),
      });
      const answer = { speech: "second" };
      expect(
        await store.execute(execution, async () => ({ ...outcome, answer })),
      ).toEqual(answer);
      expect(hasCancelled).toBe(true);
      await store.close();
      await other.close();
    });
  },
  { fsync: false },
);
