import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import express from "express";
import {
  captureRawBody,
  sign,
  verifySignature,
} from "../../middleware/index.ts";
import type { ToolRequest } from "../../middleware/index.ts";
import { closeClients, openClient } from "../support/raw-http.ts";
import { closeServers, startServer } from "../support/server.ts";
import {
  ask,
  BODY,
  expectRefusal,
  macOf,
  PUBLIC,
  SECRET,
  SIGNATURE,
  signed,
  startApp,
  VERSIONS,
  watch,
} from "./make-app.ts";

afterEach(() => {
  closeClients();
  return closeServers();
});

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const SPACED = '{ "date": "2026-03-09" }';

/** Reads the whole stream, as a parser of one's own does. */
async function readAll(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(req, "end");
  return Buffer.concat(chunks);
}

const consume =
  (
    keep: (req: express.Request, body: Buffer) => void,
  ): express.RequestHandler =>
  (req, _res, next) =>
    void readAll(req).then((body) => {
      keep(req, body);
      next();
    });

describe.each(VERSIONS)("%s", (_version, create) => {
  describe("whatever ran before, signed bytes are found", () => {
    const before: [what: string, handler: express.RequestHandler][] = [
      ["nothing", (_req, _res, next) => next()],
      [
        "express.json() that captures",
        express.json({ verify: captureRawBody }),
      ],
      [
        "express.json() of another type",
        express.json({ type: "application/x-other" }),
      ],
      ["express.raw()", express.raw({ type: "*/*" })],
      ["express.text()", express.text({ type: "*/*" })],
      ["express.urlencoded()", express.urlencoded({ extended: true })],
      [
        "a body that somebody set",
        (req, _res, next) => {
          req.body = {};
          next();
        },
      ],
      [
        "a mark that somebody set",
        (req, _res, next) => next(void Object.assign(req, { _body: true })),
      ],
      [
        "a parser of multipart forms that lets others by",
        (req, _res, next) => {
          if (req.is("multipart/form-data")) req.resume();
          next();
        },
      ],
      ["somebody who waited", (_req, _res, next) => void setImmediate(next)],
      [
        "somebody who paused the stream",
        (req, _res, next) => {
          req.pause();
          void setImmediate(next);
        },
      ],
      [
        "somebody who listens along",
        (req, _res, next) => {
          req.on("data", () => {});
          next();
        },
      ],
      [
        "Cloud Functions' rawBody",
        consume((req, body) =>
          Object.assign(req, {
            rawBody: body,
            body: JSON.parse(body.toString()) as unknown,
          }),
        ),
      ],
      [
        "Nest's rawBody",
        express.json({
          verify: (req, _res, buffer) =>
            Object.assign(req, { rawBody: buffer }),
        }),
      ],
      [
        "a rawBody of another kind of bytes",
        consume((req, body) =>
          Object.assign(req, { rawBody: new Uint8Array(body) }),
        ),
      ],
      [
        "a rawBody as text",
        express.json({
          verify: (req, _res, buffer) =>
            Object.assign(req, { rawBody: buffer.toString() }),
        }),
      ],
      ["bytes as the body", consume((req, body) => (req.body = body))],
      [
        "text as the body",
        consume((req, body) => (req.body = body.toString())),
      ],
    ];
    // White space, so that nothing can be written again: these are the bytes themselves.
    test.each(before)("%s", async (_, handler) => {
      const app = await startApp({ create, before: [handler] });
      const answer = await ask(app.url, {
        body: SPACED,
        headers: { ...json, ...signed(SPACED) },
      });
      expect([answer.status, app.refused]).toEqual([200, []]);
      expect(app.calls[0]?.arguments).toEqual({ date: "2026-03-09" });
      expect(app.calls[0]?.rawBody).toEqual(Buffer.from(SPACED));
    });

    test.each(before)(
      "%s, and altered ones are refused",
      async (_, handler) => {
        const app = await startApp({ create, before: [handler] });
        const refusal = await ask(app.url, {
          body: SPACED.replace("9", "8"),
          headers: { ...json, ...signed(SPACED) },
        });
        expect(["bad_signature", "body_already_parsed"]).toContain(
          app.refused[0]?.reason,
        );
        expectRefusal(refusal, app.refused[0]?.reason ?? "replayed", app, [
          macOf(SPACED.replace("9", "8")),
        ]);
      },
    );
  });

  describe("behind express.json() that kept nothing", () => {
    const probe = async (body: string, sent = body) => {
      const app = await startApp({ create, before: [express.json()] });
      const answer = await ask(app.url, {
        body: sent,
        headers: { ...json, ...signed(body) },
      });
      return { app, answer };
    };

    const written: [what: string, body: string][] = [
      ["sorted keys", '{"a":1,"b":"x","c":true,"d":null}'],
      ["nested", '{"a":{"b":[1,{"c":[]}],"d":{}},"e":[[],[null]]}'],
      ["letters as they are", '{"name":"Ren\u00e9 \u{1f600}"}'],
      ["letters as ASCII escapes", '{"name":"Ren\\u00e9 \\ud83d\\ude00"}'],
      ["fractions", '{"a":0.1,"b":-2.5,"c":1.5e-07}'],
      ["large numbers as Python writes them", '{"a":1e+16,"b":1e-05}'],
      ["numbers as JavaScript writes them", '{"a":1e+21,"b":0.00001}'],
      ["keys in the order of code points", '{"\uffe6":1,"\u{1f600}":2}'],
      ["escapes in texts", '{"a":"\\"\\\\\\n\\t\\u0001/"}'],
      ["no arguments", "{}"],
      ["no body", ""],
    ];
    test.each(written)("is written again: %s", async (_, body) => {
      const { app, answer } = await probe(body);
      expect([answer.status, app.refused]).toEqual([200, []]);
      expect(app.calls[0]?.rawBody.toString()).toBe(body);
      expect(app.calls[0]?.arguments).toEqual(JSON.parse(body || "{}"));
    });

    const lost: [what: string, body: string][] = [
      ["white space", SPACED],
      ["a line break at the end", `${BODY}\n`],
      ["keys in another order", '{"b":1,"a":2}'],
      ["a fraction of .0", '{"a":1.0}'],
      ["an integer above 2^53", '{"a":9007199254740993}'],
      ["a key twice", '{"a":1,"a":2}'],
      ["an escape that nobody needs", '{"a":"\\u0061"}'],
      ["an escaped slash", '{"a":"\\/"}'],
      ["a BOM", `\ufeff${BODY}`],
    ];
    test.each(lost)("cannot be: %s", async (_, body) => {
      const { app, answer } = await probe(body);
      expectRefusal(answer, "body_already_parsed", app, [SECRET, macOf(body)]);
      expect(app.refused[0]?.hint).toMatch(/captureRawBody/);
    });

    const altered: [what: string, body: string, sent: string][] = [
      ["a value", '{"a":1}', '{"a":2}'],
      ["a type", '{"a":1}', '{"a":"1"}'],
      ["a key more", '{"a":1}', '{"a":1,"b":2}'],
      ["a key less", '{"a":1,"b":2}', '{"a":1}'],
      ["null for nothing", "{}", '{"a":null}'],
      ["a list for an object", '{"a":{}}', '{"a":[]}'],
      ["{} for nothing that was signed with a body", BODY, "{}"],
      ["a polluting key more", '{"a":1}', '{"__proto__":{"a":2},"a":1}'],
    ];
    test.each(altered)("is refused when altered: %s", async (_, body, sent) => {
      const { app, answer } = await probe(body, sent);
      expectRefusal(answer, "body_already_parsed", app, [SECRET, macOf(sent)]);
    });

    test("may be spelt otherwise: what counts is the value, which is as signed", async () => {
      for (const sent of [
        SPACED,
        `\n${BODY}`,
        '{"date":1,"date":"2026-03-09"}',
      ]) {
        const { app, answer } = await probe(BODY, sent);
        expect(answer.status).toBe(200);
        expect(app.calls[0]?.rawBody.toString()).toBe(BODY);
        expect(app.calls[0]?.arguments).toEqual({ date: "2026-03-09" });
      }
    });

    test("is a 400 where no object is signed", async () => {
      const { app, answer } = await probe("[1]");
      expectRefusal(answer, "not_json_object", app);
    });

    test("is not guessed for a scheme whose JSON has no fixed form", async () => {
      const app = await startApp({
        create,
        before: [express.json()],
        options: { scheme: "github" },
      });
      const headers = { ...json, ...sign("github", SECRET, { body: BODY }) };
      const refusal = await ask(app.url, { body: BODY, headers });
      expectRefusal(refusal, "body_already_parsed", app, [macOf(BODY)]);
    });

    test("that changed what it parsed is refused", async () => {
      const app = await startApp({
        create,
        before: [
          express.json({
            reviver: (_, value: unknown) =>
              typeof value === "string" ? `${value}!` : value,
          }),
        ],
      });
      const headers = { ...json, ...signed(BODY) };
      const refusal = await ask(app.url, { body: BODY, headers });
      expectRefusal(refusal, "body_already_parsed", app);
    });
  });

  describe("bytes that are gone are refused at once", () => {
    const gone: [what: string, handler: express.RequestHandler][] = [
      ["read and forgotten", consume(() => {})],
      [
        "read into a field that nobody knows",
        consume((req, body) => Object.assign(req, { payload: body })),
      ],
      [
        "decoded to text by somebody",
        (req, _res, next) => next(void req.setEncoding("utf8")),
      ],
      [
        "being read by somebody",
        (req, _res, next) => void req.once("data", () => next()),
      ],
      [
        "a body that is no data",
        consume((req) => (req.body = new Map([["date", 1]]))),
      ],
      [
        "a body whose reading throws",
        consume(
          (req) =>
            (req.body = new Proxy(
              {},
              {
                ownKeys: () => {
                  throw new Error("trap");
                },
              },
            )),
        ),
      ],
    ];
    test.each(gone)("%s", async (_, handler) => {
      const app = await startApp({ create, before: [handler] });
      const refusal = await ask(app.url, {
        body: BODY,
        headers: { ...json, ...signed(BODY) },
      });
      expectRefusal(refusal, "body_already_parsed", app, [SECRET, macOf(BODY)]);
    });

    test("of a multipart form", async () => {
      const app = await startApp({
        create,
        before: [consume((req) => (req.body = { a: "1" }))],
      });
      const body =
        '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';
      const refusal = await ask(app.url, {
        body,
        headers: {
          "content-type": "multipart/form-data; boundary=x",
          ...signed(body),
        },
      });
      expectRefusal(refusal, "body_already_parsed", app);
    });

    test("one warning names the fix, however many requests", async () => {
      const warn = jest
        .spyOn(process, "emitWarning")
        .mockImplementation(() => {});
      try {
        const app = await startApp({ create, before: [express.json()] });
        for (let round = 0; round < 3; round++)
          await ask(app.url, {
            body: SPACED,
            headers: { ...json, ...signed(SPACED) },
          });
        const told = JSON.stringify(warn.mock.calls);
        expect(warn.mock.calls).toHaveLength(1);
        expect(told).toMatch(/captureRawBody.*BODY_ALREADY_PARSED/);
        for (const secret of [SECRET, macOf(SPACED)])
          expect(told).not.toContain(secret);
      } finally {
        warn.mockRestore();
      }
    });
  });

  test("a parser with a higher limit does not raise this one", async () => {
    for (const parser of [
      express.json({ verify: captureRawBody }),
      express.json(),
    ]) {
      const app = await startApp({
        create,
        before: [parser],
        options: { maxBodyBytes: BODY.length - 1 },
      });
      const headers = { ...json, ...signed(BODY) };
      const { status } = await ask(app.url, { body: BODY, headers });
      expect([401, 413]).toContain(status);
      expect(app.calls).toEqual([]);
    }
  });

  describe("wherever it is mounted", () => {
    test("for the app, a router, a route; one router at two paths; routers in routers", async () => {
      const seen: unknown[] = [];
      const { verify } = watch();
      const note: express.RequestHandler = (
        req: express.Request & ToolRequest,
        res,
      ) => {
        seen.push([req.originalUrl, req.toolCall?.arguments]);
        res.end();
      };
      const inner = create.Router();
      inner.post("/book", verify, note);
      const outer = create.Router();
      outer.use("/inner", inner);
      const guarded = create.Router();
      guarded.use(verify);
      guarded.post("/book", note);
      const app = create();
      app.use("/one", inner);
      app.use("/two", inner);
      app.use("/deep", outer);
      app.use("/guarded", guarded);
      app.post("/route", verify, note);
      app.all("/all", verify, note);
      const { url } = await startServer(app);
      const paths = [
        "/one/book",
        "/two/book?x=1",
        "/deep/inner/book",
        "/guarded/book",
        "/route",
        "/all",
      ];
      for (const path of paths) {
        expect((await ask(url + path, { body: BODY })).status).toBe(401);
        expect(
          (await ask(url + path, { body: BODY, headers: signed(BODY) })).status,
        ).toBe(200);
      }
      expect(seen).toEqual(paths.map((path) => [path, { date: "2026-03-09" }]));
    });

    test("twice for one request", async () => {
      const first = watch();
      const second = watch();
      const app = create().use(first.verify, second.verify, second.handler);
      const { url } = await startServer(app);
      expect(
        (await ask(url, { body: SPACED, headers: signed(SPACED) })).status,
      ).toBe(200);
      expect(second.calls).toHaveLength(1);
      const wrong = await ask(url, { body: BODY, headers: signed("{}") });
      expect(wrong.status).toBe(401);
      expect([first.refused.length, second.refused.length]).toEqual([1, 0]);
    });

    test("a second one with another secret still refuses", async () => {
      const first = watch();
      const second = watch({ secrets: "another-secret" });
      const app = create().use(first.verify, second.verify, second.handler);
      const { url } = await startServer(app);
      const refusal = await ask(url, { body: BODY, headers: signed(BODY) });
      expectRefusal(refusal, "bad_signature", second);
    });

    test("a handler before it is not guarded, one behind it is, whatever the spelling of the path", async () => {
      const watched = watch();
      const app = create();
      app.get("/open", (_req, res) => void res.end("open"));
      app.use("/tools", watched.verify);
      app.post("/tools/book", watched.handler);
      const { url } = await startServer(app);
      expect((await ask(`${url}/open`, { method: "GET" })).status).toBe(200);
      const spellings = [
        "/tools/book",
        "/TOOLS/book",
        "/tools/book/",
        "/Tools/Book",
        "/tools/b%6Fok",
        "/tools/book?",
        "/tools/book?x=%2e%2e",
      ];
      for (const path of spellings)
        expect((await ask(url + path, { body: BODY })).status).toBe(401);
      // What Express does not take for the path gets to no handler either.
      for (const path of [
        "/tools//book",
        "/tools/%2e/book",
        "/%74ools/book",
        "//tools/book",
        "/tools%2Fbook",
      ]) {
        const { status } = await ask(url + path, { body: BODY });
        expect([401, 404]).toContain(status);
      }
      expect(watched.calls).toEqual([]);
    });

    test("with case sensitive and strict routing", async () => {
      const watched = watch();
      const app = create();
      app.set("case sensitive routing", true);
      app.set("strict routing", true);
      app.post("/Book", watched.verify, watched.handler);
      const { url } = await startServer(app);
      const init = { body: BODY, headers: signed(BODY) };
      const statuses = [];
      for (const path of ["/Book", "/book", "/Book/"])
        statuses.push((await ask(url + path, init)).status);
      expect(statuses).toEqual([200, 404, 404]);
    });

    test("each method: GET and DELETE sign an empty body, HEAD too", async () => {
      const watched = watch();
      const app = create().use(watched.verify, watched.handler);
      const { url } = await startServer(app);
      for (const method of ["GET", "HEAD", "DELETE", "OPTIONS"])
        expect((await ask(url, { method, headers: signed("") })).status).toBe(
          200,
        );
      for (const method of ["PUT", "PATCH", "DELETE"])
        expect(
          (await ask(url, { method, body: BODY, headers: signed(BODY) }))
            .status,
        ).toBe(200);
      expect(watched.calls).toHaveLength(7);
      expect(watched.refused).toEqual([]);
    });

    test("a preflight is answered by whoever stands before it", async () => {
      const watched = watch();
      const app = create();
      app.use((req, res, next) => {
        if (req.method === "OPTIONS") res.status(204).end();
        else next();
      });
      app.use(watched.verify, watched.handler);
      const { url } = await startServer(app);
      expect((await ask(url, { method: "OPTIONS" })).status).toBe(204);
      expect((await ask(url)).status).toBe(401);
    });
  });

  describe("what stands behind it", () => {
    test.each([
      ["express.json()", express.json()],
      ["express.json() of any type", express.json({ type: "*/*" })],
      [
        "express.json() that captures",
        express.json({ verify: captureRawBody }),
      ],
      ["express.text()", express.text({ type: "*/*" })],
      ["express.raw()", express.raw({ type: "*/*" })],
      ["express.urlencoded()", express.urlencoded({ type: "*/*" })],
    ])("%s leaves the body alone", async (_, parser) => {
      const bodies: unknown[] = [];
      const app = create().use(watch().verify, parser, (req, res) => {
        bodies.push(req.body);
        res.end();
      });
      const { url } = await startServer(app);
      const init = { body: BODY, headers: { ...json, ...signed(BODY) } };
      expect((await ask(url, init)).status).toBe(200);
      expect(bodies).toEqual([{ date: "2026-03-09" }]);
    });

    test("Express 4's and 5's parsers alike", async () => {
      for (const [, version] of VERSIONS) {
        const bodies: unknown[] = [];
        const app = create().use(watch().verify, version.json(), (req, res) => {
          bodies.push(req.body);
          res.end();
        });
        const { url } = await startServer(app);
        const init = { body: BODY, headers: { ...json, ...signed(BODY) } };
        expect((await ask(url, init)).status).toBe(200);
        expect(bodies).toEqual([{ date: "2026-03-09" }]);
      }
    });

    test("a reader of the stream finds its end, and does not hang", async () => {
      const app = create().use(watch().verify, (req, res) => {
        void (async () => {
          let length = 0;
          for await (const piece of req) length += (piece as Buffer).length;
          res.end(String(length));
        })();
      });
      const { url } = await startServer(app);
      const answer = await ask(url, { body: BODY, headers: signed(BODY) });
      expect([answer.status, answer.body]).toEqual([200, "0"]);
    });

    test("error handlers hear the handlers' errors, and no refusal", async () => {
      const heard: unknown[] = [];
      const app = create();
      app.use(watch().verify);
      app.post("/throws", () => {
        throw new Error("thrown");
      });
      app.post("/next", (_req, _res, next) => next(new Error("passed")));
      const report: express.ErrorRequestHandler = (error, _req, res, _next) => {
        heard.push((error as Error).message);
        res.status(500).end("ours");
      };
      app.use(report);
      const { url } = await startServer(app);
      const right = { body: BODY, headers: signed(BODY) };
      for (const path of ["/throws", "/next"]) {
        const refused = await ask(url + path, { body: BODY });
        expect(refused).toMatchObject(PUBLIC.missing_header);
        expect(await ask(url + path, right)).toMatchObject({
          status: 500,
          body: "ours",
        });
      }
      expect(heard).toEqual(["thrown", "passed"]);
    });

    test("an error is told once, also behind secrets that were waited for", async () => {
      const heard: unknown[] = [];
      let runs = 0;
      const app = create();
      app.use(watch({ secrets: () => Promise.resolve(SECRET) }).verify, () => {
        runs++;
        throw new Error("thrown");
      });
      const report: express.ErrorRequestHandler = (error, _req, res, _next) => {
        heard.push((error as Error).message);
        res.status(500).end();
      };
      app.use(report);
      const { url } = await startServer(app);
      expect(
        (await ask(url, { body: BODY, headers: signed(BODY) })).status,
      ).toBe(500);
      expect([runs, heard]).toEqual([1, ["thrown"]]);
    });

    test("finds the context that was opened before it", async () => {
      const context = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      for (const secrets of [SECRET, () => Promise.resolve(SECRET)]) {
        const app = create();
        app.use((req, _res, next) =>
          context.run(String(req.headers["x-id"]), next),
        );
        app.use(
          verifySignature({
            secrets,
            onRefused: () => seen.push(["refused", context.getStore()]),
          }),
          (_req, res) => {
            seen.push(["handler", context.getStore()]);
            res.end();
          },
        );
        const { url } = await startServer(app);
        await ask(url, {
          body: BODY,
          headers: { ...signed(BODY), "x-id": "1" },
        });
        await ask(url, {
          body: BODY,
          headers: { ...signed("{}"), "x-id": "2" },
        });
        await ask(url, { body: BODY, headers: { "x-id": "3" } });
      }
      const each = [
        ["handler", "1"],
        ["refused", "2"],
        ["refused", "3"],
      ];
      expect(seen).toEqual([...each, ...each]);
    });

    test("two on one connection keep their contexts apart", async () => {
      const context = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const app = create();
      app.use((req, _res, next) => context.run(req.url, next));
      app.use(watch().verify, (req, res) => {
        seen.push([req.url, context.getStore()]);
        res.end();
      });
      const { url } = await startServer(app);
      const client = await openClient(url);
      const head = (path: string) =>
        `POST ${path} HTTP/1.1\r\nHost: a.test\r\n${SIGNATURE}: ${macOf(BODY)}\r\nContent-Length: ${BODY.length}\r\n\r\n`;
      await client.send(`${head("/1")}${BODY}${head("/2")}${BODY}`);
      await client.answer();
      await client.answer();
      expect(seen).toEqual([
        ["/1", "/1"],
        ["/2", "/2"],
      ]);
    });

    test("gets a call id of the header, which nobody signed", async () => {
      const app = await startApp({ create });
      for (const callId of ["42", "43"])
        await ask(app.url, {
          body: BODY,
          headers: { ...signed(BODY), "X-ThunderPhone-Call-ID": callId },
        });
      expect(app.calls.map((call) => call.callId)).toEqual(["42", "43"]);
    });
  });

  test("a body that an error cut short gets to the app's error handler, not here", async () => {
    const heard: number[] = [];
    const watched = watch();
    const app = create();
    app.use(express.json(), watched.verify, watched.handler);
    const report: express.ErrorRequestHandler = (error, _req, res, _next) => {
      heard.push((error as { status: number }).status);
      res.status(400).end();
    };
    app.use(report);
    const { url } = await startServer(app);
    const init = { body: "{oops", headers: { ...json, ...signed("{oops") } };
    expect((await ask(url, init)).status).toBe(400);
    expect([heard, watched.calls, watched.refused]).toEqual([[400], [], []]);
  });

  test("a form behind express.urlencoded() is text again where only its fields are signed", async () => {
    const body = "To=%2B1800&Digits=1+2&From=a%26b&Digits=3&Empty=";
    for (const parser of [
      express.urlencoded({ extended: false }),
      express.urlencoded({ extended: true }),
    ]) {
      const app = await startApp({
        create,
        before: [parser],
        options: { scheme: "twilio", publicUrl: "https://a.test" },
      });
      const headers = {
        ...form,
        ...sign("twilio", SECRET, { url: "https://a.test/", body }),
      };
      expect((await ask(app.url, { body, headers })).status).toBe(200);
      expect(app.calls[0]?.arguments).toEqual({
        To: "+1800",
        Digits: ["1 2", "3"],
        From: "a&b",
        Empty: "",
      });
      const refusal = await ask(app.url, { body: `${body}&x=1`, headers });
      expectRefusal(refusal, "body_already_parsed", { ...app, calls: [] });
    }
  });
});

