import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { callWindow } from "../../middleware/replay/call-window.ts";
import { verifySignature } from "../../middleware/index.ts";
import type { ToolRequest } from "../../middleware/index.ts";
import { toolCallKey } from "../../middleware/replay/key.ts";
import { memoryReplayStore } from "../../middleware/replay/store.ts";
import type { ReplayStore } from "../../middleware/replay/store.ts";
import { replayGuard } from "../../middleware/replay/guard.ts";
import {
  BODY,
  CALL,
  closeStores,
  createGate,
  isReplayed,
  newMemory,
  newPath,
  openSql,
  readBytes,
  signHeaders,
  startReplayApp,
} from "../support/replay-app.ts";
import { closeServers } from "../support/server.ts";

afterEach(closeServers);
afterEach(closeStores);

const guard = (store: ReplayStore) => replayGuard({ store, ttlSeconds: 60 });

const backends: [
  name: string,
  open: () => ReplayStore | Promise<ReplayStore>,
][] = [
  ["memory", newMemory],
  ["SQLite in memory", () => openSql(":memory:")],
  ["a SQLite file", () => openSql()],
];

describe.each(backends)("the same delivery, kept in %s", (_, open) => {
  test("twice in sequence runs once, and gets the same answer", async () => {
    const replay = replayGuard({ store: await open(), ttlSeconds: 60 });
    const app = await startReplayApp({
      replay,
      handler: (_req, res) =>
        res.status(201).json({ number: Math.random(), said: "für Zoë 🙂\0" }),
    });
    const first = await app.deliver();
    const again = await app.deliver();
    expect([first, again].map(isReplayed)).toEqual([false, true]);
    expect([again.status, again.headers.get("content-type")]).toEqual([
      201,
      first.headers.get("content-type"),
    ]);
    expect(await readBytes(again)).toEqual(await readBytes(first));
    expect(app.seen.runs).toBe(1);
  });

  test("20 times in parallel runs once, and all get the same bytes", async () => {
    const replay = replayGuard({ store: await open(), ttlSeconds: 60 });
    const gate = createGate();
    let arrived = 0;
    const app = await startReplayApp({
      replay,
      before: [
        (_req, _res, next) => {
          if (++arrived === 20) gate.open();
          next();
        },
      ],
      handler: async (_req, res) => {
        await gate.opened; // all twenty are there while this one runs
        res.json({ number: Math.random() });
      },
    });
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => app.deliver()),
    );
    const bodies = await Promise.all(responses.map((each) => each.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(responses.filter(isReplayed)).toHaveLength(19);
    expect(app.seen.runs).toBe(1);
  });

  test.each<[what: string, status: number, body: object]>([
    ["a status", 409, { taken: true }],
    ["a fault", 500, {}],
    ["an error in the body", 200, { error: "No slots", code: "no_slots" }],
  ])("a refusal by %s is not kept", async (__, status, body) => {
    const replay = replayGuard({ store: await open(), ttlSeconds: 60 });
    const app = await startReplayApp({
      replay,
      handler: (_req, res) =>
        app.seen.runs === 1
          ? res.status(status).json(body)
          : res.json({ error: null, booked: true }),
    });
    const [refused, booked, again] = [
      await app.deliver(),
      await app.deliver(),
      await app.deliver(),
    ];
    expect([refused.status, await refused.json()]).toEqual([status, body]);
    expect([refused, booked, again].map(isReplayed)).toEqual([
      false,
      false,
      true,
    ]);
    expect(await again.json()).toEqual({ error: null, booked: true });
    expect(app.seen.runs).toBe(2);
  });

  test("of those that wait for one that is refused, one runs itself", async () => {
    const replay = replayGuard({ store: await open(), ttlSeconds: 60 });
    const gate = createGate();
    let arrived = 0;
    const app = await startReplayApp({
      replay,
      before: [
        (_req, _res, next) => {
          if (++arrived === 5) gate.open();
          next();
        },
      ],
      handler: async (_req, res) => {
        const run = app.seen.runs;
        await gate.opened;
        res.status(run === 1 ? 500 : 200).json({ run });
      },
    });
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => app.deliver()),
    );
    const told = await Promise.all(
      responses.map(async (each) => (await each.json()) as { run: number }),
    );
    expect(told.filter((each) => each.run === 1)).toHaveLength(1);
    expect(told.filter((each) => each.run === 2)).toHaveLength(4);
    expect(app.seen.runs).toBe(2);
  });
});

