import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { parseScheme, schemes, sign, verify } from "../../middleware/index.ts";
import type { Scheme } from "../../middleware/index.ts";

const now = new Date("2026-11-21T12:00:00.500Z");
const seconds = String(Math.floor(now.getTime() / 1000));
const body = Buffer.from('{"a":"$& \u00e9"}\u0000\xff', "latin1");
const SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"; // text and base64 alike
const url = "https://example.com/hook?a=1";

/** The headers as Node gives them. */
function received(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function listFrozen(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    listFrozen(each, `${path}.${key}`),
  );
  return Object.isFrozen(value) ? inner : [path, ...inner];
}

describe("the shipped schemes", () => {
  const shipped = Object.entries(schemes);

  test("are at least the sixteen that the README names", () => {
    expect(Object.keys(schemes)).toEqual(
      expect.arrayContaining(
        "thunderphone standard-webhooks standard-webhooks-ed25519 svix stripe github slack retell elevenlabs vapi shopify line twilio telnyx discord".split(
          " ",
        ),
      ),
    );
  });

  test("are plain JSON, frozen at every depth", () => {
    expect(JSON.parse(JSON.stringify(schemes))).toEqual(schemes);
    expect(listFrozen(schemes, "schemes")).toEqual([]);
  });

  test.each(shipped)("%s is read back from its own JSON", (name, scheme) => {
    const copy: unknown = JSON.parse(JSON.stringify(scheme));
    const parsed = parseScheme(copy);
    expect(parsed).toEqual(scheme);
    expect(listFrozen(parsed, name)).toEqual([]);
    expect(scheme.name).toBe(name);
  });

  const symmetric = shipped.filter(
    ([, { algorithm }]) => algorithm !== "ed25519",
  );
  test.each(symmetric)("%s verifies what it signs", (name, scheme) => {
    const request = { body, url, method: "POST", now };
    const headers = received(sign(name, SECRET, { ...request, id: "c1.t1" }));
    expect(Object.keys(headers)).toContain(
      (scheme.signatureHeader ?? "x-signature").toLowerCase(),
    );
    for (const form of [name, scheme, { ...scheme }])
      expect(verify(form, SECRET, { ...request, headers })).toEqual({
        ok: true,
        key: "0",
      });
    const changed = Buffer.concat([body, Buffer.from("x")]);
    expect(
      verify(name, SECRET, { ...request, headers, body: changed }),
    ).toEqual({ ok: false, reason: "bad_signature" });
  });

  const asymmetric = shipped.filter(
    ([, { algorithm }]) => algorithm === "ed25519",
  );
  test("telnyx, discord and standard-webhooks-ed25519 are ed25519", () => {
    expect(asymmetric.map(([name]) => name).sort()).toEqual([
      "discord",
      "standard-webhooks-ed25519",
      "telnyx",
    ]);
  });

  test.each(asymmetric)("%s can be verified only", (name) => {
    const digits =
      "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e";
    const key =
      name === "discord"
        ? digits
        : Buffer.from(digits, "hex").toString("base64");
    expect(() => sign(name, key, { body, now, id: "1" })).toThrow(TypeError);
    expect(() => sign(name, key, { body, now, id: "1" })).toThrow(
      /private key/,
    );
  });

  const timed = symmetric.filter(([name]) =>
    [
      "standard-webhooks",
      "svix",
      "stripe",
      "slack",
      "retell",
      "elevenlabs",
      "vapi",
    ].includes(name),
  );
  test.each(timed)("%s has a window on both sides", (name, scheme) => {
    const headers = received(sign(name, SECRET, { body, now, id: "1" }));
    const at = (offsetMs: number) =>
      verify(name, SECRET, {
        headers,
        body,
        now: new Date(now.getTime() + offsetMs),
      });
    const pastMs = (scheme.pastSeconds ?? 300) * 1000;
    const futureMs = (scheme.futureSeconds ?? 300) * 1000;
    expect(pastMs).toBe(name === "elevenlabs" ? 1_800_000 : 300_000);
    expect(at(pastMs - 1000)).toEqual({ ok: true, key: "0" });
    expect(at(pastMs + 1000)).toEqual({ ok: false, reason: "too_old" });
    expect(at(1000 - futureMs)).toEqual({ ok: true, key: "0" });
    expect(at(-1000 - futureMs)).toEqual({ ok: false, reason: "too_new" });
  });

  test.each(timed)("%s wants a clock", (name) => {
    const headers = received(sign(name, SECRET, { body, now, id: "1" }));
    expect(() => sign(name, SECRET, { body, id: "1" })).toThrow(/now/);
    expect(() => verify(name, SECRET, { headers, body })).toThrow(/now/);
  });

  test("an unknown name is a TypeError that lists the known ones", () => {
    for (const name of ["nobody", "constructor", "__proto__", ""])
      expect(() => sign(name, SECRET, { body })).toThrow(
        /unknown signature scheme ".*" ?; expected one of .*thunderphone/,
      );
  });
});

