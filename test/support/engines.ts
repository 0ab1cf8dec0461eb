import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "@jest/globals";
import { startPostgres } from "./postgres.ts";
import type { PostgresOptions, TestPostgres } from "./postgres.ts";

/** @returns the URL of an empty database */
export type NewUrl = () => Promise<string>;

/** Describes with a SQLite file. */
export function describeSqlite(
  name: string,
  body: (newUrl: NewUrl) => void,
): void {
  describe(`${name} on SQLite`, () => {
    const folders: string[] = [];
    afterAll(async () => {
      for (const folder of folders)
        await rm(folder, { recursive: true, force: true });
    });
    body(async () => {
      const folder = await mkdtemp(join(tmpdir(), "store-"));
      folders.push(folder);
      return `sqlite:${join(folder, "deep", "appointments.db")}`;
    });
  });
}

/** Describes with a PostgreSQL server of its own; skipped where there is none, which is said. */
export async function describePostgres(
  name: string,
  body: (newUrl: NewUrl, server: TestPostgres) => void,
  options?: PostgresOptions,
): Promise<void> {
  const server = await startPostgres(options);
  if (!server) {
    describe.skip(`${name} on PostgreSQL`, () => {});
    return;
  }
  describe(`${name} on PostgreSQL`, () => {
    afterAll(() => server.stop());
    body(() => server.newDatabase(), server);
  });
}

/** One contract, both engines. */
export async function describeEachEngine(
  name: string,
  body: (newUrl: NewUrl) => void,
): Promise<void> {
  describeSqlite(name, body);
  await describePostgres(name, body, { fsync: false });
}
