import { afterEach, describe, expect, test } from "@jest/globals";
import { getEventListeners } from "node:events";
import type { RequestListener } from "node:http";
import { createCaller } from "../../openapi/calls/caller.ts";
import type { CallerOptions } from "../../openapi/calls/caller.ts";
import { compile } from "../../openapi/catalog.ts";
import { closeServers, startServer } from "../support/server.ts";

afterEach(closeServers);

async function createTestCaller(
  listener: RequestListener,
  options: Partial<CallerOptions> = {},
) {
  const server = await startServer(listener);
  const schema = {
    type: "object",
    properties: { n: { type: "integer" } },
    required: ["n"],
  };
  const catalog = await compile({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: {
      "/double": {
        post: {
          operationId: "double",
          requestBody: {
            required: true,
            content: { "application/json": { schema } },
          },
        },
      },
    },
  });
  const callTool = createCaller({ catalog, baseUrl: server.url, ...options });
  return (args: unknown, more: object = {}) =>
    callTool({
      name: "double",
      arguments: args,
      callId: "CA1",
      toolUseId: "tu1",
      ...more,
    });
}

const answer =
  (
    status: number,
    body: string | Buffer,
    type = "application/json",
  ): RequestListener =>
  (_req, res) => {
    res.writeHead(status, { "content-type": type }).end(body);
  };