/** The MAC by node:crypto of a message written out. */
function mac(
  message: (string | Buffer)[],
  algorithm = "sha256",
  encoding: "hex" | "base64" = "hex",
  key: string | Buffer = SECRET,
): string {
  const hmac = createHmac(algorithm, key);
  for (const part of message) hmac.update(part);
  return hmac.digest(encoding);
}

/** For the senders that publish no numbers and have no package here, too. */
describe("the message of each symmetric scheme, written out", () => {
  const ms = String(now.getTime());
  const decoded = Buffer.from(SECRET, "base64");
  const standard = mac(
    [`c1.t1.${seconds}.`, body],
    "sha256",
    "base64",
    decoded,
  );
  const digest = createHash("sha256").update(body).digest("hex");
  const digested = `${url}&bodySHA256=${digest}`;
  const expected = new Map<string, Record<string, string>>([
    ["thunderphone", { "x-thunderphone-signature": mac([body]) }],
    [
      "standard-webhooks",
      {
        "webhook-id": "c1.t1",
        "webhook-timestamp": seconds,
        "webhook-signature": `v1,${standard}`,
      },
    ],
    [
      "svix",
      {
        "svix-id": "c1.t1",
        "svix-timestamp": seconds,
        "svix-signature": `v1,${standard}`,
      },
    ],
    [
      "stripe",
      { "stripe-signature": `t=${seconds},v1=${mac([`${seconds}.`, body])}` },
    ],
    ["github", { "x-hub-signature-256": `sha256=${mac([body])}` }],
    [
      "slack",
      {
        "x-slack-request-timestamp": seconds,
        "x-slack-signature": `v0=${mac([`v0:${seconds}:`, body])}`,
      },
    ],
    ["retell", { "x-retell-signature": `v=${ms},d=${mac([body, ms])}` }],
    [
      "elevenlabs",
      {
        "elevenlabs-signature": `t=${seconds},v0=${mac([`${seconds}.`, body])}`,
      },
    ],
    [
      "vapi",
      { "x-timestamp": seconds, "x-signature": mac([`${seconds}.`, body]) },
    ],
    ["shopify", { "x-shopify-hmac-sha256": mac([body], "sha256", "base64") }],
    ["line", { "x-line-signature": mac([body], "sha256", "base64") }],
    ["twilio", { "x-twilio-signature": mac([digested], "sha1", "base64") }],
  ]);

  test("leaves none out", () => {
    const symmetric = Object.entries(schemes)
      .filter(([, { algorithm }]) => algorithm !== "ed25519")
      .map(([name]) => name);
    expect([...expected.keys()].sort()).toEqual(symmetric.sort());
  });

  test.each([...expected])("%s", (name, headers) => {
    const request = { body, url: digested, now };
    expect(received(sign(name, SECRET, { ...request, id: "c1.t1" }))).toEqual(
      headers,
    );
    expect(verify(name, SECRET, { ...request, headers })).toEqual({
      ok: true,
      key: "0",
    });
  });
});

