import { afterEach, describe, expect, test } from "@jest/globals";
import type express from "express";
import { createGateway } from "../../endpoints/gateway/gateway.ts";
import { verifySignature } from "../../middleware/index.ts";
import type { Catalog } from "../../openapi/index.ts";
import { newMemory } from "../support/replay-app.ts";
import { closeServers } from "../support/server.ts";
import {
  compileOrders,
  CREDENTIAL,
  SECRET,
  startGateway,
  startUpstream,
} from "./gateway-app.ts";

afterEach(closeServers);

type Answer = (req: express.Request, res: express.Response) => unknown;

async function start(answer?: Answer, options: object = {}) {
  const upstream = await startUpstream(answer);
  const gateway = await startGateway({ upstream: upstream.url, ...options });
  return { upstream, ...gateway };
}

describe("a gateway", () => {
  test("makes the real request: method, path, query, body and credential", async () => {
    const { upstream, call } = await start();
    await call("get_order", { id: "a/b c" });
    await call("list_orders", { limit: 3 });
    await call("place_order", { item: "tea", count: 2 });
    await call("drop_order", { id: "7" });
    expect(upstream.received).toMatchObject([
      { method: "GET", url: "/orders/a%2Fb%20c", body: "" },
      { method: "GET", url: "/orders?limit=3", body: "" },
      { method: "POST", url: "/orders", body: '{"count":2,"item":"tea"}' },
      { method: "DELETE", url: "/orders/7", body: "" },
    ]);
    for (const { headers } of upstream.received)
      expect(headers["x-key"]).toBe(CREDENTIAL);
  });

  test("sends nothing of the platform's on to the API", async () => {
    const { upstream, call } = await start();
    await call("list_orders");
    const names = Object.keys(upstream.received[0]?.headers ?? {});
    expect(
      names.filter((name) => /thunderphone|idempotency/.test(name)),
    ).toEqual([]);
  });

  test("repairs what a model gets wrong", async () => {
    const { upstream, call } = await start();
    await call("place_order", { item: "tea", count: "2" });
    expect(upstream.received[0]?.body).toBe('{"count":2,"item":"tea"}');
  });

  test("refuses arguments in words, and sends nothing", async () => {
    const { upstream, call } = await start();
    const { status, body } = await call("place_order", { count: "many" });
    expect([status, body]).toMatchObject([
      200,
      {
        code: "invalid_arguments",
        error: expect.stringMatching(/item: expected string/) as unknown,
        speech: expect.any(String) as unknown,
      },
    ]);
    expect(upstream.received).toEqual([]);
  });

  test("names its tools where it is asked for another", async () => {
    const { call, answered } = await start();
    for (const name of ["teleport", "constructor", "__proto__", "a%20b"]) {
      const { status, body } = await call(name);
      expect([status, body["code"]]).toEqual([200, "not_found"]);
      expect(body["error"]).toMatch(
        /the tools are get_order, .*get_brief, write_brief$/,
      );
    }
    expect(answered.map(({ tool }) => tool)).toEqual(Array(4).fill("unknown"));
  });

  test("refuses what is not signed before the API hears of it", async () => {
    const { upstream, url, call, reasons } = await start();
    const open = await fetch(`${url}/tools/list_orders`, {
      method: "POST",
      body: "{}",
    });
    expect([open.status, await open.json()]).toEqual([
      401,
      { error: "invalid signature" },
    ]);
    const forged = await call(
      "list_orders",
      {},
      {
        "X-ThunderPhone-Signature": "0".repeat(64),
      },
    );
    expect(forged.status).toBe(401);
    expect(reasons).toEqual(["missing_header", "bad_signature"]);
    expect(upstream.received).toEqual([]);
  });

  test("takes only JSON objects of a bounded size", async () => {
    const { send } = await start(undefined, {
      verify: [verifySignature({ secrets: SECRET, maxBodyBytes: 16 * 1024 })],
    });
    expect((await send("/tools/list_orders", "[1]")).status).toBe(400);
    expect((await send("/tools/list_orders", "{oops")).status).toBe(400);
    const large = { limit: "x".repeat(17_000) };
    expect((await send("/tools/list_orders", large)).status).toBe(413);
  });

  test.each(["list_orders", "place_order"])(
    "survives arguments of endless depth for %s",
    async (name) => {
      const { send, upstream } = await start(undefined, {
        replay: { store: newMemory() },
      });
      const depth = 100_000;
      const deep = `{"item":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const { status, body } = await send(`/tools/${name}`, deep);
      expect([200, 400]).toContain(status);
      expect(body["error"]).toEqual(expect.any(String));
      expect(upstream.received).toEqual([]);
    },
  );

  test("that is open takes JSON only, and no list", async () => {
    const { url, upstream } = await start(undefined, { verify: "none" });
    const post = async (body: string, type = "application/json") =>
      (
        await fetch(`${url}/tools/list_orders`, {
          method: "POST",
          body,
          headers: { "Content-Type": type },
        })
      ).status;
    expect(await post("{}")).toBe(200);
    expect(await post("{}", "text/plain")).toBe(415);
    expect(await post("[]")).toBe(400);
    expect(await post("{oops")).toBe(400);
    expect(await post(`{"limit":"${"x".repeat(17_000)}"}`)).toBe(413);
    expect(upstream.received).toHaveLength(1);
  });

  test.each([
    { verify: [] },
    { upstream: "ftp://a.example" },
    { upstream: "https://u:p@a.example" },
    { upstream: "https://a.example/?key=1" },
    { upstream: "not a url" },
    { platform: "toString" as "bare" },
    { maxAnswerBytes: 255 },
    { timeoutMs: 0 },
    { callRatePerMinute: -1 },
    { verify: undefined as unknown as "none" },
    { verify: "all" as "none" },
    { verify: [undefined] as unknown as [] },
    { catalog: undefined as unknown as Catalog },
    { catalog: {} as Catalog },
    { upstream: undefined as unknown as string },
    { credentials: { key: 5 } as unknown as Record<string, string> },
  ])(
    "cannot be made with %p, and is told which option it is",
    async (wrong) => {
      const catalog = await compileOrders();
      const make = () =>
        createGateway({
          catalog,
          upstream: "https://a.example",
          verify: "none",
          ...wrong,
        });
      const [name = ""] = Object.keys(wrong);
      expect(make).toThrow(TypeError);
      expect(make).toThrow(new RegExp(`^${name}\\b.*: `));
    },
  );
});

describe("answers", () => {
  const answerOf = async (answer: Answer, tool = "list_orders") =>
    (await (await start(answer)).call(tool, argumentsOf(tool))).body;
  const argumentsOf = (tool: string) =>
    tool === "place_order" ? { item: "tea" } : {};

  test.each<[data: unknown, body: unknown]>([
    [{ a: 1 }, { a: 1 }],
    [
      { a: 1, speech: "One." },
      { a: 1, speech: "One." },
    ],
    [[1, 2], { result: [1, 2] }],
    [7, { result: 7 }],
    [false, { result: false }],
    [[], { result: [], message: "The list is empty" }],
    [{}, { result: {}, message: "The service answered with an empty object" }],
  ])("%j becomes %j", async (data, body) => {
    expect(await answerOf((_, res) => res.json(data))).toEqual(body);
    expect(await answerOf((_, res) => res.json(data), "place_order")).toEqual(
      body,
    );
  });

  test.each([204, 205])(
    "status %d is done for a write, and nothing to tell for a read",
    async (status) => {
      const nothing: Answer = (_, res) => res.status(status).end();
      expect(await answerOf(nothing, "place_order")).toEqual({
        done: true,
        message: "Done; the service had no more to say",
      });
      expect(await answerOf(nothing)).toEqual({
        result: null,
        message: "The service has nothing to tell",
      });
    },
  );

  const unclear: [how: string, answer: Answer][] = [
    ["nothing", (_, res) => res.status(200).end()],
    ["created, and nothing else", (_, res) => res.status(201).end()],
    ["null", (_, res) => res.json(null)],
    ["an empty text", (_, res) => res.json("")],
    ["white space", (_, res) => res.type("text/plain").send(" \n")],
    ["half an object", (_, res) => res.type("json").send("{")],
    ["an image", (_, res) => res.type("png").send(Buffer.from("PNG"))],
    [
      "a web page",
      (_, res) =>
        res.send("<html><body><h1>Login</h1><script>alert(1)</script></body>"),
    ],
    [
      "a web page that is called text",
      (_, res) => res.type("text/plain").send("\n<!DOCTYPE html><p>Login"),
    ],
  ];
  test.each(unclear)(
    "%s, with a success, is a fault of a read and leaves a write in doubt",
    async (_, answer) => {
      const read = await answerOf(answer);
      expect(read).toMatchObject({
        code: "unavailable",
        error: expect.any(String) as unknown,
        speech: expect.any(String) as unknown,
      });
      const write = await answerOf(answer, "place_order");
      expect(write["code"]).toBe("unavailable");
      expect(write["error"]).toMatch(/did not say whether this was done/);
      expect(JSON.stringify([read, write])).not.toMatch(/"done"|<|Login/);
    },
  );

  test("words that are only called a web page are a result", async () => {
    expect(await answerOf((_, res) => res.send("3 < 4 orders"))).toEqual({
      result: "3 < 4 orders",
    });
  });

  test("digits arrive as they came, also those that no number can hold", async () => {
    const said =
      '{"id":9007199254740993,"x":1e400,"total":1.5,"note":"12345678901234567890"}';
    expect(await answerOf((_, res) => res.type("json").send(said))).toEqual({
      id: "9007199254740993",
      x: "1e400",
      total: 1.5,
      note: "12345678901234567890",
    });
    expect(
      await answerOf((_, res) => res.type("json").send("12345678901234567890")),
    ).toEqual({ result: "12345678901234567890" });
  });

  test("an answer with nothing that x-tool picks is no success without facts", async () => {
    const { call, logs } = await start((_, res) => res.json({ n: 1 }));
    expect((await call("get_brief")).body).toMatchObject({
      code: "unavailable",
      error: expect.stringMatching(/none of what was expected/) as unknown,
    });
    expect((await call("write_brief")).body).toEqual({
      done: true,
      message:
        "Done, but the service did not say what was expected of it; look it up",
    });
    for (const tool of ["get_brief", "write_brief"])
      expect(logs).toContainEqual({
        level: "warn",
        event: "upstream.failed",
        fields: { tool, callId: "call-1", reason: "nothing_picked 200" },
      });
  });

  test.each<[said: object, told: object]>([
    [{ error: "No seats" }, { error: "No seats", code: "outside_rules" }],
    [
      { error: "No seats", code: "locked", seats: 0 },
      { error: "No seats", code: "locked", seats: 0 },
    ],
    [
      { error: { message: "No seats", code: 404 } },
      { error: "No seats", code: "not_found" },
    ],
    [
      { error: "down", code: "INTERNAL_ERROR", speech: "Oh no." },
      { error: "down", code: "unavailable", speech: "Oh no." },
    ],
    [{ error: true, message: "No seats" }, { error: "No seats" }],
    [{ error: 17 }, { error: "The service said no: 17" }],
    [{ error: true }, { error: "The service said no" }],
    [{ error: "at http://db.internal/x\nat f" }, { error: "at … at f" }],
  ])("a refusal %j with status 200 has code and speech", async (said, told) => {
    const body = await answerOf((_, res) => res.json(said));
    expect(body).toMatchObject(told);
    expect(body["code"]).toMatch(/^[a-z_]+$/);
    expect(body["speech"]).toMatch(/\w/);
  });

  test.each([null, false, "", 0, [], {}])(
    "an error of %j is none",
    async (error) => {
      const body = await answerOf((_, res) => res.json({ error, n: 1 }));
      expect(body).toEqual({ error, n: 1 });
    },
  );

  test("plain text is a result", async () => {
    const text = await answerOf((_, res) => res.type("text/plain").send("Hi"));
    expect(text).toEqual({ result: "Hi" });
  });

  test("hold what x-tool picks", async () => {
    const data = {
      name: "N",
      secret: 1,
      items: [
        { title: "a", id: 1 },
        { title: "b", id: 2 },
      ],
    };
    expect(await answerOf((_, res) => res.json(data), "get_brief")).toEqual({
      name: "N",
      items: [{ title: "a" }, { title: "b" }],
    });
  });

  test("are cut to size and say so", async () => {
    const orders = Array.from({ length: 500 }, (_, number) => ({ number }));
    const { call } = await start((_, res) => res.json({ orders }), {
      maxAnswerBytes: 512,
    });
    const { text, body } = await call("list_orders");
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(512);
    expect(body["cut"]).toMatch(/Too long/);
    expect((body["orders"] as unknown[]).at(-1)).toMatch(/^… and \d+ more$/);
  });

  test.each([
    [400, "invalid_arguments"],
    [404, "not_found"],
    [409, "outside_rules"],
    [410, "not_found"],
    [422, "invalid_arguments"],
    [423, "locked"],
    [429, "rate_limited"],
    [401, "unavailable"],
    [403, "unavailable"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("status %d is refused as %s, with status 200", async (status, code) => {
    const { call } = await start((_, res) =>
      res.status(status).json({ message: "No order 7" }),
    );
    const { status: told, body } = await call("get_order", { id: "7" });
    expect([told, body["code"]]).toEqual([200, code]);
    expect(body["speech"]).toEqual(expect.any(String));
    const isTheirs = code !== "unavailable";
    expect(String(body["error"]).includes("No order 7")).toBe(isTheirs);
  });

  test("a fault inside the service, a page or an address is not told on", async () => {
    const faults: Answer[] = [
      (_, res) => res.status(500).json({ message: "at db.internal:5432" }),
      (_, res) => res.status(502).type("html").send("<h1>nginx 10.0.0.7</h1>"),
      (_, res) =>
        res.status(404).json({
          error: "http://db.internal/x at 10.0.0.7:80 is gone\n at f",
        }),
    ];
    for (const fault of faults)
      expect(JSON.stringify(await answerOf(fault))).not.toMatch(
        /internal|10\.0\.0\.7|nginx|at f/,
      );
  });

  test("never hold a credential, however the service says it back", async () => {
    const { call, logs } = await start((req, res) =>
      res.json({
        headers: req.headers,
        [String(req.headers["x-key"])]: "as a key",
        text: `you sent ${String(req.headers["x-key"])}`,
        base64: Buffer.from(String(req.headers["x-key"])).toString("base64"),
      }),
    );
    const { text } = await call("list_orders");
    expect(text).toContain('"x-key":"…"');
    expect(text).not.toContain(CREDENTIAL);
    expect(text).not.toContain(Buffer.from(CREDENTIAL).toString("base64"));
    expect(JSON.stringify(logs)).not.toContain(CREDENTIAL);
    const refused = await start((req, res) =>
      res
        .status(400)
        .json({ error: `bad key ${String(req.headers["x-key"])}` }),
    );
    expect((await refused.call("list_orders")).text).not.toContain(CREDENTIAL);
  });

  test("a service that is slow, dead or hangs up is unavailable", async () => {
    const slow = await start(() => {}, { timeoutMs: 50 });
    expect((await slow.call("list_orders")).body).toMatchObject({
      code: "unavailable",
      error: "The service took too long to answer",
    });
    const rude = await start((req) => req.socket.destroy());
    expect((await rude.call("list_orders")).body["code"]).toBe("unavailable");
    const dead = await start();
    await dead.upstream.close();
    expect((await dead.call("list_orders")).body["code"]).toBe("unavailable");
    expect(dead.logs).toContainEqual({
      level: "warn",
      event: "upstream.failed",
      fields: {
        tool: "list_orders",
        callId: "call-1",
        reason: "network_error",
      },
    });
  });
});

describe("log and counts", () => {
  test("know tool, call, code and time, and nothing of what was said", async () => {
    const { call, logs, answered } = await start((_, res) =>
      res.json({ name: "Maria Lopez" }),
    );
    await call("get_order", { id: "555-0123 Maria" });
    await call("place_order", { item: 7, count: "Maria" });
    const fields = {
      callId: "call-1",
      key: "0",
      ms: expect.any(Number) as unknown,
    };
    expect(logs).toEqual([
      {
        level: "info",
        event: "tool.answered",
        fields: { ...fields, tool: "get_order", code: "ok" },
      },
      {
        level: "info",
        event: "tool.answered",
        fields: { ...fields, tool: "place_order", code: "invalid_arguments" },
      },
    ]);
    expect(answered.map(({ tool, code }) => [tool, code])).toEqual([
      ["get_order", "ok"],
      ["place_order", "invalid_arguments"],
    ]);
    expect(JSON.stringify(logs)).not.toMatch(/Maria|555/);
  });

  test("a call that asks too often is told to wait", async () => {
    const { call, upstream } = await start(undefined, { callRatePerMinute: 2 });
    const codes: unknown[] = [];
    for (let times = 0; times < 3; times++)
      codes.push((await call("list_orders")).body["code"]);
    expect(codes).toEqual([undefined, undefined, "rate_limited"]);
    const other = { "X-ThunderPhone-Call-ID": "call-2" };
    expect((await call("list_orders", {}, other)).body).toEqual({ fine: true });
    expect(upstream.received).toHaveLength(3);
  });
});
