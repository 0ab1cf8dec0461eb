import { MAX_BUFFER_MINUTES } from "../business/business.ts";
import { claimStatements } from "./claims.ts";
import type { Session } from "./database.ts";
import { holdStatements } from "./holds.ts";
import type { Booking, BookingTransaction, ClaimRange } from "./store.ts";

const COLUMNS = `id, number, resource, lane, start_ms, end_ms, zone, local_start,
  service, customer_name, customer_phone, call_id, status, created_ms`;

type Reader = Pick<Session, "all">;

/**
 * The statements of one booking transaction.
 * @param offsetMs  from this process's clock to the database's, by which holds end
 */
export function bookingTransaction(
  session: Session,
  offsetMs: number,
): BookingTransaction {
  const claims = claimStatements(session, offsetMs);
  /** What led to the booking as it was leads to another one when it is asked for again. */
  const freeDerivedKeys = (id: string) =>
    session.run("DELETE FROM execution WHERE booking_id = $1 AND derived = 1", [
      id,
    ]);

  return {
    ...claims,
    ...holdStatements(session, offsetMs),

    async insertBooking(booking) {
      const inserted = await session.run(
        `INSERT INTO booking (${COLUMNS})
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

    async lockBooking(number) {
      // A write takes the row; whoever changes the same booking waits here, and then sees what became of it.
      await session.run(
        "UPDATE booking SET status = status WHERE number = $1",
        [number],
      );
      const [row] = await session.all<BookingRow>(
        `SELECT ${COLUMNS} FROM booking WHERE number = $1`,
        [number],
      );
      return row && toBooking(row);
    },

    async moveBooking(id, place) {
      await session.run(
        `UPDATE booking SET resource = $2, lane = $3, start_ms = $4, end_ms = $5, zone = $6, local_start = $7
         WHERE id = $1`,
        [
          id,
          place.resource,
          place.lane,
          place.start,
          place.end,
          place.zone,
          place.localStart,
        ],
      );
      await freeDerivedKeys(id);
    },

    releaseBooking: (booking) =>
      claims.releaseClaims(booking.id, toReach(booking)),

    async cancelBooking(booking) {
      await session.run(
        "UPDATE booking SET status = 'cancelled' WHERE id = $1",
        [booking.id],
      );
      await claims.releaseClaims(booking.id, toReach(booking));
      await freeDerivedKeys(booking.id);
    },

    async countBookings(phone, now) {
      await session.run(
        `INSERT INTO phone_turn (phone, last_ms) VALUES ($1, $2)
         ON CONFLICT (phone) DO UPDATE SET last_ms = excluded.last_ms`,
        [phone, now],
      );
      const [row] = await session.all<{ count: number }>(
        `SELECT COUNT(*) AS count FROM booking
         WHERE customer_phone = $1 AND end_ms > $2 AND status = 'confirmed'`,
        [phone, now],
      );
      return Number(row?.count);
    },

    async countFailures(subject, now) {
      // A write, so that guesses made at the same time are counted one after another.
      await session.run(
        `INSERT INTO attempt (call_id, failures, last_ms) VALUES ($1, 0, $2)
         ON CONFLICT (call_id) DO UPDATE SET failures = attempt.failures`,
        [subject, now],
      );
      const [row] = await session.all<{ failures: number; last_ms: number }>(
        "SELECT failures, last_ms FROM attempt WHERE call_id = $1",
        [subject],
      );
      return { failures: Number(row?.failures), last: Number(row?.last_ms) };
    },

    async setFailures(subject, failures, now) {
      await session.run(
        "UPDATE attempt SET failures = $2, last_ms = $3 WHERE call_id = $1",
        [subject, failures, now],
      );
    },

    async audit({ bookingId, action, callId, start, at }) {
      await session.run(
        "INSERT INTO audit (booking_id, at_ms, action, call_id, start_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [bookingId, at, action, callId ?? null, start],
      );
    },
  };
}

/** Where the claims of a booking can lie: buffers were those of its day. */
function toReach({
  resource,
  start,
  end,
}: Pick<Booking, "resource" | "start" | "end">): ClaimRange {
  const bufferMs = MAX_BUFFER_MINUTES * 60_000;
  return { resources: [resource], from: start - bufferMs, to: end + bufferMs };
}

export async function findUpcoming(
  session: Reader,
  phone: string,
  now: number,
  limit: number,
): Promise<Booking[]> {
  const rows = await session.all<BookingRow>(
    `SELECT ${COLUMNS} FROM booking
     WHERE customer_phone = $1 AND end_ms > $2 AND start_ms > $2 AND status = 'confirmed'
     ORDER BY start_ms, id LIMIT $3`,
    [phone, now, limit],
  );
  return rows.map(toBooking);
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
