import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../support/postgres.ts";
import { startDesks } from "./bookings-child.ts";
import type { Desks } from "./bookings-child.ts";
import { openBuilt } from "./built.ts";
import { describeInterval, measurePairs, quantile } from "./pairs.ts";

const PAIRS = 9;
/** For the compiler to come to rest; the larger batches need it most. */
const WARM_UPS = 3;
const BOOKINGS = 960;
/** PostgreSQL stands there for the record, so a few rounds do. */
const ROUNDS = 3;
const SYNCS = 50;
/** Where a synchronous write costs so much, there is more to win. */
const SLOW_SYNC_MS = 4;
// The first is the goal, the second what a busy machine may make of it.
const ON_SLOW_DISK = { goal: 8, limit: 5 };
const ON_QUICK_DISK = { goal: 5, limit: 3 };

/**
 * Durable bookings per second of 32 clients: group commit beside one commit for
 * each, both on a real file with synchronous=FULL. The goal is for the store's
 * transaction; through the tool both have its reading and answering on top,
 * which no commit makes cheaper.
 * @returns false when the goal is missed by so much that a noisy machine is no excuse
 */
export async function benchBookings(): Promise<boolean> {
  const built = openBuilt("endpoints");
  const folder = mkdtempSync(join(tmpdir(), "bench-bookings-"));
  const desks = startDesks(built.folder);
  try {
    for (const desk of ["grouped", "single"])
      await desks.open({
        desk,
        url: `sqlite:${join(folder, desk)}.db`,
        business: "book",
        ...(desk === "single" ? { batch: 1 } : {}),
      });
    const sync = () =>
      desks.fsync({ file: join(folder, "page"), count: SYNCS });
    console.log(
      `Durable bookings a second of 32 clients, SQLite with synchronous=FULL, group commit / one commit for each; medians of ${PAIRS} interleaved pairs of ${BOOKINGS} with their 95 % intervals:`,
    );
    const before = await sync();
    const ratio = await compare(desks, "store");
    const syncMs = quantile([...before, ...(await sync())], 0.5);
    const { goal, limit } =
      syncMs >= SLOW_SYNC_MS ? ON_SLOW_DISK : ON_QUICK_DISK;
    console.log(
      `${ratio.words}; goal at least ${goal.toFixed(2)} where a synchronous write takes ${syncMs.toFixed(2)} ms: ${ratio.median >= goal ? "met" : "MISSED"}` +
        (ratio.median < limit ? `, and below ${limit}: a failure` : ""),
    );
    console.log((await compare(desks, "tool")).words);
    await recordPostgres(desks);
    return ratio.median >= limit;
  } finally {
    await desks.close();
    rmSync(folder, { recursive: true, force: true });
    built.dispose();
  }
}

type Way = "tool" | "store";

async function compare(
  desks: Desks,
  through: Way,
): Promise<{ median: number; words: string }> {
  const grouped = () => bookAll(desks, "grouped", through);
  const single = () => bookAll(desks, "single", through);
  for (let round = 0; round < WARM_UPS; round++) {
    await grouped();
    await single();
  }
  const pairs = await measurePairs(PAIRS, grouped, single);
  const ratios = pairs.map(({ subject, floor }) => floor / subject);
  const perSecond = (of: "subject" | "floor") =>
    (
      1 /
      quantile(
        pairs.map((pair) => pair[of]),
        0.5,
      )
    ).toFixed(0);
  return {
    median: quantile(ratios, 0.5),
    words: `through the ${through}: ${perSecond("subject")} / ${perSecond("floor")}, ${describeInterval(ratios)}`,
  };
}

/** Seconds of one booking, on the clock on the wall: the disk is what it waits for. */
async function bookAll(
  desks: Desks,
  desk: string,
  through: Way,
): Promise<number> {
  const { ms } = await desks.book({ desk, count: BOOKINGS, through });
  return ms / 1000 / BOOKINGS;
}

async function recordPostgres(desks: Desks): Promise<void> {
  const server = await startPostgres();
  if (!server) return;
  try {
    const url = await server.newDatabase();
    await desks.open({ desk: "postgres", url, business: "book" });
    const rates: number[] = [];
    for (let round = 0; round <= ROUNDS; round++)
      rates.push(1 / (await bookAll(desks, "postgres", "tool")));
    const [, ...warm] = rates;
    console.log(
      `PostgreSQL through the tool, for the record: ${quantile(warm, 0.5).toFixed(0)} a second (median of ${ROUNDS} rounds)`,
    );
    await desks.close();
  } finally {
    await server.stop();
  }
}
