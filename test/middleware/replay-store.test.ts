import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  afterAll,
  afterEach,
  describe,
  expect,
  jest,
  test,
} from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import { openDatabase } from "../../endpoints/store/index.ts";
import { migrate } from "../../endpoints/store/migrate.ts";
import { createReplayStore } from "../../endpoints/store/replay.ts";
import { memoryReplayStore } from "../../middleware/replay/store.ts";
import type { ReplayStore } from "../../middleware/replay/store.ts";
import { startPostgres } from "../support/postgres.ts";

const postgres = await startPostgres({ fsync: false });
afterAll(() => postgres?.stop());

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const { close } of opened.splice(0)) await close();
});

async function newFile(): Promise<string> {
  return `sqlite:${join(await mkdtemp(join(tmpdir(), "replay-")), "replay.db")}`;
}

async function openSql(url: string, now: () => Date): Promise<ReplayStore> {
  const database = await openDatabase(url);
  opened.push(database);
  await migrate(database);
  return createReplayStore(database, now);
}

async function openUrl(url: string): Promise<ReplayStore> {
  const store = await openStore(url);
  opened.push(store);
  return store.replay;
}

type Open = (now: () => Date) => ReplayStore | Promise<ReplayStore>;
const stores: [name: string, open: Open, hasClock: boolean][] = [
  ["memory", (now) => memoryReplayStore({ maxEntries: 1000, now }), true],
  ["SQLite in memory", (now) => openSql("sqlite::memory:", now), true],
  ["a SQLite file", async (now) => openSql(await newFile(), now), true],
  ["openStore in memory", () => openUrl("sqlite::memory:"), false],
  ["openStore of a file", async () => openUrl(await newFile()), false],
];
const engines: [name: string, newUrl: () => Promise<string>][] = [
  ["a SQLite file", newFile],
];
if (postgres) {
  const newDatabase = () => postgres.newDatabase();
  engines.push(["PostgreSQL", newDatabase]);
  stores.push(
    ["PostgreSQL", async (now) => openSql(await newDatabase(), now), true],
    [
      "openStore of PostgreSQL",
      async () => openUrl(await newDatabase()),
      false,
    ],
  );
}

describe.each(stores)("a replay store: %s", (_, open, hasClock) => {
  test("keeps the first value of a key, and says so", async () => {
    const store = await open(() => new Date());
    expect(await store.get("a")).toBeUndefined();
    expect(await store.addIfAbsent("a", "first", 60)).toBe(true);
    expect(await store.addIfAbsent("a", "second", 60)).toBe(false);
    expect(await store.get("a")).toBe("first");
  });

  test("of many at once exactly one is kept", async () => {
    const store = await open(() => new Date());
    const kept = await Promise.all(
      Array.from({ length: 20 }, (__, index) =>
        Promise.resolve(store.addIfAbsent("a", String(index), 60)),
      ),
    );
    expect(kept.filter(Boolean)).toHaveLength(1);
    expect(await store.get("a")).toBe(String(kept.indexOf(true)));
  });

  test("puts over what is there, and where nothing is", async () => {
    const store = await open(() => new Date());
    await store.addIfAbsent("a", "marker", 60);
    await store.put("a", "answer", 60);
    await store.put("b", "alone", 60);
    expect([await store.get("a"), await store.get("b")]).toEqual([
      "answer",
      "alone",
    ]);
  });

  test("a put of 0 seconds forgets the key, also one that is not there", async () => {
    const store = await open(() => new Date());
    await store.addIfAbsent("a", "marker", 60);
    await store.put("a", "", 0);
    await store.put("b", "", 0);
    expect(await store.get("a")).toBeUndefined();
    expect(await store.get("b")).toBeUndefined();
    expect(await store.addIfAbsent("a", "again", 60)).toBe(true);
  });

  test("keys and values are any text: names of Object's own, signs of SQL, long, not of ASCII", async () => {
    const store = await open(() => new Date());
    const texts = [
      "constructor",
      "__proto__",
      "'; DROP TABLE replay; --",
      "$1 ?1",
      "ü🙂\u2028",
      "x".repeat(400_000),
      `${"x".repeat(400_000)}y`,
      "sha256:4ad1e3a2c2a1d0e9",
    ];
    for (const text of texts) {
      expect(await store.get(text)).toBeUndefined();
      expect(await store.addIfAbsent(text, text, 60)).toBe(true);
      expect(await store.get(text)).toBe(text);
    }
  });

  if (!hasClock) return;

  test("a key is free again once its time is over, and not before", async () => {
    let nowMs = 1_000_000;
    const store = await open(() => new Date(nowMs));
    await store.addIfAbsent("a", "first", 60);
    await store.put("b", "put", 1.5);
    nowMs += 1499;
    expect(await store.get("b")).toBe("put");
    nowMs += 1;
    expect(await store.get("b")).toBeUndefined();
    nowMs = 1_000_000 + 59_999;
    expect(await store.addIfAbsent("a", "early", 60)).toBe(false);
    nowMs += 1;
    expect(await store.get("a")).toBeUndefined();
    expect(await store.addIfAbsent("a", "second", 60)).toBe(true);
    expect(await store.get("a")).toBe("second");
  });

  test("a put gives a key a new time", async () => {
    let nowMs = 0;
    const store = await open(() => new Date(nowMs));
    await store.addIfAbsent("a", "marker", 10);
    nowMs = 9000;
    await store.put("a", "answer", 10);
    nowMs = 18_999;
    expect(await store.get("a")).toBe("answer");
    nowMs = 19_000;
    expect(await store.get("a")).toBeUndefined();
  });
});

