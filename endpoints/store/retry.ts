import { setTimeout } from "node:timers/promises";

/**
 * What became of one try: `conflict` = the engine took it back for another
 * transaction's sake, `lost` = the connection broke and with it the transaction.
 * What must not be tried again is thrown.
 */
export type Try<T> =
  { at: "done"; value: T } | { at: "conflict" | "lost"; error: Error };

/** After so many conflicts something else is wrong (research/appointments.md 0.6). */
const MAX_CONFLICTS = 10;
/** The next connection is new; when that breaks too, the server is gone. */
const MAX_LOST = 1;
const LONGEST_PAUSE_MS = 200;

/**
 * Tries again what the engine asks to try again, after a random pause, so that
 * those who met once do not meet again.
 */
export async function retry<T>(attempt: () => Promise<Try<T>>): Promise<T> {
  const counts = { conflict: 0, lost: 0 };
  for (;;) {
    const result = await attempt();
    if (result.at === "done") return result.value;
    counts[result.at]++;
    if (counts.conflict > MAX_CONFLICTS || counts.lost > MAX_LOST)
      throw result.error;
    const ceilingMs = Math.min(
      5 * 2 ** (counts.conflict + counts.lost),
      LONGEST_PAUSE_MS,
    );
    await setTimeout(Math.random() * ceilingMs);
  }
}
