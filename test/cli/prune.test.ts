import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import { VerbError } from "../../cli/io.ts";
import type { Io } from "../../cli/io.ts";
import { prune } from "../../cli/prune.ts";
import type { PruneFlags } from "../../cli/prune.ts";
import {
  createEndpoints,
  exampleBusiness,
  openStore,
  parseBusiness,
} from "../../endpoints/index.ts";
import { closeServers, startServer } from "../support/server.ts";

afterEach(closeServers);

const NOW = new Date("2026-11-20T12:00:00Z");

async function makeDatabase(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "prune-"));
  return `sqlite:${join(directory, "appointments.db")}`;
}

/** Books as it was then, through the tools themselves. */
async function book(
  databaseUrl: string,
  now: string,
  date: string,
): Promise<void> {
  const store = await openStore(databaseUrl);
  const business = parseBusiness(await readFile(exampleBusiness, "utf8"));
  const { url, close } = await startServer(
    express().use(
      createEndpoints({
        store,
        business,
        verify: "none",
        now: () => new Date(now),
      }),
    ),
  );
  const response = await fetch(`${url}/appointments/book`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-ThunderPhone-Call-ID": `CA-${date}`,
    },
    body: JSON.stringify({
      date,
      time: "10:00",
      customer_name: "Maria Lopez",
      customer_phone: "(415) 555-2671",
    }),
  });
  expect(await response.json()).toHaveProperty("confirmation_number");
  await close();
  await store.close();
}

async function run(databaseUrl: string, flags: PruneFlags = {}) {
  let out = "";
  let err = "";
  const sink = (take: (text: string) => void) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        take(chunk.toString());
        done();
      },
    });
  const io: Io = {
    env: { DATABASE_URL: databaseUrl },
    cwd: "/nonexistent",
    stdin: Readable.from([]),
    stdout: sink((text) => (out += text)),
    stderr: sink((text) => (err += text)),
    untilStopped: () => Promise.resolve(),
  };
  const exitCode = await prune(io, flags, NOW).catch((error: unknown) => {
    if (!(error instanceof VerbError)) throw error;
    err += error.message;
    return error.exitCode;
  });
  return { exitCode, out, err };
}

describe("prune", () => {
  test("deletes appointments of more than 90 days ago and keeps the others", async () => {
    const databaseUrl = await makeDatabase();
    await book(databaseUrl, "2026-03-02T12:00:00Z", "2026-03-09");
    await book(databaseUrl, "2026-11-16T12:00:00Z", "2026-11-18");
    await book(databaseUrl, "2026-11-16T12:00:00Z", "2026-12-01");
    const first = await run(databaseUrl);
    expect(first.exitCode).toBe(0);
    expect(first.out).toMatch(/^ {2}deleted bookings: 1$/m);
    expect(first.out).toMatch(/^ {2}deleted executions: 1$/m);
    expect(first.out).toMatch(
      /^What ended before 2026-08-22T12:00:00\.000Z \(90 days ago\)[^]*\nKept: /,
    );
    expect((await run(databaseUrl)).out).toMatch(/^ {2}deleted bookings: 0$/m);
    expect((await run(databaseUrl, { days: "1" })).out).toMatch(
      /^ {2}deleted bookings: 1$/m,
    );
    expect((await run(databaseUrl, { days: "0" })).out).toMatch(
      /^ {2}deleted bookings: 0$/m,
    );
  });

  test("keeps the answers of appointments that are still to come, and of calls that go on", async () => {
    const databaseUrl = await makeDatabase();
    await book(databaseUrl, "2026-03-02T12:00:00Z", "2026-12-01");
    await book(databaseUrl, NOW.toISOString(), "2026-12-02");
    for (const days of ["90", "0"])
      expect((await run(databaseUrl, { days })).out).toMatch(
        /^ {2}deleted executions: 0$/m,
      );
  });

  test("tells with --dry-run what it would delete, and deletes nothing", async () => {
    const databaseUrl = await makeDatabase();
    await book(databaseUrl, "2026-03-02T12:00:00Z", "2026-03-09");
    const dry = await run(databaseUrl, { dryRun: true, json: true });
    expect(JSON.parse(dry.out)).toMatchObject({
      before: "2026-08-22T12:00:00.000Z",
      dryRun: true,
      bookings: 1,
    });
    expect((await run(databaseUrl, { dryRun: true })).out).toMatch(
      /^ {2}would delete bookings: 1$/m,
    );
    const real = await run(databaseUrl, { json: true });
    expect(JSON.parse(real.out)).toEqual({
      ...(JSON.parse(dry.out) as object),
      dryRun: false,
    });
  });

  test.each(["", "ninety", "-1", "1.5", "1e3", "40000", "999999"])(
    "refuses --days %p",
    async (days) => {
      const { exitCode, out, err } = await run("sqlite:/nowhere.db", { days });
      expect([exitCode, out]).toEqual([2, ""]);
      expect(err).toContain("--days: expected a whole number");
    },
  );

  test("does not make a database to find nothing in it", async () => {
    const databaseUrl = await makeDatabase();
    const { exitCode, err } = await run(databaseUrl);
    expect([exitCode, err]).toEqual([
      3,
      expect.stringContaining("there is no database"),
    ]);
    expect(existsSync(databaseUrl.slice("sqlite:".length))).toBe(false);
  });
});
