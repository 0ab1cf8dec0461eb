import { afterEach, describe, expect, test } from "@jest/globals";
import { callWindow } from "../../middleware/replay/call-window.ts";
import type { CallWindowOptions } from "../../middleware/replay/call-window.ts";
import { memoryReplayStore } from "../../middleware/replay/store.ts";
import type { ReplayStore } from "../../middleware/replay/store.ts";
import { replayGuard } from "../../middleware/replay/guard.ts";
import {
  CALL,
  closeStores,
  newMemory,
  newPath,
  openSql,
  startReplayApp,
} from "../support/replay-app.ts";
import { closeServers } from "../support/server.ts";

afterEach(closeServers);
afterEach(closeStores);

/** A tool route and a webhook route with one window, and a clock to turn. */
async function startWindow(
  store: ReplayStore,
  options: Partial<CallWindowOptions> = {},
) {
  const clock = { ms: Date.UTC(2026, 2, 9) };
  const window = callWindow({
    store,
    now: () => new Date(clock.ms),
    ...options,
  });
  const tools = await startReplayApp({ replay: window });
  const hooks = await startReplayApp({ replay: window.events });
  const sendEvent = async (type: unknown, data?: unknown) =>
    (await hooks.deliver({}, { body: JSON.stringify({ type, data }) })).status;
  const incoming = (callId: unknown = 42) =>
    sendEvent("telephony.incoming", { call_id: callId });
  const complete = (callId: unknown = 42) =>
    sendEvent("telephony.complete", { call_id: callId });
  const callTool = async (callId = "42") =>
    (await tools.deliver({ [CALL]: callId })).status;
  return {
    clock,
    window,
    tools,
    hooks,
    sendEvent,
    incoming,
    complete,
    callTool,
  };
}

const backends: [string, () => ReplayStore | Promise<ReplayStore>][] = [
  ["memory", newMemory],
  ["SQLite", () => openSql()],
];

describe.each(backends)("a call window, kept in %s", (_, open) => {
  test("takes calls between their incoming and their complete", async () => {
    const app = await startWindow(await open());
    expect(await app.callTool()).toBe(401);
    expect(await app.incoming()).toBe(200);
    expect([await app.callTool(), await app.callTool("43")]).toEqual([
      200, 401,
    ]);
    expect(await app.complete()).toBe(200);
    app.clock.ms += 29_999;
    expect(await app.callTool()).toBe(200); // was in flight
    app.clock.ms += 1;
    expect(await app.callTool()).toBe(401);
    expect(app.tools.reasons).toEqual(Array(3).fill("replayed"));
    expect(app.hooks.seen.runs).toBe(2);
  });

  test("a replayed incoming opens no closed call, and prolongs no open one", async () => {
    const app = await startWindow(await open());
    await app.incoming();
    app.clock.ms += 14_399_999;
    await app.incoming();
    expect(await app.callTool()).toBe(200);
    app.clock.ms += 1;
    expect(await app.callTool()).toBe(401);
    await app.incoming(); // its complete was lost; it is over all the same
    expect(await app.callTool()).toBe(401);
    await app.incoming(43);
    await app.complete(43);
    app.clock.ms += 30_000;
    await app.incoming(43);
    expect(await app.callTool("43")).toBe(401);
  });

  test("a replayed complete prolongs no grace", async () => {
    const app = await startWindow(await open());
    await app.incoming();
    await app.complete();
    app.clock.ms += 29_000;
    await app.complete();
    app.clock.ms += 1000;
    expect(await app.callTool()).toBe(401);
  });

  test("the grace is no longer than the call itself may be", async () => {
    const app = await startWindow(await open(), { maxCallSeconds: 60 });
    await app.incoming();
    app.clock.ms += 59_000;
    await app.complete();
    app.clock.ms += 1000;
    expect(await app.callTool()).toBe(401);
  });

  test("complete before incoming leaves the call closed", async () => {
    const app = await startWindow(await open());
    expect([await app.complete(), await app.incoming()]).toEqual([200, 200]);
    expect(await app.callTool()).toBe(401);
  });

  test("both at once leave it closed, once its grace is over", async () => {
    const app = await startWindow(await open());
    await Promise.all([app.incoming(), app.complete(), app.incoming()]);
    app.clock.ms += 30_000;
    expect(await app.callTool()).toBe(401);
  });

  test("takes unknown calls where it was told to, and no call after its complete", async () => {
    const app = await startWindow(await open(), {
      unknown: "accept",
      graceSeconds: 0,
    });
    expect([await app.callTool(), await app.callTool("")]).toEqual([200, 200]);
    await app.incoming(43);
    expect(await app.callTool("43")).toBe(200);
    await app.complete(43);
    await app.complete(44); // of a call that nothing announced
    expect([await app.callTool("43"), await app.callTool("44")]).toEqual([
      401, 401,
    ]);
    await app.incoming(44);
    expect(await app.callTool("44")).toBe(401);
    expect([await app.callTool(), await app.callTool("")]).toEqual([200, 200]);
    app.clock.ms += 14_400_000;
    await app.incoming(45);
    app.clock.ms += 14_400_000; // longer than a call may be: it has ended
    expect(await app.callTool("45")).toBe(401);
  });

  test("calls that nobody announces are opened and closed by hand", async () => {
    const app = await startWindow(await open(), { graceSeconds: 0 });
    await app.window.open("out-1");
    expect(await app.callTool("out-1")).toBe(200);
    await app.window.close("out-1");
    expect(await app.callTool("out-1")).toBe(401);
    await app.window.open("out-1");
    expect(await app.callTool("out-1")).toBe(401);
  });
});

