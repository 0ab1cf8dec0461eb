import { setTimeout } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import type { Database, Session } from "./database.ts";
import { steps } from "./schema.ts";

/** A step may build an index over a million rows, and all other processes wait for it. */
const PATIENCE_MS = 600_000;
const MAX_TRIES = 10;

/**
 * Brings the schema to this version, all steps in one transaction; safe when
 * several processes start at once. On a database that is up to date it only
 * reads, so that an account without the right to change tables will do.
 * @throws StoreError when the database is newer than this program
 */
export async function migrate(
  database: Database,
  target: readonly (readonly string[])[] = steps,
): Promise<void> {
  if ((await peek(database)) === target.length) return;
  await createVersionTable(database);
  await database.transaction(
    async (session) => {
      // A write comes first: its row lock makes all others wait until this one is done.
      await session.run("UPDATE schema_version SET version = version");
      const version = await readVersion(session);
      if (version > target.length) {
        throw new StoreError(
          `the database has schema version ${version}, newer than this program's ${target.length}`,
        );
      }
      for (const statement of target.slice(version).flat())
        await session.run(statement);
      await session.run("UPDATE schema_version SET version = $1", [
        target.length,
      ]);
      return { commit: true, value: undefined };
    },
    { patienceMs: PATIENCE_MS },
  );
}

/** @returns undefined where it cannot be read: the next step tells a new database from a broken one */
async function peek(database: Database): Promise<number | undefined> {
  try {
    return await readVersion(database);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

async function readVersion(session: Pick<Session, "all">): Promise<number> {
  const [row] = await session.all<{ version: number }>(
    "SELECT version FROM schema_version WHERE one = 1",
  );
  return Number(row?.version ?? 0);
}

/**
 * IF NOT EXISTS is no lock: of two that create a table at once in PostgreSQL one
 * may fail on a key of the catalogue. Its next try finds the table.
 */
async function createVersionTable(database: Database): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await database.transaction(async (session) => {
        await session.run(
          "CREATE TABLE IF NOT EXISTS schema_version (one BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)",
        );
        await session.run(
          "INSERT INTO schema_version (one, version) VALUES (1, 0) ON CONFLICT DO NOTHING",
        );
        return { commit: true, value: undefined };
      });
      return;
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
      await setTimeout(Math.random() * 50);
    }
  }
}