describe.each(engines)("%s with two stores", (_, newUrl) => {
  test("of both at once one is kept, and the other sees its value", async () => {
    const url = await newUrl();
    const now = () => new Date();
    const [left, right] = [await openSql(url, now), await openSql(url, now)];
    for (let key = 0; key < 10; key++) {
      const kept = await Promise.all([
        left.addIfAbsent(`${key}`, "left", 60),
        right.addIfAbsent(`${key}`, "right", 60),
      ]);
      expect(kept.toSorted()).toEqual([false, true]);
      const winner = kept[0] ? "left" : "right";
      expect(await left.get(`${key}`)).toBe(winner);
      expect(await right.get(`${key}`)).toBe(winner);
    }
  });

  test("expired rows go as new ones come", async () => {
    const url = await newUrl();
    let nowMs = 0;
    const store = await openSql(url, () => new Date(nowMs));
    for (let key = 0; key < 20; key++) await store.addIfAbsent(`${key}`, "", 1);
    nowMs = 1000;
    for (let key = 0; key < 8; key++)
      await store.addIfAbsent(`new ${key}`, "", 1);
    for (const { close } of opened.splice(0)) await close(); // waits for what is under way
    const database = await openDatabase(url);
    opened.push(database);
    const rows = await database.all<{ key_text: string }>(
      "SELECT key_text FROM replay WHERE expires_ms < 1000000",
    );
    expect(rows.map((row) => row.key_text).toSorted()).toEqual(
      Array.from({ length: 8 }, (__, key) => `new ${key}`),
    );
  });

  test("many that come at once as the old ones expire are each kept once", async () => {
    const url = await newUrl();
    let nowMs = 0;
    const now = () => new Date(nowMs);
    const [left, right] = [await openSql(url, now), await openSql(url, now)];
    for (let key = 0; key < 40; key++) await left.addIfAbsent(`${key}`, "", 1);
    nowMs = 1000;
    const kept = await Promise.all(
      Array.from({ length: 80 }, (__, index) =>
        Promise.resolve(
          (index % 2 ? left : right).addIfAbsent(`${index % 40}`, "", 1),
        ),
      ),
    );
    expect(kept.filter(Boolean)).toHaveLength(40);
  });
});

describe("a process whose clock is wrong", () => {
  test("judges by the database's clock", async () => {
    const database = await openDatabase(await newFile());
    opened.push(database);
    await migrate(database);
    const hourMs = 3_600_000;
    const right = createReplayStore(database, () => new Date(2 * hourMs));
    const late = createReplayStore(
      { ...database, clockOffsetMs: hourMs },
      () => new Date(hourMs),
    );
    await late.addIfAbsent("a", "", 60);
    expect(await right.get("a")).toBe("");
    expect(await right.addIfAbsent("a", "", 60)).toBe(false);
    await right.addIfAbsent("b", "", 60);
    expect(await late.get("b")).toBe("");
  });
});

describe("memoryReplayStore", () => {
  test.each([0, -1, 1.5, Number.NaN, Infinity])(
    "refuses maxEntries %p",
    (maxEntries) => {
      expect(() => memoryReplayStore({ maxEntries })).toThrow(TypeError);
    },
  );

  test("holds as many entries as it may, and lets go what was written longest ago", async () => {
    const store = memoryReplayStore({ maxEntries: 3 });
    for (const key of ["a", "b", "c"]) await store.addIfAbsent(key, key, 60);
    await store.put("a", "answer", 60); // now the youngest
    await store.addIfAbsent("d", "d", 60);
    const left: unknown[] = [];
    for (const key of ["a", "b", "c", "d"]) left.push(await store.get(key));
    expect(left).toEqual(["answer", undefined, "c", "d"]);
  });

  test("a key that is there takes nobody's room", async () => {
    const store = memoryReplayStore({ maxEntries: 2 });
    await store.addIfAbsent("a", "a", 60);
    await store.addIfAbsent("b", "b", 60);
    await store.addIfAbsent("a", "again", 60);
    await store.put("b", "answer", 60);
    expect([await store.get("a"), await store.get("b")]).toEqual([
      "a",
      "answer",
    ]);
  });

  test("an expired entry goes before a valid one that is older", async () => {
    let nowMs = 0;
    const now = () => new Date(nowMs);
    const store = memoryReplayStore({ maxEntries: 2, now });
    await store.addIfAbsent("old and valid", "a", 60);
    await store.addIfAbsent("expired", "b", 1);
    nowMs = 1000;
    await store.addIfAbsent("new", "c", 60);
    expect(await store.get("old and valid")).toBe("a");
    expect(await store.get("new")).toBe("c");
  });

  test("a jump of the wall clock expires nothing and keeps nothing longer", async () => {
    jest.useFakeTimers({ doNotFake: ["performance"], now: 0 });
    const store = memoryReplayStore({ maxEntries: 10 });
    await store.addIfAbsent("a", "first", 3600);
    for (const jumped of ["2126-01-01", "1970-01-01"]) {
      jest.setSystemTime(new Date(jumped));
      expect(await store.get("a")).toBe("first");
      expect(await store.addIfAbsent("a", "second", 3600)).toBe(false);
    }
  });
});
