import { fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import { openDatabase } from "../../endpoints/store/index.ts";
import { migrate } from "../../endpoints/store/migrate.ts";
import { steps } from "../../endpoints/store/schema.ts";
import { describeEachEngine } from "../support/engines.ts";

const script = new URL("../support/open-store.ts", import.meta.url);

/** @returns its exit code, or the signal that ended it */
async function openInProcess(...args: string[]): Promise<number | string> {
  const child = fork(script, args, {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [code, signal] = (await once(child, "exit")) as [number, string];
  return signal ?? code;
}

await describeEachEngine("the schema", (newUrl) => {
  const opened: { close: () => Promise<void> }[] = [];
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });
  async function openRaw(url: string) {
    const database = await openDatabase(url);
    opened.push(database);
    return database;
  }

  test("brings a database of the first two steps forward, with its rows", async () => {
    const url = await newUrl();
    const old = await openRaw(url);
    await migrate(old, steps.slice(0, 2));
    await old.transaction(async (session) => {
      await session.run(
        `INSERT INTO booking (id, number, resource, lane, start_ms, end_ms, zone, local_start, service,
           customer_name, customer_phone, call_id, status, created_ms)
         VALUES ('b', '0123456789', 'main', 0, 600000, 900000, 'UTC', '1970-01-01T00:10', 'consultation',
           'Zoë', '+14155552671', 'call', 'confirmed', 5)`,
      );
      await session.run(
        "INSERT INTO claim (resource, start_ms, lane, booking_id) VALUES ('main', 600000, 0, 'b')",
      );
      await session.run(
        "INSERT INTO replay (key_text, value_text, expires_ms) VALUES ('k', 'v', $1)",
        [Number.MAX_SAFE_INTEGER],
      );
      return { commit: true, value: undefined };
    });
    const store = await openStore(url);
    opened.push(store);
    expect(
      await store.listClaims({ resources: ["main"], from: 0, to: 900_000 }),
    ).toMatchObject([{ resource: "main", lane: 0, start: 600_000 }]);
    expect(await store.findUpcoming("+14155552671", 0, 3)).toMatchObject([
      { number: "0123456789", customerName: "Zoë", start: 600_000 },
    ]);
    expect(await store.replay.get("k")).toBe("v");
    expect(
      await old.all("SELECT owner_id, expires_ms FROM claim"),
    ).toMatchObject([{ owner_id: "b", expires_ms: null }]);
  });

  test("comes to the same by one step at a time", async () => {
    const database = await openRaw(await newUrl());
    for (let count = 0; count <= steps.length; count++)
      await migrate(database, steps.slice(0, count));
    await migrate(database);
    expect(await database.all("SELECT version FROM schema_version")).toEqual([
      { version: steps.length },
    ]);
  });

  test("a step that fails leaves nothing of itself, nor of those before it", async () => {
    const database = await openRaw(await newUrl());
    await expect(
      migrate(database, [...steps, ["CREATE TABLE new (a TEXT)", "nonsense"]]),
    ).rejects.toMatchObject({ code: "ERR_STORE" });
    await expect(database.all("SELECT a FROM new")).rejects.toThrow();
    await expect(database.all("SELECT id FROM booking")).rejects.toThrow();
    await migrate(database);
    expect(await database.all("SELECT id FROM booking")).toEqual([]);
  });

  test("a newer database is refused, and left as it is", async () => {
    const url = await newUrl();
    await migrate(await openRaw(url), [
      ...steps,
      ["CREATE TABLE new (a TEXT)"],
    ]);
    await expect(openStore(url)).rejects.toThrow(
      `schema version ${steps.length + 1}, newer than this program's ${steps.length}`,
    );
  });

  test("many connections may start on one new database at once", async () => {
    const url = await newUrl();
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => openStore(url)),
    );
    opened.push(...stores);
    expect(await stores[7]?.calls.list({ limit: 1 })).toEqual([]);
  });

  test("eight processes may start on one new database at once", async () => {
    const url = await newUrl();
    const codes = await Promise.all(
      Array.from({ length: 8 }, () => openInProcess(url)),
    );
    expect(codes).toEqual(Array(8).fill(0));
  });

  test("a process killed in mid-migration leaves nothing half-done", async () => {
    const url = await newUrl();
    expect(await openInProcess(url, "12")).toBe("SIGKILL");
    const database = await openRaw(url);
    expect(await database.all("SELECT version FROM schema_version")).toEqual([
      { version: 0 },
    ]);
    await expect(database.all("SELECT id FROM booking")).rejects.toThrow();
    opened.push(await openStore(url));
    expect(await database.all("SELECT version FROM schema_version")).toEqual([
      { version: steps.length },
    ]);
  });
});