describe("what makes a delivery the same", () => {
  test.each<[what: string, path: string]>([
    ["a slash at its end", "/book/"],
    ["an escaped letter", "/b%6Fok"],
  ])("not the spelling of its path: %s", async (_, path) => {
    const app = await startReplayApp({ replay: guard(newMemory()) });
    await app.deliver();
    expect(isReplayed(await app.deliver({}, { path }))).toBe(true);
  });

  test("another case may name another thing: it neither runs nor gets the first one's answer", async () => {
    const app = await startReplayApp({ replay: guard(newMemory()) });
    await app.deliver({}, { path: "/orders/Xk9aB" });
    const other = await app.deliver({}, { path: "/orders/Xk9Ab" });
    expect(await other.json()).toMatchObject({ code: "idempotency_mismatch" });
    expect(app.seen.runs).toBe(1);
  });

  test.each([false, "", null, 0])(
    "an error that is %j is none",
    async (error) => {
      const app = await startReplayApp({
        replay: guard(newMemory()),
        handler: (_req, res) => res.json({ error, number: Math.random() }),
      });
      await app.deliver();
      expect(isReplayed(await app.deliver())).toBe(true);
      expect(app.seen.runs).toBe(1);
    },
  );

  test("what cannot guard is refused when it is made", () => {
    const store = newMemory();
    const make: (() => unknown)[] = [
      () => replayGuard({ ttlSeconds: 60 } as never),
      () => replayGuard({ store: {}, ttlSeconds: 60 } as never),
      () => replayGuard({ store, ttlSeconds: 60, key: "x" as never }),
      () => callWindow({} as never),
      ...[store, {}, [undefined], "on"].map(
        (replay) => () =>
          verifySignature({
            secrets: "a_good_secret",
            replay: replay as never,
          }),
      ),
    ];
    for (const each of make) expect(each).toThrow(TypeError);
  });

  test.each<[what: string, target: (origin: string) => string]>([
    ["an absolute URL", (origin) => `${origin}/book`],
    ["a fragment", () => "/book#x"],
    ["two slashes", () => "//book"],
  ])("nor %s, which fetch does not send", async (_, target) => {
    const app = await startReplayApp({ replay: guard(newMemory()) });
    await app.deliver();
    const sent = request(app.url, {
      method: "POST",
      path: target(app.url),
      headers: signHeaders(BODY),
    });
    sent.end(BODY);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    expect(response.headers["idempotent-replayed"]).toBe("true");
  });

  test("keys, path, method, call and arguments tell deliveries apart, the order of keys does not", async () => {
    const app = await startReplayApp({ replay: guard(newMemory()) });
    const others: Parameters<typeof app.deliver>[] = [
      [{}],
      [{}, { path: "/cancel" }],
      [{}, { method: "PUT" }],
      [{ [CALL]: "43" }],
      [{ [CALL]: "" }],
      [{}, { body: '{"date":"2026-03-10"}' }],
      [{}, { body: '{"b":[1,2],"a":{"d":1,"c":2}}' }],
      [{}, { body: '{"b":[2,1],"a":{"d":1,"c":2}}' }],
      [{ "Idempotency-Key": "one" }],
      [{ "Idempotency-Key": "two" }],
      [{ "Idempotency-Key": "two", [CALL]: "43" }],
    ];
    for (const other of others)
      expect([other, isReplayed(await app.deliver(...other))]).toEqual([
        other,
        false,
      ]);
    for (const other of others)
      expect([other, isReplayed(await app.deliver(...other))]).toEqual([
        other,
        true,
      ]);
    const turned = { body: '{ "a":{"c":2,"d":1}, "b":[1,2] }' };
    expect(isReplayed(await app.deliver({}, turned))).toBe(true);
    expect(app.seen.runs).toBe(others.length);
  });

  test("a changed call id that is not signed makes another delivery; the call window refuses it", async () => {
    const store = newMemory();
    const open = await startReplayApp({ replay: guard(store) });
    await open.deliver({ [CALL]: "1" });
    await open.deliver({ [CALL]: "2" });
    expect(open.seen.runs).toBe(2);
    const window = callWindow({ store });
    await window.open("3");
    const shut = await startReplayApp({ replay: [window, guard(store)] });
    expect((await shut.deliver({ [CALL]: "3" })).status).toBe(200);
    expect((await shut.deliver({ [CALL]: "4" })).status).toBe(401);
    expect([shut.reasons, shut.seen.runs]).toEqual([["replayed"], 1]);
  });

  test("a signed id, whatever call id comes with it", async () => {
    const app = await startReplayApp({ replay: guard(await openSql()) });
    const one = { id: "call_1.toolu_1" };
    await app.deliver({}, one);
    const again = await app.deliver(
      { [CALL]: "43", "Idempotency-Key": "another" },
      one,
    );
    expect(isReplayed(again)).toBe(true);
    expect(isReplayed(await app.deliver({}, { id: "call_1.toolu_2" }))).toBe(
      false,
    );
    expect(app.seen.runs).toBe(2);
  });

  test("reads are never deduplicated and ask no store, until a key function says so", async () => {
    const store = newMemory();
    const down: ReplayStore = {
      addIfAbsent: () => Promise.reject(new Error("down")),
      get: () => Promise.reject(new Error("down")),
      put: () => Promise.reject(new Error("down")),
    };
    const app = await startReplayApp({ replay: guard(down) });
    for (const method of ["GET", "HEAD", "OPTIONS", "GET"])
      expect((await app.deliver({}, { method })).status).toBe(200);
    expect(app.seen.runs).toBe(4);
    const key = (req: ToolRequest) => (req.url === "/search" ? null : "same");
    const keyed = await startReplayApp({
      replay: replayGuard({ store, ttlSeconds: 60, key }),
    });
    await keyed.deliver({}, { path: "/search" });
    await keyed.deliver({}, { path: "/search" });
    expect(keyed.seen.runs).toBe(2);
    await keyed.deliver({}, { method: "GET" });
    await keyed.deliver({}, { method: "GET" });
    expect(keyed.seen.runs).toBe(3);
  });

  test("is remembered as long as its signature is taken, however short ttlSeconds is", async () => {
    const inner = newMemory();
    const ttls: number[] = [];
    const store: ReplayStore = {
      ...inner,
      addIfAbsent: (key, value, ttlSeconds) => {
        ttls.push(ttlSeconds);
        return inner.addIfAbsent(key, value, ttlSeconds);
      },
    };
    const replay = replayGuard({ store, ttlSeconds: 1 });
    const app = await startReplayApp({ replay });
    await app.deliver();
    await app.deliver({}, { id: "CA1.toolu_1" });
    expect(ttls).toEqual([1, 600]);
  });

  test("nothing of a delivery can be read from a key or a marker of the store", async () => {
    const inner = newMemory();
    const kept: string[] = [];
    const store: ReplayStore = {
      ...inner,
      addIfAbsent: (key, value, ttlSeconds) => {
        kept.push(key, value);
        return inner.addIfAbsent(key, value, ttlSeconds);
      },
    };
    const app = await startReplayApp({ replay: guard(store) });
    await app.deliver(
      { "Idempotency-Key": `+15035550100${"x".repeat(5000)}` },
      { path: "/phones/+15035550100" },
    );
    await app.deliver({}, { body: '{"customer_phone":"+15035550100"}' });
    expect(kept).toHaveLength(4);
    for (const text of kept) {
      expect(text).not.toMatch(/5035550100/);
      expect(text.length).toBeLessThan(100);
    }
  });
});

