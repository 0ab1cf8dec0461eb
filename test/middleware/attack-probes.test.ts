import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import {
  captureRawBody,
  sign,
  verify,
  verifySignature,
} from "../../middleware/index.ts";
import type {
  Reason,
  ToolRequest,
  VerifyOptions,
} from "../../middleware/index.ts";
import { closeClients, openClient } from "../support/raw-http.ts";
import { closeServers, startServer } from "../support/server.ts";
import {
  ask,
  BODY,
  expectRefusal,
  macOf,
  NOW,
  SECRET,
  SIGNATURE,
  signed,
  startApp,
  VERSIONS,
} from "./make-app.ts";

afterEach(() => {
  closeClients();
  return closeServers();
});

const SECONDS = NOW.getTime() / 1000;
const WRONG = { "X-ThunderPhone-Signature": "0".repeat(64) };

/** What eight libraries were asked, of whom none answered all rightly. */
describe("the decision alone", () => {
  const STANDARD_SECRET = `whsec_${Buffer.from("a-standard-secret").toString("base64")}`;
  const senders: [scheme: string, secret: string, header: string][] = [
    ["thunderphone", SECRET, "X-ThunderPhone-Signature"],
    ["standard-webhooks", STANDARD_SECRET, "webhook-signature"],
    ["stripe", SECRET, "Stripe-Signature"],
    ["github", SECRET, "X-Hub-Signature-256"],
    ["slack", SECRET, "X-Slack-Signature"],
    ["retell", SECRET, "X-Retell-Signature"],
    ["elevenlabs", SECRET, "ElevenLabs-Signature"],
    ["vapi", SECRET, "x-signature"],
    ["shopify", SECRET, "X-Shopify-Hmac-Sha256"],
  ];
  const timed = senders.filter(
    ([scheme]) => !["thunderphone", "github", "shopify"].includes(scheme),
  );

  const signFor = (
    scheme: string,
    secret: string,
    body: string | Buffer,
    now = NOW,
  ) => sign(scheme, secret, { body, now, id: "msg_1" });
  const judge = (
    scheme: string,
    secret: string,
    headers: Record<string, string | string[]>,
    body: string | Buffer,
  ) => {
    const verdict = verify(scheme, secret, {
      headers,
      body: Buffer.from(body as Buffer),
      now: NOW,
    });
    return verdict.ok ? "ok" : verdict.reason;
  };

  describe.each(senders)("%s", (scheme, secret, header) => {
    const invalid = Buffer.from("7b2261223a22ff227d", "hex");
    const bodies: [
      what: string,
      original: string | Buffer,
      sent: string | Buffer,
      expected: Reason | "ok",
    ][] = [
      ["valid", BODY, BODY, "ok"],
      ["one byte changed", BODY, BODY.replace("9", "8"), "bad_signature"],
      ["a BOM put before it", BODY, `\ufeff${BODY}`, "bad_signature"],
      ["a BOM that is signed", `\ufeff${BODY}`, `\ufeff${BODY}`, "ok"],
      ["0xFF for a signed U+FFFD", '{"a":"\ufffd"}', invalid, "bad_signature"],
      ["no UTF-8, signed as bytes", invalid, invalid, "ok"],
      ["$& $$ $`", '{"a":"$& $$ $`"}', '{"a":"$& $$ $`"}', "ok"],
      ["empty, signed", "", "", "ok"],
      ["empty, signed for another", BODY, "", "bad_signature"],
    ];
    test.each(bodies)("body: %s", (_, original, sent, expected) => {
      const headers = signFor(scheme, secret, original);
      expect(judge(scheme, secret, headers, sent)).toBe(expected);
    });

    const change: [
      what: string,
      change: (text: string) => string | string[],
      expected: Reason,
    ][] = [
      ["a list", (text) => [text], "duplicate_header"],
      ["a list of two", (text) => [text, text], "duplicate_header"],
      ["empty", () => "", "missing_header"],
      ["a character short", (text) => text.slice(0, -1), "malformed_header"],
      ["a character long", (text) => `${text}0`, "malformed_header"],
      ["not ASCII", (text) => `${text.slice(0, -1)}\u00e9`, "malformed_header"],
      ["joined with itself", (text) => `${text}, ${text}`, "duplicate_header"],
    ];
    test.each(change)("signature: %s", (_, alter, expected) => {
      const headers = signFor(scheme, secret, BODY);
      const altered = { ...headers, [header]: alter(headers[header] ?? "") };
      expect(judge(scheme, secret, altered, BODY)).toBe(expected);
    });

    test("no header at all", () => {
      expect(judge(scheme, secret, {}, BODY)).toBe("missing_header");
    });

    test.each(["", undefined])("secret %j", (none) => {
      const headers = signFor(scheme, secret, BODY);
      expect(() => judge(scheme, none as string, headers, BODY)).toThrow(
        TypeError,
      );
    });
  });

  test.each(timed)("%s: a clock that is far off", (scheme, secret) => {
    const at = (seconds: number) =>
      signFor(scheme, secret, BODY, new Date(NOW.getTime() + seconds * 1000));
    expect(judge(scheme, secret, at(-2400), BODY)).toBe("too_old");
    expect(judge(scheme, secret, at(86_400), BODY)).toBe("too_new");
    expect(judge(scheme, secret, at(0), BODY)).toBe("ok");
  });

  test.each(timed)("%s: a time that is NaN", (scheme, secret) => {
    const headers = Object.entries(signFor(scheme, secret, BODY)).map(
      ([name, value]) => [
        name,
        value
          .replace(String(SECONDS * 1000), "NaN")
          .replace(String(SECONDS), "NaN"),
      ],
    );
    expect(
      judge(
        scheme,
        secret,
        Object.fromEntries(headers) as Record<string, string>,
        BODY,
      ),
    ).toBe("malformed_header");
  });
});

