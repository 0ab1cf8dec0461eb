import Libsql from "libsql";
import pg from "pg";

/** What a database holds, read with SQL of the tests' own. */
export interface Rows {
  bookings: {
    id: string;
    number: string;
    resource: string;
    lane: number;
    start: number;
    end: number;
    localStart: string;
    service: string;
    status: string;
    callId: string | null;
  }[];
  claims: {
    resource: string;
    lane: number;
    start: number;
    owner: string;
    expires: number | null;
  }[];
  holds: { owner: string; start: number; service: string }[];
  executions: { key: string; bookingId: string | null; hasAnswer: boolean }[];
  audits: { bookingId: string; action: string }[];
}

type Row = Record<string, string | number | null>;
type Query = (sql: string) => Promise<Row[]>;

/** Runs statements on a database without the code that is tested. */
async function withQuery<T>(
  databaseUrl: string,
  use: (query: Query) => Promise<T>,
): Promise<T> {
  if (databaseUrl.startsWith("sqlite:")) {
    const connection = new Libsql(databaseUrl.slice("sqlite:".length), {
      timeout: 5000,
    });
    try {
      return await use(async (sql) => {
        const statement = connection.prepare(sql);
        return statement.reader
          ? (statement.all() as Row[])
          : (statement.run(), []);
      });
    } finally {
      connection.close();
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await use(async (sql) => (await client.query<Row>(sql)).rows);
  } finally {
    await client.end();
  }
}

export function readRows(databaseUrl: string): Promise<Rows> {
  return withQuery(databaseUrl, async (query) => ({
    bookings: (await query("SELECT * FROM booking")).map((row) => ({
      id: String(row["id"]),
      number: String(row["number"]),
      resource: String(row["resource"]),
      lane: Number(row["lane"]),
      start: Number(row["start_ms"]),
      end: Number(row["end_ms"]),
      localStart: String(row["local_start"]),
      service: String(row["service"]),
      status: String(row["status"]),
      callId: toText(row["call_id"]),
    })),
    claims: (await query("SELECT * FROM claim")).map((row) => ({
      resource: String(row["resource"]),
      lane: Number(row["lane"]),
      start: Number(row["start_ms"]),
      owner: String(row["owner_id"]),
      expires: row["expires_ms"] === null ? null : Number(row["expires_ms"]),
    })),
    holds: (await query("SELECT * FROM hold")).map((row) => ({
      owner: String(row["owner_id"]),
      start: Number(row["start_ms"]),
      service: String(row["service"]),
    })),
    executions: (await query("SELECT * FROM execution")).map((row) => ({
      key: [row["call_id"], row["tool"], row["key_text"]].join(" "),
      bookingId: toText(row["booking_id"]),
      hasAnswer: row["answer"] !== null,
    })),
    audits: (await query("SELECT * FROM audit")).map((row) => ({
      bookingId: String(row["booking_id"]),
      action: String(row["action"]),
    })),
  }));
}

/** Takes away the judge of double bookings: the unique key of the claims. */
export function dropUniqueKey(databaseUrl: string): Promise<void> {
  return withQuery(databaseUrl, async (query) => {
    await query("DROP TABLE claim");
    await query(
      "CREATE TABLE claim (resource TEXT, start_ms BIGINT, lane BIGINT, owner_id TEXT, expires_ms BIGINT)",
    );
  });
}

function toText(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
