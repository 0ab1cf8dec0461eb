import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import { sign, verifySignature } from "../../middleware/index.ts";
import type { Scheme, VerifyOptions } from "../../middleware/index.ts";
import { closeClients, openClient } from "../support/raw-http.ts";
import { closeServers, startServer } from "../support/server.ts";
import {
  ask,
  BODY,
  expectRefusal,
  macOf,
  SECRET,
  signed,
  startApp,
  VERSIONS,
  watch,
} from "./make-app.ts";

afterEach(() => {
  closeClients();
  return closeServers();
});

const PUBLIC_URL = "https://public.test";
const form = { "content-type": "application/x-www-form-urlencoded" };
const FORM = "CallSid=CA1&Digits=1";

describe("a signature over the body alone covers no address", () => {
  // What the README says of it: these go through unless something else stops them.
  const others: [what: string, method: string, path: string][] = [
    ["another path", "POST", "/cancel"],
    ["another method", "DELETE", "/book"],
    ["another query", "POST", "/book?confirm=yes"],
    ["a router's path", "POST", "/sub/book"],
  ];
  test.each(others)("%s goes through", async (_, method, path) => {
    const app = await startApp();
    const init = { method, body: BODY, headers: signed(BODY) };
    expect((await ask(app.url + path, init)).status).toBe(200);
  });

  test("unless each tool has a header of its own", async () => {
    const book = watch({ headers: { "X-Tool": "value-of-book" } });
    const cancel = watch({ headers: { "X-Tool": "value-of-cancel" } });
    const app = express();
    app.post("/book", book.verify, book.handler);
    app.post("/cancel", cancel.verify, cancel.handler);
    const { url } = await startServer(app);
    const captured = {
      body: BODY,
      headers: { ...signed(BODY), "X-Tool": "value-of-book" },
    };
    expect((await ask(`${url}/book`, captured)).status).toBe(200);
    const refusal = await ask(`${url}/cancel`, captured);
    expectRefusal(refusal, "bad_static_header", cancel, [
      SECRET,
      "value-of-cancel",
    ]);
  });
});

describe("a signature over method and address", () => {
  const scheme: Scheme = {
    algorithm: "sha256",
    payloadFormat: "{method} {url}\n{body}",
  };
  const options = { scheme, publicUrl: PUBLIC_URL };
  const headers = sign(scheme, SECRET, {
    method: "POST",
    url: `${PUBLIC_URL}/book?a=1`,
    body: BODY,
  });

  test("is taken at just this one", async () => {
    const app = await startApp({ options });
    const answer = await ask(`${app.url}/book?a=1`, { body: BODY, headers });
    expect([answer.status, app.refused]).toEqual([200, []]);
  });

  const others: [what: string, method: string, path: string][] = [
    ["another path", "POST", "/cancel?a=1"],
    ["another method", "DELETE", "/book?a=1"],
    ["another query", "POST", "/book?a=2"],
    ["more of a query", "POST", "/book?a=1&b=2"],
    ["no query", "POST", "/book"],
    ["a deeper path", "POST", "/sub/book?a=1"],
    ["a slash more at the end", "POST", "/book/?a=1"],
    ["a slash more at the beginning", "POST", "//book?a=1"],
    ["capitals", "POST", "/BOOK?a=1"],
    ["an escape", "POST", "/b%6Fok?a=1"],
    ["an escape in the query", "POST", "/book?a=%31"],
  ];
  test.each(others)("is refused at another: %s", async (_, method, path) => {
    const app = await startApp({ options });
    const refusal = await ask(app.url + path, { method, body: BODY, headers });
    expectRefusal(refusal, "bad_signature", app, [SECRET]);
  });

  // fetch would tidy these up on its own.
  const targets: [what: string, target: string][] = [
    ["dots", "/x/../book?a=1"],
    ["escaped dots", "/x/%2e%2e/book?a=1"],
    ["one dot", "/./book?a=1"],
    ["a backslash", "\\book?a=1"],
    ["a fragment", "/book?a=1#x"],
    ["an absolute form", "https://public.test/book?a=1"],
    ["an absolute form of another host", "http://other.test/book?a=1"],
    ["a host before it", "@public.test/book?a=1"],
    ["an asterisk", "*"],
  ];
  test.each(targets)("or another spelling: %s", async (_, target) => {
    const app = await startApp({ options });
    const client = await openClient(app.url);
    const lines = Object.entries(headers).map(
      ([name, value]) => `${name}: ${value}`,
    );
    await client.send(
      [
        `POST ${target} HTTP/1.1`,
        "Host: public.test",
        `Content-Length: ${BODY.length}`,
        ...lines,
        "",
        BODY,
      ].join("\r\n"),
    );
    const answer = await client.answer();
    if (answer === "closed") throw new Error("closed without an answer");
    // Some of them Node or Express refuses already.
    if (answer.status !== 400 && answer.status !== 404)
      expectRefusal(answer, "bad_signature", app, [SECRET]);
    expect(app.calls).toEqual([]);
  });
});

