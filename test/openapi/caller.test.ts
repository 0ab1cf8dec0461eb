import { afterEach, describe, expect, test } from "@jest/globals";
import type { RequestListener } from "node:http";
import { compile, createCaller } from "../../openapi/index.ts";
import type { CallerOptions } from "../../openapi/index.ts";
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
  (status: number, body: string, type = "application/json"): RequestListener =>
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
        "an answer without end",
        answer(200, `"${"x".repeat(70_000)}"`),
        { ok: false, code: "response_too_large" },
      ],
      [
        "a redirect, which is not followed",
        (_req, res) =>
          void res.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
        { ok: false, code: "http_error", status: 302 },
      ],
      [
        "a broken connection",
        (req) => void req.socket.destroy(),
        { ok: false, code: "network_error" },
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

  test("a server that hangs ends at the limit", async () => {
    const call = await createTestCaller(() => {}, { timeoutMs: 50 });
    expect(await call({ n: 1 })).toMatchObject({ ok: false, code: "timeout" });
  });

  test("a call is stopped by its signal", async () => {
    const stop = new AbortController();
    const call = await createTestCaller(() => stop.abort());
    expect(await call({ n: 1 }, { signal: stop.signal })).toMatchObject({
      ok: false,
      code: "aborted",
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
});
