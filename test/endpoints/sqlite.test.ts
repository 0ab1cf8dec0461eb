import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import Libsql from "libsql";
import type { Database, Session } from "../../endpoints/store/database.ts";
import { openStore } from "../../endpoints/index.ts";
import { runWork } from "../../endpoints/store/session.ts";
import { openSqlite } from "../../endpoints/store/sqlite.ts";
import type { SqliteOptions } from "../../endpoints/store/sqlite.ts";
import { describeSqlite } from "../support/engines.ts";

const keep = async <T>(value: Promise<T>) => ({
  commit: true,
  value: await value,
});

/** How many transactions the write-ahead log holds: frames with a size of the database (sqlite.org/fileformat2.html 4.1). */
async function countCommits(path: string): Promise<number> {
  const log = await readFile(`${path}-wal`);
  const frameBytes = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frameBytes <= log.length; at += frameBytes) {
    const isOfThisLog = log.readUInt32BE(at + 8) === log.readUInt32BE(16);
    if (isOfThisLog && log.readUInt32BE(at + 4) > 0) commits++;
  }
  return commits;
}

describeSqlite("group commit", (newUrl) => {
  async function open(options?: SqliteOptions) {
    const path = (await newUrl()).slice("sqlite:".length);
    const database = openSqlite(path, options);
    await database.transaction(async (session) => {
      await session.run("CREATE TABLE item (name TEXT NOT NULL PRIMARY KEY)");
      return keep(
        session.run(
          "CREATE TABLE part (item TEXT REFERENCES item DEFERRABLE INITIALLY DEFERRED)",
        ),
      );
    });
    return { path, database };
  }
  const insert = (session: Session, name: string) =>
    session.run("INSERT INTO item (name) VALUES ($1)", [name]);
  const add = (database: Database, name: string) =>
    database.transaction((session) => keep(insert(session, name)));
  const count = async (database: Database) =>
    (await database.all("SELECT name FROM item")).length;

  test.each([
    { batch: 128, asked: 100, commits: 1 },
    { batch: 128, asked: 300, commits: 3 },
    { batch: 10, asked: 100, commits: 10 },
    { batch: 1, asked: 5, commits: 5 },
  ])(
    "$asked transactions at once, at most $batch a batch: $commits commits",
    async ({ batch, asked, commits }) => {
      const { path, database } = await open({ batch });
      const before = await countCommits(path);
      await Promise.all(
        Array.from({ length: asked }, (_, index) => add(database, `${index}`)),
      );
      expect((await countCommits(path)) - before).toBe(commits);
      expect(await count(database)).toBe(asked);
      await database.close();
    },
  );

  test("a batch of refusals writes nothing", async () => {
    const { path, database } = await open();
    const before = await countCommits(path);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        database.transaction(async (session) => ({
          commit: false,
          value: await insert(session, `${index}`),
        })),
      ),
    );
    expect(await countCommits(path)).toBe(before);
    await database.close();
  });

  test("what is asked for while a work waits joins its batch", async () => {
    const { path, database } = await open();
    const before = await countCommits(path);
    const asked: Promise<unknown>[] = [];
    await database.transaction(async (session) => {
      asked.push(add(database, "second"), add(database, "third"));
      await setImmediate();
      return keep(insert(session, "first"));
    });
    await Promise.all(asked);
    expect((await countCommits(path)) - before).toBe(1);
    await database.close();
  });

  test("a COMMIT that fails fails the whole batch, refusals too, and the next batch is whole", async () => {
    const { database } = await open();
    const results = await Promise.allSettled([
      add(database, "a"),
      database.transaction((session) =>
        keep(
          session.run("INSERT INTO part (item) VALUES ($1)", ["nobody has it"]),
        ),
      ),
      database.transaction(async (session) => ({
        commit: false,
        value: await session.all("SELECT name FROM item WHERE name = 'a'"),
      })),
      database.transaction(async () => {
        throw new Error("its own fault");
      }),
    ]);
    expect(results).toMatchObject([
      { status: "rejected", reason: { code: "ERR_STORE" } },
      { status: "rejected", reason: { code: "ERR_STORE" } },
      { status: "rejected", reason: { code: "ERR_STORE" } },
      { status: "rejected", reason: { message: "its own fault" } },
    ]);
    expect(await count(database)).toBe(0);
    await add(database, "b");
    expect(await count(database)).toBe(1);
    await database.close();
  });

  test("an engine that rolls everything back takes the batch with it, not those after", async () => {
    const { database } = await open();
    await add(database, "taken");
    const results = await Promise.allSettled([
      add(database, "before"),
      database.transaction((session) =>
        keep(session.run("INSERT OR ROLLBACK INTO item VALUES ('taken')")),
      ),
      add(database, "after"),
    ]);
    expect(results).toMatchObject([
      { status: "rejected", reason: { code: "ERR_STORE" } },
      { status: "rejected", reason: { code: "ERR_STORE" } },
      { status: "fulfilled" },
    ]);
    expect(
      await database.all("SELECT name FROM item ORDER BY name"),
    ).toMatchObject([{ name: "after" }, { name: "taken" }]);
    await database.close();
  });

  test("waits for another process's lock without holding up this one", async () => {
    const { path, database } = await open();
    const other = new Libsql(path);
    other.exec("BEGIN IMMEDIATE");
    const asked = [add(database, "a"), add(database, "b")];
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    other.exec("COMMIT");
    other.close();
    await Promise.all(asked);
    expect(await count(database)).toBe(2);
    await database.close();
  });

  test("who has waited too long for the lock is told, the others wait on", async () => {
    const { path, database } = await open();
    const other = new Libsql(path);
    other.exec("BEGIN IMMEDIATE");
    const patient = add(database, "patient");
    await expect(
      database.transaction((session) => keep(insert(session, "impatient")), {
        patienceMs: 1,
      }),
    ).rejects.toThrow("another process holds it");
    other.exec("COMMIT");
    other.close();
    await patient;
    expect(await count(database)).toBe(1);
    await database.close();
  });

  test("a database that is up to date opens without its write lock", async () => {
    const url = await newUrl();
    await (await openStore(url)).close();
    const other = new Libsql(url.slice("sqlite:".length));
    other.exec("BEGIN IMMEDIATE");
    await (await openStore(url)).close();
    other.exec("COMMIT");
    other.close();
  });

  test("writes through to the disk: WAL with synchronous=FULL", async () => {
    const { database } = await open();
    const pragma = (name: string) =>
      database.transaction(async (session) => ({
        commit: false,
        value: await session.all(`PRAGMA ${name}`),
      }));
    expect(await pragma("journal_mode")).toMatchObject([
      { journal_mode: "wal" },
    ]);
    expect(await pragma("synchronous")).toMatchObject([{ synchronous: 2 }]);
    expect(await pragma("busy_timeout")).toMatchObject([{ timeout: 10 }]);
    expect(await database.all("PRAGMA busy_timeout")).toMatchObject([
      { timeout: 1000 },
    ]);
    await database.close();
  });
});

describe("a SQLite database in memory", () => {
  test("reads see what was kept, in the order of asking", async () => {
    const database = openSqlite(":memory:");
    const asked = [
      database.transaction((session) =>
        keep(session.run("CREATE TABLE item (name TEXT)")),
      ),
      database.transaction((session) =>
        keep(session.run("INSERT INTO item VALUES ('a')")),
      ),
      database.all("SELECT name FROM item"),
    ];
    expect(await asked[2]).toMatchObject([{ name: "a" }]);
    await Promise.all(asked);
    await database.close();
    await expect(database.all("SELECT 1")).rejects.toThrow("closed");
  });
});

describe("a work", () => {
  const statements = { run: async () => 0, all: async () => [] };

  test("that never ends is given up, and can write no more", async () => {
    let kept: Session | undefined;
    await expect(
      runWork<void>(
        (session) => {
          kept = session;
          return new Promise(() => {});
        },
        statements,
        1,
      ),
    ).rejects.toThrow("a transaction took longer than 1 ms");
    await expect(kept?.run("DELETE FROM item")).rejects.toThrow("is over");
  });
});