describe("a scheme of one's own", () => {
  test("may name the secret in a header", () => {
    const scheme = {
      algorithm: "sha256",
      payloadFormat: "{body}",
      keyIdHeader: "X-Key-Id",
    } as const;
    const secrets = { march: "march-secret", april: SECRET };
    const check = (headers: Record<string, string>) =>
      verify(scheme, secrets, {
        headers: { "x-signature": mac([body]), ...headers },
        body,
      });
    expect(check({ "x-key-id": "april" })).toEqual({ ok: true, key: "april" });
    const refusals: [id: string, reason: string][] = [
      ["march", "bad_signature"],
      ["may", "unknown_key"],
      ["constructor", "unknown_key"],
      ["", "missing_header"],
      ["april, april", "duplicate_header"],
      ["ap ril", "malformed_header"],
    ];
    for (const [id, reason] of refusals)
      expect(check({ "x-key-id": id })).toEqual({ ok: false, reason });
    expect(check({})).toEqual({ ok: false, reason: "missing_header" });
  });

  test("takes an id of 1 to 256 visible ASCII characters", () => {
    const scheme = {
      algorithm: "sha256",
      payloadFormat: "{id}.{body}",
      messageIdHeader: "X-Id",
    } as const;
    const check = (id: string) =>
      verify(scheme, SECRET, {
        headers: { "x-id": id, "x-signature": mac([`${id}.`, body]) },
        body,
      });
    for (const id of ["1", "a.b~!", "x".repeat(256)])
      expect(check(id)).toEqual({ ok: true, key: "0" });
    for (const id of ["a b", "a\nb", "a\0", "\u00e9", "x".repeat(257)]) {
      expect(check(id)).toEqual({ ok: false, reason: "malformed_header" });
      expect(() => sign(scheme, SECRET, { body, id })).toThrow(TypeError);
    }
    expect(() => sign(scheme, SECRET, { body })).toThrow(/id/);
  });
});

