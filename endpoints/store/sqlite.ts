import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";
import { StoreError } from "../errors.ts";
import { createBatches, isBusy } from "./batch.ts";
import type { Database, TransactionOptions, Value, Work } from "./database.ts";
import { checkValues, runWork } from "./session.ts";
import type { Statements } from "./session.ts";

/** How long a transaction waits for the write lock, counted from when it was asked for. */
const LOCK_WITHIN_MS = 5000;
/** How long a work may take once it runs; all others wait for it. */
const WORK_WITHIN_MS = 10_000;
/** How long one try for the lock may block the event loop. */
const BUSY_MS = 10;
/** In WAL mode a read waits only while another process opens or closes the file. */
const READ_WITHIN_MS = 1000;
/** So that the first of a batch need not wait for ever for those that came after it. */
const MAX_BATCH = 128;
/** Statements kept prepared; the store has fewer texts than that. */
const MAX_PREPARED = 500;

export interface SqliteOptions {
  /** At most so many transactions share one write to the disk; 1: each has its own. Default 128. */
  batch?: number;
}

/**
 * Opens a SQLite file, or `:memory:`. WAL with synchronous=FULL: what was
 * acknowledged survives a power cut. Transactions share one connection and, in
 * batches, its commits; reads of a file have their own, so that they wait for no writer.
 * @throws StoreError when it cannot be opened
 */
export function openSqlite(
  path: string,
  { batch = MAX_BATCH }: SqliteOptions = {},
): Database {
  const writer = connect(path, BUSY_MS);
  const reader = path === ":memory:" ? writer : connect(path, READ_WITHIN_MS);
  const writing = createStatements(writer);
  const reading = createStatements(reader);
  const batches = createBatches(writer, batch);
  let closing: Promise<void> | undefined;

  function transaction<T>(
    work: Work<T>,
    { patienceMs = LOCK_WITHIN_MS }: TransactionOptions = {},
  ): Promise<T> {
    const withinMs = Math.max(WORK_WITHIN_MS, patienceMs);
    return batches.ask(() => runWork(work, writing, withinMs), patienceMs);
  }

  return {
    transaction,
    async all<Row>(sql: string, values: Value[] = []) {
      if (closing) throw new StoreError("the store is closed");
      if (reader === writer) {
        return transaction(async (session) => ({
          commit: false,
          value: await session.all<Row>(sql, values),
        }));
      }
      checkValues(sql, values);
      return (await reading.all(sql, values)) as Row[];
    },
    clockOffsetMs: 0, // all processes of a file are on one machine
    isSerial: true, // BEGIN IMMEDIATE
    close: () =>
      (closing ??= batches.close().then(() => {
        writer.close();
        if (reader !== writer) reader.close();
      })),
  };
}

function createStatements(connection: Libsql.Database): Statements {
  const prepared = new Map<string, Libsql.Statement>();
  function prepare(sql: string): Libsql.Statement {
    let statement = prepared.get(sql);
    if (!statement) {
      if (prepared.size >= MAX_PREPARED) prepared.clear();
      // libsql numbers $n by first appearance; ?n means what it says.
      statement = connection.prepare(sql.replaceAll(/\$(\d+)/g, "?$1"));
      prepared.set(sql, statement);
    }
    return statement;
  }
  async function execute<T>(
    sql: string,
    use: (statement: Libsql.Statement) => T,
  ) {
    try {
      return use(prepare(sql));
    } catch (cause) {
      throw new StoreError(
        `the database refused a statement: ${String(cause)}`,
        {
          cause,
        },
      );
    }
  }
  return {
    run: (sql, values) =>
      execute(sql, (statement) => statement.run(...values).changes),
    all: (sql, values) => execute(sql, (statement) => statement.all(...values)),
  };
}

/**
 * The change to WAL does not wait for the busy timeout where two processes do it
 * at once on a new file: one of them gets SQLITE_BUSY at once. Waits without
 * giving way: nothing is served before the database is open.
 */
function whenFree<T>(work: () => T): T {
  const giveUp = performance.now() + LOCK_WITHIN_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUp) throw error;
      const pause = new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(pause, 0, 0, 1 + Math.random() * 20);
    }
  }
}

function connect(path: string, busyMs: number): Libsql.Database {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    const connection = whenFree(
      () => new Libsql(path, { timeout: LOCK_WITHIN_MS }),
    );
    whenFree(() => connection.pragma("journal_mode = WAL"));
    whenFree(() => connection.pragma("synchronous = FULL"));
    connection.pragma(`busy_timeout = ${busyMs}`);
    return connection;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`cannot open the SQLite database ${path}: ${why}`, {
      cause,
    });
  }
}