describe.each(VERSIONS)("%s", (_version, create) => {
  const json = { "content-type": "application/json" };
  const drain: express.RequestHandler = (req, _res, next) =>
    void req.resume().on("end", () => next());
  const setBody: express.RequestHandler = (req, _res, next) => {
    req.body = {};
    next();
  };
  const setMark: express.RequestHandler = (req, _res, next) =>
    next(void Object.assign(req, { _body: true }));

  describe("nothing unsigned reaches a handler", () => {
    const unsigned: [
      what: string,
      body: string,
      headers: Record<string, string>,
      before: express.RequestHandler[],
    ][] = [
      ["a JSON body", BODY, json, []],
      ["text/plain", BODY, { "content-type": "text/plain" }, []],
      [
        "another charset",
        BODY,
        { "content-type": "application/json; charset=utf-16le" },
        [],
      ],
      ["no content type", BODY, { "content-type": "" }, []],
      ["vendor JSON", BODY, { "content-type": "application/vnd.x+json" }, []],
      ["an empty body", "", json, []],
      ["a length of 0", "", { ...json, "content-length": "0" }, []],
      ["express.json() first", BODY, json, [express.json()]],
      ["express.text() first", BODY, json, [express.text({ type: "*/*" })]],
      ["a stream that was read before", BODY, json, [drain]],
      ["a body set before", BODY, json, [setBody]],
      ["a request marked as parsed", BODY, json, [setMark]],
      [
        "a form",
        "a=1",
        { "content-type": "application/x-www-form-urlencoded" },
        [express.urlencoded()],
      ],
      ["express.raw() first", BODY, json, [express.raw({ type: "*/*" })]],
      [
        "a parser that captures first",
        BODY,
        json,
        [express.json({ verify: captureRawBody })],
      ],
      [
        "a parser that captures, of no type it knows",
        BODY,
        { "content-type": "text/plain" },
        [express.json({ verify: captureRawBody })],
      ],
    ];
    test.each(unsigned)(
      "no signature: %s",
      async (_, body, headers, before) => {
        const app = await startApp({ create, before });
        const refusal = await ask(app.url, { body, headers });
        expectRefusal(refusal, "missing_header", app, [SECRET, macOf(body)]);
      },
    );

    test.each(unsigned)(
      "a wrong signature: %s",
      async (_, body, headers, before) => {
        const app = await startApp({ create, before });
        const refusal = await ask(app.url, {
          body,
          headers: { ...headers, ...WRONG },
        });
        const [first] = app.refused;
        expect(["bad_signature", "body_already_parsed"]).toContain(
          first?.reason,
        );
        expectRefusal(refusal, first?.reason ?? "replayed", app, [
          SECRET,
          macOf(body),
        ]);
      },
    );

    test.each(["GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH"])(
      "no signature: %s",
      async (method) => {
        const app = await startApp({ create });
        const refusal = await ask(app.url, { method });
        expect([refusal.status, app.calls]).toEqual([401, []]);
      },
    );
  });

  describe("what is sent over the wire", () => {
    const packed = gzipSync(BODY);
    const gzip = { ...json, "content-encoding": "gzip" };
    const big = Buffer.alloc(16 * 1024 * 1024, "x");
    const probes: [
      what: string,
      body: string | Buffer,
      headers: Record<string, string>,
      setup: {
        before?: express.RequestHandler[];
        options?: Partial<VerifyOptions>;
      },
      expected: Reason | "through",
    ][] = [
      ["valid", BODY, signed(BODY), {}, "through"],
      ["another body", BODY, signed("{}"), {}, "bad_signature"],
      [
        "express.json() first",
        BODY,
        signed(BODY),
        { before: [express.json()] },
        "through",
      ],
      [
        "read by an earlier middleware",
        BODY,
        signed(BODY),
        { before: [drain] },
        "body_already_parsed",
      ],
      [
        "gzip, signed before it",
        packed,
        { ...gzip, ...signed(BODY) },
        {},
        "unsupported_encoding",
      ],
      [
        "gzip, signed as sent",
        packed,
        { ...gzip, ...signed(packed) },
        {},
        "unsupported_encoding",
      ],
      [
        "gzip, allowed, signed before it",
        packed,
        { ...gzip, ...signed(BODY) },
        { options: { contentEncodings: ["gzip"] } },
        "through",
      ],
      [
        "gzip, allowed, signed as sent",
        packed,
        { ...gzip, ...signed(packed) },
        { options: { contentEncodings: ["gzip"] } },
        "through",
      ],
      ["a bomb, unsigned", gzipSync(big), gzip, {}, "unsupported_encoding"],
      [
        "a bomb, allowed, wrongly signed",
        gzipSync(big),
        { ...gzip, ...WRONG },
        { options: { contentEncodings: ["gzip"] } },
        "body_too_large",
      ],
      ["16 MiB, unsigned", big, {}, {}, "missing_header"],
      ["16 MiB, wrongly signed", big, WRONG, {}, "body_too_large"],
      ["no signature", BODY, {}, {}, "missing_header"],
      ["empty, signed", "", signed(""), {}, "through"],
      ["signed, no JSON", "hello", signed("hello"), {}, "not_json_object"],
      [
        "text/plain, signed",
        BODY,
        { ...signed(BODY), "content-type": "text/plain" },
        {},
        "through",
      ],
      [
        "from behind a TLS proxy",
        BODY,
        {
          ...signed(BODY),
          "x-forwarded-proto": "https",
          "x-forwarded-host": "public.test",
        },
        {},
        "through",
      ],
    ];
    test.each(probes)("%s", async (_, body, headers, setup, expected) => {
      const app = await startApp({ create, ...setup });
      const answer = await ask(app.url, {
        body: body as string,
        headers: { ...json, ...headers },
      });
      if (expected === "through") {
        expect([answer.status, app.refused]).toEqual([200, []]);
        expect(app.calls).toHaveLength(1);
      } else {
        expectRefusal(answer, expected, app, [SECRET, macOf(body)]);
      }
    });

    test("chunked", async () => {
      const app = await startApp({ create });
      const client = await openClient(app.url);
      await client.send(
        `POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n${SIGNATURE}: ${macOf(BODY)}\r\n\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
      );
      expect(await client.answer()).toMatchObject({ status: 200 });
    });

    test("a signature sent twice", async () => {
      const app = await startApp({ create });
      const client = await openClient(app.url);
      const line = `${SIGNATURE}: ${macOf(BODY)}\r\n`;
      await client.send(
        `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${BODY.length}\r\n${line}${line}\r\n${BODY}`,
      );
      const answer = await client.answer();
      if (answer === "closed") throw new Error("closed without an answer");
      expectRefusal(answer, "duplicate_header", app, [SECRET]);
    });
  });

  test("a refusal of a method without a body has none", async () => {
    const app = await startApp({ create });
    const refusal = await ask(app.url, { method: "HEAD" });
    expect([refusal.status, refusal.body]).toEqual([401, ""]);
    expect(refusal.headers.get("content-type")).toBe("application/json");
  });

  test("an error of the handler tells nothing of the signature", async () => {
    const told: unknown[] = [];
    const app = create();
    app.use(verifySignature({ secrets: SECRET }), (req: ToolRequest) => {
      throw new Error(`handler of ${req.url}`);
    });
    const report: express.ErrorRequestHandler = (error, _req, res, _next) => {
      told.push(error);
      res.status(500).end(String((error as Error).stack));
    };
    app.use(report);
    const { url } = await startServer(app);
    const answer = await ask(url, { body: BODY, headers: signed(BODY) });
    expect([answer.status, told.length]).toEqual([500, 1]);
    expect(answer.body).not.toContain(macOf(BODY));
    expect(answer.body).not.toContain(SECRET);
  });
});
