import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { ReplayStore } from "../../middleware/replay/store.ts";
import { replayGuard } from "../../middleware/replay/guard.ts";
import {
  closeStores,
  createGate,
  engines,
  isReplayed,
  newMemory,
  openSql,
  readBytes,
  startReplayApp,
} from "../support/replay-app.ts";
import type { Handler } from "../support/replay-app.ts";
import { closeServers } from "../support/server.ts";

afterEach(closeServers);
afterEach(closeStores);

describe.each(engines)("every way to answer, %s", (name, engine) => {
  const bytes = Buffer.from([0, 255, 254, 10, 13, 195, 40]);
  const ways: [what: string, handler: Handler][] = [
    ["res.json", (_req, res) => res.json({ a: ["ü", null] })],
    ["res.send of a text", (_req, res) => res.send("größer")],
    ["res.send of bytes", (_req, res) => res.send(bytes)],
    ["nothing", (_req, res) => res.end()],
    ["204", (_req, res) => res.status(204).end()],
    ["res.end with an encoding", (_req, res) => res.end("00ff", "hex")],
    ["res.end with a callback alone", (_req, res) => res.end(() => {})],
    [
      "writes of all kinds",
      (_req, res) => {
        res.write("ü", "latin1");
        res.write(new Uint8Array(bytes), () => {});
        res.write("YWJj", "base64", () => {});
        res.end(bytes, () => {});
      },
    ],
    [
      "writeHead with an object",
      (_req, res) => {
        res.writeHead(202, "Fine", { "Content-Type": "text/x-one" });
        res.end("one");
      },
    ],
    [
      "writeHead with a list",
      (_req, res) => {
        res.writeHead(202, ["Content-Type", "text/x-two", "X-Other", "1"]);
        res.end("two");
      },
    ],
    [
      "a stream piped into it",
      (_req, res) => {
        res.type("text/x-three");
        Readable.from([bytes, "more", bytes]).pipe(res);
      },
    ],
    ["pipeline", (_req, res) => pipeline(Readable.from(["a", "b"]), res)],
    [
      "flushed headers first",
      (_req, res) => {
        res.status(202).type("text/x-four").flushHeaders();
        res.end("four");
      },
    ],
    ["a file", (_req, res) => res.sendFile(new URL(import.meta.url).pathname)],
    [
      "compressed by the handler",
      (_req, res) => {
        res.set("Content-Encoding", "gzip").type("json");
        res.end(gzipSync('{"a":1}'));
      },
    ],
    ["a redirect", (_req, res) => res.redirect(303, "/elsewhere")],
  ];
  const kinds: [string, () => ReplayStore | Promise<ReplayStore>][] = [
    ["at once", newMemory],
    ["later", () => openSql(":memory:")],
  ];
  for (const [when, open] of kinds) {
    test.each(ways)(`%s, kept ${when}`, async (_, handler) => {
      const replay = replayGuard({ store: await open(), ttlSeconds: 60 });
      const app = await startReplayApp({ replay, handler, engine });
      const bare = await startReplayApp({ replay: [], handler, engine });
      const read = async (app_: typeof app) => {
        const response = await app_.deliver();
        return {
          status: response.status,
          type: response.headers.get("content-type"),
          location: response.headers.get("location"),
          cookies: response.headers.getSetCookie(),
          bytes: await readBytes(response),
          length: response.headers.get("content-length"),
        };
      };
      const wanted = await read(bare);
      expect(await read(app)).toEqual(wanted);
      expect({ ...(await read(app)), length: wanted.length }).toEqual(wanted);
      expect(app.seen.runs).toBe(1);
    });
  }

  test("a handler that throws has not run", async () => {
    const replay = replayGuard({ store: await openSql(), ttlSeconds: 60 });
    const app = await startReplayApp({
      replay,
      engine,
      handler: (_req, res) => {
        if (app.seen.runs === 1) throw new Error("half-way");
        res.json({ booked: true });
      },
    });
    const statuses = [];
    for (let time = 0; time < 3; time++)
      statuses.push((await app.deliver()).status);
    expect([statuses, app.seen.runs]).toEqual([[500, 200, 200], 2]);
  });

  test("a fault after the answer changes neither the answer nor what is kept", async () => {
    const replay = replayGuard({ store: newMemory(), ttlSeconds: 60 });
    const app = await startReplayApp({
      replay,
      engine,
      before: [
        (_req, res, next) => {
          res.on("error", () => {});
          next();
        },
      ],
      handler: (_req, res) => {
        res.json({ booked: true });
        res.end();
        res.end(() => {});
      },
    });
    for (const replayed of [false, true]) {
      const response = await app.deliver();
      expect([response.status, await response.json()]).toEqual([
        200,
        { booked: true },
      ]);
      expect(isReplayed(response)).toBe(replayed);
    }
    expect([name, app.seen.runs]).toEqual([name, 1]);
  });
});

