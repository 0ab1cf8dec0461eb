import { bookingTransaction, findUpcoming } from "./bookings.ts";
import { createCallStore } from "./calls.ts";
import { listClaims } from "./claims.ts";
import type { Database } from "./database.ts";
import {
  concurrentExecutions,
  recall,
  serialExecutions,
} from "./executions.ts";
import { prune } from "./prune.ts";
import { createReplayStore } from "./replay.ts";
import type { Store } from "./store.ts";

/** The store's one set of SQL, for every engine. */
export function createStore(database: Database): Store {
  const executions = database.isSerial
    ? serialExecutions
    : concurrentExecutions;
  return {
    replay: createReplayStore(database),
    calls: createCallStore(database),
    listClaims: (range) => listClaims(database, range, database.clockOffsetMs),
    findUpcoming: (phone, now, limit) =>
      findUpcoming(database, phone, now, limit),
    execute: (execution, work) =>
      database.transaction(async (session) => {
        const known = execution && (await executions.begin(session, execution));
        if (known !== undefined) return { commit: false, value: known };
        const outcome = await work(
          bookingTransaction(session, database.clockOffsetMs),
        );
        if (outcome.commit && execution)
          await executions.end(session, execution, outcome);
        return { commit: outcome.commit, value: outcome.answer };
      }),
    recall: async (execution) => execution && recall(database, execution),
    prune: (options) => prune(database, options),
    close: () => database.close(),
  };
}
