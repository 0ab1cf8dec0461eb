import pg from "pg";
import { StoreError } from "../errors.ts";
import type { Database, Value } from "./database.ts";
import { createServerClock } from "./postgres-clock.ts";
import { classify, toStoreError } from "./postgres-error.ts";
import { createNames } from "./postgres-names.ts";
import { tryTransaction } from "./postgres-transaction.ts";
import { retry } from "./retry.ts";
import type { Try } from "./retry.ts";
import { checkValues } from "./session.ts";

// A tool call has 8 s (design.md section 3); each limit ends before the next one would.
const LIMITS = {
  connectionTimeoutMillis: 4000,
  lock_timeout: 4000,
  statement_timeout: 5000,
  /** The client's own, for a server that says nothing at all. */
  query_timeout: 6000,
  idle_in_transaction_session_timeout: 15_000,
};
const WORK_WITHIN_MS = 10_000;
const INT8 = 20;

export interface PostgresOptions {
  /** Connections at most. Default 10. */
  poolSize?: number;
  now?: () => Date;
  /** How long a measured clock holds, in milliseconds. Default 5 minutes. */
  clockEveryMs?: number;
}

/**
 * Opens a PostgreSQL database. Statements are prepared once a connection (1.3 to
 * 1.6 times the transactions per second); `?prepare=no` in the URL turns that off,
 * for a pooler in transaction mode that does not know it (PgBouncer before 1.21).
 * The limits are parameters of the connection (PgBouncer: `ignore_startup_parameters`),
 * and the URL may set them otherwise: `?statement_timeout=2000`.
 * @param url  `postgres://user:password@host/database`
 * @throws StoreError when it cannot be reached; the password is never in the text
 */
export async function openPostgres(
  url: string,
  {
    poolSize = 10,
    now = () => new Date(),
    clockEveryMs = 300_000,
  }: PostgresOptions = {},
): Promise<Database> {
  const pool = createPool(url, poolSize);
  const clock = createServerClock(now, clockEveryMs);
  const nameOf = /[?&]prepare=no(&|$)/.test(url) ? () => ({}) : createNames();
  const underway = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** What was asked for before the end is done before the end. */
  async function track<T>(start: () => Promise<T>): Promise<T> {
    if (closing) throw new StoreError("the store is closed");
    const asked = start();
    underway.add(asked);
    return asked.finally(() => underway.delete(asked));
  }

  async function connect(): Promise<pg.PoolClient> {
    try {
      return await pool.connect();
    } catch (error) {
      throw toStoreError(toWords(error), error);
    }
  }

  const database: Database = {
    transaction: (work, { patienceMs } = {}) =>
      track(() =>
        retry(async () => {
          const client = await connect();
          await clock.refresh(client);
          const limits = {
            work: Math.max(WORK_WITHIN_MS, patienceMs ?? 0),
            statement: patienceMs,
          };
          return tryTransaction(client, work, limits, nameOf);
        }),
      ),
    all: async <Row>(sql: string, values: Value[] = []) => {
      checkValues(sql, values);
      return track(() =>
        retry(async () =>
          tryRead<Row>(await connect(), {
            text: sql,
            values,
            ...nameOf(sql, values),
          }),
        ),
      );
    },
    isSerial: false,
    get clockOffsetMs() {
      return clock.offsetMs;
    },
    close: () =>
      (closing ??= Promise.allSettled(underway).then(() => pool.end())),
  };

  try {
    const client = await connect();
    await clock.measure(client).finally(() => client.release());
  } catch (error) {
    await database.close();
    throw error instanceof StoreError
      ? error
      : toStoreError("cannot use the database", error);
  }
  return database;
}

/** What the server says to somebody at its door names a user or a database, never a password. */
function toWords(error: unknown): string {
  const words = error instanceof Error ? ` (${error.message})` : "";
  return `cannot connect to the database${words}`;
}

async function tryRead<Row>(
  client: pg.PoolClient,
  query: pg.QueryConfig,
): Promise<Try<Row[]>> {
  let isLost = false;
  try {
    const { rows } = await client.query(query);
    return { at: "done", value: rows as Row[] };
  } catch (error) {
    const at = classify(error);
    isLost = at === "lost";
    const told = toStoreError("the database refused a statement", error);
    if (at === "refused") throw told;
    return { at, error: told };
  } finally {
    client.release(isLost);
  }
}

function createPool(url: string, max: number): pg.Pool {
  try {
    const pool = new pg.Pool({
      connectionString: url,
      application_name: "tool-endpoint-kit",
      max,
      keepAlive: true,
      ...LIMITS,
      types: {
        // A BIGINT arrives as text; none of ours is above 2^53 (checkValues).
        getTypeParser: ((oid: number, format?: "text") =>
          oid === INT8
            ? Number
            : pg.types.getTypeParser(
                oid,
                format,
              )) as typeof pg.types.getTypeParser,
      },
    });
    // Without a listener a connection that breaks would end the process, at rest or
    // in use. Whoever uses it is told by its statement, the pool forgets it.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool;
  } catch {
    // The driver's error may quote the URL.
    throw new StoreError("the database URL cannot be read");
  }
}