test("Express 5: an error of an async handler reaches the error handler", async () => {
  const heard: unknown[] = [];
  const app = express();
  app.use(watch().verify, async () => {
    await Promise.resolve();
    throw new Error("rejected");
  });
  const report: express.ErrorRequestHandler = (error, _req, res, _next) => {
    heard.push((error as Error).message);
    res.status(500).end();
  };
  app.use(report);
  const { url } = await startServer(app);
  expect((await ask(url, { body: BODY, headers: signed(BODY) })).status).toBe(
    500,
  );
  expect(heard).toEqual(["rejected"]);
});

describe("without Express", () => {
  test("a plain server calls it with a function", async () => {
    const watched = watch();
    const { url } = await startServer((req: ToolRequest, res) =>
      watched.verify(req, res, () => {
        if (req.toolCall) watched.calls.push(req.toolCall);
        res.end("through");
      }),
    );
    expect(await ask(url, { body: BODY, headers: signed(BODY) })).toMatchObject(
      { status: 200, body: "through" },
    );
    expect(watched.calls[0]?.arguments).toEqual({ date: "2026-03-09" });
    watched.calls.length = 0;
    expectRefusal(await ask(url, { body: BODY }), "missing_header", watched);
  });

  test.each([
    ["at once", SECRET],
    ["after a lookup", () => Promise.resolve(SECRET)],
  ])("the function is called once, %s", async (_, secrets) => {
    const errors: unknown[] = [];
    const { verify } = watch({ secrets });
    const { url } = await startServer((req, res) =>
      verify(req, res, (error) => {
        errors.push(error);
        res.end("through");
      }),
    );
    await ask(url, { body: BODY, headers: signed(BODY) });
    expect(errors).toEqual([undefined]);
  });

  test("what it throws is the caller's: it is not called again with it", async () => {
    let runs = 0;
    const { verify } = watch();
    const { url } = await startServer((req, res) => {
      // With the bytes at hand all is done before verify returns.
      req.resume().on("end", () => {
        Object.assign(req, { rawBody: Buffer.from(BODY) });
        try {
          verify(req, res, () => {
            runs++;
            throw new Error("thrown");
          });
        } catch (error) {
          res.end((error as Error).message);
        }
      });
    });
    const answer = await ask(url, { body: BODY, headers: signed(BODY) });
    expect([answer.body, runs]).toEqual(["thrown", 1]);
  });
});

