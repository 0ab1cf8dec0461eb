import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../support/postgres.ts";
import { startDesks } from "./bookings-child.ts";
import type { Desks } from "./bookings-child.ts";
import { openBuilt } from "./built.ts";
import { describeInterval, measurePairs, quantile } from "./pairs.ts";

const PAIRS = 15;
const SEARCHES = 500;
/** All days are equally full, so the larger has more desks and ten times the days. */
const SIZES = [
  { desk: "small", bookings: 10_000, resources: 10 },
  { desk: "large", bookings: 1_000_000, resources: 100 },
];
// The first is the goal, the second what a busy machine may make of it.
const GOAL = 1.5;
const LIMIT = 2;

/**
 * `search_appointments` among a million bookings beside ten thousand.
 * @returns false when the goal is missed by so much that a noisy machine is no excuse
 */
export async function benchSearch(): Promise<boolean> {
  const built = openBuilt("endpoints");
  const folder = mkdtempSync(join(tmpdir(), "bench-search-"));
  try {
    console.log(
      `A search among ${SIZES[1]?.bookings} bookings / among ${SIZES[0]?.bookings}; medians of ${PAIRS} interleaved pairs of ${SEARCHES} searches with their 95 % intervals:`,
    );
    // All of SQLite's work is this process's CPU time.
    let isFine = await judge(
      "SQLite, CPU time",
      "cpuMs",
      built.folder,
      (desk) => Promise.resolve(`sqlite:${join(folder, desk)}.db`),
    );
    const server = await startPostgres({ fsync: false }); // reads do not wait for it
    if (!server) return isFine;
    try {
      isFine =
        (await judge("PostgreSQL, time", "ms", built.folder, () =>
          server.newDatabase(),
        )) && isFine;
    } finally {
      await server.stop();
    }
    return isFine;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    built.dispose();
  }
}

async function judge(
  name: string,
  unit: "ms" | "cpuMs",
  built: string,
  toUrl: (desk: string) => Promise<string>,
): Promise<boolean> {
  const desks = startDesks(built);
  try {
    for (const { desk, ...size } of SIZES) {
      await desks.open({ desk, url: await toUrl(desk), business: "search" });
      await desks.fill({ desk, ...size });
    }
    const pairs = await measurePairs(
      PAIRS,
      () => search(desks, "large", unit),
      () => search(desks, "small", unit),
    );
    const ratios = pairs.map(({ subject, floor }) => subject / floor);
    const eachUs = quantile(
      pairs.map(({ subject }) => (subject / SEARCHES) * 1000),
      0.5,
    );
    const median = quantile(ratios, 0.5);
    console.log(
      `${name}: ${describeInterval(ratios)}, ${eachUs.toFixed(0)} us a search; goal at most ${GOAL.toFixed(2)}: ${median <= GOAL ? "met" : "MISSED"}` +
        (median > LIMIT ? `, and above ${LIMIT}: a failure` : ""),
    );
    return median <= LIMIT;
  } finally {
    await desks.close();
  }
}

async function search(
  desks: Desks,
  desk: string,
  unit: "ms" | "cpuMs",
): Promise<number> {
  return (await desks.search({ desk, count: SEARCHES }))[unit];
}