describe("createCaller", () => {
  test("signs the very bytes that it sends, and tells what was repaired", async () => {
    const seen: { body: string; headers: Record<string, unknown> }[] = [];
    const call = await createTestCaller(
      (req, res) => {
        let body = "";
        req.on("data", (chunk: Buffer) => (body += chunk.toString()));
        req.on("end", () => seen.push({ body, headers: req.headers }));
        res
          .writeHead(200, { "content-type": "application/json" })
          .end('{"twice":10,"speech":"ten"}');
      },
      {
        sign: ({ body, tool, callId, toolUseId }) => ({
          "X-Signed": `${Buffer.from(body ?? []).toString()} ${tool.name} ${callId} ${toolUseId}`,
        }),
      },
    );
    expect(await call({ n: "5" })).toEqual({
      ok: true,
      status: 200,
      data: { twice: 10, speech: "ten" },
      speech: "ten",
      repairs: [{ path: "n", from: "5", to: 5, rule: "number-as-text" }],
    });
    expect(seen).toMatchObject([
      { body: '{"n":5}', headers: { "x-signed": '{"n":5} double CA1 tu1' } },
    ]);
  });

  const faults: [what: string, listener: RequestListener, expected: object][] =
    [
      [
        "an error status",
        answer(500, "boom", "text/plain"),
        { ok: false, code: "http_error", status: 500 },
      ],
      [
        "an error that says why",
        answer(409, '{"error":"taken"}'),
        {
          ok: false,
          code: "http_error",
          message: expect.stringContaining("taken") as unknown,
        },
      ],
      [
        "JSON that is none",
        answer(200, "{oops"),
        { ok: false, code: "bad_response" },
      ],
      [
        "JSON under another name",
        answer(200, '{"a":1}', "application/problem+json; charset=utf-8"),
        { ok: true, data: { a: 1 } },
      ],
      [
        "JSON called text",
        answer(200, "[1]", "text/json"),
        { ok: true, data: [1] },
      ],
      [
        "JSON with a byte order mark",
        answer(200, "\ufeff{}"),
        { ok: true, data: {} },
      ],
      [
        "JSON that is no UTF-8",
        answer(200, Buffer.from([0x22, 0xff, 0x22])),
        { ok: true, data: "\ufffd" },
      ],
      [
        "text in another alphabet",
        answer(200, Buffer.from([0xe9]), "text/plain; charset=iso-8859-1"),
        { ok: true, data: "é" },
      ],
      [
        "text in an unknown alphabet",
        answer(200, "é", "text/plain; charset=martian"),
        { ok: true, data: "é" },
      ],
      [
        "integers beyond 2^53",
        answer(
          200,
          '[9007199254740993,-12345678901234567890,9007199254740991,-9007199254740991,{"a":9007199254740992.0}]',
        ),
        {
          ok: true,
          data: [
            "9007199254740993",
            "-12345678901234567890",
            9007199254740991,
            -9007199254740991,
            { a: "9007199254740992.0" },
          ],
        },
      ],
      [
        "numbers out of range",
        answer(200, "[1e400,-1E+400,1e-400,0e-400,-0.0,1e300,1.10,2.5e-3]"),
        {
          ok: true,
          data: ["1e400", "-1E+400", "1e-400", 0, -0, 1e300, 1.1, 0.0025],
        },
      ],
      [
        "digits in texts and keys",
        answer(
          200,
          String.raw`{"9007199254740993":"a\\"," 9007199254740993":"\" : 9007199254740993 ","n":9007199254740993}`,
        ),
        {
          ok: true,
          data: {
            "9007199254740993": "a\\",
            " 9007199254740993": '" : 9007199254740993 ',
            n: "9007199254740993",
          },
        },
      ],
      [
        "a fault's large number",
        answer(400, '{"error":"no order 1","id":9007199254740993}'),
        {
          ok: false,
          message: expect.stringContaining("no order 1") as unknown,
        },
      ],
      [
        "a web page",
        answer(200, " <!-- x --><p>Log in", "text/html; charset=utf-8"),
        {
          ok: false,
          code: "bad_response",
          status: 200,
          message: "The service answered with a web page.",
        },
      ],
      [
        "a web page of no type",
        (_req, res) => void res.end("<HTML>Log in"),
        { ok: false, code: "bad_response" },
      ],
      [
        "a text that is called a web page",
        answer(200, "3 < 4", "text/html"),
        { ok: true, data: "3 < 4" },
      ],
      [
        "XML",
        answer(200, "<order/>", "application/xml"),
        { ok: true, data: "<order/>" },
      ],
      [
        "an answer of no type",
        (_req, res) => void res.end('{"a":1}'),
        { ok: true, data: '{"a":1}' },
      ],
      [
        "an error page that is called JSON",
        answer(502, "<html>"),
        {
          ok: false,
          code: "http_error",
          status: 502,
          message: "The service answered with status 502.",
        },
      ],
      [
        "an error with a text of many lines",
        answer(500, "Error: x\n    at f (/srv/app.js:1)", "text/plain"),
        { message: "The service answered with status 500." },
      ],
      [
        "problem details",
        answer(
          422,
          '{"type":"https://x","title":"Bad","detail":"No such day."}',
          "application/problem+json",
        ),
        {
          message:
            "The service answered with status 422. It said: No such day.",
        },
      ],
      [
        "an error with a message inside",
        answer(400, '{"error":{"message":"too late\\n  at g()","code":7}}'),
        {
          message: "The service answered with status 400. It said: too late",
        },
      ],
      [
        "an error with a code and a message",
        answer(400, '{"statusCode":400,"message":"no day","error":"Bad"}'),
        {
          message: "The service answered with status 400. It said: Bad: no day",
        },
      ],
      [
        "a list of errors",
        answer(400, '{"errors":[{"detail":"no day"},{"detail":"more"}]}'),
        {
          message:
            "The service answered with status 400. It said: no day; more",
        },
      ],
      [
        "an error with many words",
        answer(400, JSON.stringify({ error: "x".repeat(300) })),
        {
          message: `The service answered with status 400. It said: ${"x".repeat(200)}`,
        },
      ],
      [
        "an answer without end",
        answer(200, `"${"x".repeat(70_000)}"`),
        { ok: false, code: "response_too_large" },
      ],
      [
        "an answer that never says its length",
        (_req, res) => {
          const more = () => void res.write("x".repeat(10_000), more);
          more();
        },
        { ok: false, code: "response_too_large" },
      ],
      [
        "an answer that says it is too long, which is not read",
        (_req, res) => {
          res.writeHead(200, { "content-length": 1e9 }).write("x");
        },
        { ok: false, code: "response_too_large" },
      ],
      [
        "a redirect, which is not followed",
        (_req, res) =>
          void res.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
        {
          ok: false,
          code: "http_error",
          status: 302,
          message: expect.stringContaining("redirect") as unknown,
        },
      ],
      [
        "a broken connection",
        (req) => void req.socket.destroy(),
        {
          ok: false,
          code: "network_error",
          message: "The service could not be reached.",
        },
      ],
      [
        "a text answer",
        answer(200, "fine", "text/plain"),
        { ok: true, data: "fine" },
      ],
      [
        "an empty answer",
        (_req, res) => void res.writeHead(204).end(),
        { ok: true, status: 204, data: null },
      ],
    ];
  test.each(faults)(
    "%s comes back as a value",
    async (_, listener, expected) => {
      const call = await createTestCaller(listener);
      expect(await call({ n: 1 })).toMatchObject(expected);
    },
  );

  test("what cannot be sent is said, not thrown", async () => {
    const server = await startServer(answer(200, "{}"));
    const text = [{ name: "q", in: "query", schema: { type: "string" } }];
    const body = {
      requestBody: {
        required: true,
        content: { "application/json": { schema: { type: "object" } } },
      },
    };
    const catalog = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: {
        "/a": {
          get: { operationId: "get", parameters: text },
          trace: { operationId: "trace" },
        },
        "/b": { get: { operationId: "body", ...body } },
      },
    });
    const callTool = createCaller({ catalog, baseUrl: server.url });
    const call = (name: string, args: object) =>
      callTool({ name, arguments: args, callId: "CA1", toolUseId: "t" });
    expect(await call("get", { q: "\ud800" })).toMatchObject({
      ok: false,
      code: "invalid_arguments",
    });
    expect(await call("trace", {})).toMatchObject({
      ok: false,
      code: "unsupported_request",
    });
    expect(await call("body", { body: {} })).toMatchObject({
      ok: false,
      code: "unsupported_request",
    });
    expect(await call("get", { q: "fine" })).toMatchObject({ ok: true });
  });

  const stalls: [what: string, listener: RequestListener][] = [
    ["a server that hangs", () => {}],
    [
      "an answer that stalls",
      (_req, res) => {
        res.writeHead(200, { "content-type": "application/json" }).write("{");
      },
    ],
  ];
  test.each(stalls)("%s ends at the limit", async (_, listener) => {
    const call = await createTestCaller(listener, { timeoutMs: 50 });
    expect(await call({ n: 1 })).toEqual({
      ok: false,
      code: "timeout",
      message: "No answer within 0.05 seconds.",
    });
  });

  test("a fetch that does not listen ends at the limit too", async () => {
    const deaf = () => new Promise<Response>(() => {});
    const call = await createTestCaller(() => {}, {
      timeoutMs: 20,
      fetch: deaf,
    });
    expect(await call({ n: 1 })).toMatchObject({ ok: false, code: "timeout" });
  });

  test("a tool's own limit wins", async () => {
    const { url: baseUrl } = await startServer(() => {});
    const catalog = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: {
        "/a": { get: { operationId: "a", "x-tool": { timeoutMs: 20 } } },
      },
    });
    const callTool = createCaller({ catalog, baseUrl, timeoutMs: Infinity });
    const call = { name: "a", arguments: {}, callId: "CA1", toolUseId: "t" };
    expect(await callTool(call)).toMatchObject({
      code: "timeout",
      message: "No answer within 0.02 seconds.",
    });
  });

  test("a limit that is none is told at once", async () => {
    const catalog = await compile({ openapi: "3.1.0", paths: {} });
    for (const limit of [{ timeoutMs: 0 }, { maxResponseBytes: Number.NaN }])
      expect(() => createCaller({ catalog, ...limit })).toThrow(TypeError);
  });

  test("a call is stopped by its signal, and leaves no listener behind", async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const call = await createTestCaller((_req, res) => void res.end());
    expect(await call({ n: 1 }, { signal })).toMatchObject({ ok: true });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const stopping = await createTestCaller(() => stop.abort());
    expect(await stopping({ n: 1 }, { signal })).toMatchObject({
      ok: false,
      code: "aborted",
    });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a call that was stopped before makes no request", async () => {
    let requests = 0;
    const call = await createTestCaller((_req, res) => {
      requests++;
      res.end();
    });
    expect(await call({ n: 1 }, { signal: AbortSignal.abort() })).toMatchObject(
      { ok: false, code: "aborted" },
    );
    expect(requests).toBe(0);
  });

  test("a request that cannot be signed is not sent", async () => {
    let requests = 0;
    const faults: CallerOptions["sign"][] = [
      () => {
        throw new Error("no key sk-secret");
      },
      () => ({ "X-Signature": "a\r\nX-Evil: b" }),
      () => ({ "X Signature": "a" }),
      () => ({ "X-Signature": undefined as unknown as string }),
    ];
    for (const sign of faults) {
      const call = await createTestCaller(
        () => requests++,
        sign ? { sign } : {},
      );
      expect(await call({ n: 1 })).toEqual({
        ok: false,
        code: "sign_failed",
        message: "The request could not be signed.",
      });
    }
    expect(requests).toBe(0);
  });

  test("a header of the signer's replaces the same one in other letters", async () => {
    let type: string | undefined;
    const call = await createTestCaller(
      (req, res) => {
        type = req.headers["content-type"];
        res.end();
      },
      { sign: () => ({ "content-type": "application/json; v=1" }) },
    );
    await call({ n: 1 });
    expect(type).toBe("application/json; v=1");
  });

  test("a credential that the service says back is hidden", async () => {
    const { url: baseUrl } = await startServer((req, res) => {
      res
        .writeHead(401, { "content-type": "application/json" })
        .end(JSON.stringify({ error: `bad ${req.url} ${req.headers.cookie}` }));
    });
    const catalog = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      components: {
        securitySchemes: {
          q: { type: "apiKey", in: "query", name: "q" },
          c: { type: "apiKey", in: "cookie", name: "c" },
        },
      },
      security: [{ q: [], c: [] }],
      paths: { "/a": { get: { operationId: "a" } } },
    });
    const credentials = { q: "secret/1", c: "secret2" };
    const callTool = createCaller({ catalog, baseUrl, credentials });
    const call = { name: "a", arguments: {}, callId: "CA1", toolUseId: "t" };
    expect(await callTool(call)).toMatchObject({
      code: "http_error",
      message: "The service answered with status 401. It said: bad /a?q=… c=…",
    });
    const broken = createCaller({
      catalog,
      baseUrl,
      credentials: { ...credentials, q: "secret\r\n" },
    });
    const result = await broken(call);
    expect(result).toMatchObject({ ok: false, code: "unsupported_request" });
    expect(JSON.stringify(result)).not.toContain("secret");
  });

  test("a bad base URL is said, not thrown", async () => {
    for (const baseUrl of ["/v1", "nonsense", "", "https://{host}/"]) {
      const call = await createTestCaller(() => {}, { baseUrl });
      expect(await call({ n: 1 })).toMatchObject({
        ok: false,
        code: "no_server",
      });
    }
  });

  test("an answer to HEAD has a length and no body", async () => {
    const { url: baseUrl } = await startServer((_req, res) => {
      res.writeHead(200, { "content-length": 1e9 }).end();
    });
    const catalog = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: { "/a": { head: { operationId: "a" } } },
    });
    const call = { name: "a", arguments: {}, callId: "CA1", toolUseId: "t" };
    expect(await createCaller({ catalog, baseUrl })(call)).toMatchObject({
      ok: true,
      data: null,
    });
  });

  test("what the model got wrong comes back in words, without a request", async () => {
    let requests = 0;
    const call = await createTestCaller((_req, res) => {
      requests++;
      res.end();
    });
    expect(await call({ n: "many" })).toMatchObject({
      ok: false,
      code: "invalid_arguments",
      message: expect.stringContaining("n: expected integer") as unknown,
    });
    expect(await call({ n: 1 }, { name: "triple" })).toMatchObject({
      ok: false,
      code: "unknown_tool",
      message: expect.stringContaining("double") as unknown,
    });
    expect(requests).toBe(0);
  });

  test("the model gets what x-tool.response names, and nothing beside it", async () => {
    const answers: Record<string, object | null> = {
      "/null": null,
      "/all": {
        items: [
          { name: "one", secret: 1 },
          { name: "two", secret: 2, note: "n" },
        ],
        total: 2,
        more: true,
      },
      "/error": { error: "No slots", code: "no_slots", total: 0 },
      "/other": { something: "else" },
    };
    const { url: baseUrl } = await startServer((req, res) => {
      res.setHeader("content-type", "application/json");
      res.end(JSON.stringify(answers[req.url ?? ""]));
    });
    const response = ["/items/*/name", "/items/1/note", "/total"];
    const catalog = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: Object.fromEntries(
        Object.keys(answers).map((path) => [
          path,
          { get: { operationId: path.slice(1), "x-tool": { response } } },
        ]),
      ),
    });
    const call = createCaller({ catalog, baseUrl });
    const dataOf = async (name: string) => {
      const ids = { callId: "CA1", toolUseId: "t" };
      const result = await call({ name, arguments: {}, ...ids });
      return result.ok ? result.data : result;
    };
    expect(await dataOf("all")).toEqual({
      items: [{ name: "one" }, { name: "two", note: "n" }],
      total: 2,
    });
    expect(await dataOf("error")).toEqual(answers["/error"]);
    expect(await dataOf("other")).toEqual({
      ok: false,
      code: "nothing_picked",
      message:
        "The service answered with status 200, but with none of what was expected of it.",
      status: 200,
    });
    expect(await dataOf("null")).toBeNull();
  });
});
