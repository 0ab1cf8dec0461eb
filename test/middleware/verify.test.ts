import { request } from "node:http";
import type { RequestOptions } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import {
  captureRawBody,
  sign,
  verifySignature,
} from "../../middleware/index.ts";
import type {
  Reason,
  ToolRequest,
  VerifyOptions,
} from "../../middleware/index.ts";
import { closeServers, startServer } from "../support/server.ts";

const SECRET = "whsec_test_secret";
const BODY = '{"date":"2026-03-09"}';

afterEach(closeServers);

/** An app with the middleware before its one handler, and a record of what got through and why not. */
async function startApp(
  options: Partial<VerifyOptions> = {},
  before: express.RequestHandler[] = [],
) {
  const reached: ToolRequest["toolCall"][] = [];
  const bodies: unknown[] = [];
  const reasons: Reason[] = [];
  const app = express();
  for (const handler of before) app.use(handler);
  app.use(
    verifySignature({
      secrets: SECRET,
      onRefused: ({ reason }) => reasons.push(reason),
      ...options,
    }),
  );
  app.use((req: ToolRequest & { body?: unknown }, res) => {
    reached.push(req.toolCall);
    bodies.push(req.body);
    res.end("through");
  });
  const { url } = await startServer(app);
  const post = (
    body: string | Uint8Array,
    headers: Record<string, string> = {},
    path = "/",
  ) => fetch(url + path, { method: "POST", body, headers });
  const postSigned = (
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ) =>
    post(body, {
      "content-type": "application/json",
      ...sign("thunderphone", SECRET, { body }),
      ...headers,
    });
  return { url, reached, bodies, reasons, post, postSigned };
}

