import { randomUUID } from "node:crypto";
import {
  countAnswers,
  findDoubles,
  findFaults,
  findLies,
  toBelief,
} from "../support/booking-judge.ts";
import { readRows } from "../support/booking-rows.ts";
import { createWishes } from "../support/errands.ts";
import { daysAhead, startKills } from "../support/kills.ts";
import { createRandom } from "../support/random-call.ts";
import type { Engine } from "./engines.ts";

const KILLS = 30;
/** A busy machine starts them more slowly than they are killed; then some seconds pass without a kill. */
const LEAST_LIVE = 4;
const MOST_SECONDS = 150;

/**
 * Eight `serve` processes on one database; each second the one with the most
 * requests under way is killed and another started. Clients ask again under the
 * same key until they have read an answer whole.
 */
export async function soakKills({ name, newUrl }: Engine): Promise<boolean> {
  const databaseUrl = await newUrl();
  const wishes = createWishes(createRandom(1), daysAhead(7, 350));
  let isOver = false;
  const kills = await startKills({
    databaseUrl,
    processes: 8,
    clients: 64,
    nextStep: () =>
      isOver ? undefined : { ...wishes.book(), key: randomUUID() },
  });
  const started = performance.now();
  let killed = 0;
  const timer = setInterval(() => {
    const seconds = (performance.now() - started) / 1000;
    if (killed === KILLS || seconds > MOST_SECONDS) {
      clearInterval(timer);
      isOver = true;
    } else if (kills.countLive() >= LEAST_LIVE) {
      killed++;
      void kills.killBusiest();
    }
  }, 1000);
  const { answered, ...figures } = await kills.run();

  const rows = await readRows(databaseUrl);
  const belief = toBelief(answered);
  const lies = findLies(rows, belief);
  const faults = findFaults(rows, 1);
  console.log(
    JSON.stringify({
      engine: name,
      ...figures,
      seconds: Math.round((performance.now() - started) / 1000),
      answers: Object.fromEntries(countAnswers(answered)),
      acknowledged: belief.size,
      bookings: rows.bookings.length,
      doubles: findDoubles(rows).length,
      lostOrUntold: lies.length,
      faults: faults.length,
    }),
  );
  for (const fault of [...lies, ...faults].slice(0, 10)) console.log(fault);
  return (
    lies.length === 0 &&
    faults.length === 0 &&
    figures.kills === KILLS &&
    figures.broken > 0
  );
}
