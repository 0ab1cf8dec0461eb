import { existsSync } from "node:fs";
import { parseConfig, readEnvironment } from "./config.ts";
import { openDatabase } from "./database.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";

export interface PruneFlags {
  /** Whole days (default 90). */
  days?: string;
  dryRun?: boolean;
  json?: boolean;
}

const DEFAULT_DAYS = "90";
const MAX_DAYS = 36_500;
const DAY_MS = 86_400_000;

/**
 * `prune`: deletes what the database knows of people whose appointments are long
 * past, and what has expired by itself. Result: how many rows of each kind.
 * @throws VerbError for bad flags, or where there is no database
 */
export async function prune(
  io: Io,
  flags: PruneFlags,
  now: Date = new Date(),
): Promise<number> {
  const days = readDays(flags.days ?? DEFAULT_DAYS);
  const { databaseUrl } = parseConfig(readEnvironment(io));
  refuseMissing(databaseUrl, io);
  const before = new Date(now.getTime() - days * DAY_MS);
  const dryRun = flags.dryRun ?? false;
  const store = await openDatabase(databaseUrl);
  try {
    const counts = await store.prune({ before, now, dryRun });
    if (flags.json) {
      printJson(io, { before: before.toISOString(), dryRun, ...counts });
      return EXIT.ok;
    }
    const verb = dryRun ? "would delete" : "deleted";
    io.stdout.write(
      `What ended before ${before.toISOString()} (${days} days ago), and what has expired:\n`,
    );
    for (const [kind, count] of Object.entries(counts))
      io.stdout.write(`  ${verb} ${kind}: ${count}\n`);
    io.stdout.write(
      "Kept: appointments that ended later or are still to come, and what belongs to them.\n",
    );
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

function readDays(text: string): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (days <= MAX_DAYS) return days;
  throw new VerbError(
    EXIT.usage,
    `--days: expected a whole number from 0 to ${MAX_DAYS}, received "${text}"`,
  );
}

/** To open it would make an empty database, and pruning that would look like success. */
function refuseMissing(databaseUrl: string, { cwd }: Io): void {
  const [, path] = /^sqlite:(.+)$/.exec(databaseUrl) ?? [];
  if (path === undefined || path === ":memory:") return;
  if (!existsSync(path))
    throw new VerbError(
      EXIT.input,
      `DATABASE_URL: there is no database ${path} (seen from ${cwd})`,
    );
}