describe("verifySignature", () => {
  test("lets a signed call through with its arguments and its call id", async () => {
    const app = await startApp({ secrets: { main: SECRET } });
    const response = await app.postSigned(BODY, {
      "X-ThunderPhone-Call-ID": "42",
    });
    expect([response.status, await response.text()]).toEqual([200, "through"]);
    expect(app.reached).toEqual([
      {
        callId: "42",
        arguments: { date: "2026-03-09" },
        rawBody: Buffer.from(BODY),
        scheme: "thunderphone",
        key: "main",
      },
    ]);
    expect(app.bodies).toEqual([{ date: "2026-03-09" }]);
  });

  test("takes an empty signed body for no arguments", async () => {
    const app = await startApp();
    expect((await app.postSigned("")).status).toBe(200);
    expect(app.bodies).toEqual([{}]);
  });

  const json = { "content-type": "application/json" };
  const parse = express.json();
  test("works behind a parser that captured the bytes", async () => {
    const app = await startApp({}, [express.json({ verify: captureRawBody })]);
    expect((await app.postSigned(BODY)).status).toBe(200);
    expect(
      (
        await app.postSigned(
          BODY,
          sign("thunderphone", "other", { body: BODY }),
        )
      ).status,
    ).toBe(401);
  });

  test("refuses at once, never hangs, when the bytes are gone", async () => {
    const app = await startApp({}, [parse]);
    expect((await app.postSigned(BODY.replace(":", ": "))).status).toBe(401);
    expect(app.reasons).toEqual(["body_already_parsed"]);
    // Without white space they can be written again, and the signature says so.
    expect((await app.postSigned(BODY)).status).toBe(200);
  });

  test("may check one request twice, for the app and for a route", async () => {
    const twice = express().use(
      verifySignature({ secrets: SECRET }),
      verifySignature({ secrets: SECRET }),
      (req, res) => void res.json(req.body),
    );
    const { url } = await startServer(twice);
    const response = await fetch(url, {
      method: "POST",
      body: BODY,
      headers: sign("thunderphone", SECRET, { body: BODY }),
    });
    expect(await response.json()).toEqual({ date: "2026-03-09" });
  });

  test("leaves later parsers alone", async () => {
    const app = express();
    app.use(
      verifySignature({ secrets: SECRET }),
      express.json(),
      (req, res) => void res.json(req.body),
    );
    const { url } = await startServer(app);
    const response = await fetch(url, {
      method: "POST",
      body: BODY,
      headers: { ...json, ...sign("thunderphone", SECRET, { body: BODY }) },
    });
    expect(await response.json()).toEqual({ date: "2026-03-09" });
  });

  const transport: [
    what: string,
    body: string,
    headers: Record<string, string>,
    options: Partial<VerifyOptions>,
    status: number,
    reason: Reason,
  ][] = [
    [
      "too large",
      `{"a":"${"x".repeat(200)}"}`,
      {},
      { maxBodyBytes: 100 },
      413,
      "body_too_large",
    ],
    [
      "compressed",
      BODY,
      { "content-encoding": "gzip" },
      {},
      415,
      "unsupported_encoding",
    ],
    ["not JSON", "{oops", {}, {}, 400, "not_json_object"],
    ["a list", "[1]", {}, {}, 400, "not_json_object"],
    ["null", "null", {}, {}, 400, "not_json_object"],
  ];
  test.each(transport)(
    "answers a signed body that is %s",
    async (_, body, headers, options, status, reason) => {
      const app = await startApp(options);
      expect((await app.postSigned(body, headers)).status).toBe(status);
      expect([app.reasons, app.reached]).toEqual([[reason], []]);
    },
  );

  test("refuses signed bytes that are no UTF-8", async () => {
    const app = await startApp();
    expect(
      (await app.postSigned(Buffer.from('{"a":"\xff"}', "latin1"))).status,
    ).toBe(400);
  });

  test("refuses a malformed header without reading the body", async () => {
    const app = await startApp();
    const status = await send(
      app.url,
      {
        headers: {
          "X-ThunderPhone-Signature": "zz",
          "Content-Length": 1_000_000,
        },
      },
      "only the beginning",
    );
    expect([status, app.reasons]).toEqual([401, ["malformed_header"]]);
  });

  test("a sender of a large body hears why it is refused", async () => {
    const app = await startApp();
    const body = Buffer.alloc(4_000_000);
    for (let round = 0; round < 10; round++) {
      expect((await app.post(body)).status).toBe(401);
      expect((await app.postSigned(body)).status).toBe(413);
    }
  });

  test("counts what comes, whatever the sender says of its length", async () => {
    const app = await startApp({ maxBodyBytes: 100 });
    const headers = {
      "X-ThunderPhone-Signature": "0".repeat(64),
      "Transfer-Encoding": "chunked",
    };
    expect(await send(app.url, { headers }, "x".repeat(500))).toBe(413);
  });

  test("ends a body that stalls", async () => {
    const app = await startApp({ bodyTimeoutMs: 50 });
    const headers = {
      "X-ThunderPhone-Signature": "0".repeat(64),
      "Content-Length": 100,
    };
    expect(await send(app.url, { headers }, "half")).toBe(408);
    expect(app.reasons).toEqual(["body_stalled"]);
  });

  test("inflates nothing: a bomb is refused by its header", async () => {
    const app = await startApp();
    const bomb = gzipSync(Buffer.alloc(8_000_000));
    expect((await app.post(bomb, { "content-encoding": "gzip" })).status).toBe(
      415,
    );
  });

  test("wants the static headers too", async () => {
    const app = await startApp({ headers: { "X-Api-Key": "right" } });
    expect((await app.postSigned(BODY)).status).toBe(401);
    expect((await app.postSigned(BODY, { "X-Api-Key": "wrong" })).status).toBe(
      401,
    );
    expect((await app.postSigned(BODY, { "x-api-key": "right" })).status).toBe(
      200,
    );
    expect(app.reasons).toEqual(["bad_static_header", "bad_static_header"]);
  });

  test("asks for secrets per request, and fails shut when there are none", async () => {
    const secrets = (req: ToolRequest) =>
      req.url === "/tenant"
        ? Promise.resolve(SECRET)
        : Promise.reject(new Error("no such tenant"));
    const app = await startApp({ secrets });
    const headers = sign("thunderphone", SECRET, { body: BODY });
    expect((await app.post(BODY, headers, "/tenant")).status).toBe(200);
    expect((await app.post(BODY, headers, "/other")).status).toBe(503);
    expect(app.reasons).toEqual(["secrets_unavailable"]);
    for (const empty of ["", [], undefined as unknown as string]) {
      const other = await startApp({ secrets: () => empty });
      expect((await other.postSigned(BODY)).status).toBe(503);
    }
  });

  test("a signed __proto__ pollutes nothing", async () => {
    const app = await startApp();
    await app.postSigned('{"__proto__":{"admin":true}}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(app.reached).toHaveLength(1);
  });

  test("a refusal tells nothing: neither secret, digest nor reason", async () => {
    const app = await startApp();
    const right = Object.values(
      sign("thunderphone", SECRET, { body: BODY }),
    ).join("");
    const response = await app.post(BODY, {
      "X-ThunderPhone-Signature": "0".repeat(64),
    });
    const told = `${await response.text()} ${JSON.stringify([...response.headers])}`;
    for (const secret of [SECRET, right, "bad_signature"])
      expect(told).not.toContain(secret);
  });

  test("a listener that fails changes no verdict and ends nothing", async () => {
    for (const onRefused of [
      () => {
        throw new Error("listener");
      },
      () => Promise.reject(new Error("listener")),
    ]) {
      const app = await startApp({ onRefused });
      expect((await app.post(BODY)).status).toBe(401);
    }
  });

  test.each<[what: string, before: express.RequestHandler]>([
    ["JSON", express.json({ limit: "1mb" })],
    ["text", express.text({ type: "*/*", limit: "1mb" })],
    ["bytes", express.raw({ type: "*/*", limit: "1mb" })],
  ])(
    "a parser's higher limit for %s does not raise this one",
    async (_, parser) => {
      const app = await startApp({ maxBodyBytes: 100 }, [parser]);
      const body = `{"a":"${"x".repeat(200)}"}`;
      expect((await app.postSigned(body)).status).toBe(413);
      const chunked = await send(
        app.url,
        {
          headers: {
            ...sign("thunderphone", SECRET, { body }),
            "Content-Type": "application/json",
            "Transfer-Encoding": "chunked",
          },
        },
        body,
        true,
      );
      expect([401, 413]).toContain(chunked);
      expect(app.reached).toEqual([]);
    },
  );

  test("options that cannot work are refused at creation", () => {
    const wrong: object[] = [
      { now: () => Date.now() },
      { now: new Date() },
      { onRefused: 5 },
      { headers: { "X Api Key": "value" } },
      { headers: { "X-Api-Key": "" } },
      { maxBodyBytes: -1 },
      { bodyTimeoutMs: 2 ** 31 },
    ];
    for (const options of wrong)
      expect(() => verifySignature({ secrets: SECRET, ...options })).toThrow(
        TypeError,
      );
  });

  test("does not start with an empty secret or an unknown scheme", () => {
    expect(() => verifySignature({ secrets: "" })).toThrow(TypeError);
    expect(() => verifySignature({ secrets: [] })).toThrow(TypeError);
    expect(() =>
      verifySignature({ secrets: SECRET, scheme: "nobody" }),
    ).toThrow(TypeError);
  });
});

/** Sends a body and never ends it, unless it is whole. */
function send(
  url: string,
  options: RequestOptions,
  body: string,
  isWhole = false,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", ...options }, (response) => {
      resolve(response.statusCode);
      response.destroy();
    });
    sent.on("error", reject);
    if (isWhole) sent.end(body);
    else sent.write(body);
  });
}
