import { StoreError } from "../errors.ts";
import type { Database, Session } from "./database.ts";

/** Rows in one INSERT; engines bound the number of values. */
const ROWS = 100;

interface CallEvent {
  at: Date;
  /** JSON text. */
  event: string;
}

interface CallSummary {
  callId: string;
  /** The process that has the call; "" before the first took it. */
  owner: string;
  /** Its last change, by the database's clock. */
  updated: Date;
  state: string | undefined;
}

/**
 * What a relay keeps of its calls, so that any process can go on with one: the
 * state of the conversation, saved by the latest owner only, and a log.
 */
export interface CallStore {
  /** Takes the call for this owner; whoever had it before can save no more. */
  take(
    callId: string,
    owner: string,
  ): Promise<{ fence: number; state: string | undefined }>;
  /** @returns false when another owner has taken the call since, or nobody ever did */
  save(callId: string, fence: number, state: string): Promise<boolean>;
  /** Adds entries to the call's log, in order, after what is there. */
  append(callId: string, events: CallEvent[]): Promise<void>;
  /** @param after  a position; only later entries */
  events(
    callId: string,
    after?: number,
  ): Promise<({ position: number } & CallEvent)[]>;
  /** Latest calls first. */
  list(options: { limit: number; before?: Date }): Promise<CallSummary[]>;
}

/** The relay's call records in the database, for every engine. */
export function createCallStore(
  database: Database,
  now: () => Date = () => new Date(),
): CallStore {
  const nowMs = () => now().getTime() + database.clockOffsetMs;
  return {
    take: (callId, owner) =>
      database.transaction(async (session) => {
        await lock(session, callId, nowMs());
        await session.run(
          "UPDATE call_state SET owner = $1, fence = fence + 1 WHERE call_id = $2",
          [owner, callId],
        );
        const [row] = await session.all<{
          fence: number;
          state: string | null;
        }>("SELECT fence, state FROM call_state WHERE call_id = $1", [callId]);
        if (!row) throw new StoreError("a call was taken and is not there");
        const value = {
          fence: Number(row.fence),
          state: row.state ?? undefined,
        };
        return { commit: true, value };
      }),

    save: (callId, fence, state) =>
      database.transaction(async (session) => {
        const saved = await session.run(
          "UPDATE call_state SET state = $1, updated_ms = $2 WHERE call_id = $3 AND fence = $4",
          [state, nowMs(), callId, fence],
        );
        return { commit: saved === 1, value: saved === 1 };
      }),

    append: async (callId, events) => {
      if (events.length === 0) return;
      await database.transaction(async (session) => {
        await lock(session, callId, nowMs());
        const [row] = await session.all<{ last: number | null }>(
          "SELECT MAX(position) AS last FROM call_event WHERE call_id = $1",
          [callId],
        );
        let last = Number(row?.last ?? 0);
        for (let from = 0; from < events.length; from += ROWS) {
          const part = events.slice(from, from + ROWS);
          await insert(session, callId, last, part);
          last += part.length;
        }
        return { commit: true, value: undefined };
      });
    },

    events: async (callId, after = 0) => {
      const rows = await database.all<{
        position: number;
        at_ms: number;
        event: string;
      }>(
        "SELECT position, at_ms, event FROM call_event WHERE call_id = $1 AND position > $2 ORDER BY position",
        [callId, after],
      );
      return rows.map((row) => ({
        position: Number(row.position),
        at: new Date(Number(row.at_ms)),
        event: row.event,
      }));
    },

    list: async ({ limit, before }) => {
      const rows = await database.all<{
        call_id: string;
        owner: string;
        updated_ms: number;
        state: string | null;
      }>(
        `SELECT call_id, owner, updated_ms, state FROM call_state WHERE updated_ms < $1
         ORDER BY updated_ms DESC, call_id LIMIT $2`,
        [before?.getTime() ?? Number.MAX_SAFE_INTEGER, limit],
      );
      return rows.map((row) => ({
        callId: row.call_id,
        owner: row.owner,
        updated: new Date(Number(row.updated_ms)),
        state: row.state ?? undefined,
      }));
    },
  };
}

/** The call's row, made where there is none: whoever writes for this call waits here for its turn. */
async function lock(
  session: Session,
  callId: string,
  nowMs: number,
): Promise<void> {
  const touch = () =>
    session.run("UPDATE call_state SET updated_ms = $1 WHERE call_id = $2", [
      nowMs,
      callId,
    ]);
  if ((await touch()) === 1) return;
  await session.run(
    "INSERT INTO call_state (call_id, owner, fence, state, updated_ms) VALUES ($1, '', 0, NULL, $2) ON CONFLICT DO NOTHING",
    [callId, nowMs],
  );
  await touch(); // another's row, when two made it at once: wait for that one
}

function insert(
  session: Session,
  callId: string,
  last: number,
  events: CallEvent[],
): Promise<number> {
  const rows = events.map(
    (_, index) =>
      `($1, $${index * 3 + 2}, $${index * 3 + 3}, $${index * 3 + 4})`,
  );
  return session.run(
    `INSERT INTO call_event (call_id, position, at_ms, event) VALUES ${rows.join(", ")}`,
    [
      callId,
      ...events.flatMap(({ at, event }, index) => [
        last + index + 1,
        at.getTime(),
        event,
      ]),
    ],
  );
}
