import { generateKeyPairSync, sign as signWith } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  sign as octokitSign,
  verify as octokitVerify,
} from "@octokit/webhooks-methods";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import twilio from "twilio/lib/webhooks/webhooks.js";
import { sign, verify } from "../../middleware/index.ts";
import type { Verdict } from "../../middleware/index.ts";

/*
 * What a sender's own package signs is accepted here, what is signed here the
 * package accepts, and an altered body both refuse. Bodies are ASCII: the
 * packages hash text, and text cannot tell all bytes apart (vectors.ts has those).
 */
interface Peer {
  name: string;
  scheme: string;
  secret: string;
  /** Where the sender posts this body to. */
  urlOf: (body: string) => string;
  sign: (body: string, url: string) => Promise<Headers> | Headers;
  accepts: (sent: Sent) => Promise<boolean> | boolean;
  bodies: string[];
  random: fc.Arbitrary<string>;
}
type Headers = Record<string, string>;
interface Sent {
  headers: Headers;
  body: string;
  url: string;
}

// standardwebhooks reads the clock itself, so the others get the same time.
const now = new Date();
const seconds = Math.floor(now.getTime() / 1000);

const ASCII = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 300 });
const BODIES = [
  '{"date":"2026-11-25","time":"9:00 AM"}',
  "{}",
  " ",
  "\0",
  '{"a":"$& $$ $` $\' {body} %s \\u00e9"}',
  "{\r\n}\n",
  "a=b&c=d",
  "x".repeat(20_000),
];

const anyUrl = () => "https://example.com/hook";
const WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const standard: Peer = {
  name: "standardwebhooks",
  scheme: "standard-webhooks",
  secret: WHSEC,
  urlOf: anyUrl,
  sign: (body) => ({
    "webhook-id": "CA12.toolu_34",
    "webhook-timestamp": String(seconds),
    "webhook-signature": new Webhook(WHSEC).sign("CA12.toolu_34", now, body),
  }),
  accepts: ({ headers, body }) =>
    !throws(() =>
      new Webhook(WHSEC).verify(body, headers, { jsonParse: false }),
    ),
  bodies: [...BODIES, ""],
  random: ASCII,
};

const octokit: Peer = {
  name: "@octokit/webhooks-methods",
  scheme: "github",
  secret: "It's secret no. 71",
  urlOf: anyUrl,
  sign: async (body) => ({
    "x-hub-signature-256": await octokitSign("It's secret no. 71", body),
  }),
  accepts: ({ headers, body }) =>
    octokitVerify(
      "It's secret no. 71",
      body,
      headers["x-hub-signature-256"] ?? "",
    ),
  bodies: BODIES, // it takes an empty body for none
  random: ASCII,
};

const stripe: Peer = {
  name: "stripe",
  scheme: "stripe",
  secret: "whsec_test_0123456789",
  urlOf: anyUrl,
  sign: (payload) => ({
    "stripe-signature": Stripe.webhooks.generateTestHeaderString({
      payload,
      secret: "whsec_test_0123456789",
      timestamp: seconds,
    }),
  }),
  accepts: ({ headers, body }) =>
    !throws(() =>
      Stripe.webhooks.signature?.verifyHeader(
        body,
        headers["stripe-signature"] ?? "",
        "whsec_test_0123456789",
        300,
        undefined,
        now.getTime(),
      ),
    ),
  bodies: BODIES, // it takes an empty body for none
  random: ASCII,
};

const TOKEN = "0123456789abcdef0123456789abcdef";
const twilioForm: Peer = {
  name: "twilio, forms",
  scheme: "twilio",
  secret: TOKEN,
  urlOf: () => "https://example.com:8443/twiml?a=1&b=it's%20here",
  sign: (body, url) => ({
    "x-twilio-signature": twilio.getExpectedTwilioSignature(
      TOKEN,
      url,
      fieldsOf(body),
    ),
  }),
  accepts: ({ headers, body, url }) =>
    twilio.validateRequest(
      TOKEN,
      headers["x-twilio-signature"] ?? "",
      url,
      fieldsOf(body),
    ),
  bodies: [
    "CallSid=CA1&From=%2B14158675309&To=%2B18005551212",
    "b=2&a=1&B=3&A=4",
    "Digits=5678&Digits=1234&Digits=1234&DigitsMore=1",
    "Body=a+b%20c%2Bd&Empty=&Bare",
    "Body=%26%3D%25%0D%0A",
    "Body=100%&More=%zz",
    "",
  ],
  random: fc
    .array(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.string()), {
      minLength: 1,
    })
    .map((pairs) => new URLSearchParams(pairs).toString()),
};