describe("what is kept of an answer", () => {
  const guard = (store: ReplayStore) => replayGuard({ store, ttlSeconds: 60 });

  test("neither cookies nor what earlier middleware set for another request", async () => {
    let requests = 0;
    const app = await startReplayApp({
      replay: guard(newMemory()),
      before: [
        (_req, res, next) => {
          res.set("X-Request-Id", String(++requests));
          next();
        },
      ],
      handler: (_req, res) =>
        res.cookie("session", "secret").set("X-Mine", "1").json({}),
    });
    expect((await app.deliver()).headers.getSetCookie()).toHaveLength(1);
    const again = await app.deliver();
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(again.headers.get("X-Mine")).toBeNull();
    expect(again.headers.get("X-Request-Id")).toBe("2");
  });

  test.each([
    [256 * 1024, 200],
    [256 * 1024 + 1, 409],
  ])(
    "an answer of %i bytes, in pieces, is answered with %i again, and never run again",
    async (length, status) => {
      const app = await startReplayApp({
        replay: guard(await openSql()),
        handler: (_req, res) => {
          res.write(Buffer.alloc(1000, "a"));
          res.write(Buffer.alloc(length - 1001, "b"));
          res.end("c");
        },
      });
      const first = await readBytes(await app.deliver());
      expect(first).toHaveLength(length);
      const again = await app.deliver();
      expect(again.status).toBe(status);
      if (status === 200) expect(await readBytes(again)).toEqual(first);
      else expect(await again.json()).toEqual({ error: "already executed" });
      expect(app.seen.runs).toBe(1);
    },
  );

  test.each<[encoding: string, compress: (text: string) => Buffer]>([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("a refusal written in %s is not kept", async (encoding, compress) => {
    const app = await startReplayApp({
      replay: guard(newMemory()),
      handler: (_req, res) =>
        res.set("Content-Encoding", encoding).end(compress('{"error":"no"}')),
    });
    await app.deliver();
    expect(await (await app.deliver()).text()).toBe('{"error":"no"}');
    expect(app.seen.runs).toBe(2);
  });

  test("a long refusal is not kept", async () => {
    const app = await startReplayApp({
      replay: guard(newMemory()),
      handler: (_req, res) => res.status(500).send(Buffer.alloc(300_000)),
    });
    await app.deliver();
    await app.deliver();
    expect(app.seen.runs).toBe(2);
  });

  test("a HEAD that is keyed has no body, first and again", async () => {
    const app = await startReplayApp({
      replay: replayGuard({
        store: await openSql(),
        ttlSeconds: 60,
        key: () => "one",
      }),
      handler: (_req, res) => res.status(202).json({ booked: true }),
    });
    for (const replayed of [false, true]) {
      const response = await app.deliver({}, { method: "HEAD" });
      expect([response.status, isReplayed(response)]).toEqual([202, replayed]);
      expect(await response.text()).toBe("");
    }
    expect(app.seen.runs).toBe(1);
  });

  test("the end of an answer waits until it is kept, and what comes after it is not sent", async () => {
    const store = newMemory();
    const asked = createGate();
    const release = createGate();
    const late: unknown[] = [];
    const app = await startReplayApp({
      replay: guard({
        ...store,
        put: async (...args) => {
          asked.open();
          await release.opened;
          return store.put(...args);
        },
      }),
      handler: (_req, res) => {
        res.status(201).json({ booked: true });
        expect(res.headersSent).toBe(true);
        res.status(500); // too late
        expect(res.write("x", (error) => late.push(error))).toBe(false);
        res.end("y", () => late.push("end"));
      },
    });
    let isTold = false;
    const answer = app.deliver().then(async (response) => {
      const body: unknown = await response.json();
      isTold = true;
      return [response.status, body];
    });
    await asked.opened;
    await fetch(app.url); // a round trip: what was sent before has arrived
    expect(isTold).toBe(false);
    release.open();
    expect(await answer).toEqual([201, { booked: true }]);
    expect(late).toHaveLength(2);
    const again = await app.deliver();
    expect([again.status, await again.json()]).toEqual([201, { booked: true }]);
  });
});