describe("a pasted Vapi plan", () => {
  const plan = {
    type: "hmac",
    secretKey: SECRET,
    algorithm: "sha256",
  } as const;
  const timestamped = [`${seconds}.`, body];
  const stamp = { "x-timestamp": seconds };
  const cases: [what: string, plan: Scheme, headers: Record<string, string>][] =
    [
      ["the defaults", plan, { ...stamp, "x-signature": mac(timestamped) }],
      [
        "the defaults written out",
        {
          ...plan,
          signatureHeader: "x-signature",
          timestampHeader: "x-timestamp",
          includeTimestamp: true,
          payloadFormat: "{timestamp}.{body}",
          signatureEncoding: "hex",
          secretIsBase64: false,
        },
        { ...stamp, "x-signature": mac(timestamped) },
      ],
      [
        "sha1",
        { ...plan, algorithm: "sha1" },
        { ...stamp, "x-signature": mac(timestamped, "sha1") },
      ],
      [
        "sha512",
        { ...plan, algorithm: "sha512" },
        { ...stamp, "x-signature": mac(timestamped, "sha512") },
      ],
      [
        "base64",
        { ...plan, signatureEncoding: "base64" },
        { ...stamp, "x-signature": mac(timestamped, "sha256", "base64") },
      ],
      [
        "sha1 in base64",
        { ...plan, algorithm: "sha1", signatureEncoding: "base64" },
        { ...stamp, "x-signature": mac(timestamped, "sha1", "base64") },
      ],
      [
        "sha512 in base64",
        { ...plan, algorithm: "sha512", signatureEncoding: "base64" },
        { ...stamp, "x-signature": mac(timestamped, "sha512", "base64") },
      ],
      [
        "headers of its own and a prefix",
        {
          ...plan,
          signatureHeader: "X-Hook-Sig",
          timestampHeader: "X-Hook-Time",
          signaturePrefix: "sha256=",
        },
        { "x-hook-time": seconds, "x-hook-sig": `sha256=${mac(timestamped)}` },
      ],
      [
        "no timestamp",
        { ...plan, includeTimestamp: false },
        { "x-signature": mac([body]) },
      ],
      [
        "the body alone",
        { ...plan, payloadFormat: "{body}" },
        { "x-signature": mac([body]) },
      ],
      [
        "method and URL",
        { ...plan, payloadFormat: "{method}:{url}:{timestamp}:{body}" },
        { ...stamp, "x-signature": mac([`POST:${url}:${seconds}:`, body]) },
      ],
      [
        "svix style",
        {
          ...plan,
          signatureHeader: "svix-signature",
          timestampHeader: "svix-timestamp",
          messageIdHeader: "svix-id",
          payloadFormat: "{svix-id}.{timestamp}.{body}",
          signaturePrefix: "v1,",
          signatureEncoding: "base64",
          secretIsBase64: true,
        },
        {
          "svix-id": "msg_1",
          "svix-timestamp": seconds,
          "svix-signature": `v1,${mac([`msg_1.${seconds}.`, body], "sha256", "base64", Buffer.from(SECRET, "base64"))}`,
        },
      ],
      [
        "a message id in a header of its own",
        {
          ...plan,
          messageIdHeader: "X-Message-Id",
          payloadFormat: "{svix-id}|{body}",
        },
        { "x-message-id": "msg_1", "x-signature": mac(["msg_1|", body]) },
      ],
      [
        "a base64 secret",
        { ...plan, secretIsBase64: true },
        {
          ...stamp,
          "x-signature": mac(
            timestamped,
            "sha256",
            "hex",
            Buffer.from(SECRET, "base64"),
          ),
        },
      ],
      [
        "a placeholder twice, and text around",
        { ...plan, payloadFormat: "v0:{timestamp}:{body}:{timestamp} end" },
        {
          ...stamp,
          "x-signature": mac([`v0:${seconds}:`, body, `:${seconds} end`]),
        },
      ],
    ];

  test.each(cases)("with %s", (_, each, headers) => {
    const request = { body, url, method: "POST", now };
    expect(verify(each, SECRET, { ...request, headers })).toEqual({
      ok: true,
      key: "0",
    });
    expect(received(sign(each, SECRET, { ...request, id: "msg_1" }))).toEqual(
      headers,
    );
    for (const name of Object.keys(headers)) {
      const { [name]: _left, ...others } = headers;
      expect(verify(each, SECRET, { ...request, headers: others })).toEqual({
        ok: false,
        reason: "missing_header",
      });
    }
    const signed = parseScheme(each).payloadFormat ?? "";
    if (signed.includes("{method}"))
      expect(
        verify(each, SECRET, { ...request, headers, method: "PUT" }),
      ).toMatchObject({ reason: "bad_signature" });
    if (signed.includes("{url}"))
      expect(
        verify(each, SECRET, { ...request, headers, url: `${url}&b=2` }),
      ).toMatchObject({ reason: "bad_signature" });
  });

  test("its timestamp may be milliseconds", () => {
    const ms = String(now.getTime());
    const headers = { "x-timestamp": ms, "x-signature": mac([`${ms}.`, body]) };
    expect(verify(plan, SECRET, { headers, body, now })).toEqual({
      ok: true,
      key: "0",
    });
    expect(
      verify({ ...plan, timestampUnit: "s" }, SECRET, { headers, body, now }),
    ).toEqual({ ok: false, reason: "too_new" });
  });

  test("a number that is no plain timestamp is malformed", () => {
    for (const wrong of [
      "1e9",
      "0x5f",
      ` ${seconds}`,
      `${seconds} `,
      "-1",
      "+1",
      `0${seconds}`,
      `${seconds}.0`,
      "1".repeat(16),
      "NaN",
      "\uFF11",
      "",
    ]) {
      const headers = {
        "x-timestamp": wrong,
        "x-signature": mac([`${wrong}.`, body]),
      };
      expect(verify(plan, SECRET, { headers, body, now })).toEqual({
        ok: false,
        reason: wrong === "" ? "missing_header" : "malformed_header",
      });
    }
  });

  test("is read without its type and secret, and never shows the secret", () => {
    const parsed = parseScheme({ ...plan, messageIdHeader: null });
    expect(parsed).toEqual({ algorithm: "sha256" });
    const wrong = { ...plan, secretKey: { key: SECRET }, algorithm: "sha256" };
    expect(() => parseScheme(wrong)).toThrow(/secretKey/);
    expect(() => parseScheme(wrong)).not.toThrow(SECRET);
  });

  test("wants its method, URL and id where it signs them", () => {
    const signs = (payloadFormat: string) => () =>
      sign({ ...plan, payloadFormat }, SECRET, { body, now });
    expect(signs("{method}{body}")).toThrow(/method/);
    expect(signs("{url}{body}")).toThrow(/URL/);
    expect(signs("{svix-id}{body}")).toThrow(/id/);
  });
});