describe("several schemes at one address", () => {
  const scheme = ["stripe", "github", "slack", "thunderphone"];
  test.each(scheme)("%s: the header decides, and says so", async (name) => {
    const app = await startApp({ options: { scheme } });
    const now = new Date("2026-11-21T12:00:00Z");
    const headers = sign(name, SECRET, { body: BODY, now });
    expect((await ask(app.url, { body: BODY, headers })).status).toBe(200);
    expect(app.calls.map((call) => call.scheme)).toEqual([name]);
    app.calls.length = 0;
    const refusal = await ask(app.url, { body: "{}", headers });
    expectRefusal(refusal, "bad_signature", app);
  });

  test("the first header that is there decides alone: another right one does not help", async () => {
    const app = await startApp({ options: { scheme } });
    const headers = {
      ...signed(BODY),
      "X-Hub-Signature-256": `sha256=${"0".repeat(64)}`,
    };
    const refusal = await ask(app.url, { body: BODY, headers });
    expectRefusal(refusal, "bad_signature", app, [macOf(BODY)]);
  });

  test("none of them is a missing header", async () => {
    const app = await startApp({ options: { scheme } });
    const refusal = await ask(app.url, {
      body: BODY,
      headers: { "X-Signature": macOf(BODY) },
    });
    expectRefusal(refusal, "missing_header", app);
  });
});