describe("the same key with other arguments", () => {
  const changed = { body: '{"date":"2026-03-10"}' };

  test("of an Idempotency-Key is told to the model", async () => {
    const app = await startReplayApp({ replay: guard(await openSql()) });
    await app.deliver({ "Idempotency-Key": "one" });
    const response = await app.deliver({ "Idempotency-Key": "one" }, changed);
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        error: expect.any(String),
        code: "idempotency_mismatch",
        speech: expect.any(String),
      },
    ]);
    expect([app.seen.runs, app.reasons]).toEqual([1, []]);
  });

  test("of a key function too, while the first one is still running", async () => {
    const gate = createGate();
    const started = createGate();
    const app = await startReplayApp({
      replay: replayGuard({
        store: newMemory(),
        ttlSeconds: 60,
        key: () => "one",
      }),
      handler: async (_req, res) => {
        started.open();
        await gate.opened;
        res.json({});
      },
    });
    const first = app.deliver();
    await started.opened;
    const response = await app.deliver({}, changed);
    expect(await response.json()).toMatchObject({
      code: "idempotency_mismatch",
    });
    gate.open();
    expect((await first).status).toBe(200);
    expect(app.seen.runs).toBe(1);
  });

  test("of a signed id is refused as replayed", async () => {
    const app = await startReplayApp({ replay: guard(newMemory()) });
    await app.deliver({}, { id: "msg_1" });
    const response = await app.deliver({}, { id: "msg_1", ...changed });
    expect([response.status, app.reasons]).toEqual([401, ["replayed"]]);
    expect(app.seen.runs).toBe(1);
  });

  test("a changed query is told too: it is neither the same delivery nor a new one", async () => {
    const app = await startReplayApp({ replay: guard(newMemory()) });
    await app.deliver({}, { path: "/book?id=1" });
    expect(isReplayed(await app.deliver({}, { path: "/book?id=1" }))).toBe(
      true,
    );
    const response = await app.deliver({}, { path: "/book?id=2" });
    expect(await response.json()).toMatchObject({
      code: "idempotency_mismatch",
    });
    expect(app.seen.runs).toBe(1);
  });
});

