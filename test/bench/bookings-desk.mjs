// The tools of one business on one database or several, in a process of its own:
// built code, with no loader of TypeScript in its way. Does one errand at a time
// for its parent.
//   node bookings-desk.mjs FOLDER-OF-BUILT-ROOMS
import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const load = (file) =>
  import(pathToFileURL(join(process.argv[2], "endpoints", file)).href);
const [
  { parseBusiness },
  { createAvailability },
  { openDatabase },
  { migrate },
  { createStore },
  { openSqlite },
  { tools },
] = await Promise.all(
  [
    "business/parse.js",
    "scheduling/availability.js",
    "store/index.js",
    "store/migrate.js",
    "store/queries.js",
    "store/sqlite.js",
    "tools/index.js",
  ].map(load),
);

const DAY_MS = 86_400_000;
/** What is booked and searched is ahead of it. A Monday. */
const TODAY = Date.UTC(2026, 2, 16);
const now = () => new Date(TODAY);
const toDate = (days) =>
  new Date(TODAY + days * DAY_MS).toISOString().slice(0, 10);

const CLIENTS = 32;
const BOOKED_DAYS = 10;
const BOOKED_STARTS = BOOKED_DAYS * 48;
/** Of the rows that are made: every second quarter of an hour from nine to five. */
const BOOKINGS_A_DAY = 16;
const SEARCHED_DAYS = 14;

const everyDay = (range) =>
  Object.fromEntries(
    [
      "monday",
      "tuesday",
      "wednesday",
      "thursday",
      "friday",
      "saturday",
      "sunday",
    ].map((day) => [day, [range]]),
  );
const businesses = {
  /** Open day and night, with four places at a time: room for a round of bookings. */
  book: parseBusiness({
    name: "Bench",
    timezone: "UTC",
    country: "US",
    services: [{ name: "visit", minutes: 30 }],
    resources: [{ name: "desk", capacity: 4 }],
    hours: everyDay("00:00-24:00"),
  }),
  search: parseBusiness({
    name: "Bench",
    timezone: "UTC",
    country: "US",
    services: [{ name: "visit", minutes: 15 }],
    resources: [{ name: "desk 0" }, { name: "desk 1" }],
    hours: everyDay("09:00-17:00"),
  }),
};

const desks = new Map();

const errands = {
  async open({ desk, url, business, batch }) {
    const database = batch
      ? openSqlite(url.replace(/^sqlite:/, ""), { batch })
      : await openDatabase(url);
    await migrate(database);
    const store = createStore(database);
    const rules = businesses[business];
    const availability = createAvailability(rules, store, now);
    desks.set(desk, {
      database,
      desk: { business: rules, store, availability, now },
    });
  },

  /** Books so many times with 32 clients, and then clears the tables. */
  async book({ desk, count, through }) {
    const { desk: parts, database } = desks.get(desk);
    let next = 0;
    const spent = await measure(() =>
      each(async () => {
        while (next < count) {
          const answer = await ways[through](parts, next++);
          if (!answer.confirmation_number)
            throw new Error(`not booked: ${JSON.stringify(answer)}`);
        }
      }),
    );
    const tables = ["booking", "claim", "execution", "audit", "hold"];
    await run(
      database,
      tables.map((table) => `DELETE FROM ${table}`),
    );
    return spent;
  },

  /**
   * Makes bookings that fill half of each day, until some weeks from today. All
   * days are alike, so that more bookings mean more desks and more past.
   */
  async fill({ desk, resources, bookings }) {
    const { database } = desks.get(desk);
    const aDay = resources * BOOKINGS_A_DAY;
    const from = TODAY + (30 - Math.ceil(bookings / aDay)) * DAY_MS;
    // Every second quarter, one desk from 9:00 on and the next from 9:15 on.
    const start = `${from} + n / ${aDay} * ${DAY_MS} + 32400000
      + (n % ${BOOKINGS_A_DAY} * 2 + n % ${aDay} / ${BOOKINGS_A_DAY} % 2) * 900000`;
    await run(database, [
      `INSERT INTO booking (id, number, resource, lane, start_ms, end_ms, zone, local_start, service,
         customer_name, customer_phone, call_id, status, created_ms)
       WITH RECURSIVE made (n) AS (
         SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM made WHERE n + 1 < ${bookings})
       SELECT 'b' || CAST(10000000 + n AS TEXT), CAST(1000000000 + n AS TEXT),
         'desk ' || CAST(n % ${aDay} / ${BOOKINGS_A_DAY} AS TEXT), 0, ${start}, ${start} + 900000,
         'UTC', '2026-03-16T09:00', 'visit', 'Maria Lopez', '+1' || CAST(4150000000 + n AS TEXT),
         'CA' || CAST(n AS TEXT), 'confirmed', ${from} FROM made`,
      `INSERT INTO claim (resource, start_ms, lane, owner_id, expires_ms)
       SELECT resource, start_ms + g * 300000, lane, id, NULL FROM booking
       CROSS JOIN (SELECT 0 AS g UNION ALL SELECT 1 UNION ALL SELECT 2) AS grain`,
      "ANALYZE",
    ]);
    const [row] = await database.all("SELECT COUNT(*) AS count FROM booking");
    if (Number(row.count) !== bookings) throw new Error("not all were made");
  },

  /** Searches so many times, the days in turn. */
  async search({ desk, count }) {
    const { desk: parts } = desks.get(desk);
    const search = tools.get("search_appointments");
    return measure(async () => {
      for (let index = 0; index < count; index++) {
        const date = toDate(1 + (index % SEARCHED_DAYS));
        const { available_slots, more } = await search(
          parts,
          { date },
          { callId: "CA1", address: "127.0.0.1" },
        );
        // All times can be had, each at one of the two desks: 32, whatever the database.
        if (available_slots?.length + more !== 32)
          throw new Error(`a search of ${date} found ${available_slots}`);
      }
    });
  },

  /** One synchronous write after another, of a page: milliseconds of each. */
  fsync({ file, count }) {
    const opened = openSync(file, "w");
    const page = Buffer.alloc(4096, 1);
    const times = [];
    for (let index = 0; index < count; index++) {
      const started = performance.now();
      writeSync(opened, page);
      fsyncSync(opened);
      times.push(performance.now() - started);
    }
    closeSync(opened);
    unlinkSync(file);
    return times;
  },

  async close() {
    for (const { database } of desks.values()) await database.close();
    desks.clear();
  },
};