const twilioJson: Peer = {
  name: "twilio, JSON with its digest in the URL",
  scheme: "twilio",
  secret: TOKEN,
  urlOf: (body) =>
    `https://example.com/events?a=1&bodySHA256=${twilio.getExpectedBodyHash(body)}`,
  sign: (_, url) => ({
    "x-twilio-signature": twilio.getExpectedTwilioSignature(TOKEN, url, {}),
  }),
  accepts: ({ headers, body, url }) =>
    twilio.validateRequestWithBody(
      TOKEN,
      headers["x-twilio-signature"] ?? "",
      url,
      body,
    ),
  bodies: [...BODIES, ""],
  random: ASCII,
};

function throws(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

/** As Express's urlencoded parser gives a form to the package. */
function fieldsOf(body: string): Record<string, string | string[]> {
  const fields = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((key) => {
      const values = [...fields.getAll(key)]; // an Array of this realm, which the package asks for
      return [key, values.length === 1 ? String(values[0]) : values];
    }),
  );
}

function signHere(
  { scheme, secret }: Peer,
  body: string,
  url: string,
): Headers {
  const signed = sign(scheme, secret, { body, url, now, id: "CA12.toolu_34" });
  const received = Object.entries(signed).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return Object.fromEntries(received) as Headers;
}

function verifyHere(
  { scheme, secret }: Peer,
  { body, ...sent }: Sent,
): Verdict {
  return verify(scheme, secret, { ...sent, body: Buffer.from(body), now });
}

/** Other bodies that mean something else, the change at a place of its own. */
function altered(body: string, place: number): string[] {
  const index = place % Math.max(body.length, 1);
  const changed = String.fromCharCode((body.charCodeAt(index) || 0) ^ 1);
  const other = `${body.slice(0, index)}${changed}${body.slice(index + 1)}`;
  return [other, `${body}x`];
}

async function compare(peer: Peer, body: string, place: number): Promise<void> {
  const url = peer.urlOf(body);
  const theirs = { headers: await peer.sign(body, url), body, url };
  const ours = { headers: signHere(peer, body, url), body, url };
  expect(ours.headers).toEqual(theirs.headers);
  expect(verifyHere(peer, theirs)).toEqual({ ok: true, key: "0" });
  expect(await peer.accepts(ours)).toBe(true);
  for (const other of altered(body, place)) {
    const sent = { ...theirs, body: other };
    expect(await peer.accepts(sent)).toBe(false);
    expect(verifyHere(peer, sent)).toEqual({
      ok: false,
      reason: "bad_signature",
    });
  }
}

describe.each([standard, octokit, stripe, twilioForm, twilioJson])(
  "the package $name",
  (peer) => {
    test.each(peer.bodies)("agrees about %j", async (body) => {
      for (const place of [0, 7, 1000]) await compare(peer, body, place);
    });

    test("agrees about 200 random bodies", async () => {
      await fc.assert(
        fc.asyncProperty(peer.random, fc.nat(), (body, place) =>
          compare(peer, body, place),
        ),
        { numRuns: 200 },
      );
    });

    test("refuses what another secret signed, and so do we", async () => {
      const [body = ""] = peer.bodies;
      const url = peer.urlOf(body);
      const other = { ...peer, secret: peer.secret.replace(/\d/, "x") };
      const sent = { headers: signHere(other, body, url), body, url };
      expect(await peer.accepts(sent)).toBe(false);
      expect(verifyHere(peer, sent)).toEqual({
        ok: false,
        reason: "bad_signature",
      });
    });
  },
);

test("stripe gives the event of what is signed here", () => {
  const body = '{"id":"evt_1","object":"event"}';
  const header = signHere(stripe, body, "")["stripe-signature"] ?? "";
  const read = (text: string) =>
    Stripe.webhooks.constructEvent(text, header, stripe.secret);
  expect(read(body)).toEqual({ id: "evt_1", object: "event" });
  expect(() => read(body.replace("evt_1", "evt_2"))).toThrow(/signature/);
});

