import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import type { Store } from "../../endpoints/index.ts";
import { openSqlite } from "../../endpoints/store/sqlite.ts";

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function open(path?: string): Promise<Store> {
  const store = await openStore(`sqlite:${path ?? (await newPath())}`);
  stores.push(store);
  return store;
}

async function newPath(): Promise<string> {
  return join(
    await mkdtemp(join(tmpdir(), "store-")),
    "deep",
    "appointments.db",
  );
}

const lane = { resource: "main", lane: 0 };
const claim = (store: Store, id: string, grains: number[]) =>
  store.execute(undefined, async (transaction) => {
    const isClaimed = await transaction.claim(lane, grains, id);
    return {
      answer: { speech: isClaimed ? "claimed" : "taken" },
      commit: isClaimed,
      remember: false,
    };
  });

describe("the SQLite store", () => {
  test("writes through to the disk: WAL with synchronous=FULL", async () => {
    const database = openSqlite(await newPath());
    expect(await database.all("PRAGMA journal_mode")).toMatchObject([
      { journal_mode: "wal" },
    ]);
    expect(await database.all("PRAGMA synchronous")).toMatchObject([
      { synchronous: 2 },
    ]);
    expect(await database.all("PRAGMA busy_timeout")).toMatchObject([
      { timeout: 1000 },
    ]);
    await database.close();
  });

  test("keeps what was acknowledged for the next process", async () => {
    const path = await newPath();
    const first = await open(path);
    await claim(first, "a", [0, 300_000]);
    await first.close();
    expect(await (await open(path)).listClaims(0, 600_000)).toEqual([
      { ...lane, start: 0 },
      { ...lane, start: 300_000 },
    ]);
  });

  test("the unique key is the judge: all grains or none", async () => {
    const store = await open();
    expect(await claim(store, "a", [300_000])).toEqual({ speech: "claimed" });
    expect(await claim(store, "b", [0, 300_000])).toEqual({ speech: "taken" });
    expect(await store.listClaims(0, 600_000)).toEqual([
      { ...lane, start: 300_000 },
    ]);
  });

  test("rolls everything back when the work fails", async () => {
    const store = await open();
    const fault = store.execute(undefined, async (transaction) => {
      await transaction.claim(lane, [0], "a");
      throw new Error("half-way");
    });
    await expect(fault).rejects.toThrow("half-way");
    expect(await store.listClaims(0, 1)).toEqual([]);
    expect(await claim(store, "b", [0])).toEqual({ speech: "claimed" });
  });

  test("two stores on one file never both get a grain", async () => {
    const path = await newPath();
    const both = [await open(path), await open(path)];
    for (let grain = 0; grain < 20; grain++) {
      const told = await Promise.all(
        both.map((store, index) => claim(store, `${grain} ${index}`, [grain])),
      );
      expect(new Set(told.map((answer) => JSON.stringify(answer)))).toEqual(
        new Set(['{"speech":"claimed"}', '{"speech":"taken"}']),
      );
    }
  });

  test("a read waits for no writer, and sees what was committed", async () => {
    const store = await open();
    await claim(store, "a", [0]);
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    const writing = store.execute(undefined, async (transaction) => {
      await transaction.claim(lane, [300_000], "b");
      await held;
      return { answer: { speech: "" }, commit: true, remember: false };
    });
    expect(await store.listClaims(0, 600_000)).toHaveLength(1);
    finish();
    await writing;
    expect(await store.listClaims(0, 600_000)).toHaveLength(2);
  });

  test("may be closed twice, also at once", async () => {
    const store = await open();
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });

  test("eight processes may start on one new file at once", async () => {
    const path = await newPath();
    const script = new URL("../support/open-store.ts", import.meta.url);
    const children = Array.from({ length: 8 }, () =>
      fork(script, [path], {
        execArgv: ["--import", "tsx"],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      }),
    );
    const codes = await Promise.all(
      children.map(
        async (child) => ((await once(child, "exit")) as [number])[0],
      ),
    );
    expect(codes).toEqual(Array(8).fill(0));
  });

  test("refuses values that would end the process, and a wrong number of them", async () => {
    const database = openSqlite(":memory:");
    for (const value of [true, Number.NaN, undefined, {}]) {
      await expect(
        database.all("SELECT $1", [value as unknown as string]),
      ).rejects.toMatchObject({ code: "ERR_STORE" });
    }
    await expect(database.all("SELECT $1, $2", ["a"])).rejects.toThrow(
      "expected 2 values, received 1",
    );
    expect(
      await database.all("SELECT $2 AS a, $1 AS b", ["one", "two"]),
    ).toMatchObject([{ a: "two", b: "one" }]);
    await database.close();
    await expect(database.all("SELECT 1")).rejects.toThrow("closed");
    await database.close();
  });

  test("says what it cannot open, without the password in it", async () => {
    await expect(openStore("postgres://user:secret@host/db")).rejects.toThrow(
      /^((?!secret).)*$/,
    );
    await expect(openStore("sqlite:/dev/null/x.db")).rejects.toMatchObject({
      code: "ERR_STORE",
    });
  });
});