describe.each(VERSIONS)("twilio on %s", (_version, create) => {
  const signUrl = (url: string, body: string) => ({
    ...form,
    ...sign("twilio", SECRET, { url, body }),
  });
  /** The address as the sender signs it, and where the request then arrives. */
  const probe = async (
    {
      options = {},
      trust,
      mount = "/",
    }: {
      options?: Partial<VerifyOptions>;
      trust?: unknown;
      mount?: string;
    },
    signedUrl: (host: string) => string,
    path: string,
    extra: Record<string, string> = {},
    body = FORM,
  ) => {
    const watched = watch({ scheme: "twilio", ...options });
    const app = create();
    if (trust !== undefined) app.set("trust proxy", trust);
    app.use(mount, watched.verify, watched.handler);
    const { url } = await startServer(app);
    const answer = await ask(url + path, {
      body,
      headers: { ...signUrl(signedUrl(new URL(url).host), body), ...extra },
    });
    return { ...watched, answer };
  };

  test("the address is the one that was asked for", async () => {
    const { answer, calls } = await probe(
      {},
      (host) => `http://${host}/h?x=1`,
      "/h?x=1",
    );
    expect(answer.status).toBe(200);
    expect(calls[0]?.arguments).toEqual({ CallSid: "CA1", Digits: "1" });
  });

  test("under a router it is still the whole one", async () => {
    const { answer } = await probe(
      { mount: "/sub" },
      (host) => `http://${host}/sub/h`,
      "/sub/h",
    );
    expect(answer.status).toBe(200);
    const cut = await probe(
      { mount: "/sub" },
      (host) => `http://${host}/h`,
      "/sub/h",
    );
    expectRefusal(cut.answer, "bad_signature", cut);
  });

  test("publicUrl says what the sender sees, with its path", async () => {
    for (const publicUrl of [
      "https://public.test/app",
      "https://public.test/app/",
    ]) {
      const { answer } = await probe(
        { options: { publicUrl } },
        () => "https://public.test/app/h?x=1",
        "/h?x=1",
      );
      expect(answer.status).toBe(200);
    }
  });

  const proxied = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "public.test",
  };
  test.each([true, "loopback", 1])(
    "X-Forwarded-* count where the proxy is trusted (%j)",
    async (trust) => {
      const { answer } = await probe(
        { trust },
        () => "https://public.test/h",
        "/h",
        proxied,
      );
      expect(answer.status).toBe(200);
    },
  );

  test("of a list the first counts, as for Express", async () => {
    const { answer } = await probe(
      { trust: true },
      () => "https://public.test/h",
      "/h",
      {
        "x-forwarded-proto": "https, http",
        "x-forwarded-host": "public.test, inner.test",
      },
    );
    expect(answer.status).toBe(200);
  });

  test("a trusted proxy that says only the protocol leaves the host", async () => {
    const { answer } = await probe(
      { trust: true },
      (host) => `https://${host}/h`,
      "/h",
      { "x-forwarded-proto": "https" },
    );
    expect(answer.status).toBe(200);
  });

  test.each([undefined, false, "10.0.0.1"])(
    "spoofed without trust (%j) they change nothing",
    async (trust) => {
      const spoofed = await probe(
        { trust },
        () => "https://public.test/h",
        "/h",
        proxied,
      );
      expectRefusal(spoofed.answer, "bad_signature", spoofed);
      const honest = await probe(
        { trust },
        (host) => `http://${host}/h`,
        "/h",
        proxied,
      );
      expect(honest.answer.status).toBe(200);
    },
  );

  test("publicUrl beats them, trusted or not", async () => {
    for (const trust of [true, false]) {
      const options = { publicUrl: PUBLIC_URL };
      const { answer } = await probe(
        { trust, options },
        () => `${PUBLIC_URL}/h`,
        "/h",
        {
          "x-forwarded-proto": "http",
          "x-forwarded-host": "evil.test",
        },
      );
      expect(answer.status).toBe(200);
    }
  });

  const ports: [publicUrl: string, signedUrl: string, status: number][] = [
    ["https://public.test", "https://public.test:443/h", 200],
    ["https://public.test:443", "https://public.test/h", 200],
    ["http://public.test", "http://public.test:80/h", 200],
    ["wss://public.test", "wss://public.test:443/h", 200],
    ["https://public.test:8443", "https://public.test:8443/h", 200],
    ["https://public.test:8443", "https://public.test:443/h", 401],
    ["https://public.test", "https://public.test:80/h", 401],
    ["https://public.test", "http://public.test/h", 401],
    ["https://public.test", "https://other.test/h", 401],
    ["https://public.test", "https://PUBLIC.test/h", 401],
    ["https://public.test", "https://user:pass@public.test/h", 401],
  ];
  test.each(ports)(
    "%s, signed for %s: %d",
    async (publicUrl, signedUrl, status) => {
      const { answer, calls } = await probe(
        { options: { publicUrl } },
        () => signedUrl,
        "/h",
      );
      expect([answer.status, calls.length]).toEqual([
        status,
        status === 200 ? 1 : 0,
      ]);
    },
  );

  const spellings: [what: string, path: string, other: string][] = [
    ["an escape", "/h?name=Ren%C3%A9", "/h?name=Ren%c3%a9"],
    ["a plus", "/h?a=1+2", "/h?a=1%202"],
    ["a quote", "/h?a=%27", "/h?a='"],
    ["an order", "/h?a=1&b=2", "/h?b=2&a=1"],
    ["a slash", "/h/", "/h"],
  ];
  test.each(spellings)(
    "the address counts as it is spelt: %s",
    async (_, path, other) => {
      const right = await probe({}, (host) => `http://${host}${path}`, path);
      expect(right.answer.status).toBe(200);
      const wrong = await probe({}, (host) => `http://${host}${other}`, path);
      expectRefusal(wrong.answer, "bad_signature", wrong);
    },
  );

  const fields: [what: string, body: string, args: unknown][] = [
    ["repeated", "a=2&a=1&b=3", { a: ["2", "1"], b: "3" }],
    ["equal and repeated", "a=1&a=1", { a: ["1", "1"] }],
    ["empty", "a=&b", { a: "", b: "" }],
    ["escaped", "a=%2B1+2&b%5B%5D=x", { a: "+1 2", "b[]": "x" }],
    ["half an escape", "a=%&b=%4", { a: "%", b: "%4" }],
    ["none", "", {}],
    [
      "of Object's own names",
      "constructor=1&hasOwnProperty=2",
      { constructor: "1", hasOwnProperty: "2" },
    ],
    ["one that pollutes", "__proto__=1&a=2", { a: "2" }],
  ];
  test.each(fields)("fields that are %s", async (_, body, args) => {
    const { answer, calls } = await probe(
      {},
      (host) => `http://${host}/h`,
      "/h",
      {},
      body,
    );
    expect(answer.status).toBe(200);
    expect(calls[0]?.arguments).toEqual(args);
  });

  test("another field, value or number of them is refused", async () => {
    const altered = [
      "CallSid=CA1&Digits=2",
      "CallSid=CA1",
      `${FORM}&x=1`,
      `${FORM}&Digits=2`,
      "",
      BODY,
    ];
    for (const body of altered) {
      const watched = watch({ scheme: "twilio", publicUrl: PUBLIC_URL });
      const { url } = await startServer(
        create().use(watched.verify, watched.handler),
      );
      const refusal = await ask(`${url}/h`, {
        body,
        headers: signUrl(`${PUBLIC_URL}/h`, FORM),
      });
      expectRefusal(refusal, "bad_signature", watched);
    }
  });

  describe("a JSON body, covered by its digest in the address", () => {
    const sha256 = (text: string) =>
      createHash("sha256").update(text).digest("hex");
    const address = (body: string) => `/h?bodySHA256=${sha256(body)}`;
    const send = async (path: string, body: string, signedPath = path) => {
      const watched = watch({ scheme: "twilio", publicUrl: PUBLIC_URL });
      const { url } = await startServer(
        create().use(watched.verify, watched.handler),
      );
      // `sign` would not sign a digest that is wrong, so the address is signed by itself.
      const headers = sign(
        {
          algorithm: "sha1",
          payloadFormat: "{body}",
          signatureEncoding: "base64",
          signatureHeader: "X-Twilio-Signature",
        },
        SECRET,
        { body: PUBLIC_URL + signedPath },
      );
      const answer = await ask(url + path, {
        body,
        headers: { "content-type": "application/json", ...headers },
      });
      return { ...watched, answer };
    };

    test("is read as JSON", async () => {
      const { answer, calls } = await send(address(BODY), BODY);
      expect(answer.status).toBe(200);
      expect(calls[0]?.arguments).toEqual({ date: "2026-03-09" });
    });

    const wrong: [what: string, path: string, body: string][] = [
      ["another body", address(BODY), "{}"],
      [
        "the digest in capitals",
        `/h?bodySHA256=${sha256(BODY).toUpperCase()}`,
        BODY,
      ],
      ["an empty digest", "/h?bodySHA256=", BODY],
      ["a digest that was cut", address(BODY).slice(0, -1), BODY],
      [
        "no digest: the body is taken for a form, which is not signed",
        "/h",
        BODY,
      ],
      [
        "two digests, the first right",
        `${address(BODY)}&bodySHA256=${sha256("{}")}`,
        BODY,
      ],
      [
        "two digests, the last right",
        `/h?bodySHA256=${sha256("{}")}&bodySHA256=${sha256(BODY)}`,
        BODY,
      ],
      ["a digest under another case", `/h?bodysha256=${sha256(BODY)}`, BODY],
      ["a digest in the path", `/h%3FbodySHA256=${sha256(BODY)}`, BODY],
    ];
    test.each(wrong)("%s is refused", async (_, path, body) => {
      const probed = await send(path, body);
      expectRefusal(probed.answer, "bad_signature", probed, [SECRET]);
    });

    test("another digest than the signed one is refused", async () => {
      const probed = await send(address("{}"), "{}", address(BODY));
      expectRefusal(probed.answer, "bad_signature", probed, [SECRET]);
    });
  });
});