describe("what is no scheme is a TypeError that names the field", () => {
  const good = { algorithm: "sha256" };
  const cases: [what: string, value: unknown, names: RegExp][] = [
    ["nothing", undefined, /scheme/],
    ["null", null, /scheme/],
    ["a list", [good], /scheme/],
    ["a number", 1, /scheme/],
    ["an empty object", {}, /scheme\.algorithm/],
    [
      "an unknown algorithm",
      { algorithm: "md5" },
      /scheme\.algorithm.*sha256.*md5/,
    ],
    ["an algorithm in capitals", { algorithm: "SHA256" }, /scheme\.algorithm/],
    ["an algorithm that is none", { algorithm: null }, /scheme\.algorithm/],
    ["an unknown field", { ...good, payload: "{body}" }, /scheme\.payload /],
    [
      "a misspelled field",
      { ...good, signatureheader: "x" },
      /scheme\.signatureheader/,
    ],
    [
      "an own __proto__",
      JSON.parse('{"algorithm":"sha256","__proto__":{}}'),
      /__proto__/,
    ],
    [
      "a field of every object",
      { ...good, constructor: "x" },
      /scheme\.constructor/,
    ],
    ["another type", { ...good, type: "oauth2" }, /scheme\.type/],
    [
      "an unknown placeholder",
      { ...good, payloadFormat: "{nonce}.{body}" },
      /scheme\.payloadFormat.*\{nonce\}/,
    ],
    [
      "a placeholder in capitals",
      { ...good, payloadFormat: "{Body}" },
      /scheme\.payloadFormat/,
    ],
    [
      "an open brace",
      { ...good, payloadFormat: "{body}.{timestamp" },
      /scheme\.payloadFormat/,
    ],
    [
      "braces in braces",
      { ...good, payloadFormat: "{{body}}" },
      /scheme\.payloadFormat/,
    ],
    [
      "no placeholder",
      { ...good, payloadFormat: "body" },
      /scheme\.payloadFormat.*\{body\}/,
    ],
    [
      "a payload without the body",
      { ...good, payloadFormat: "{timestamp}.{url}" },
      /scheme\.payloadFormat.*\{body\}/,
    ],
    [
      "a form without a digest for the rest",
      { ...good, payloadFormat: "{url}{form}" },
      /\{body\}/,
    ],
    [
      "a digest without the URL that holds it",
      { ...good, payloadFormat: "{form}", bodyDigestParameter: "d" },
      /\{body\}/,
    ],
    [
      "an id without its header",
      { ...good, payloadFormat: "{id}.{body}" },
      /scheme\.messageIdHeader/,
    ],
    [
      "call ids without an id",
      { ...good, callIdInId: true },
      /scheme\.callIdInId/,
    ],
    [
      "a header with a blank",
      { ...good, signatureHeader: "x signature" },
      /scheme\.signatureHeader/,
    ],
    [
      "a header with a line break",
      { ...good, timestampHeader: "x\r\ny" },
      /scheme\.timestampHeader/,
    ],
    [
      "a header with a colon",
      { ...good, callIdHeader: "x:" },
      /scheme\.callIdHeader/,
    ],
    [
      "one header for two things",
      { ...good, timestampHeader: "X-Signature" },
      /a header for each thing, received x-signature/,
    ],
    ["a negative window", { ...good, pastSeconds: -1 }, /scheme\.pastSeconds/],
    ["half a second", { ...good, futureSeconds: 0.5 }, /scheme\.futureSeconds/],
    [
      "an endless window",
      { ...good, pastSeconds: Number.POSITIVE_INFINITY },
      /scheme\.pastSeconds/,
    ],
    [
      "a window as text",
      { ...good, pastSeconds: "300" },
      /scheme\.pastSeconds/,
    ],
    [
      "a unit that is none",
      { ...good, timestampUnit: "min" },
      /scheme\.timestampUnit/,
    ],
    [
      "an encoding that is none",
      { ...good, signatureEncoding: "base64url" },
      /scheme\.signatureEncoding/,
    ],
    [
      "a secret's encoding that is none",
      { ...good, secretEncoding: "ascii" },
      /scheme\.secretEncoding/,
    ],
    [
      "two encodings of a secret",
      { ...good, secretIsBase64: true, secretEncoding: "hex" },
      /scheme\.secretIsBase64/,
    ],
    [
      "true as text",
      { ...good, includeTimestamp: "true" },
      /scheme\.includeTimestamp/,
    ],
    [
      "a port rule that is none",
      { ...good, urlPort: "any" },
      /scheme\.urlPort/,
    ],
    [
      "fields without a signature",
      { ...good, signatureFields: { separator: "," } },
      /scheme\.signatureFields/,
    ],
    [
      "fields with another one",
      { ...good, signatureFields: { separator: ",", signature: "v", x: "y" } },
      /scheme\.signatureFields/,
    ],
    [
      "fields and a list",
      {
        ...good,
        signatureSeparator: " ",
        signatureFields: { separator: ",", signature: "v" },
      },
      /scheme\.signatureSeparator/,
    ],
    [
      "a prefix that is no text",
      { ...good, signaturePrefix: 1 },
      /scheme\.signaturePrefix/,
    ],
  ];

  test.each(cases)("%s", (_, value, names) => {
    expect(() => parseScheme(value)).toThrow(TypeError);
    expect(() => parseScheme(value)).toThrow(names);
    expect(() =>
      verify(value as Scheme, SECRET, { headers: {}, body, now }),
    ).toThrow(TypeError);
  });

  test("the object given is neither kept nor changed", () => {
    const given = {
      algorithm: "sha256",
      signatureFields: { separator: ",", signature: "v1" },
    };
    const parsed = parseScheme(given);
    given.signatureFields.signature = "v2";
    given.algorithm = "sha1";
    expect(parsed).toEqual({
      algorithm: "sha256",
      signatureFields: { separator: ",", signature: "v1" },
    });
  });
});

