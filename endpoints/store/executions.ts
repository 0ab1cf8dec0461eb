import type { Answer } from "../answer.ts";
import { StoreError } from "../errors.ts";
import type { Session, Value } from "./database.ts";
import { toKey } from "./key.ts";
import type { Execution, Outcome } from "./store.ts";

type Known = Answer | "mismatch" | undefined;

/** How writes run once: two ways, by what the engine promises. */
export interface Executions {
  /** @returns the answer of an execution that ran before; undefined: this one runs now */
  begin(session: Session, execution: Execution): Promise<Known>;
  /** Keeps the answer of an outcome that is kept, if it is to be given again. */
  end(session: Session, execution: Execution, outcome: Outcome): Promise<void>;
}

/** Where transactions run one after another, a look is enough, and one row at the end. */
export const serialExecutions: Executions = {
  begin: recall,
  async end(session, execution, outcome) {
    if (outcome.remember) await insert(session, execution, outcome);
  },
};

/** Where they run at once, the row comes first, so that of two equal ones only one goes on. */
export const concurrentExecutions: Executions = {
  async begin(session, execution) {
    // More than once, because a cancellation may free the key between the two.
    for (let tries = 0; tries < 3; tries++) {
      if (await insert(session, execution)) return undefined;
      const known = await recall(session, execution);
      if (known !== undefined) return known;
    }
    throw new StoreError("an execution was begun and never ended");
  },

  async end(session, execution, outcome) {
    const where = "call_id = $1 AND tool = $2 AND key_text = $3";
    if (outcome.remember) {
      await session.run(
        `UPDATE execution SET answer = $4, booking_id = $5 WHERE ${where}`,
        [
          ...toName(execution),
          JSON.stringify(outcome.answer),
          outcome.bookingId ?? null,
        ],
      );
    } else {
      await session.run(
        `DELETE FROM execution WHERE ${where}`,
        toName(execution),
      );
    }
  },
};

export async function recall(
  session: Pick<Session, "all">,
  execution: Execution,
): Promise<Known> {
  const [row] = await session.all<{ arguments: string; answer: string }>(
    "SELECT arguments, answer FROM execution WHERE call_id = $1 AND tool = $2 AND key_text = $3",
    toName(execution),
  );
  if (!row) return undefined;
  if (row.arguments !== execution.arguments) return "mismatch";
  return JSON.parse(row.answer) as Answer; // our own JSON
}

async function insert(
  session: Session,
  execution: Execution,
  outcome?: Outcome,
): Promise<boolean> {
  const inserted = await session.run(
    `INSERT INTO execution (call_id, tool, key_text, arguments, derived, created_ms, answer, booking_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
    [
      ...toName(execution),
      execution.arguments,
      execution.derived ? 1 : 0,
      execution.created,
      outcome ? JSON.stringify(outcome.answer) : null,
      outcome?.bookingId ?? null,
    ],
  );
  return inserted === 1;
}

function toName({ callId, tool, key }: Execution): Value[] {
  return [callId, tool, toKey(key)];
}
