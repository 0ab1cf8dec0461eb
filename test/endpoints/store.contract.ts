import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Database, Session } from "../../endpoints/store/database.ts";
import { openDatabase, openStore } from "../../endpoints/store/index.ts";
import type { Store } from "../../endpoints/store/store.ts";
import type { NewUrl } from "../support/engines.ts";

const keep = async <T>(value: T | Promise<T>) => ({
  commit: true,
  value: await value,
});

/** What the store may expect of every engine. */
export function testDatabase(newUrl: NewUrl): void {
  const opened: { close: () => Promise<void> }[] = [];
  let url: string;
  let database: Database;

  async function open(): Promise<Database> {
    const one = await openDatabase(url);
    opened.push(one);
    return one;
  }
  const insert = (session: Session, name: string, count = 0) =>
    session.run("INSERT INTO counter (name, count) VALUES ($1, $2)", [
      name,
      count,
    ]);
  const names = async () => {
    const rows = await database.all<{ name: string }>(
      "SELECT name FROM counter ORDER BY name",
    );
    return rows.map(({ name }) => name);
  };

  beforeEach(async () => {
    url = await newUrl();
    database = await open();
    await database.transaction((session) =>
      keep(
        session.run(
          "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL)",
        ),
      ),
    );
  });
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });

  test("keeps a transaction that says so, and tells how many rows changed", async () => {
    const changed = await database.transaction((session) =>
      keep(
        session.run(
          "INSERT INTO counter (name, count) VALUES ($1, $3), ($2, $3)",
          ["a", "b", 1],
        ),
      ),
    );
    expect(changed).toBe(2);
    expect(await names()).toEqual(["a", "b"]);
  });

  test("keeps nothing of one that says no, and of one that throws", async () => {
    const value = await database.transaction(async (session) => {
      await insert(session, "declined");
      return { commit: false, value: "no" };
    });
    expect(value).toBe("no");
    const fault = new Error("half-way");
    await expect(
      database.transaction(async (session) => {
        await insert(session, "thrown");
        throw fault;
      }),
    ).rejects.toBe(fault);
    expect(await names()).toEqual([]);
  });

  test.each(["passed on", "swallowed"])(
    "keeps nothing after a statement was refused, %s by the work",
    async (how) => {
      const asked = database.transaction(async (session) => {
        await insert(session, "a");
        const again = insert(session, "a");
        if (how === "swallowed") await again.catch(() => 0);
        else await again;
        return keep(undefined);
      });
      await expect(asked).rejects.toMatchObject({ code: "ERR_STORE" });
      expect(await names()).toEqual([]);
    },
  );

  test("an engine's error quotes no stored value", async () => {
    const add = () =>
      database.transaction((session) => keep(insert(session, "Maria")));
    await add();
    const error = await add().catch((caught: unknown) => caught);
    expect(JSON.stringify(error)).not.toContain("Maria");
    expect(String(error)).not.toContain("Maria");
    expect(String((error as Error).cause)).not.toContain("Maria");
  });

  test("sees its own rows; others see them once they are kept", async () => {
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    let begun = () => {};
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const writing = database.transaction(async (session) => {
      await insert(session, "a");
      const own = await session.all("SELECT name FROM counter");
      begun();
      await held;
      return keep(own);
    });
    await isBegun;
    expect(await names()).toEqual([]);
    finish();
    expect(await writing).toMatchObject([{ name: "a" }]);
    expect(await names()).toEqual(["a"]);
  });

  test("numbers come back as numbers, up to the largest exact one", async () => {
    await database.transaction((session) =>
      keep(insert(session, "a", Number.MAX_SAFE_INTEGER)),
    );
    expect(
      await database.all("SELECT count FROM counter WHERE count > $1", [5]),
    ).toEqual([{ count: Number.MAX_SAFE_INTEGER }]);
  });

  test("$1 and $2 go by their number, also when one comes twice", async () => {
    await database.transaction((session) =>
      keep(
        session.run(
          "INSERT INTO counter (count, name) VALUES ($2, $1), ($2, $3)",
          ["a", 7, "b"],
        ),
      ),
    );
    expect(
      await database.all("SELECT name, count FROM counter ORDER BY name"),
    ).toEqual([
      { name: "a", count: 7 },
      { name: "b", count: 7 },
    ]);
  });

  test.each([
    ["a boolean", true],
    ["NaN", Number.NaN],
    ["Infinity", Infinity],
    ["a fraction", 1.5],
    ["an integer that is not exact", 2 ** 53],
    ["undefined", undefined],
    ["an object", {}],
    ["a Date", new Date()],
    ["text with a NUL", "a\0b"],
  ])("refuses %s", async (_, value) => {
    await expect(
      database.transaction((session) =>
        keep(
          session.run("INSERT INTO counter (name, count) VALUES ($1, 0)", [
            value as unknown as string,
          ]),
        ),
      ),
    ).rejects.toMatchObject({ code: "ERR_STORE" });
    await expect(
      database.all("SELECT name FROM counter WHERE name = $1", [
        value as unknown as string,
      ]),
    ).rejects.toMatchObject({ code: "ERR_STORE" });
    expect(await names()).toEqual([]);
  });

  test("refuses a wrong number of values", async () => {
    await expect(
      database.all("SELECT name FROM counter WHERE name = $1", []),
    ).rejects.toThrow("expected 1 values, received 0");
    await expect(
      database.all("SELECT name FROM counter", ["a"]),
    ).rejects.toThrow("expected 0 values, received 1");
  });

  test("of many transactions at once, of two clients, each counts", async () => {
    const other = await open();
    await database.transaction((session) => keep(insert(session, "a")));
    const told = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 ? database : other).transaction(async (session) => {
          await session.run(
            "UPDATE counter SET count = count + 1 WHERE name = 'a'",
          );
          const [row] = await session.all<{ count: number }>(
            "SELECT count FROM counter",
          );
          return { commit: index % 3 !== 0, value: row?.count };
        }),
      ),
    );
    expect(told).toHaveLength(60);
    expect(await database.all("SELECT count FROM counter")).toEqual([
      { count: 40 },
    ]);
  });

  test("one that fails among many harms no other", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        database.transaction(async (session) => {
          await insert(session, `${index}`);
          if (index === 7) throw new Error("seven");
          if (index === 8) await insert(session, `${index}`);
          return keep(undefined);
        }),
      ),
    );
    const failed = results.flatMap(({ status }, index) =>
      status === "rejected" ? [index] : [],
    );
    expect(failed).toEqual([7, 8]);
    expect(await names()).toHaveLength(18);
  });

  test("a session ends with its transaction", async () => {
    let kept: Session | undefined;
    await database.transaction(async (session) => {
      kept = session;
      return keep(undefined);
    });
    await expect(kept?.run("DELETE FROM counter")).rejects.toThrow("is over");
    await expect(kept?.all("SELECT name FROM counter")).rejects.toThrow(
      "is over",
    );
  });

  test("close waits for what was asked for, and lets nothing more in", async () => {
    const asked = Array.from({ length: 30 }, (_, index) =>
      database.transaction((session) => keep(insert(session, `${index}`))),
    );
    const closed = Promise.all([database.close(), database.close()]);
    await expect(
      database.transaction((session) => keep(insert(session, "late"))),
    ).rejects.toThrow("the store is closed");
    await expect(names()).rejects.toThrow("the store is closed");
    await Promise.all(asked);
    await closed;
    await database.close();
    database = await open();
    expect(await names()).toHaveLength(30);
  });
}