test("an empty field of a plan that was saved so is no field", () => {
  const plan = {
    type: "hmac",
    secretKey: "s",
    algorithm: "sha256",
    signaturePrefix: "",
    timestampHeader: "",
    messageIdHeader: "",
    payloadFormat: "",
  };
  expect(parseScheme(plan)).toEqual({ algorithm: "sha256" });
});

test("no file but schemes.ts knows a sender", () => {
  const folder = fileURLToPath(new URL("../../middleware", import.meta.url));
  // "line" is a word of every day; comments say where a rule comes from.
  const names = [
    ...Object.keys(schemes).filter((name) => name !== "line"),
    "x-line",
    "standardwebhooks",
    "clerk",
    "resend",
    "shopify",
    "whatsapp",
    "octokit",
    "svix",
    "twilio",
  ];
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== "schemes/schemes.ts")
    .flatMap((file) => {
      const source = readFileSync(`${folder}/${file}`, "utf8")
        .replace(/\/\*.*?\*\//gs, "")
        .replace(/(^|\s)\/\/.*$/gm, "")
        .replaceAll("svix-id", ""); // a placeholder of the plans that can be pasted in
      return names
        .filter((name) => source.toLowerCase().includes(name))
        .map((name) => `${file}: ${name}`);
    });
  expect(found).toEqual([]);
});
