import { afterEach, describe, expect, test } from "@jest/globals";
import type express from "express";
import type { ReplayStore } from "../../middleware/index.ts";
import { closeServers } from "../support/server.ts";
import {
  closeStores,
  createGate,
  newMemory,
  openSql,
} from "../support/replay-app.ts";
import { compileOrders, startGateway, startUpstream } from "./gateway-app.ts";

afterEach(closeServers);
afterEach(closeStores);

const TEA = { item: "tea" };
const key = (value: string) => ({ "Idempotency-Key": value });
const call2 = { "X-ThunderPhone-Call-ID": "call-2" };

/** An API that numbers what it does. */
async function start(
  store: ReplayStore,
  answer?: (req: express.Request, res: express.Response) => unknown,
  options: object = {},
) {
  let number = 0;
  const upstream = await startUpstream(
    answer ?? ((_, res) => res.json({ number: ++number })),
  );
  const gateway = await startGateway({
    upstream: upstream.url,
    replay: { store, waitMs: 100 },
    ...options,
  });
  return { upstream, ...gateway };
}

const backends: [string, () => ReplayStore | Promise<ReplayStore>][] = [
  ["memory", newMemory],
  ["SQLite", () => openSql()],
];

describe.each(backends)("a write, remembered in %s", (_, open) => {
  test("runs once for its call and key, and its answer is given again", async () => {
    const { call, upstream } = await start(await open());
    const first = await call("place_order", TEA, key("1"));
    const again = await call("place_order", TEA, key("1"));
    const other = await call("place_order", TEA, key("2"));
    const elsewhere = await call("place_order", TEA, { ...key("1"), ...call2 });
    expect([first, again, other, elsewhere].map(({ body }) => body)).toEqual([
      { number: 1 },
      { number: 1 },
      { number: 2 },
      { number: 3 },
    ]);
    expect(upstream.received).toHaveLength(3);
  });

  test("runs once among equal ones in parallel", async () => {
    const { call, upstream } = await start(await open());
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => call("place_order", TEA)),
    );
    expect(answers.map(({ body }) => body)).toEqual(
      Array(20).fill({ number: 1 }),
    );
    expect(upstream.received).toHaveLength(1);
  });

  test("runs once for two gateways of one store", async () => {
    const store = await open();
    const one = await start(store);
    const two = await startGateway({
      upstream: one.upstream.url,
      replay: { store },
    });
    const answers = await Promise.all([
      one.call("place_order", TEA),
      two.call("place_order", TEA),
    ]);
    expect(answers.map(({ body }) => body)).toEqual([
      { number: 1 },
      { number: 1 },
    ]);
  });
});

