import { StoreError } from "../errors.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { createStore } from "./queries.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";

/**
 * Opens the database and brings its schema up to date.
 * @param databaseUrl  `sqlite:PATH`, `sqlite::memory:` or `postgres://user:password@host/database`
 * @throws StoreError when it cannot be opened; a password is never in the text
 */
export async function openStore(databaseUrl: string): Promise<Store> {
  const database = await openDatabase(databaseUrl);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError(
      `cannot bring the schema up to date: ${String(error)}`,
      { cause: error },
    );
  }
  return createStore(database);
}

/** The engine that the URL names; its schema is as it was left. */
export async function openDatabase(url: string): Promise<Database> {
  if (typeof url !== "string")
    throw new TypeError("databaseUrl: expected a text, sqlite:PATH for one");
  const [, path] = /^sqlite:(.+)$/.exec(url) ?? [];
  if (path !== undefined) return openSqlite(path);
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import("./postgres.ts"); // most need no such driver
    return openPostgres(url);
  }
  throw new StoreError(
    `expected a database URL like sqlite:data/appointments.db or postgres://user:password@host/database, received ${url.replace(/:\/\/.*/, "://…")}`,
  );
}