/** The n-th booking, by what it goes through. */
const ways = {
  /** All that happens between the checked arguments and the answer. */
  tool: (desk, index) =>
    tools.get("book_appointment")(desk, toBooking(index), {
      callId: `CA${index}`,
      idempotencyKey: `toolu_${index}`,
      address: "127.0.0.1",
    }),

  /** The rows of it alone, in the store's transaction. */
  store({ store }, index) {
    const start = TODAY + index * 1_800_000;
    const grains = Array.from({ length: 6 }, (_, grain) => start + grain * 3e5);
    const booking = {
      id: `${(TODAY + index).toString(36)}-${randomUUID()}`, // as the tool makes them
      number: String(1_000_000_000 + index),
      resource: "desk",
      lane: 0,
      start,
      end: start + 1_800_000,
      zone: "UTC",
      localStart: "2026-03-17T09:00",
      service: "visit",
      customerName: "Maria Lopez",
      customerPhone: "+14155550100",
      callId: `CA${index}`,
      status: "confirmed",
      created: TODAY,
    };
    const execution = {
      callId: booking.callId,
      tool: "book_appointment",
      key: `key toolu_${index}`,
      arguments: JSON.stringify(toBooking(index)),
      derived: false,
      created: TODAY,
    };
    return store.execute(execution, async (transaction) => {
      const { resource, lane, id, callId } = booking;
      const range = { resources: [resource], from: start, to: booking.end };
      await transaction.listClaims(range);
      const place = { resource, lane };
      if (!(await transaction.claim(place, grains, id)))
        throw new Error("a free time is taken");
      await transaction.insertBooking(booking);
      await transaction.audit({
        bookingId: id,
        action: "booked",
        callId,
        start,
        at: TODAY,
      });
      const answer = { confirmation_number: booking.number };
      return { answer, commit: true, bookingId: id, remember: true };
    });
  },
};

function toBooking(index) {
  const start = index % BOOKED_STARTS; // neighbours in time come at different times
  const hour = Math.floor((start % 48) / 2);
  return {
    date: toDate(1 + Math.floor(start / 48)),
    time: `${hour % 12 || 12}:${start % 2 ? "30" : "00"} ${hour < 12 ? "AM" : "PM"}`,
    customer_name: "Maria Lopez",
    customer_phone: `+1415555${String(index % 10_000).padStart(4, "0")}`,
  };
}

async function measure(work) {
  const started = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    ms: performance.now() - started,
    cpuMs: (user + system) / 1000,
  };
}

const each = (client) => Promise.all(Array.from({ length: CLIENTS }, client));

const run = (database, statements) =>
  database.transaction(
    async (session) => {
      for (const statement of statements) await session.run(statement);
      return { commit: true };
    },
    { patienceMs: 600_000 },
  );

async function answer({ errand, ...order }) {
  try {
    process.send({ done: (await errands[errand](order)) ?? null });
  } catch (error) {
    process.send({ failed: error?.stack ?? String(error) });
  }
}

process.on("message", (message) => void answer(message));
process.on("disconnect", () => process.exit());
