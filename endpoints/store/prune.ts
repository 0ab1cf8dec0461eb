import type { Database, Session, Value } from "./database.ts";
import type { Pruned } from "./store.ts";

interface Rule {
  of: keyof Pruned;
  table: string;
  where: string;
  values: Value[];
}

const DAY_MS = 86_400_000;
/** A large table takes longer than a caller would wait. */
const PATIENCE_MS = 600_000;

/**
 * Deletes what is about people and past; with dryRun only counts it. A
 * transaction for each table, so that bookings need not wait for all of it;
 * children come first, so what is left fits together at any moment.
 */
export async function prune(
  database: Database,
  {
    before,
    now,
    dryRun = false,
  }: { before: Date; now: Date; dryRun?: boolean },
): Promise<Pruned> {
  const nowMs = now.getTime() + database.clockOffsetMs;
  const pruned: Pruned = {
    bookings: 0,
    claims: 0,
    audits: 0,
    executions: 0,
    holds: 0,
    attempts: 0,
    replays: 0,
    calls: 0,
  };
  for (const rule of listRules(before.getTime(), nowMs)) {
    pruned[rule.of] += await database.transaction(
      async (session) => ({
        commit: !dryRun,
        value: dryRun
          ? await countRows(session, rule)
          : await session.run(
              `DELETE FROM ${rule.table} WHERE ${rule.where}`,
              rule.values,
            ),
      }),
      { patienceMs: PATIENCE_MS },
    );
  }
  return pruned;
}

/** Children before their parents: who they belong to is asked of the parents. */
function listRules(before: number, now: number): Rule[] {
  const past = [before];
  return [
    {
      of: "executions",
      table: "execution",
      where: `created_ms < $1 AND created_ms < $2 AND NOT EXISTS
        (SELECT 1 FROM booking WHERE booking.id = execution.booking_id AND booking.end_ms >= $1)`,
      // A call that goes on may repeat itself, whatever is asked for.
      values: [before, now - DAY_MS],
    },
    {
      of: "audits",
      table: "audit",
      where: "at_ms < $1 AND start_ms < $1",
      values: past,
    },
    {
      of: "holds",
      table: "hold",
      where: "expires_ms <= $1",
      values: [now],
    },
    // Time that is over can be taken by nobody; who owned it does not matter.
    { of: "claims", table: "claim", where: "start_ms < $1", values: past },
    {
      of: "claims",
      table: "claim",
      where: "expires_ms <= $1",
      values: [now],
    },
    {
      of: "attempts",
      table: "attempt",
      where: "last_ms < $1 AND last_ms < $2",
      values: [before, now - DAY_MS],
    },
    {
      of: "attempts",
      table: "phone_turn",
      where: "last_ms < $1",
      values: past,
    },
    {
      of: "replays",
      table: "replay",
      where: "expires_ms <= $1",
      values: [now],
    },
    {
      of: "calls",
      table: "call_event",
      where:
        "call_id IN (SELECT call_id FROM call_state WHERE updated_ms < $1)",
      values: past,
    },
    {
      of: "calls",
      table: "call_state",
      where: "updated_ms < $1",
      values: past,
    },
    { of: "bookings", table: "booking", where: "end_ms < $1", values: past },
  ];
}

async function countRows(
  session: Session,
  { table, where, values }: Rule,
): Promise<number> {
  const [row] = await session.all<{ count: number }>(
    `SELECT COUNT(*) AS count FROM ${table} WHERE ${where}`,
    values,
  );
  return Number(row?.count);
}
