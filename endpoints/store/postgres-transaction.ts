import type { PoolClient, QueryResult } from "pg";
import { StoreError } from "../errors.ts";
import type { Result, Value, Work } from "./database.ts";
import { classify, toStoreError } from "./postgres-error.ts";
import type { NameOf } from "./postgres-names.ts";
import type { Try } from "./retry.ts";
import { runWork } from "./session.ts";

/** Limits of one transaction, in milliseconds. */
export interface Limits {
  /** All of it, from BEGIN to before COMMIT. */
  work: number;
  /** A wait for a lock, and a statement; without it the connection's own limits hold. */
  statement?: number | undefined;
}

/** One connection while one caller has it; remembers what went wrong on it first. */
interface Line {
  ask(text: string, values?: Value[]): Promise<QueryResult>;
  fault: unknown;
  /** Statements without an answer yet. */
  pending: number;
  isInTransaction: boolean;
}

/**
 * One try of a transaction on a connection of the pool, which gets it back.
 * @throws StoreError when it must not be tried again: refused by the engine, or
 *         lost during COMMIT, when nobody knows whether it was kept; what the work throws
 */
export async function tryTransaction<T>(
  client: PoolClient,
  work: Work<T>,
  limits: Limits,
  nameOf: NameOf,
): Promise<Try<T>> {
  const line = createLine(client, limits.statement, nameOf);
  try {
    const result = await run(line, work, limits).catch((error: unknown) => {
      const again = tryAgain(line);
      if (again) return again;
      throw error;
    });
    if ("at" in result) return result;
    if (result.commit) {
      const again = await commit(line);
      if (again) return again;
    }
    return { at: "done", value: result.value };
  } finally {
    await leave(client, line);
  }
}

async function run<T>(
  line: Line,
  work: Work<T>,
  limits: Limits,
): Promise<Result<T>> {
  await line.ask(begin(limits.statement));
  line.isInTransaction = true;
  const statements = {
    run: async (sql: string, values: Value[]) =>
      (await line.ask(sql, values)).rowCount ?? 0,
    all: async (sql: string, values: Value[]) =>
      (await line.ask(sql, values)).rows as unknown[],
  };
  return runWork(work, statements, limits.work);
}

/**
 * READ COMMITTED, whatever the server's default: unique keys and row locks are
 * the judges, so nothing stricter is needed (research/appointments.md 3.4).
 */
function begin(statementMs: number | undefined): string {
  const limits =
    statementMs === undefined
      ? ""
      : `; SET LOCAL statement_timeout = ${statementMs}; SET LOCAL lock_timeout = ${statementMs}`;
  return `BEGIN ISOLATION LEVEL READ COMMITTED${limits}`;
}

/** @returns what to try again; nothing once it is kept */
async function commit(line: Line): Promise<Try<never> | undefined> {
  try {
    const { command } = await line.ask("COMMIT");
    line.isInTransaction = false;
    if (command === "COMMIT") return undefined;
  } catch (error) {
    if (classify(line.fault) === "conflict") return tryAgain(line);
    if (classify(line.fault) === "refused") throw error;
    throw toStoreError(
      "the connection broke during COMMIT, so nobody knows whether the transaction was kept",
      line.fault,
    );
  }
  throw new StoreError("the database did not keep the transaction");
}

function tryAgain(line: Line): Try<never> | undefined {
  if (line.fault === undefined) return undefined;
  const at = classify(line.fault);
  return at === "refused" ? undefined : { at, error: refusal(line.fault) };
}

const refusal = (fault: unknown) =>
  toStoreError("the database refused a statement", fault);

/** Rolls back what is open and gives the connection back, or ends it when that cannot be done. */
async function leave(client: PoolClient, line: Line): Promise<void> {
  const isLost = line.fault !== undefined && classify(line.fault) === "lost";
  let mustEnd = isLost || line.pending > 0;
  if (line.isInTransaction && !mustEnd) {
    mustEnd = await line.ask("ROLLBACK").then(
      () => false,
      () => true, // the server rolls back when the connection ends
    );
  }
  client.release(mustEnd);
}

function createLine(
  client: PoolClient,
  statementMs: number | undefined,
  nameOf: NameOf,
): Line {
  return {
    fault: undefined,
    pending: 0,
    isInTransaction: false,
    async ask(text, values) {
      this.pending++;
      try {
        return await client.query({
          text,
          ...(values && { values, ...nameOf(text, values) }),
          ...(statementMs !== undefined && { query_timeout: statementMs }),
        });
      } catch (error) {
        this.fault ??= error;
        throw refusal(error);
      } finally {
        this.pending--;
      }
    },
  };
}
