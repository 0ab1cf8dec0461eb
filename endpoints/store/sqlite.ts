import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import Libsql from "libsql";
import { StoreError } from "../errors.ts";
import type { Database, Session, Value } from "./database.ts";

/** How long a transaction waits for the write lock, counted from when it was asked for. */
const LOCK_WITHIN_MS = 5000;
/** How long one try for the lock may block the event loop. */
const BUSY_MS = 10;
/** In WAL mode a read waits only while another process opens or closes the file. */
const READ_WITHIN_MS = 1000;

/**
 * Opens a SQLite file, or `:memory:`. WAL with synchronous=FULL: what was
 * acknowledged survives a power cut. Transactions queue on one connection; reads
 * of a file have their own, so that they wait for no writer.
 */
export function openSqlite(path: string): Database {
  const writer = connect(path, BUSY_MS);
  const reader = path === ":memory:" ? writer : connect(path, READ_WITHIN_MS);
  const session = createSession(writer);
  const reading = createSession(reader);
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  let closing: Promise<void> | undefined;

  /** One after another: the connection can hold one transaction, and its work awaits. */
  function queue<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(async () => {
      if (isClosed) throw new StoreError("the store is closed");
      return work();
    });
    last = next.catch(() => {}); // the fault is the caller's to see
    return next;
  }

  return {
    transaction(work) {
      const giveUp = performance.now() + LOCK_WITHIN_MS;
      return queue(async () => {
        await begin(writer, giveUp);
        try {
          const { commit, value } = await work(session);
          writer.exec(commit ? "COMMIT" : "ROLLBACK");
          return value;
        } catch (error) {
          if (writer.inTransaction) writer.exec("ROLLBACK");
          throw error;
        }
      });
    },
    async all<Row>(sql: string, values?: Value[]) {
      if (reader === writer) return queue(() => session.all<Row>(sql, values));
      if (isClosed) throw new StoreError("the store is closed");
      return reading.all<Row>(sql, values);
    },
    close: () =>
      (closing ??= queue(async () => {
        isClosed = true;
        writer.close();
        if (reader !== writer) reader.close();
      })),
  };
}

function createSession(connection: Libsql.Database): Session {
  function prepare(sql: string, values: Value[]) {
    const wanted = new Set(sql.match(/\$\d+/g) ?? []).size;
    // libsql accepts a wrong number of values, and binds NaN; a boolean ends the whole process.
    if (wanted !== values.length) {
      throw new StoreError(
        `expected ${wanted} values, received ${values.length}`,
      );
    }
    for (const value of values) {
      const isValue =
        value === null || typeof value === "string" || Number.isFinite(value);
      if (!isValue)
        throw new StoreError(`cannot store a value of type ${typeof value}`);
    }
    // libsql numbers $n by first appearance; ?n means what it says.
    return connection.prepare(sql.replaceAll(/\$(\d+)/g, "?$1"));
  }
  return {
    run: async (sql, values = []) =>
      prepare(sql, values).run(...values).changes,
    all: async <Row>(sql: string, values: Value[] = []) =>
      prepare(sql, values).all(...values) as Row[],
  };
}

/**
 * Takes the write lock, waiting for other processes without holding up this
 * one's event loop for longer than the connection's own busy timeout at a time.
 */
async function begin(
  connection: Libsql.Database,
  giveUp: number,
): Promise<void> {
  for (;;) {
    try {
      // Not a prepared statement: one that failed as busy keeps its read
      // snapshot, and every later try ends as SQLITE_BUSY_SNAPSHOT.
      connection.exec("BEGIN IMMEDIATE");
      return;
    } catch (error) {
      const isBusy = isObject(error) && error["code"] === "SQLITE_BUSY";
      if (!isBusy || performance.now() > giveUp) throw error;
      await setTimeout(1 + Math.random() * 5); // not all at once
    }
  }
}

/** The driver's errors need not be this realm's `Error`. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function connect(path: string, busyMs: number): Libsql.Database {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    const connection = new Libsql(path, { timeout: LOCK_WITHIN_MS });
    connection.pragma("journal_mode = WAL");
    connection.pragma("synchronous = FULL");
    connection.pragma(`busy_timeout = ${busyMs}`);
    return connection;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`cannot open the SQLite database ${path}: ${why}`, {
      cause,
    });
  }
}
