import { randomUUID } from "node:crypto";
import { afterEach, expect, jest, test } from "@jest/globals";
import {
  countAnswers,
  findFaults,
  findLies,
  toBelief,
} from "../support/booking-judge.ts";
import { readRows } from "../support/booking-rows.ts";
import { describeEachEngine } from "../support/engines.ts";
import { createWishes } from "../support/errands.ts";
import { daysAhead, startKills } from "../support/kills.ts";
import { createRandom } from "../support/random-call.ts";
import { killServers } from "../support/server-process.ts";

jest.setTimeout(60_000); // a busy machine is no fault
const KILL_AFTER = [20, 50, 80];
const REQUESTS = 120;

afterEach(killServers);

await describeEachEngine("processes that are killed", (newUrl) => {
  test("lose no booking that was acknowledged and make none twice", async () => {
    const databaseUrl = await newUrl();
    const wishes = createWishes(createRandom(1), daysAhead(7, 20));
    let left = REQUESTS;
    const kills = await startKills({
      databaseUrl,
      processes: 2,
      clients: 16,
      nextStep: () =>
        left-- > 0 ? { ...wishes.book(), key: randomUUID() } : undefined,
    });
    const killed: Promise<void>[] = [];
    kills.onAnswered = (count) => {
      if (KILL_AFTER.includes(count)) killed.push(kills.killBusiest());
    };
    const result = await kills.run();
    await Promise.all(killed);

    expect(result.kills).toBe(KILL_AFTER.length);
    expect(result.broken).toBeGreaterThan(0);
    expect(result.answered).toHaveLength(REQUESTS);
    const others = [...countAnswers(result.answered).keys()].filter(
      (word) => !["ok", "slot_taken", "outside_rules"].includes(word),
    );
    expect(others).toEqual([]);
    const rows = await readRows(databaseUrl);
    expect(findFaults(rows, 1)).toEqual([]);
    // Each booking under one number that some client has: none lost, none beside it.
    expect(findLies(rows, toBelief(result.answered))).toEqual([]);
  });
});
