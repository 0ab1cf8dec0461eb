import type { ReplayStore } from "../../middleware/index.ts";
import type { Database } from "./database.ts";
import { toKey } from "./key.ts";

/** One new entry in so many takes expired rows away. */
const SWEEP_EVERY = 8;
/** How many it takes: more than came in since, so none pile up. */
const SWEEP_ROWS = 100;
/** The row that a sweep locks first; no key, because `toKey` makes none like it. */
const TURN = "sha256:turn";

/**
 * The middleware's replay store in the database: equal for all its processes,
 * and there after a restart. Times are of the database's clock, the only one that
 * processes share.
 */
export function createReplayStore(
  database: Database,
  now: () => Date = () => new Date(),
): ReplayStore {
  const nowMs = () => now().getTime() + database.clockOffsetMs;
  const toExpiry = (ttlSeconds: number) =>
    Math.min(
      nowMs() + Math.ceil(ttlSeconds * 1000),
      Number.MAX_SAFE_INTEGER, // a BIGINT, whatever ttl is asked for
    );
  let calls = 0;
  return {
    addIfAbsent: (text, value, ttlSeconds) => {
      const key = toKey(text);
      if (calls++ % SWEEP_EVERY === 0) void sweep(database, nowMs());
      return database.transaction(async (session) => {
        await session.run(
          "DELETE FROM replay WHERE key_text = $1 AND expires_ms <= $2",
          [key, nowMs()],
        );
        const inserted = await session.run(
          "INSERT INTO replay (key_text, value_text, expires_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
          [key, value, toExpiry(ttlSeconds)],
        );
        return { commit: inserted === 1, value: inserted === 1 };
      });
    },

    async get(text) {
      const [row] = await database.all<{ value_text: string }>(
        "SELECT value_text FROM replay WHERE key_text = $1 AND expires_ms > $2",
        [toKey(text), nowMs()],
      );
      return row?.value_text;
    },

    put: (text, value, ttlSeconds) => {
      const key = toKey(text);
      return database.transaction(async (session) => {
        if (ttlSeconds <= 0) {
          await session.run("DELETE FROM replay WHERE key_text = $1", [key]);
          return { commit: true, value: undefined };
        }
        const expiry = toExpiry(ttlSeconds);
        const updated = await session.run(
          "UPDATE replay SET value_text = $1, expires_ms = $2 WHERE key_text = $3",
          [value, expiry, key],
        );
        if (updated === 0) {
          await session.run(
            "INSERT INTO replay (key_text, value_text, expires_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [key, value, expiry],
          );
        }
        return { commit: true, value: undefined };
      });
    },
  };
}

/**
 * Takes expired rows away, in a transaction of its own and one sweep at a time:
 * two that lock the same rows in different order would wait for each other.
 */
async function sweep(database: Database, nowMs: number): Promise<void> {
  try {
    await database.transaction(async (session) => {
      const locked = await session.run(
        "UPDATE replay SET value_text = '' WHERE key_text = $1",
        [TURN],
      );
      if (locked === 0) {
        await session.run(
          "INSERT INTO replay (key_text, value_text, expires_ms) VALUES ($1, '', $2) ON CONFLICT DO NOTHING",
          [TURN, Number.MAX_SAFE_INTEGER],
        );
      }
      const swept = await session.run(
        `DELETE FROM replay WHERE key_text IN
           (SELECT key_text FROM replay WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT ${SWEEP_ROWS})`,
        [nowMs],
      );
      return { commit: locked === 0 || swept > 0, value: undefined };
    });
  } catch {
    // Nobody waits for it, and the next one takes these rows too.
  }
}
