import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { countAnswers, findFaults } from "../support/booking-judge.ts";
import { readRows } from "../support/booking-rows.ts";
import { describeEachEngine } from "../support/engines.ts";
import { copyErrands, newBooking, OWN_NUMBER } from "../support/errands.ts";
import type { Answered, Step } from "../support/errands.ts";
import { startFighters } from "../support/fighters.ts";
import type { Fighters } from "../support/fighters.ts";

jest.setTimeout(60_000); // a busy machine is no fault
const PROCESSES = 4;
const COPIES = 32;

let fighters: Fighters;
beforeAll(async () => {
  fighters = await startFighters(PROCESSES);
});
afterAll(() => fighters.stop());

const toBodies = (answered: Answered[][]) =>
  answered.flat().map(({ body }) => body);

await describeEachEngine("one call that comes many times", (newUrl) => {
  test("640 copies of 20 bookings make 20 bookings with one answer each, with and without an Idempotency-Key", async () => {
    const databaseUrl = await newUrl();
    const errands = Array.from({ length: 20 }, (_, index) => ({
      callId: `call-${index}`,
      steps: [newBooking(index, index % 2 === 0 ? `key-${index}` : undefined)],
    }));
    const { answered, faults } = await fighters.fight(
      copyErrands(errands, COPIES),
      {
        databaseUrl,
        clients: 100,
      },
    );

    expect(faults).toEqual([]);
    expect(countAnswers(answered)).toEqual(new Map([["ok", 640]]));
    const bodiesByCall = new Map<string, Set<string>>();
    for (const { callId, body } of answered.flat())
      bodiesByCall.set(
        callId,
        (bodiesByCall.get(callId) ?? new Set()).add(body),
      );
    const severalAnswers = [...bodiesByCall].filter(
      ([, bodies]) => bodies.size !== 1,
    );
    expect(severalAnswers).toEqual([]);
    const rows = await readRows(databaseUrl);
    expect(rows.bookings).toHaveLength(20);
    expect(rows.audits).toHaveLength(20);
    expect(findFaults(rows, 1)).toEqual([]);
  }, 60_000);

  test("of two bookings under one key at the same moment one is made, and the other is a mismatch each time", async () => {
    const databaseUrl = await newUrl();
    const callId = "call";
    const { answered, faults } = await fighters.fight(
      copyErrands(
        [
          { callId, steps: [newBooking(0, "key")] },
          { callId, steps: [newBooking(1, "key")] },
        ],
        COPIES,
      ),
      { databaseUrl },
    );
    expect(faults).toEqual([]);
    expect(countAnswers(answered)).toEqual(
      new Map([
        ["ok", COPIES],
        ["idempotency_mismatch", COPIES],
      ]),
    );
    expect(new Set(toBodies(answered)).size).toBe(2);
    expect((await readRows(databaseUrl)).bookings).toHaveLength(1);
  });

  test("book, cancel and book again in one call makes two bookings", async () => {
    const databaseUrl = await newUrl();
    const cancel: Step = {
      tool: "cancel",
      args: { confirmation_number: OWN_NUMBER },
    };
    const { answered } = await fighters.fight(
      [{ callId: "call", steps: [newBooking(0), cancel, newBooking(0)] }],
      { databaseUrl },
    );
    expect(countAnswers(answered)).toEqual(new Map([["ok", 3]]));
    const { bookings } = await readRows(databaseUrl);
    expect(bookings.map(({ status }) => status).toSorted()).toEqual([
      "cancelled",
      "confirmed",
    ]);
  });

  test("copies of a change that run among copies of the booking take effect once", async () => {
    const databaseUrl = await newUrl();
    const callId = "call";
    const first = await fighters.fight(
      [{ callId, steps: [newBooking(0, "key")] }],
      {
        databaseUrl,
      },
    );
    const [body = ""] = toBodies(first.answered);
    const { confirmation_number = "" } = JSON.parse(body) as {
      confirmation_number?: string;
    };
    const { date = "", time = "" } = newBooking(50).args;
    const { answered, faults } = await fighters.fight(
      copyErrands(
        [
          { callId, steps: [newBooking(0, "key")] },
          {
            callId,
            steps: [
              { tool: "reschedule", args: { confirmation_number, date, time } },
            ],
          },
        ],
        COPIES,
      ),
      { databaseUrl },
    );
    expect(faults).toEqual([]);
    const rows = await readRows(databaseUrl);
    expect(rows.bookings).toHaveLength(1);
    expect(findFaults(rows, 1)).toEqual([]);
    const bodies = new Set(toBodies(answered));
    expect(bodies.size).toBe(2);
    expect(bodies).toContain(body);
  });
});
