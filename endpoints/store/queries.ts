import type { Answer } from "../answer.ts";
import { StoreError } from "../errors.ts";
import type { Claim } from "../scheduling.ts";
import type { Database, Session } from "./database.ts";
import { createReplayStore } from "./replay.ts";
import type {
  Booking,
  BookingTransaction,
  Execution,
  Outcome,
  Store,
} from "./store.ts";

/** The store's one set of SQL, for every engine. */
export function createStore(database: Database): Store {
  return {
    replay: createReplayStore(database),
    listClaims: (from, to) => listClaims(database, from, to),
    execute: (execution, work) =>
      database.transaction(async (session) => {
        if (execution && !(await beginExecution(session, execution))) {
          const known = await recall(session, execution);
          if (known === undefined)
            throw new StoreError("an execution was begun and never ended");
          return { commit: false, value: known };
        }
        const outcome = await work(bookingTransaction(session));
        if (outcome.commit && execution)
          await endExecution(session, execution, outcome);
        return { commit: outcome.commit, value: outcome.answer };
      }),
    recall: async (execution) => execution && recall(database, execution),
    close: () => database.close(),
  };
}

function bookingTransaction(session: Session): BookingTransaction {
  return {
    listClaims: (from, to) => listClaims(session, from, to),

    async claim({ resource, lane }, grains, bookingId) {
      const rows = grains
        .map((_, index) => `($1, $${index + 4}, $2, $3)`)
        .join(", ");
      const claimed = await session.run(
        `INSERT INTO claim (resource, start_ms, lane, booking_id) VALUES ${rows} ON CONFLICT DO NOTHING`,
        [resource, lane, bookingId, ...grains],
      );
      if (claimed === grains.length) return true;
      await session.run("DELETE FROM claim WHERE booking_id = $1", [bookingId]);
      return false;
    },

    async insertBooking(booking) {
      const inserted = await session.run(
        `INSERT INTO booking (id, number, resource, lane, start_ms, end_ms, zone, local_start, service,
           customer_name, customer_phone, call_id, status, created_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`,
        [
          booking.id,
          booking.number,
          booking.resource,
          booking.lane,
          booking.start,
          booking.end,
          booking.zone,
          booking.localStart,
          booking.service,
          booking.customerName,
          booking.customerPhone,
          booking.callId,
          booking.status,
          booking.created,
        ],
      );
      return inserted === 1;
    },

    async findBooking(number) {
      const [row] = await session.all<BookingRow>(
        `SELECT id, number, resource, lane, start_ms, end_ms, zone, local_start, service,
           customer_name, customer_phone, call_id, status, created_ms
         FROM booking WHERE number = $1`,
        [number],
      );
      return row && toBooking(row);
    },

    async cancelBooking(id) {
      await session.run(
        "UPDATE booking SET status = 'cancelled' WHERE id = $1",
        [id],
      );
      await session.run("DELETE FROM claim WHERE booking_id = $1", [id]);
      await session.run(
        "DELETE FROM execution WHERE booking_id = $1 AND derived = 1",
        [id],
      );
    },
  };
}

async function listClaims(
  session: Pick<Session, "all">,
  from: number,
  to: number,
): Promise<Claim[]> {
  const rows = await session.all<{
    resource: string;
    lane: number;
    start_ms: number;
  }>(
    "SELECT resource, lane, start_ms FROM claim WHERE start_ms >= $1 AND start_ms < $2",
    [from, to],
  );
  return rows.map((row) => ({
    resource: row.resource,
    lane: Number(row.lane),
    start: Number(row.start_ms),
  }));
}

/** The write that comes first, so that of two equal calls only one goes on. */
async function beginExecution(
  session: Session,
  execution: Execution,
): Promise<boolean> {
  const inserted = await session.run(
    `INSERT INTO execution (call_id, tool, key_text, arguments, derived, created_ms)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [
      execution.callId,
      execution.tool,
      execution.key,
      execution.arguments,
      execution.derived ? 1 : 0,
      execution.created,
    ],
  );
  return inserted === 1;
}

async function recall(
  session: Pick<Session, "all">,
  execution: Execution,
): Promise<Answer | "mismatch" | undefined> {
  const [row] = await session.all<{ arguments: string; answer: string }>(
    "SELECT arguments, answer FROM execution WHERE call_id = $1 AND tool = $2 AND key_text = $3",
    [execution.callId, execution.tool, execution.key],
  );
  if (!row) return undefined;
  if (row.arguments !== execution.arguments) return "mismatch";
  return JSON.parse(row.answer) as Answer; // our own JSON, written by endExecution
}

async function endExecution(
  session: Session,
  execution: Execution,
  outcome: Outcome,
): Promise<void> {
  const { callId, tool, key } = execution;
  if (!outcome.remember) {
    await session.run(
      "DELETE FROM execution WHERE call_id = $1 AND tool = $2 AND key_text = $3",
      [callId, tool, key],
    );
    return;
  }
  await session.run(
    "UPDATE execution SET answer = $1, booking_id = $2 WHERE call_id = $3 AND tool = $4 AND key_text = $5",
    [
      JSON.stringify(outcome.answer),
      outcome.bookingId ?? null,
      callId,
      tool,
      key,
    ],
  );
}

interface BookingRow {
  id: string;
  number: string;
  resource: string;
  lane: number;
  start_ms: number;
  end_ms: number;
  zone: string;
  local_start: string;
  service: string;
  customer_name: string;
  customer_phone: string | null;
  call_id: string | null;
  status: string;
  created_ms: number;
}

function toBooking(row: BookingRow): Booking {
  return {
    id: row.id,
    number: row.number,
    resource: row.resource,
    lane: Number(row.lane),
    start: Number(row.start_ms),
    end: Number(row.end_ms),
    zone: row.zone,
    localStart: row.local_start,
    service: row.service,
    customerName: row.customer_name,
    customerPhone: row.customer_phone,
    callId: row.call_id,
    status: row.status === "cancelled" ? "cancelled" : "confirmed",
    created: Number(row.created_ms),
  };
}
