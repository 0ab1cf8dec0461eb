import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import {
  countAnswers,
  findDoubles,
  findFaults,
  findLies,
  toBelief,
} from "../support/booking-judge.ts";
import { dropUniqueKey, readRows } from "../support/booking-rows.ts";
import { describeEachEngine } from "../support/engines.ts";
import { createWishes, FIGHT_DAYS, newBooking } from "../support/errands.ts";
import type { Errand, Step } from "../support/errands.ts";
import { startFighters } from "../support/fighters.ts";
import type { Fighters } from "../support/fighters.ts";
import { createRandom } from "../support/random-call.ts";

jest.setTimeout(60_000); // a busy machine is no fault
const PROCESSES = 4;
const EXPECTED = ["ok", "slot_taken", "no_slots", "outside_rules"];

let fighters: Fighters;
beforeAll(async () => {
  fighters = await startFighters(PROCESSES);
});
afterAll(() => fighters.stop());

function newErrands(
  count: number,
  newSteps: (index: number) => Step[],
): Errand[] {
  return Array.from({ length: count }, (_, index) => ({
    callId: `call-${index}`,
    steps: newSteps(index),
  }));
}

const listOthers = (counts: Map<string, number>) =>
  [...counts.keys()].filter((word) => !EXPECTED.includes(word));

await describeEachEngine("a fight for time", (newUrl) => {
  test("4 processes with 32 clients each book no time twice", async () => {
    const databaseUrl = await newUrl();
    const wishes = createWishes(createRandom(1), FIGHT_DAYS);
    const errands = newErrands(320, () => [wishes.book()]);
    const { answered, faults } = await fighters.fight(errands, { databaseUrl });

    expect(faults).toEqual([]);
    expect(answered.flat()).toHaveLength(320);
    const counts = countAnswers(answered);
    expect(listOthers(counts)).toEqual([]);
    const rows = await readRows(databaseUrl);
    expect(findFaults(rows, 1)).toEqual([]);
    expect(findLies(rows, toBelief(answered))).toEqual([]);
    expect(rows.bookings).toHaveLength(counts.get("ok") ?? 0);
    expect(rows.audits).toHaveLength(rows.bookings.length);
  });

  test("holds, changes and cancellations among them leave no time with two owners or with none", async () => {
    const databaseUrl = await newUrl();
    const wishes = createWishes(createRandom(3), FIGHT_DAYS);
    const errands = newErrands(128, wishes.mixed);
    const { answered, faults } = await fighters.fight(errands, {
      databaseUrl,
      capacity: 2,
    });

    expect(faults).toEqual([]);
    expect(listOthers(countAnswers(answered))).toEqual([]);
    const rows = await readRows(databaseUrl);
    expect(findFaults(rows, 2)).toEqual([]);
    expect(findLies(rows, toBelief(answered))).toEqual([]);
  });

  test("the same fight without the unique key has double bookings, so the judge can see them", async () => {
    let doubles: unknown[] = [];
    // A race: most rounds show it, and one that does not is followed by another.
    for (let round = 0; round < 10 && doubles.length === 0; round++) {
      const databaseUrl = await newUrl();
      await (await openStore(databaseUrl)).close();
      await dropUniqueKey(databaseUrl);
      const errands = newErrands(128, (index) => [newBooking(index % 4)]);
      // SQLite has one writer at a time, so there the transactions have to go as well.
      const isTorn = databaseUrl.startsWith("sqlite:");
      await fighters.fight(errands, { databaseUrl, isTorn });
      doubles = findDoubles(await readRows(databaseUrl));
    }
    expect(doubles).not.toEqual([]);
  });
});