describe("callWindow", () => {
  test("refuses a call without an id, a read too", async () => {
    const app = await startWindow(newMemory());
    await app.incoming();
    expect(await app.callTool("")).toBe(401);
    const read = await app.tools.deliver({ [CALL]: "" }, { method: "GET" });
    expect(read.status).toBe(401);
    expect((await app.tools.deliver({}, { method: "GET" })).status).toBe(200);
  });

  test.each<[type: unknown, data: unknown]>([
    ["web.incoming", { call_id: "42" }],
    ["call.incoming", { call_id: 42 }],
    ["new.kind.incoming", { call_id: 42, more: 1 }],
  ])("%p with %p opens the call", async (type, data) => {
    const app = await startWindow(newMemory());
    expect(await app.sendEvent(type, data)).toBe(200);
    expect(await app.callTool()).toBe(200);
  });

  test.each<[type: unknown, data: unknown]>([
    ["telephony.tool", { call_id: 42 }],
    ["incoming", { call_id: 42 }],
    [".incoming", { call_id: 42 }],
    ["telephony.incoming.not", { call_id: 42 }],
    [["telephony.incoming"], { call_id: 42 }],
    ["telephony.incoming", { call_id: [42] }],
    ["telephony.incoming", { call_id: 42.5 }],
    ["telephony.incoming", { call_id: 2 ** 53 }],
    ["telephony.incoming", { call_id: "" }],
    ["telephony.incoming", { id: 42 }],
    ["telephony.incoming", [42]],
    ["telephony.incoming", null],
    ["telephony.incoming", undefined],
    [undefined, undefined],
  ])("%p with %p passes and opens nothing", async (type, data) => {
    const app = await startWindow(newMemory());
    expect(await app.sendEvent(type, data)).toBe(200);
    for (const callId of ["42", "42.5", String(2 ** 53), "undefined", "null"])
      expect(await app.callTool(callId)).toBe(401);
  });

  test("an event that is not signed opens nothing", async () => {
    const app = await startWindow(newMemory());
    const response = await fetch(app.hooks.url, {
      method: "POST",
      body: '{"type":"telephony.incoming","data":{"call_id":42}}',
    });
    expect([response.status, await app.callTool()]).toEqual([401, 401]);
  });

  test("another process of the same file knows the call, and so does a restarted one", async () => {
    const path = await newPath();
    const first = await startWindow(await openSql(path));
    const second = await startWindow(await openSql(path));
    await first.incoming();
    expect(await second.callTool()).toBe(200);
    await second.complete();
    await closeStores();
    const third = await startWindow(await openSql(path), { graceSeconds: 0 });
    third.clock.ms += 30_000;
    expect(await third.callTool()).toBe(401);
    await third.incoming();
    expect(await third.callTool()).toBe(401);
  });

  test.each<[how: string, fault: () => never | Promise<never>]>([
    [
      "throws",
      () => {
        throw new Error("down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["hangs", () => new Promise<never>(() => {})],
  ])("a store that %s: 503 for calls and events", async (_, fault) => {
    const app = await startWindow({
      addIfAbsent: fault,
      get: fault,
      put: fault,
    });
    const statuses = await Promise.all([
      app.callTool(),
      app.incoming(),
      app.complete(),
      app.sendEvent("telephony.tool", { call_id: 42 }),
      app.window.open("1").catch(() => "rejected"),
      app.window.close("1").catch(() => "rejected"),
    ]);
    expect(statuses).toEqual([503, 503, 503, 200, "rejected", "rejected"]);
    expect(app.tools.seen.runs).toBe(0);
  });

  test("what it did not write itself it takes for nothing", async () => {
    for (const value of ["", "null", "[]", '{"until":"9999999999999"}']) {
      const app = await startWindow({ ...newMemory(), get: () => value });
      expect(await app.callTool()).toBe(503);
    }
  });

  test("a call that is over is remembered, so that its incoming opens it no more", async () => {
    const time = { ms: 0 };
    const now = () => new Date(time.ms);
    const store = memoryReplayStore({ maxEntries: 10, now });
    const options = { now, maxCallSeconds: 60, closedSeconds: 600 };
    const app = await startWindow(store, options);
    await app.incoming(1);
    await app.incoming(2);
    await app.complete(2);
    await app.complete(3); // came before its incoming
    for (const seconds of [60, 599]) {
      time.ms = seconds * 1000;
      await app.incoming(1);
      await app.incoming(2);
      await app.incoming(3);
      for (const callId of ["1", "2", "3"])
        expect(await app.callTool(callId)).toBe(401);
    }
    time.ms = 660_000; // the limit that closedSeconds sets
    await app.incoming(1);
    expect(await app.callTool("1")).toBe(200);
  });

  test("shares a store with a replay guard, and comes before it", async () => {
    const store = newMemory();
    const window = callWindow({ store, graceSeconds: 0 });
    const app = await startReplayApp({
      replay: [window, replayGuard({ store, ttlSeconds: 60 })],
    });
    await window.open("42");
    expect((await app.deliver()).status).toBe(200);
    expect((await app.deliver()).headers.get("Idempotent-Replayed")).toBe(
      "true",
    );
    await window.close("42");
    expect((await app.deliver()).status).toBe(401); // not even the stored answer
    expect(app.seen.runs).toBe(1);
  });

  test.each([
    { maxCallSeconds: 0 },
    { maxCallSeconds: Number.NaN },
    { graceSeconds: -1 },
    { closedSeconds: Infinity },
    { closedSeconds: "7" as unknown as number },
    { unknown: "maybe" as "accept" },
  ])("refuses %p", (options) => {
    expect(() => callWindow({ store: newMemory(), ...options })).toThrow(
      TypeError,
    );
  });
});
