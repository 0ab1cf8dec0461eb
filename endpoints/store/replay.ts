import type { ReplayStore } from "../../middleware/index.ts";
import type { Database } from "./database.ts";

/** How many expired rows one new entry takes away: more than come in, so none pile up. */
const SWEEP = 50;

/**
 * The middleware's replay store in the database: equal for all its processes,
 * and there after a restart. Times are of the wall clock, the only one that
 * processes share.
 */
export function createReplayStore(
  database: Database,
  now: () => Date = () => new Date(),
): ReplayStore {
  const nowMs = () => now().getTime();
  const toExpiry = (ttlSeconds: number) =>
    Math.min(
      nowMs() + Math.ceil(ttlSeconds * 1000),
      Number.MAX_SAFE_INTEGER, // a BIGINT, whatever ttl is asked for
    );
  return {
    addIfAbsent: (key, value, ttlSeconds) =>
      database.transaction(async (session) => {
        await session.run(
          "DELETE FROM replay WHERE key_text = $1 AND expires_ms <= $2",
          [key, nowMs()],
        );
        const inserted = await session.run(
          "INSERT INTO replay (key_text, value_text, expires_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
          [key, value, toExpiry(ttlSeconds)],
        );
        if (inserted === 0) return { commit: false, value: false };
        await session.run(
          `DELETE FROM replay WHERE key_text IN
             (SELECT key_text FROM replay WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT ${SWEEP})`,
          [nowMs()],
        );
        return { commit: true, value: true };
      }),

    async get(key) {
      const [row] = await database.all<{ value_text: string }>(
        "SELECT value_text FROM replay WHERE key_text = $1 AND expires_ms > $2",
        [key, nowMs()],
      );
      return row?.value_text;
    },

    put: (key, value, ttlSeconds) =>
      database.transaction(async (session) => {
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
      }),
  };
}