test("a URL-signed scheme needs no Express", async () => {
  const watched = watch({ scheme: "twilio" });
  const { url } = await startServer((req, res) =>
    watched.verify(req, res, () => res.end("through")),
  );
  const headers = sign("twilio", SECRET, { url: `${url}/h`, body: FORM });
  expect(
    await ask(`${url}/h`, { body: FORM, headers: { ...form, ...headers } }),
  ).toMatchObject({ status: 200 });
  const refusal = await ask(`${url}/h`, {
    body: FORM,
    headers: {
      ...form,
      ...sign("twilio", SECRET, { url: "https://a.test/h", body: FORM }),
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a.test",
    },
  });
  expectRefusal(refusal, "bad_signature", watched);
});

test.each([
  "public.test",
  "ftp://public.test",
  "https://",
  "https://public.test?x=1",
  "https://public.test/#x",
  "",
])("publicUrl %j is a TypeError at creation", (publicUrl) => {
  expect(() => verifySignature({ secrets: SECRET, publicUrl })).toThrow(
    /publicUrl/,
  );
});

test("every signature reason is answered alike, header for header", async () => {
  const answers = new Set<string>();
  const reasons = new Set<string>();
  const scheme: Scheme = { algorithm: "sha256", keyIdHeader: "X-Key-Id" };
  const sendTo = async (
    app: Awaited<ReturnType<typeof startApp>>,
    headers: Record<string, string>,
  ) => {
    const {
      status,
      body,
      headers: given,
    } = await ask(app.url, { body: BODY, headers });
    for (const { reason } of app.refused) reasons.add(reason);
    answers.add(
      JSON.stringify([
        status,
        body,
        [...given].filter(([name]) => name !== "date"),
      ]),
    );
  };
  const options: Partial<VerifyOptions> = {
    scheme,
    secrets: { a: SECRET },
    headers: { "X-Api-Key": "value" },
  };
  const now = new Date("2026-11-21T12:00:00Z");
  const right = {
    ...sign(scheme, SECRET, { body: BODY, now }),
    "X-Key-Id": "a",
    "X-Api-Key": "value",
  };
  for (const change of [
    { "x-signature": "" },
    { "x-signature": "zz" },
    { "x-signature": `${macOf(BODY)}, ${macOf(BODY)}` },
    { "x-signature": "0".repeat(64) },
    { "x-timestamp": "1" },
    { "x-timestamp": "99999999999" },
    { "X-Key-Id": "b" },
    { "X-Api-Key": "other" },
  ])
    await sendTo(await startApp({ options }), { ...right, ...change });
  const drained = await startApp({
    options,
    before: [(req, _res, next) => void req.resume().on("end", () => next())],
  });
  await sendTo(drained, right);
  expect([...reasons].toSorted()).toEqual([
    "bad_signature",
    "bad_static_header",
    "body_already_parsed",
    "duplicate_header",
    "malformed_header",
    "missing_header",
    "too_new",
    "too_old",
    "unknown_key",
  ]);
  expect(answers.size).toBe(1);
});