describe("time, restarts and other processes", () => {
  test("after its time a delivery runs again", async () => {
    let nowMs = 0;
    const store = memoryReplayStore({
      maxEntries: 10,
      now: () => new Date(nowMs),
    });
    const app = await startReplayApp({ replay: guard(store) });
    await app.deliver();
    nowMs = 59_999;
    await app.deliver();
    expect(app.seen.runs).toBe(1);
    nowMs = 60_000;
    await app.deliver();
    expect(app.seen.runs).toBe(2);
  });

  test("a restart forgets nothing that was kept in a file", async () => {
    const path = await newPath();
    const before = await startReplayApp({ replay: guard(await openSql(path)) });
    const first = await readBytes(await before.deliver());
    await closeServers();
    await closeStores();
    const after = await startReplayApp({ replay: guard(await openSql(path)) });
    const again = await after.deliver();
    expect([isReplayed(again), await readBytes(again)]).toEqual([true, first]);
    expect(after.seen.runs).toBe(0);
  });

  test("two processes on one file run it once, in parallel too", async () => {
    const path = await newPath();
    const gate = createGate();
    let arrived = 0;
    const apps: Awaited<ReturnType<typeof startReplayApp>>[] = [];
    for (let process = 0; process < 2; process++) {
      const app = await startReplayApp({
        replay: guard(await openSql(path)),
        before: [
          (_req, _res, next) => {
            if (++arrived === 10) gate.open();
            next();
          },
        ],
        handler: async (_req, res) => {
          await gate.opened;
          res.json({ number: Math.random() });
        },
      });
      apps.push(app);
    }
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const response = await apps[index % 2]?.deliver();
        return [response?.status, await response?.text()];
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(
      1,
    );
    expect(answers[0]?.[0]).toBe(200);
    expect(new Set(apps.map(({ seen }) => seen.runs))).toEqual(new Set([0, 1]));
  });

  test("one that waits for another process runs itself when that one is refused", async () => {
    const path = await newPath();
    const [started, gate] = [createGate(), createGate()];
    const failing = await startReplayApp({
      replay: guard(await openSql(path)),
      handler: async (_req, res) => {
        started.open();
        await gate.opened;
        res.status(500).end();
      },
    });
    const asked = createGate();
    const store = await openSql(path);
    const other = await startReplayApp({
      replay: guard({
        ...store,
        get: (key) => {
          asked.open();
          return store.get(key);
        },
      }),
    });
    const first = failing.deliver();
    await started.opened;
    const second = other.deliver();
    await asked.opened; // it is running over there
    gate.open();
    expect([(await first).status, (await second).status]).toEqual([500, 200]);
    expect([failing.seen.runs, other.seen.runs]).toEqual([1, 1]);
  });

  test("what a process left behind in mid-handler never runs again: 503", async () => {
    const path = await newPath();
    const started = createGate();
    const died = await startReplayApp({
      replay: guard(await openSql(path)),
      handler: () => started.open(), // and never answers
    });
    died.deliver().catch(() => {});
    await started.opened;
    const app = await startReplayApp({
      replay: replayGuard({
        store: await openSql(path),
        ttlSeconds: 60,
        waitMs: 60,
      }),
    });
    expect((await app.deliver()).status).toBe(503);
    expect([app.reasons, app.seen.runs]).toEqual([["store_unavailable"], 0]);
  });

  test("one that waits too long in the same process is refused, not run", async () => {
    const [started, gate] = [createGate(), createGate()];
    const app = await startReplayApp({
      replay: replayGuard({ store: newMemory(), ttlSeconds: 60, waitMs: 0 }),
      handler: async (_req, res) => {
        started.open();
        await gate.opened;
        res.json({});
      },
    });
    const first = app.deliver();
    await started.opened;
    expect((await app.deliver()).status).toBe(503);
    gate.open();
    expect((await first).status).toBe(200);
    expect(isReplayed(await app.deliver())).toBe(true);
    expect(app.seen.runs).toBe(1);
  });

  test("a sender that goes away in mid-handler finds the answer when it comes again", async () => {
    const [started, gate, gone] = [createGate(), createGate(), createGate()];
    const app = await startReplayApp({
      replay: guard(await openSql()),
      handler: async (_req, res) => {
        started.open();
        res.once("close", gone.open);
        await gate.opened;
        res.json({ number: 7 });
      },
    });
    const abort = new AbortController();
    const first = app.deliver({}, { signal: abort.signal });
    await started.opened;
    abort.abort();
    await expect(first).rejects.toThrow();
    await gone.opened;
    const second = app.deliver();
    gate.open();
    expect(await (await second).json()).toEqual({ number: 7 });
    expect(await (await app.deliver()).json()).toEqual({ number: 7 });
    expect(app.seen.runs).toBe(1);
  });

  test("guards of one store before each other take a delivery once", async () => {
    const store = newMemory();
    const one = guard(store);
    const app = await startReplayApp({ replay: [one, one, guard(store)] });
    const first = await app.deliver();
    const again = await app.deliver();
    expect([first.status, isReplayed(again), app.seen.runs]).toEqual([
      200,
      true,
      1,
    ]);
  });
});

