import { openStore } from "../../endpoints/index.ts";
import {
  countAnswers,
  findDoubles,
  findFaults,
  findLies,
  toBelief,
} from "../support/booking-judge.ts";
import { dropUniqueKey, readRows } from "../support/booking-rows.ts";
import { createWishes, FIGHT_DAYS } from "../support/errands.ts";
import type { Errand, Step } from "../support/errands.ts";
import { startFighters } from "../support/fighters.ts";
import type { Fighters } from "../support/fighters.ts";
import { createRandom } from "../support/random-call.ts";
import type { Engine } from "./engines.ts";

const ROUNDS = 20;
const PROCESSES = 4;
const ATTEMPTS = 1280;
const EXPECTED = new Set(["ok", "slot_taken", "no_slots", "outside_rules"]);

/**
 * 20 fights of 4 processes with 32 clients each for 100 slots, every third with
 * holds, changes and cancellations, every other with two lanes; then the control.
 */
export async function soakFights({ name, newUrl }: Engine): Promise<boolean> {
  const fighters = await startFighters(PROCESSES);
  const started = performance.now();
  const faults: string[] = [];
  let doubles = 0;
  const counts = new Map<string, number>();
  for (let round = 1; round <= ROUNDS; round++) {
    const databaseUrl = await newUrl();
    const capacity = 1 + (round % 2);
    const wishes = createWishes(createRandom(round), FIGHT_DAYS);
    const errands = newErrands(() =>
      round % 3 === 0 ? wishes.mixed() : [wishes.book()],
    );
    const fought = await fighters.fight(errands, { databaseUrl, capacity });
    const rows = await readRows(databaseUrl);
    doubles += findDoubles(rows).length;
    for (const [word, count] of countAnswers(fought.answered))
      counts.set(word, (counts.get(word) ?? 0) + count);
    faults.push(
      ...fought.faults,
      ...findFaults(rows, capacity),
      ...findLies(rows, toBelief(fought.answered)),
    );
  }
  const seconds = (performance.now() - started) / 1000;
  const control = await countUnjudged(fighters, await newUrl());
  await fighters.stop();
  const unexpected = [...counts.keys()].filter((word) => !EXPECTED.has(word));
  const answers = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    JSON.stringify({
      engine: name,
      rounds: ROUNDS,
      answers: Object.fromEntries(counts),
      answersPerSecond: Math.round(answers / seconds),
      doubles,
      faults: faults.length,
      doublesOfControl: control,
    }),
  );
  for (const fault of faults.slice(0, 10)) console.log(fault);
  return faults.length === 0 && unexpected.length === 0 && control > 0;
}

/** The same fight without what judges it: the judge of this soak must see double bookings. */
async function countUnjudged(
  fighters: Fighters,
  databaseUrl: string,
): Promise<number> {
  await (await openStore(databaseUrl)).close();
  await dropUniqueKey(databaseUrl);
  const wishes = createWishes(createRandom(1), FIGHT_DAYS);
  const errands = newErrands(() => [wishes.book()]);
  const isTorn = databaseUrl.startsWith("sqlite:");
  await fighters.fight(errands, { databaseUrl, isTorn });
  return findDoubles(await readRows(databaseUrl)).length;
}

function newErrands(newSteps: () => Step[]): Errand[] {
  return Array.from({ length: ATTEMPTS }, (_, index) => ({
    callId: `call-${index}`,
    steps: newSteps(),
  }));
}