describe("twilio's URL", () => {
  const body = "CallSid=CA1&Digits=1";
  const urls = [
    "https://example.com/twiml",
    "https://example.com:443/twiml",
    "https://example.com:8443/twiml?x=1",
    "http://example.com/twiml",
    "http://example.com:80/twiml",
    "http://example.com:8080/twiml",
    "https://user:pass@example.com/twiml",
    "https://example.com/a%20b/%7Ec?d=e+f&g='h'",
    "https://example.com/?",
    "wss://example.com/ws",
    "https://[::1]:8443/twiml",
  ];
  // Twilio signs with or without the port, and its package takes both.
  const portless = (url: string) => url.replace(/:\d+(?=\/)/, "");
  const cases = urls.flatMap((url) =>
    [...new Set([url, portless(url)])].map((signed) => [url, signed] as const),
  );

  test.each(cases)("%s agrees when %s was signed", (url, signed) => {
    const headers = twilioForm.sign(body, signed) as Headers;
    expect(twilioForm.accepts({ headers, body, url })).toBe(true);
    expect(verifyHere(twilioForm, { headers, body, url })).toMatchObject({
      ok: true,
    });
  });

  test.each(urls)("%s is refused for another one", (url) => {
    const headers = twilioForm.sign(body, url) as Headers;
    for (const other of [
      `${url}x`,
      url.replace("example", "other").replace("::1", "::2"),
      `${url}#x`,
      url.replace("://", "://other@"),
    ]) {
      expect(twilioForm.accepts({ headers, body, url: other })).toBe(false);
      expect(verifyHere(twilioForm, { headers, body, url: other })).toEqual({
        ok: false,
        reason: "bad_signature",
      });
    }
  });
});

/** Senders with a private key: Node's own signature stands for their package. */
describe("ed25519", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const other = generateKeyPairSync("ed25519");
  const raw = (key: KeyObject) =>
    Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  const signed = (message: string, key = privateKey) =>
    signWith(null, Buffer.from(message), key);

  const senders = [
    {
      scheme: "telnyx",
      keyOf: (key: KeyObject) => raw(key).toString("base64"),
      headersOf: (body: string, key = privateKey) => ({
        "telnyx-timestamp": String(seconds),
        "telnyx-signature-ed25519": signed(`${seconds}|${body}`, key).toString(
          "base64",
        ),
      }),
    },
    {
      scheme: "discord",
      keyOf: (key: KeyObject) => raw(key).toString("hex"),
      headersOf: (body: string, key = privateKey) => ({
        "x-signature-timestamp": String(seconds),
        "x-signature-ed25519": signed(`${seconds}${body}`, key).toString("hex"),
      }),
    },
    {
      scheme: "standard-webhooks-ed25519",
      keyOf: (key: KeyObject) => `whpk_${raw(key).toString("base64")}`,
      headersOf: (body: string, key = privateKey) => ({
        "webhook-id": "msg_1",
        "webhook-timestamp": String(seconds),
        "webhook-signature": `v1a,${signed(`msg_1.${seconds}.${body}`, key).toString("base64")}`,
      }),
    },
  ];

  describe.each(senders)("$scheme", ({ scheme, keyOf, headersOf }) => {
    const secret = keyOf(publicKey);
    const check = (headers: Headers, body: string, secrets = secret) =>
      verify(scheme, secrets, { headers, body: Buffer.from(body), now });

    test("takes what the private key signed, and nothing else", () => {
      fc.assert(
        fc.property(fc.string({ unit: "binary" }), fc.nat(), (body, place) => {
          const headers = headersOf(body);
          expect(check(headers, body)).toEqual({ ok: true, key: "0" });
          for (const changed of altered(body, place))
            expect(check(headers, changed).ok).toBe(false);
        }),
        { numRuns: 200 },
      );
    });

    test("refuses another key's signature, and an HMAC with the public key", () => {
      const refused = { ok: false, reason: "bad_signature" };
      expect(check(headersOf("{}", other.privateKey), "{}")).toEqual(refused);
      expect(check(headersOf("{}"), "{}", keyOf(other.publicKey))).toEqual(
        refused,
      );
    });

    test("a key of small order is no key", () => {
      for (const digits of ["00".repeat(32), `01${"00".repeat(31)}`]) {
        const bytes = Buffer.from(digits, "hex");
        const weak = bytes.toString(scheme === "discord" ? "hex" : "base64");
        expect(() => check(headersOf("{}"), "{}", weak)).toThrow(TypeError);
      }
    });
  });
});
