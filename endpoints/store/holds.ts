import type { Session } from "./database.ts";
import type { BookingTransaction, Hold } from "./store.ts";

/** The one hold of each call; its grains are claims. */
export function holdStatements(
  session: Session,
  offsetMs: number,
): Pick<BookingTransaction, "findHold" | "lockHold" | "putHold" | "dropHold"> {
  async function findHold(callId: string): Promise<Hold | undefined> {
    const [row] = await session.all<HoldRow>(
      "SELECT owner_id, start_ms, service, extensions, expires_ms FROM hold WHERE call_id = $1 AND expires_ms > 0",
      [callId],
    );
    return (
      row && {
        owner: row.owner_id,
        start: Number(row.start_ms),
        service: row.service,
        extensions: Number(row.extensions),
        expires: Number(row.expires_ms) - offsetMs,
      }
    );
  }
  return {
    findHold,

    async lockHold(callId) {
      // A write takes the row, or makes an empty one: whoever holds for the same call waits here.
      await session.run(
        `INSERT INTO hold (call_id, owner_id, start_ms, service, extensions, expires_ms)
         VALUES ($1, '', 0, '', 0, 0) ON CONFLICT (call_id) DO UPDATE SET extensions = hold.extensions`,
        [callId],
      );
      return findHold(callId);
    },

    async putHold(callId, hold) {
      await session.run(
        `INSERT INTO hold (call_id, owner_id, start_ms, service, extensions, expires_ms)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (call_id) DO UPDATE SET owner_id = excluded.owner_id, start_ms = excluded.start_ms,
           service = excluded.service, extensions = excluded.extensions, expires_ms = excluded.expires_ms`,
        [
          callId,
          hold.owner,
          hold.start,
          hold.service,
          hold.extensions,
          hold.expires + offsetMs,
        ],
      );
    },

    async dropHold(callId) {
      await session.run("DELETE FROM hold WHERE call_id = $1", [callId]);
    },
  };
}

interface HoldRow {
  owner_id: string;
  start_ms: number;
  service: string;
  extensions: number;
  expires_ms: number;
}
