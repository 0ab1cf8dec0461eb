import { StoreError } from "../errors.ts";
import type { Database } from "./database.ts";

// Portable SQL only (design.md section 6): text ids, epoch milliseconds as
// integers, composite keys. A published step is never edited; a change is a new step.
const STEPS: string[][] = [
  [
    `CREATE TABLE booking (
      id TEXT NOT NULL PRIMARY KEY,
      number TEXT NOT NULL UNIQUE,
      resource TEXT NOT NULL,
      lane BIGINT NOT NULL,
      start_ms BIGINT NOT NULL,
      end_ms BIGINT NOT NULL,
      zone TEXT NOT NULL,
      local_start TEXT NOT NULL,
      service TEXT NOT NULL,
      customer_name TEXT NOT NULL,
      customer_phone TEXT,
      call_id TEXT,
      status TEXT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    // The last judge of a double booking: one owner for each grain of a lane.
    `CREATE TABLE claim (
      resource TEXT NOT NULL,
      start_ms BIGINT NOT NULL,
      lane BIGINT NOT NULL,
      booking_id TEXT NOT NULL,
      PRIMARY KEY (resource, start_ms, lane)
    )`,
    `CREATE INDEX claim_booking ON claim (booking_id)`,
    // A write runs once per call, tool and key; its answer is given again.
    `CREATE TABLE execution (
      call_id TEXT NOT NULL,
      tool TEXT NOT NULL,
      key_text TEXT NOT NULL,
      arguments TEXT NOT NULL,
      derived BIGINT NOT NULL,
      booking_id TEXT,
      answer TEXT,
      created_ms BIGINT NOT NULL,
      PRIMARY KEY (call_id, tool, key_text)
    )`,
    `CREATE INDEX execution_booking ON execution (booking_id)`,
  ],
  [
    // What the middleware's replay guard and call window have seen.
    `CREATE TABLE replay (
      key_text TEXT NOT NULL PRIMARY KEY,
      value_text TEXT NOT NULL,
      expires_ms BIGINT NOT NULL
    )`,
    `CREATE INDEX replay_expires ON replay (expires_ms)`,
  ],
];

/** Brings the schema to this version; safe when several processes start at once. */
export function migrate(database: Database): Promise<void> {
  return database.transaction(async (session) => {
    await session.run(
      "CREATE TABLE IF NOT EXISTS schema_version (one BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)",
    );
    await session.run(
      "INSERT INTO schema_version (one, version) VALUES (1, 0) ON CONFLICT DO NOTHING",
    );
    const [row] = await session.all<{ version: number }>(
      "SELECT version FROM schema_version",
    );
    const version = Number(row?.version);
    if (version > STEPS.length) {
      throw new StoreError(
        `the database has schema version ${version}, newer than this program's ${STEPS.length}`,
      );
    }
    for (const statement of STEPS.slice(version).flat())
      await session.run(statement);
    await session.run("UPDATE schema_version SET version = $1", [STEPS.length]);
    return { commit: true, value: undefined };
  });
}
