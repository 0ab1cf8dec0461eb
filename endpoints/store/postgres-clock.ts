import type { ClientBase } from "pg";

export interface ServerClock {
  /** Milliseconds to add to this process's clock; 0 while both agree as far as can be measured. */
  readonly offsetMs: number;
  /** Asks the server for its time. */
  measure(client: ClientBase): Promise<void>;
  /** Measures again when the last time is long ago; without success the old offset holds. */
  refresh(client: ClientBase): Promise<void>;
}

/** How far the server's clock is ahead of `now`, measured over one round trip. */
export function createServerClock(
  now: () => Date,
  everyMs: number,
): ServerClock {
  let offsetMs = 0;
  let measuredAt = -Infinity;

  async function measure(client: ClientBase): Promise<void> {
    const asked = performance.now();
    const askedAt = now().getTime();
    const { rows } = await client.query<{ now_ms: number | string }>(
      "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now_ms",
    );
    measuredAt = performance.now();
    const errorMs = (measuredAt - asked) / 2 + 1; // somewhere on the way; both clocks are rounded
    const ahead = Number(rows[0]?.now_ms) - (askedAt + errorMs);
    offsetMs = Math.abs(ahead) <= errorMs ? 0 : Math.round(ahead);
  }

  return {
    get offsetMs() {
      return offsetMs;
    },
    measure,
    refresh: async (client) => {
      if (performance.now() - measuredAt < everyMs) return;
      // What is wrong with the connection shows in its next statement.
      await measure(client).catch(() => {});
    },
  };
}