describe("a store that fails", () => {
  const hang = () => new Promise<never>(() => {});
  const faults: [how: string, fault: () => never | Promise<never>][] = [
    [
      "throws",
      () => {
        throw new Error("down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["hangs", hang],
  ];

  test.each(faults)(
    "that %s when asked first: no handler runs, for none of them",
    async (_, fault) => {
      const app = await startReplayApp({
        replay: guard({ ...newMemory(), addIfAbsent: fault }),
      });
      const responses = await Promise.all([
        app.deliver(),
        app.deliver(),
        app.deliver(),
      ]);
      for (const response of responses)
        expect([response.status, await response.json()]).toEqual([
          503,
          { error: "temporarily unavailable" },
        ]);
      expect(app.reasons).toEqual(Array(3).fill("store_unavailable"));
      expect(app.seen.runs).toBe(0);
    },
  );

  test.each(faults)(
    "that %s when it is to give the answer again: no second run",
    async (_, fault) => {
      const app = await startReplayApp({
        replay: guard({ ...newMemory(), get: fault }),
      });
      expect((await app.deliver()).status).toBe(200);
      expect((await app.deliver()).status).toBe(503);
      expect(app.seen.runs).toBe(1);
    },
  );

  test.each(faults)(
    "that %s when it is to keep the answer: the sender gets it, a repeat is refused",
    async (_, fault) => {
      const store: ReplayStore = { ...newMemory(), put: fault };
      const app = await startReplayApp({
        replay: replayGuard({ store, ttlSeconds: 60, waitMs: 0 }),
        handler: (_req, res) => res.status(201).json({ number: 7 }),
      });
      const first = await app.deliver();
      expect([first.status, await first.json()]).toEqual([201, { number: 7 }]);
      expect((await app.deliver()).status).toBe(503);
      expect(app.seen.runs).toBe(1);
    },
  );

  test.each([undefined, null, "OK", 1])(
    "that answers %p to addIfAbsent is no store",
    async (answer) => {
      const addIfAbsent = () => answer as unknown as boolean;
      const app = await startReplayApp({
        replay: guard({ ...newMemory(), addIfAbsent }),
      });
      expect((await app.deliver()).status).toBe(503);
      expect(app.seen.runs).toBe(0);
    },
  );

  test.each(["", "no JSON", "null", "[]", '{"print":1,"answer":{}}'])(
    "that gives back %p runs nothing",
    async (value) => {
      const app = await startReplayApp({
        replay: replayGuard({
          store: {
            ...newMemory(),
            addIfAbsent: () => false,
            get: () => value,
          },
          ttlSeconds: 60,
          waitMs: 0,
        }),
      });
      expect((await app.deliver()).status).not.toBe(200);
      expect(app.seen.runs).toBe(0);
    },
  );

  test("a marker that was added too late is taken back", async () => {
    const inner = newMemory();
    const [release, forgotten] = [createGate(), createGate()];
    let isLate = true;
    const store: ReplayStore = {
      ...inner,
      addIfAbsent: async (...args) => {
        if (isLate) await release.opened;
        return inner.addIfAbsent(...args);
      },
      put: async (key, value, ttlSeconds) => {
        await inner.put(key, value, ttlSeconds);
        if (ttlSeconds === 0) forgotten.open();
      },
    };
    const app = await startReplayApp({ replay: guard(store) });
    expect((await app.deliver()).status).toBe(503);
    isLate = false;
    release.open();
    await forgotten.opened;
    expect((await app.deliver()).status).toBe(200);
    expect(app.seen.runs).toBe(1);
  });
});

describe("what a programmer may get wrong", () => {
  test.each<[what: string, key: () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no tenant");
      },
    ],
    ["gives an empty text", () => ""],
    ["gives a number", () => 7],
    ["gives a promise", () => Promise.resolve("key")],
  ])("a key function that %s runs nothing and warns once", async (_, key) => {
    const warn = jest
      .spyOn(process, "emitWarning")
      .mockImplementation(() => {});
    const app = await startReplayApp({
      replay: replayGuard({
        store: newMemory(),
        ttlSeconds: 60,
        key: key as () => string,
      }),
    });
    expect((await app.deliver()).status).toBe(503);
    expect((await app.deliver()).status).toBe(503);
    expect([app.seen.runs, warn.mock.calls.length]).toEqual([0, 1]);
    warn.mockRestore();
  });

  test.each([
    { ttlSeconds: 0 },
    { ttlSeconds: -1 },
    { ttlSeconds: Number.NaN },
    { ttlSeconds: Infinity },
    { ttlSeconds: "60" as unknown as number },
    { ttlSeconds: 60, waitMs: -1 },
    { ttlSeconds: 60, waitMs: Infinity },
  ])("options that cannot work: %p", (options) => {
    expect(() => replayGuard({ store: newMemory(), ...options })).toThrow(
      TypeError,
    );
  });

  test("toolCallKey of a request that was not verified", () => {
    expect(() => toolCallKey({ method: "POST", headers: {} } as never)).toThrow(
      TypeError,
    );
  });
});
