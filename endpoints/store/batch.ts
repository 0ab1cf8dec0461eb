import { setImmediate, setTimeout } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import type { Result } from "./database.ts";

/** What group commit asks of a connection: statements that run at once, or throw. */
export interface Connection {
  exec(sql: string): unknown;
  readonly inTransaction: boolean;
}

export interface Batches {
  /**
   * Runs the work in the next batch.
   * @param withinMs  how long it may wait for the write lock
   */
  ask<T>(work: () => Promise<Result<T>>, withinMs: number): Promise<T>;
  /** Waits for what was asked for so far, and lets nothing more in. */
  close(): Promise<void>;
}

interface Job {
  work: () => Promise<Result<unknown>>;
  giveUp: number;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Attempt = { job: Job } & (
  { commit: boolean; value: unknown } | { error: unknown }
);

/**
 * Group commit: what is asked for during one turn of the event loop, or while a
 * batch is under way, shares one transaction and one write to the disk; each
 * work has a savepoint of its own. Nobody hears anything before the COMMIT, a
 * refusal neither: it may rest on a row that is not kept in the end.
 */
export function createBatches(
  connection: Connection,
  maxBatch: number,
): Batches {
  const queue: Job[] = [];
  let isRunning = false;
  let isClosed = false;
  let whenIdle: () => void = () => {};

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      await setImmediate(); // the rest of this turn, and air for others between batches
      if (await begin(connection, queue)) await runBatch();
    }
    isRunning = false;
    whenIdle();
  }

  async function runBatch(): Promise<void> {
    const batch: Attempt[] = [];
    try {
      while (batch.length < maxBatch) {
        const job = queue.shift();
        if (!job) break;
        batch.push(await attempt(connection, job));
        if (!connection.inTransaction) {
          throw new StoreError("the engine rolled the transaction back");
        }
      }
      // Without a kept row there is nothing to write, and nothing to wait for.
      const isKept = batch.some((one) => "commit" in one && one.commit);
      connection.exec(isKept ? "COMMIT" : "ROLLBACK");
    } catch (cause) {
      fail(batch, rollBack(connection, cause));
      return;
    }
    for (const one of batch) {
      if ("error" in one) one.job.reject(one.error);
      else one.job.resolve(one.value);
    }
  }

  return {
    ask: <T>(work: () => Promise<Result<T>>, withinMs: number) =>
      new Promise<T>((resolve, reject) => {
        if (isClosed) throw new StoreError("the store is closed");
        queue.push({
          work,
          giveUp: performance.now() + withinMs,
          resolve: resolve as (value: unknown) => void, // the value of its own work
          reject,
        });
        if (isRunning) return;
        isRunning = true;
        void pump();
      }),
    close: async () => {
      isClosed = true;
      if (isRunning) await new Promise<void>((resolve) => (whenIdle = resolve));
    },
  };
}

/**
 * Takes the write lock for whoever is in the queue. The wait for other processes
 * is asynchronous; who has waited too long is told so and leaves the queue.
 * @returns false when nobody is left
 */
async function begin(connection: Connection, queue: Job[]): Promise<boolean> {
  while (queue.length > 0) {
    try {
      // Not a prepared statement: DECISIONS 7.
      connection.exec("BEGIN IMMEDIATE");
      return true;
    } catch (cause) {
      const now = performance.now();
      const isTaken = isBusy(cause);
      const waiting = queue.splice(0);
      for (const job of waiting) {
        if (isTaken && job.giveUp > now) queue.push(job);
        else {
          const why = isTaken ? "another process holds it" : String(cause);
          job.reject(
            new StoreError(`cannot lock the database: ${why}`, { cause }),
          );
        }
      }
      if (queue.length > 0) await setTimeout(1 + Math.random() * 5); // not all at once
    }
  }
  return false;
}

async function attempt(connection: Connection, job: Job): Promise<Attempt> {
  connection.exec("SAVEPOINT one");
  let done: Attempt;
  try {
    done = { job, ...(await job.work()) };
  } catch (error) {
    done = { job, error };
  }
  if (!connection.inTransaction) return done;
  if ("error" in done || !done.commit) connection.exec("ROLLBACK TO one");
  connection.exec("RELEASE one");
  return done;
}

/** One failure for the whole batch; who failed by an own fault hears of that one. */
function fail(batch: Attempt[], error: StoreError): void {
  for (const one of batch) one.job.reject("error" in one ? one.error : error);
}

function rollBack(connection: Connection, cause: unknown): StoreError {
  try {
    if (connection.inTransaction) connection.exec("ROLLBACK");
  } catch (error) {
    cause = new AggregateError([cause, error]);
  }
  return new StoreError(`nothing was kept: ${String(cause)}`, { cause });
}

/** Another process holds what is asked for. The driver's errors need not be this realm's `Error`. */
export function isBusy(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    String(error.code).startsWith("SQLITE_BUSY")
  );
}