describe("a write", () => {
  test("without a key is known by its arguments", async () => {
    const { call, upstream } = await start(newMemory());
    await call("place_order", { item: "tea", count: 1 });
    await call("place_order", { count: 1, item: "tea" });
    await call("place_order", { item: "tea", count: 2 });
    await call("place_order", { item: "tea", count: 1 }, call2);
    expect(upstream.received).toHaveLength(3);
  });

  test("without call and key is known by its arguments for ten minutes", async () => {
    const seconds: number[] = [];
    const store = newMemory();
    const { call, upstream } = await start({
      ...store,
      addIfAbsent(name, value, ttl) {
        seconds.push(ttl);
        return store.addIfAbsent(name, value, ttl);
      },
    });
    const none = { "X-ThunderPhone-Call-ID": "" };
    await call("place_order", TEA, none);
    await call("place_order", TEA, none);
    await call("place_order", TEA);
    expect(upstream.received).toHaveLength(2);
    expect(seconds).toEqual([600, 600, 86_400]);
  });

  test("with a key of other arguments is a mismatch", async () => {
    const { call, upstream } = await start(newMemory());
    await call("place_order", TEA, key("1"));
    const { body } = await call("place_order", { item: "milk" }, key("1"));
    expect(body["code"]).toBe("idempotency_mismatch");
    expect(upstream.received).toHaveLength(1);
  });

  test.each([400, 404, 409, 422, 429, 401, 307])(
    "that was refused with %d may be sent again",
    async (status) => {
      const { call, upstream } = await start(newMemory(), (_, res) =>
        res.status(status).json({ error: "no" }),
      );
      await call("place_order", TEA, key("1"));
      await call("place_order", TEA, key("1"));
      expect(upstream.received).toHaveLength(2);
    },
  );

  test("that this kit's own endpoints refuse with 200 may be sent again", async () => {
    const { call, upstream } = await start(newMemory(), (_, res) =>
      res.json({ error: "taken", code: "slot_taken", speech: "Taken." }),
    );
    const { body } = await call("place_order", TEA, key("1"));
    await call("place_order", TEA, key("1"));
    expect(body).toMatchObject({ code: "slot_taken", speech: "Taken." });
    expect(upstream.received).toHaveLength(2);
  });

  test("that another API refuses with 200 is not sent again: part of it may be done", async () => {
    const { call, upstream } = await start(newMemory(), (_, res) =>
      res.json({ id: 7, error: "no mail was sent" }),
    );
    const { body } = await call("place_order", TEA, key("1"));
    expect((await call("place_order", TEA, key("1"))).body).toEqual(body);
    expect(body).toMatchObject({ id: 7, code: "outside_rules" });
    expect(upstream.received).toHaveLength(1);
  });

  const unanswered: [
    string,
    (req: express.Request, res: express.Response) => unknown,
  ][] = [
    ["never answered", () => {}],
    ["hung up", (req) => req.socket.destroy()],
    ["failed with 500", (_, res) => res.status(500).end()],
    ["said nothing with 200", (_, res) => res.status(200).end()],
    ["said null", (_, res) => res.json(null)],
    ["broke its JSON", (_, res) => res.type("json").send("{")],
    ["showed a page", (_, res) => res.send("<h1>Login</h1>")],
    ["sent elsewhere with 303", (_, res) => res.redirect(303, "/orders/1")],
    ["timed out with 504", (_, res) => res.status(504).end()],
    [
      "broke off",
      (_, res) =>
        void res
          .writeHead(200, { "Content-Length": "9" })
          .write("1", () => res.destroy()),
    ],
  ];
  test.each(unanswered)(
    "whose service %s is not sent again, and the model is told",
    async (_, answer) => {
      const { call, upstream } = await start(newMemory(), answer, {
        timeoutMs: 80,
      });
      for (let times = 0; times < 2; times++) {
        const { body } = await call("place_order", TEA, key("1"));
        expect(body["code"]).toBe("unavailable");
        expect(body["error"]).toMatch(/Do not do it again/);
      }
      expect(upstream.received).toHaveLength(1);
    },
  );

  test.each(unanswered)(
    "declared idempotent, whose service %s, may be sent again",
    async (_, answer) => {
      const { call, upstream } = await start(newMemory(), answer, {
        timeoutMs: 80,
      });
      await call("drop_order", { id: "7" }, key("1"));
      await call("drop_order", { id: "7" }, key("1"));
      expect(upstream.received).toHaveLength(2);
    },
  );

  test("that never got a connection may be sent again", async () => {
    const store = newMemory();
    const kept: unknown[] = [];
    const { call, upstream } = await start({
      ...store,
      put(name, value, seconds) {
        kept.push([value, seconds]);
        return store.put(name, value, seconds);
      },
    });
    await upstream.close();
    const { body } = await call("place_order", TEA, key("1"));
    expect(body["error"]).toBe("The service is not available right now");
    expect(kept).toEqual([["", 0]]);
  });

  test("under way elsewhere, or whose process died, is refused and not sent", async () => {
    const store = newMemory();
    const gate = createGate();
    const slow = await start(store, async (_, res) => {
      await gate.opened;
      res.json({ number: 1 });
    });
    const other = await startGateway({
      upstream: slow.upstream.url,
      replay: { store, waitMs: 60 },
    });
    const arrived = new Promise<void>((resolve) =>
      slow.upstream.server.once("request", () => resolve()),
    );
    const first = slow.call("place_order", TEA, key("1"));
    await arrived;
    const second = await other.call("place_order", TEA, key("1"));
    expect(second.body["code"]).toBe("unavailable");
    gate.open();
    expect((await first).body).toEqual({ number: 1 });
    expect((await other.call("place_order", TEA, key("1"))).body).toEqual({
      number: 1,
    });
    expect(slow.upstream.received).toHaveLength(1);
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
  ])("is not sent when the store %s; a read is", async (_, fault) => {
    const { call, upstream } = await start({
      addIfAbsent: fault,
      get: fault,
      put: fault,
    });
    const { status, body } = await call("place_order", TEA);
    expect([status, body["code"]]).toEqual([200, "unavailable"]);
    expect(upstream.received).toEqual([]);
    expect((await call("list_orders")).body).toEqual({ number: 1 });
  });

  test("leaves nothing personal in the names of the store", async () => {
    const names: string[] = [];
    const store = newMemory();
    const { call } = await start({
      ...store,
      addIfAbsent(name, value, seconds) {
        names.push(`${name} ${value}`);
        return store.addIfAbsent(name, value, seconds);
      },
    });
    await call("place_order", { item: "for Maria" });
    expect(names.join()).not.toMatch(/Maria|call-1/);
  });
});

describe("a read", () => {
  test("is sent each time, also with the same key", async () => {
    const { call, upstream } = await start(newMemory());
    await call("list_orders", {}, key("1"));
    await call("list_orders", {}, key("1"));
    expect(upstream.received).toHaveLength(2);
  });
});

test("without a store of its own a gateway remembers its writes itself", async () => {
  const upstream = await startUpstream();
  const { call } = await startGateway({
    upstream: upstream.url,
    catalog: await compileOrders(),
  });
  await call("place_order", TEA, key("1"));
  await call("place_order", TEA, key("1"));
  await call("list_orders", {}, key("1"));
  await call("list_orders", {}, key("1"));
  expect(upstream.received.map(({ method }) => method)).toEqual([
    "POST",
    "GET",
    "GET",
  ]);
});