/** What the tools may expect of the store, whatever is below it. */
export function testStore(newUrl: NewUrl): void {
  const stores: Store[] = [];
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  async function open(url: string): Promise<Store> {
    const store = await openStore(url);
    stores.push(store);
    return store;
  }
  const lane = { resource: "main", lane: 0 };
  const range = { resources: ["main"], from: 0, to: 600_000 };
  const claim = (store: Store, id: string, grains: number[]) =>
    store.execute(undefined, async (transaction) => {
      const isClaimed = await transaction.claim(lane, grains, id);
      return {
        answer: { speech: isClaimed ? "claimed" : "taken" },
        commit: isClaimed,
        remember: false,
      };
    });

  test("keeps what was acknowledged for the next process", async () => {
    const url = await newUrl();
    const first = await open(url);
    await claim(first, "a", [0, 300_000]);
    await first.close();
    expect(await (await open(url)).listClaims(range)).toHaveLength(2);
  });

  test("the unique key is the judge: all grains or none", async () => {
    const store = await open(await newUrl());
    expect(await claim(store, "a", [300_000])).toEqual({ speech: "claimed" });
    expect(await claim(store, "b", [0, 300_000])).toEqual({ speech: "taken" });
    expect(await store.listClaims(range)).toMatchObject([
      { ...lane, start: 300_000 },
    ]);
  });

  test("two stores on one database never both get a grain", async () => {
    const url = await newUrl();
    const both = [await open(url), await open(url)];
    for (let grain = 0; grain < 20; grain++) {
      const told = await Promise.all(
        both.map((store, index) => claim(store, `${grain} ${index}`, [grain])),
      );
      expect(new Set(told.map((answer) => JSON.stringify(answer)))).toEqual(
        new Set(['{"speech":"claimed"}', '{"speech":"taken"}']),
      );
    }
  });

  test("of many equal writes at once one runs, and all get its answer", async () => {
    const url = await newUrl();
    const [left, right] = [await open(url), await open(url)];
    const execution = {
      callId: "call",
      tool: "book",
      key: "k",
      arguments: "{}",
      derived: false,
      created: 0,
    };
    const told = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? left : right).execute(execution, async (transaction) => {
          await transaction.claim(lane, [0], `${index}`);
          return {
            answer: { speech: `${index}` },
            commit: true,
            remember: true,
          };
        }),
      ),
    );
    expect(new Set(told.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
}
