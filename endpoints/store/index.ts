import { StoreError } from "../errors.ts";
import { migrate } from "./migrations.ts";
import { createStore } from "./queries.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";

/**
 * Opens the database and brings its schema up to date.
 * @param databaseUrl  `sqlite:PATH` or `sqlite::memory:`
 * @throws StoreError when it cannot be opened
 */
export async function openStore(databaseUrl: string): Promise<Store> {
  const [, path] = /^sqlite:(.+)$/.exec(databaseUrl) ?? [];
  if (path === undefined) {
    throw new StoreError(
      `expected a database URL like sqlite:data/appointments.db, received ${databaseUrl.replace(/:\/\/.*/, "://…")}`,
    );
  }
  const database = openSqlite(path);
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
