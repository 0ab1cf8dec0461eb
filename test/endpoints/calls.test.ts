import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createCallStore } from "../../endpoints/store/calls.ts";
import type { CallStore } from "../../endpoints/store/calls.ts";
import type { Database } from "../../endpoints/store/database.ts";
import { openDatabase } from "../../endpoints/store/index.ts";
import { migrate } from "../../endpoints/store/migrate.ts";
import { describeEachEngine } from "../support/engines.ts";

await describeEachEngine("the call store", (newUrl) => {
  const opened: Database[] = [];
  let url: string;
  let nowMs: number;
  let calls: CallStore;

  /** As another process sees it. */
  async function open(): Promise<CallStore> {
    const database = await openDatabase(url);
    opened.push(database);
    await migrate(database);
    return createCallStore(database, () => new Date(nowMs));
  }
  beforeEach(async () => {
    url = await newUrl();
    nowMs = 1_000_000;
    calls = await open();
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  test("a new call has no state; what is saved is there for the next owner", async () => {
    const first = await calls.take("CA1", "a");
    expect(first.state).toBeUndefined();
    expect(await calls.save("CA1", first.fence, "one")).toBe(true);
    expect(await calls.save("CA1", first.fence, "two")).toBe(true);
    const second = await (await open()).take("CA1", "b");
    expect(second).toEqual({ fence: first.fence + 1, state: "two" });
  });

  test("whoever lost the call saves no more", async () => {
    const first = await calls.take("CA1", "a");
    const other = await open();
    const second = await other.take("CA1", "b");
    expect(await calls.save("CA1", first.fence, "late")).toBe(false);
    expect(await other.save("CA1", second.fence, "right")).toBe(true);
    expect((await calls.take("CA1", "a")).state).toBe("right");
  });

  test("of many that take a call at once one can save", async () => {
    const other = await open();
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? calls : other).take("CA1", `${index}`),
      ),
    );
    const fences = taken.map((one) => one.fence);
    expect(new Set(fences).size).toBe(20);
    const saved = await Promise.all(
      fences.map((fence) => calls.save("CA1", fence, `${fence}`)),
    );
    expect(saved.filter(Boolean)).toHaveLength(1);
  });

  test("a call that nobody took cannot be saved", async () => {
    expect(await calls.save("CA1", 1, "one")).toBe(false);
    expect(await calls.save("CA1", 0, "one")).toBe(false);
    expect(await calls.list({ limit: 5 })).toEqual([]);
  });

  test("a log keeps its order, and is read on from any place", async () => {
    const at = (second: number) => new Date(second * 1000);
    await calls.append("CA1", [
      { at: at(1), event: '"one"' },
      { at: at(2), event: '"two"' },
    ]);
    await calls.append("CA2", [{ at: at(1), event: '"other"' }]);
    await calls.append("CA1", []);
    await calls.append("CA1", [{ at: at(1), event: '"three"' }]);
    const events = await calls.events("CA1");
    expect(events).toEqual([
      { position: 1, at: at(1), event: '"one"' },
      { position: 2, at: at(2), event: '"two"' },
      { position: 3, at: at(1), event: '"three"' },
    ]);
    expect(await calls.events("CA1", 2)).toEqual(events.slice(2));
    expect(await calls.events("CA1", 3)).toEqual([]);
    expect(await calls.events("unknown")).toEqual([]);
  });

  test("a log takes many entries at once, and long ones", async () => {
    const events = Array.from({ length: 350 }, (_, index) => ({
      at: new Date(index),
      event: JSON.stringify(`${index} ü🙂\0 ${"x".repeat(index * 10)}`),
    }));
    await calls.append("CA1", events);
    const read = await calls.events("CA1");
    expect(read.map(({ event }) => event)).toEqual(
      events.map(({ event }) => event),
    );
    expect(read.at(-1)?.position).toBe(350);
  });

  test("two processes that append at once lose nothing, and keep what came together together", async () => {
    const other = await open();
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (index % 2 ? calls : other).append("CA1", [
          { at: new Date(0), event: `"${index} a"` },
          { at: new Date(0), event: `"${index} b"` },
        ]),
      ),
    );
    const events = await calls.events("CA1");
    expect(events.map(({ position }) => position)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    for (let index = 0; index < 60; index += 2) {
      expect(events[index + 1]?.event).toBe(
        events[index]?.event.replace("a", "b"),
      );
    }
    expect(new Set(events.map(({ event }) => event)).size).toBe(60);
  });

  test("lists the latest first, a page at a time", async () => {
    for (const callId of ["CA1", "CA2", "CA3", "CA4"]) {
      nowMs += 1000;
      await calls.take(callId, "a");
    }
    nowMs += 1000;
    await calls.append("CA1", [{ at: new Date(0), event: "{}" }]);
    const first = await calls.list({ limit: 2 });
    expect(first.map(({ callId }) => callId)).toEqual(["CA1", "CA4"]);
    expect(first[1]).toEqual({
      callId: "CA4",
      owner: "a",
      updated: new Date(1_004_000),
      state: undefined,
    });
    const before = first[1]?.updated ?? new Date(0);
    const second = await calls.list({ limit: 5, before });
    expect(second.map(({ callId }) => callId)).toEqual(["CA3", "CA2"]);
  });

  test("a log that nobody took is listed without an owner, and can be taken", async () => {
    await calls.append("CA1", [{ at: new Date(0), event: "{}" }]);
    expect(await calls.list({ limit: 1 })).toMatchObject([
      { callId: "CA1", owner: "" },
    ]);
    expect(await calls.take("CA1", "a")).toMatchObject({ state: undefined });
  });
});
