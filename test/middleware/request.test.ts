import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { sign, verifyRequest } from "../../middleware/index.ts";
import type { CheckOptions, Reason } from "../../middleware/index.ts";
import { BODY, macOf, NOW, SECRET, signed } from "./make-app.ts";

type Options = CheckOptions<Request>;

const ADDRESS = "https://a.test/book?x=1";
const options: Options = { secrets: SECRET, now: () => NOW };

const post = (
  body: RequestInit["body"],
  headers: Record<string, string> = {},
  url = ADDRESS,
) =>
  new Request(url, {
    method: "POST",
    body: body ?? null,
    headers,
    duplex: "half",
  } as RequestInit);

/** A body that comes piece by piece, and perhaps never ends. */
function stream(pieces: readonly (string | Error)[], isEnded = true) {
  const wasCancelled: unknown[] = [];
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        if (piece instanceof Error) controller.error(piece);
        else controller.enqueue(new TextEncoder().encode(piece));
      }
      if (isEnded && !pieces.some((piece) => piece instanceof Error))
        controller.close();
    },
    cancel: (reason) => void wasCancelled.push(reason),
  });
  return { body, wasCancelled };
}

describe("verifyRequest", () => {
  test("gives the bytes, the key and the scheme", async () => {
    const request = post(BODY, {
      ...signed(BODY),
      "X-ThunderPhone-Call-ID": "42",
    });
    expect(
      await verifyRequest(request, { ...options, secrets: { main: SECRET } }),
    ).toEqual({
      ok: true,
      body: Buffer.from(BODY),
      key: "main",
      scheme: "thunderphone",
      callId: "42",
    });
  });

  test("an id that is signed beats a header that is not", async () => {
    const secrets = `whsec_${Buffer.from("a-standard-secret").toString("base64")}`;
    const scheme = "standard-webhooks";
    const id = "call.1.toolu_9";
    const headers = sign(scheme, secrets, { body: BODY, now: NOW, id });
    expect(
      await verifyRequest(post(BODY, headers), { ...options, scheme, secrets }),
    ).toEqual({
      ok: true,
      body: Buffer.from(BODY),
      key: "0",
      scheme,
      id,
      callId: "call.1",
      toolUseId: "toolu_9",
    });
  });

  const bodies: [what: string, body: string | Buffer][] = [
    ["empty", ""],
    ["with a BOM", `\ufeff${BODY}`],
    ["no UTF-8", Buffer.from("7b2261223a22ff227d", "hex")],
    ["no JSON, which is not its business", "hello"],
  ];
  test.each(bodies)("takes a signed body: %s", async (_, body) => {
    const verdict = await verifyRequest(
      post(body as string, signed(body)),
      options,
    );
    expect(verdict).toMatchObject({
      ok: true,
      body: Buffer.from(body as Buffer),
    });
  });

  test("takes a method without a body", async () => {
    const request = new Request(ADDRESS, { headers: signed("") });
    expect(await verifyRequest(request, options)).toMatchObject({
      ok: true,
      body: Buffer.alloc(0),
    });
  });

  test("takes a body in pieces", async () => {
    const { body } = stream(BODY.split(""));
    expect(
      await verifyRequest(post(body, signed(BODY)), options),
    ).toMatchObject({ ok: true, body: Buffer.from(BODY) });
  });

  const packed = gzipSync(BODY);
  const refusals: [
    what: string,
    request: () => Request,
    reason: Reason,
    more: Partial<Options>,
  ][] = [
    ["no header", () => post(BODY), "missing_header", {}],
    [
      "an empty header",
      () => post(BODY, { "x-thunderphone-signature": "" }),
      "missing_header",
      {},
    ],
    [
      "a malformed header",
      () => post(BODY, { "x-thunderphone-signature": "zz" }),
      "malformed_header",
      {},
    ],
    [
      "a header that fetch joined",
      () =>
        post(BODY, {
          "x-thunderphone-signature": `${macOf(BODY)}, ${macOf(BODY)}`,
        }),
      "duplicate_header",
      {},
    ],
    ["another body", () => post("{}", signed(BODY)), "bad_signature", {}],
    [
      "nothing for a body",
      () => new Request(ADDRESS, { method: "POST", headers: signed(BODY) }),
      "bad_signature",
      {},
    ],
    [
      "an unknown tenant",
      () => post(BODY, signed(BODY)),
      "unknown_key",
      { secrets: () => null },
    ],
    [
      "secrets that fail",
      () => post(BODY, signed(BODY)),
      "secrets_unavailable",
      { secrets: () => Promise.reject(new Error(SECRET)) },
    ],
    [
      "secrets that never come",
      () => post(BODY, signed(BODY)),
      "secrets_unavailable",
      { secrets: () => new Promise(() => {}), secretsTimeoutMs: 20 },
    ],
    [
      "a static header that is not there",
      () => post(BODY, signed(BODY)),
      "bad_static_header",
      { headers: { "X-Api-Key": "value" } },
    ],
    [
      "a static header that is another",
      () => post(BODY, { ...signed(BODY), "x-api-key": "other" }),
      "bad_static_header",
      { headers: { "X-Api-Key": "value" } },
    ],
    [
      "a coding",
      () => post(packed, { ...signed(packed), "content-encoding": "gzip" }),
      "unsupported_encoding",
      {},
    ],
    [
      "two codings",
      () =>
        post(packed, { ...signed(packed), "content-encoding": "gzip, gzip" }),
      "unsupported_encoding",
      { contentEncodings: ["gzip"] },
    ],
    [
      "a length above the limit",
      () => post(BODY, { ...signed(BODY), "content-length": "11" }),
      "body_too_large",
      { maxBodyBytes: 10 },
    ],
    [
      "more bytes than the limit",
      () => post(stream([BODY]).body, signed(BODY)),
      "body_too_large",
      { maxBodyBytes: BODY.length - 1 },
    ],
    [
      "a body that stalls",
      () => post(stream(["half"], false).body, signed(BODY)),
      "body_stalled",
      { bodyTimeoutMs: 20 },
    ],
    [
      "a body that breaks off",
      () => post(stream(["half", new Error("reset")]).body, signed(BODY)),
      "body_stalled",
      {},
    ],
    [
      "an old time",
      () =>
        post(BODY, sign("stripe", SECRET, { body: BODY, now: new Date(0) })),
      "too_old",
      { scheme: "stripe" },
    ],
    [
      "a time to come",
      () =>
        post(
          BODY,
          sign("stripe", SECRET, {
            body: BODY,
            now: new Date(NOW.getTime() + 301_000),
          }),
        ),
      "too_new",
      { scheme: "stripe" },
    ],
  ];
  test.each(refusals)("refuses %s", async (_, request, reason, more) => {
    expect(await verifyRequest(request(), { ...options, ...more })).toEqual({
      ok: false,
      reason,
    });
  });

  test("refuses a body that was read, or is being read", async () => {
    const refused = { ok: false, reason: "body_already_parsed" };
    const read = post(BODY, signed(BODY));
    await read.text();
    expect(await verifyRequest(read, options)).toEqual(refused);
    const locked = post(BODY, signed(BODY));
    const reader = locked.body?.getReader();
    expect(await verifyRequest(locked, options)).toEqual(refused);
    reader?.releaseLock();
  });

  test("a header of wrong form is refused with nothing read", async () => {
    const request = post(BODY, { "x-thunderphone-signature": "zz" });
    await verifyRequest(request, options);
    expect(request.bodyUsed).toBe(false);
    expect(await request.text()).toBe(BODY);
  });

  test("what is left of a refused body is cancelled", async () => {
    const { body, wasCancelled } = stream(["x".repeat(20)], false);
    await verifyRequest(post(body, signed(BODY)), {
      ...options,
      maxBodyBytes: 10,
    });
    expect(wasCancelled).toHaveLength(1);
  });

  test.each([
    ["as sent", macOf(packed)],
    ["as it was before", macOf(BODY)],
  ])("inflates where asked for, signed %s", async (_, mac) => {
    const request = post(packed, {
      "x-thunderphone-signature": mac,
      "content-encoding": "gzip",
    });
    expect(
      await verifyRequest(request, { ...options, contentEncodings: ["gzip"] }),
    ).toMatchObject({ ok: true, body: Buffer.from(BODY) });
  });

  describe("a scheme that signs the address", () => {
    const body = "Digits=1";
    const scheme = "twilio";
    const headers = sign(scheme, SECRET, { url: ADDRESS, body });

    test("reads the request's own", async () => {
      const given = { ...options, scheme };
      expect(await verifyRequest(post(body, headers), given)).toMatchObject({
        ok: true,
      });
      const other = post(body, headers, "https://a.test/cancel?x=1");
      expect(await verifyRequest(other, given)).toEqual({
        ok: false,
        reason: "bad_signature",
      });
    });

    test("or publicUrl and its path, behind a proxy", async () => {
      const inner = post(body, headers, "http://127.0.0.1:8080/book?x=1");
      const given = { ...options, scheme, publicUrl: "https://a.test" };
      expect(await verifyRequest(inner, given)).toMatchObject({ ok: true });
    });

    test("and believes no X-Forwarded-*", async () => {
      const inner = post(
        body,
        {
          ...headers,
          "x-forwarded-proto": "https",
          "x-forwarded-host": "a.test",
        },
        "http://127.0.0.1:8080/book?x=1",
      );
      expect(await verifyRequest(inner, { ...options, scheme })).toEqual({
        ok: false,
        reason: "bad_signature",
      });
    });
  });

  test("of several schemes the header decides", async () => {
    const scheme = ["stripe", "github", "thunderphone"];
    const headers = sign("github", SECRET, { body: BODY });
    expect(
      await verifyRequest(post(BODY, headers), { ...options, scheme }),
    ).toMatchObject({ ok: true, scheme: "github" });
  });

  test("rejects for options that cannot work", async () => {
    for (const wrong of [
      { secrets: "" },
      { secrets: SECRET, scheme: "nobody" },
      { secrets: SECRET, scheme: [] },
      { secrets: SECRET, maxBodyBytes: -1 },
      { secrets: SECRET, bodyTimeoutMs: 0 },
      { secrets: SECRET, publicUrl: "a.test" },
      { secrets: SECRET, headers: { "X-Api-Key": "" } },
      { secrets: SECRET, contentEncodings: ["zip" as "gzip"] },
    ])
      await expect(verifyRequest(post(BODY), wrong)).rejects.toThrow(TypeError);
  });
});
