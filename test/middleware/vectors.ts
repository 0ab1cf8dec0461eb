import type { Reason, Scheme, Secrets } from "../../middleware/index.ts";

/**
 * A request as a sender publishes it, or as an independent tool signed it, and
 * what has to come of it. Nothing here was made with the code under test: each
 * number was computed again with Python's hmac and with openssl (2026-11-21).
 */
export interface Vector {
  name: string;
  scheme: string | Scheme;
  secrets: Secrets;
  headers: Record<string, string>;
  url?: string;
  /** The receiver's clock, in whole seconds since 1970. */
  nowSeconds: number;
  body: Buffer;
  expected: "valid" | Reason;
  /** Which secret matches (default "0"). */
  key?: string;
  /** The part of the signature's header that is needed, where others stand beside it. */
  needed?: string;
  /** Valid, but not what `sign` writes: several signatures, another time, another spelling of the URL. */
  isOneWay?: boolean;
  /** Address, and when it was read. */
  source: string;
}

type Row = Partial<Omit<Vector, "headers" | "body" | "name">> &
  Pick<Vector, "name" | "body"> & {
    /** Of the scheme's signature header; undefined: none is sent. */
    signature: string | undefined;
    /** Sent beside the signature, or instead of the group's. */
    headers?: Record<string, string | undefined>;
  };

/** Rows with what they have in common. */
function group(
  common: Pick<Vector, "scheme" | "secrets" | "source"> &
    Partial<Vector> & { header: string },
  rows: Row[],
): Vector[] {
  const { header, ...shared } = common;
  return rows.map(({ signature, headers, ...row }) => {
    const sent = { ...shared.headers, ...headers, [header]: signature };
    return {
      nowSeconds: 1_700_000_000,
      expected: "valid",
      ...shared,
      ...row,
      headers: Object.fromEntries(
        Object.entries(sent).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value]],
        ),
      ),
    };
  });
}

const text = (value: string) => Buffer.from(value, "utf8");
const base64 = (value: string) => Buffer.from(value, "base64");
const hex = (value: string) => Buffer.from(value, "hex");

const STANDARD_BODY = text('{"test": 2432232314}');
const STANDARD_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const STANDARD_OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
const STANDARD_AT = 1_614_265_330;

const standardWebhooks = group(
  {
    scheme: "standard-webhooks",
    secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    header: "webhook-signature",
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
    },
    nowSeconds: STANDARD_AT,
    source:
      "https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts (read 2026-11-21)",
  },
  [
    {
      name: "the published signature",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
    },
    {
      name: "the secret without its prefix",
      secrets: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
    },
    {
      name: "several signatures and versions",
      body: STANDARD_BODY,
      signature: `${STANDARD_OTHER} v2,${STANDARD_OTHER.slice(3)} ${STANDARD_SIGNATURE} ${STANDARD_OTHER}`,
      needed: STANDARD_SIGNATURE,
      isOneWay: true,
    },
    {
      name: "the same without the right one",
      body: STANDARD_BODY,
      signature: `${STANDARD_OTHER} v2,${STANDARD_SIGNATURE.slice(3)} ${STANDARD_OTHER}`,
      expected: "bad_signature",
    },
    {
      name: "another version only",
      body: STANDARD_BODY,
      signature: `v2,${STANDARD_SIGNATURE.slice(3)}`,
      expected: "malformed_header",
    },
    {
      name: "no id",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      headers: { "webhook-id": undefined },
      expected: "missing_header",
    },
    {
      name: "no timestamp",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      headers: { "webhook-timestamp": undefined },
      expected: "missing_header",
    },
    {
      name: "a timestamp that is none",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      headers: { "webhook-timestamp": "hello" },
      expected: "malformed_header",
    },
    {
      name: "no signature",
      body: STANDARD_BODY,
      signature: undefined,
      expected: "missing_header",
    },
    {
      name: "a signature that is none",
      body: STANDARD_BODY,
      signature: "v1,dawfeoifkpqwoekfpqoekf",
      expected: "malformed_header",
    },
    {
      name: "a part of the signature",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE.slice(0, 8),
      expected: "malformed_header",
    },
    {
      name: "a version without signature",
      body: STANDARD_BODY,
      signature: "v1,",
      expected: "malformed_header",
    },
    {
      name: "five minutes old",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      nowSeconds: STANDARD_AT + 300,
      isOneWay: true,
    },
    {
      name: "a second more than five minutes old",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      nowSeconds: STANDARD_AT + 301,
      expected: "too_old",
    },
    {
      name: "a second more than five minutes ahead",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      nowSeconds: STANDARD_AT - 301,
      expected: "too_new",
    },
  ],
);

// The file publishes the private key "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
// this public half of it comes from Python's cryptography 48.
const asymmetric = group(
  {
    scheme: "standard-webhooks-ed25519",
    secrets: "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=",
    header: "webhook-signature",
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
    },
    nowSeconds: STANDARD_AT,
    source:
      "https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/go/webhook_asymmetric_test.go (read 2026-11-21)",
  },
  [
    {
      name: "the published ed25519 signature",
      body: STANDARD_BODY,
      signature:
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
    },
    {
      name: "the published ed25519 signature of an HMAC's length",
      body: STANDARD_BODY,
      signature: "v1a,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=",
      expected: "malformed_header",
    },
    {
      name: "the published HMAC beside the ed25519 signature",
      body: STANDARD_BODY,
      signature: `${STANDARD_OTHER} v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==`,
      needed:
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
      isOneWay: true,
    },
    {
      name: "stray bits behind the ed25519 signature",
      body: STANDARD_BODY,
      signature:
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ah==",
      expected: "malformed_header",
    },
    {
      name: "an HMAC alone where ed25519 is wanted",
      body: STANDARD_BODY,
      signature: STANDARD_SIGNATURE,
      expected: "malformed_header",
    },
  ],
);

const svix = group(
  {
    scheme: "svix",
    secrets: "whsec_plJ3nmyCDGBKInavdOK15jsl",
    header: "svix-signature",
    headers: {
      "svix-id": "msg_loFOjxBNrRLzqYUf",
      "svix-timestamp": "1731705121",
    },
    nowSeconds: 1_731_705_121,
    source:
      "https://docs.svix.com/receiving/verifying-payloads/how-manual (number as quoted in public test files; recomputed 2026-11-21)",
  },
  [
    {
      name: "the documented example",
      body: text('{"event_type":"ping","data":{"success":true}}'),
      signature: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    },
    {
      name: "the documented example beside the other secret's",
      secrets: [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
      ],
      key: "1",
      body: text('{"event_type":"ping","data":{"success":true}}'),
      signature: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    },
  ],
);

const OCTOKIT_TEST =
  "https://github.com/octokit/webhooks-methods.js/blob/main/test/verify.test.ts (read 2026-11-21)";
const OCTOKIT_BODY = text('{\n  "foo": "bar"\n}\n');
const OCTOKIT_SIGNATURE =
  "sha256=e3eccac34c43c7dc1cbb905488b1b81347fcc700a7b025697a9d07862256023f";

const github = group(
  {
    scheme: "github",
    secrets: "mysecret",
    header: "x-hub-signature-256",
    source: OCTOKIT_TEST,
  },
  [
    {
      name: "the documented example",
      secrets: "It's a Secret to Everybody",
      body: text("Hello, World!"),
      signature:
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      source:
        "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (number as quoted in public test files; recomputed 2026-11-21)",
    },
    {
      name: "octokit's body",
      body: OCTOKIT_BODY,
      signature: OCTOKIT_SIGNATURE,
    },
    {
      name: "octokit's signature with three digits that are none",
      body: OCTOKIT_BODY,
      signature:
        "sha256=xxxccac34c43c7dc1cbb905488b1b81347fcc700a7b025697a9d07862256023f",
      expected: "malformed_header",
    },
    {
      name: "octokit's signature foo",
      body: OCTOKIT_BODY,
      signature: "foo",
      expected: "malformed_header",
    },
    {
      name: "octokit's wrong secret",
      secrets: "foo",
      body: OCTOKIT_BODY,
      signature: OCTOKIT_SIGNATURE,
      expected: "bad_signature",
    },
    {
      name: "octokit's fallback secret",
      secrets: ["foo", "mysecret"],
      key: "1",
      body: OCTOKIT_BODY,
      signature: OCTOKIT_SIGNATURE,
    },
    {
      name: "octokit's two wrong secrets",
      secrets: ["foo", "foo"],
      body: OCTOKIT_BODY,
      signature: OCTOKIT_SIGNATURE,
      expected: "bad_signature",
    },
    {
      name: "escapes in capitals and hearts (octokit/webhooks.js issue 71)",
      secrets: "development",
      body: text(
        '{\n  "foo": "Foo\\n\\u001B[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001B[0m\\u001B[2K"\n}\n',
      ),
      signature:
        "sha256=9dacf9003316b09be07df56d86a2d0d6872e42a1e6c72c3bad9ff915a7c5603e",
    },
    {
      name: "the same with escapes in small letters",
      secrets: "development",
      body: text(
        '{\n  "foo": "Foo\\n\\u001b[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001b[0m\\u001b[2K"\n}\n',
      ),
      signature:
        "sha256=9dacf9003316b09be07df56d86a2d0d6872e42a1e6c72c3bad9ff915a7c5603e",
      expected: "bad_signature",
    },
    {
      name: "an escaped escape (octokit/webhooks.js issue 71)",
      secrets: "development",
      body: text('{\n  "foo": "\\\\u001b"\n}\n'),
      signature:
        "sha256=87316067e2011fae39998b18c46a14d83b3e7c3ffdd88fb2ee5afb7d11288e60",
    },
  ],
);

const SLACK_BODY = text(
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
);
const SLACK_SIGNATURE =
  "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

const slack = group(
  {
    scheme: "slack",
    secrets: "8f742231b10e8888abcd99yyyzzz85a5",
    header: "x-slack-signature",
    headers: { "x-slack-request-timestamp": "1531420618" },
    nowSeconds: 1_531_420_618,
    source:
      "https://docs.slack.dev/authentication/verifying-requests-from-slack (number as quoted in public test files; recomputed 2026-11-21)",
  },
  [
    {
      name: "the documented slash command",
      body: SLACK_BODY,
      signature: SLACK_SIGNATURE,
    },
    {
      name: "the documented slash command, past the documented five minutes",
      body: SLACK_BODY,
      signature: SLACK_SIGNATURE,
      nowSeconds: 1_531_420_618 + 301,
      expected: "too_old",
    },
  ],
);

const LINE_TEST =
  "https://github.com/line/line-bot-sdk-nodejs/blob/master/test/validate-signature.spec.ts (as found in public test files; recomputed 2026-11-21)";
const line = group(
  {
    scheme: "line",
    secrets: "test_secret",
    header: "x-line-signature",
    source: LINE_TEST,
  },
  [
    {
      name: "the SDK's signature",
      body: text('{"hello":"world"}'),
      signature: "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM=",
    },
    {
      name: "the SDK's signature with another case of one letter",
      body: text('{"hello":"world"}'),
      signature: "t7Hn4ZDHqs6e+wdvi5TyQIvzie0DmMUmuXEBqyyE/tM=",
      expected: "bad_signature",
    },
  ],
);

const TWILIO_URL = "https://mycompany.com/myapp.php?foo=1&bar=2";
const TWILIO_FORM = text(
  "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
);
const TWILIO_JSON = text('{"property": "value", "boolean": true}');
const TWILIO_DIGEST =
  "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const TWILIO_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const TWILIO_CSHARP =
  "https://github.com/twilio/twilio-csharp/blob/main/test/Twilio.Test/Security/RequestValidatorTest.cs (read 2026-11-21)";

const twilio = group(
  {
    scheme: "twilio",
    secrets: "12345",
    header: "x-twilio-signature",
    url: TWILIO_URL,
    source:
      "https://github.com/twilio/twilio-php/blob/main/tests/Twilio/Unit/Security/RequestValidatorTest.php (read 2026-11-21)",
  },
  [
    {
      name: "the documented form",
      body: TWILIO_FORM,
      signature: TWILIO_SIGNATURE,
      source:
        "https://www.twilio.com/docs/usage/security (number as quoted in public test files; recomputed 2026-11-21)",
    },
    {
      name: "the documented form in another order",
      body: text(
        "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309",
      ),
      signature: TWILIO_SIGNATURE,
    },
    {
      name: "values that repeat",
      body: text(
        "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
      ),
      signature: "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    },
    {
      name: "JSON with its digest in the URL",
      url: `${TWILIO_URL}&${TWILIO_DIGEST}`,
      body: TWILIO_JSON,
      signature: "a9nBmqA0ju/hNViExpshrM61xv4=",
    },
    {
      name: "JSON with nothing but its digest in the URL",
      url: `https://mycompany.com/myapp.php?${TWILIO_DIGEST}`,
      body: TWILIO_JSON,
      signature: "y77kIzt2vzLz71DgmJGsen2scGs=",
      source: TWILIO_CSHARP,
    },
    {
      name: "JSON without a digest",
      body: TWILIO_JSON,
      signature: TWILIO_SIGNATURE,
      expected: "bad_signature",
    },
    {
      name: "a signature that is none",
      body: TWILIO_FORM,
      signature: "FAIL",
      expected: "malformed_header",
    },
    {
      name: "three characters too many",
      body: TWILIO_FORM,
      signature: `NOT${TWILIO_SIGNATURE}`,
      expected: "malformed_header",
      source: TWILIO_CSHARP,
    },
    {
      // "B9=" decodes to the bytes of "B8=" (RFC 4648, section 3.5)
      name: "stray bits behind the signature",
      body: TWILIO_FORM,
      signature: TWILIO_SIGNATURE.replace("B8=", "B9="),
      expected: "malformed_header",
    },
    {
      name: "no padding behind the signature",
      body: TWILIO_FORM,
      signature: TWILIO_SIGNATURE.slice(0, -1),
      expected: "malformed_header",
    },
    {
      name: "https, signed with the default port",
      body: TWILIO_FORM,
      signature: "kvajT1Ptam85bY51eRf/AJRuM3w=",
      isOneWay: true,
    },
    {
      name: "http, signed with the default port",
      url: TWILIO_URL.replace("https", "http"),
      body: TWILIO_FORM,
      signature: "0ZXoZLH/DfblKGATFgpif+LLRf4=",
      isOneWay: true,
    },
    {
      // "Twilio will drop the username, password and port (if any)" over https:
      // https://www.twilio.com/docs/usage/security#notes, quoted in twilio-labs/twilio-aspnet issue 18
      name: "https on a port of its own, signed without it",
      url: TWILIO_URL.replace(".com", ".com:1234"),
      body: TWILIO_FORM,
      signature: TWILIO_SIGNATURE,
      isOneWay: true,
    },
    {
      name: "https on a port of its own, signed with it",
      url: TWILIO_URL.replace(".com", ".com:1234"),
      body: TWILIO_FORM,
      signature: "CYn1h0gLBdNxDGkKJg6hYohgeD8=",
      source: TWILIO_CSHARP,
      isOneWay: true,
    },
    {
      name: "http on a port of its own, signed with it",
      url: TWILIO_URL.replace("https", "http").replace(".com", ".com:1234"),
      body: TWILIO_FORM,
      signature: "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
      isOneWay: true,
    },
    {
      name: "user and password in the URL",
      url: TWILIO_URL.replace("//", "//user:pass@"),
      body: TWILIO_FORM,
      signature: "CukzLTc1tT5dXEDIHm/tKBanW10=",
    },
    {
      name: "a user in the URL",
      url: TWILIO_URL.replace("//", "//user@"),
      body: TWILIO_FORM,
      signature: "2YRLlVAflCqxaNicjMpJcSTgzSs=",
    },
    {
      name: "user and password, signed with the default port",
      url: TWILIO_URL.replace("//", "//user:pass@"),
      body: TWILIO_FORM,
      signature: "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=",
      isOneWay: true,
    },
    {
      name: "capitals in the host",
      url: TWILIO_URL.replace("myc", "MyC"),
      body: TWILIO_FORM,
      signature: "g9IN/x4Cft2g517EjYvEvM/W7LU=",
      source: TWILIO_CSHARP,
    },
    {
      name: "capitals in the host, signed without",
      url: TWILIO_URL.replace("myc", "MyC"),
      body: TWILIO_FORM,
      signature: TWILIO_SIGNATURE,
      expected: "bad_signature",
      source: TWILIO_CSHARP,
    },
    {
      name: "capitals in scheme and host",
      url: "HTTP://username:password@MyCompany.com/myapp.php?foo=1&bar=2",
      body: TWILIO_FORM,
      signature: "hy/l8pca+LFms4cvRdv8uiP6NGc=",
      source: TWILIO_CSHARP,
    },
  ],
);

/** One's own scheme: nothing but the bytes and a secret in hexadecimal digits. */
const plain = (algorithm: Scheme["algorithm"]): Scheme => ({
  name: `plain ${algorithm}`,
  algorithm,
  payloadFormat: "{body}",
  secretEncoding: "hex",
});
const LONG_KEY = "aa".repeat(131);
const JEFE = "4a656665";

const rfc4231 = group(
  {
    scheme: plain("sha256"),
    secrets: JEFE,
    header: "x-signature",
    source:
      "https://www.rfc-editor.org/rfc/rfc4231#section-4 (number as quoted in public test files; recomputed 2026-11-21)",
  },
  [
    {
      name: "case 1",
      secrets: "0b".repeat(20),
      body: text("Hi There"),
      signature:
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    },
    {
      name: "case 2",
      body: text("what do ya want for nothing?"),
      signature:
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    {
      name: "case 3",
      secrets: "aa".repeat(20),
      body: hex("dd".repeat(50)),
      signature:
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    },
    {
      name: "case 4",
      secrets: "0102030405060708090a0b0c0d0e0f10111213141516171819",
      body: hex("cd".repeat(50)),
      signature:
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    },
    {
      name: "case 5, which cuts the digest to 128 bits",
      secrets: "0c".repeat(20),
      body: text("Test With Truncation"),
      signature: "a3b6167473100ee06e0c796c2955552b",
      expected: "malformed_header",
    },
    {
      name: "case 6",
      secrets: LONG_KEY,
      body: text("Test Using Larger Than Block-Size Key - Hash Key First"),
      signature:
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    },
    {
      name: "case 7",
      secrets: LONG_KEY,
      body: text(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      ),
      signature:
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    },
    {
      name: "case 1 with SHA-512",
      scheme: plain("sha512"),
      secrets: "0b".repeat(20),
      body: text("Hi There"),
      signature:
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    },
    {
      name: "case 2 with SHA-512",
      scheme: plain("sha512"),
      body: text("what do ya want for nothing?"),
      signature:
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    },
  ],
);

const rfc2202 = group(
  {
    scheme: plain("sha1"),
    secrets: JEFE,
    header: "x-signature",
    source:
      "https://www.rfc-editor.org/rfc/rfc2202#section-3 (number as quoted in public test files; recomputed 2026-11-21)",
  },
  [
    {
      name: "case 1",
      secrets: "0b".repeat(20),
      body: text("Hi There"),
      signature: "b617318655057264e28bc0b6fb378c8ef146be00",
    },
    {
      name: "case 2",
      body: text("what do ya want for nothing?"),
      signature: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    },
  ],
);

const rfc8032 = group(
  {
    scheme: plain("ed25519"),
    secrets: "",
    header: "x-signature",
    source:
      "https://www.rfc-editor.org/rfc/rfc8032#section-7.1 (number as quoted in public test files; recomputed 2026-11-21)",
  },
  [
    {
      name: "test 1, an empty message",
      secrets:
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      body: text(""),
      signature:
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      name: "test 2",
      secrets:
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      body: hex("72"),
      signature:
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
    {
      name: "test 3",
      secrets:
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      body: hex("af82"),
      signature:
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
  ],
);

// The signature base stands in the body: components of a request are no scheme of ours.
const rfc9421 = group(
  {
    scheme: plain("sha256"),
    secrets: "",
    header: "x-signature",
    source:
      "https://www.rfc-editor.org/rfc/rfc9421#appendix-B.2 (number as quoted in public test files; recomputed 2026-11-21)",
  },
  [
    {
      name: "B.2.5, hmac-sha256",
      scheme: {
        ...plain("sha256"),
        secretEncoding: "base64",
        signatureEncoding: "base64",
      },
      secrets:
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
      body: text(
        [
          '"date": Tue, 20 Apr 2021 02:07:55 GMT',
          '"@authority": example.com',
          '"content-type": application/json',
          '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
        ].join("\n"),
      ),
      signature: "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
    },
    {
      name: "B.2.6, ed25519",
      scheme: {
        ...plain("ed25519"),
        secretEncoding: "base64",
        signatureEncoding: "base64",
      },
      secrets: "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=",
      body: text(
        [
          '"date": Tue, 20 Apr 2021 02:07:55 GMT',
          '"@method": POST',
          '"@path": /foo',
          '"@authority": example.com',
          '"content-type": application/json',
          '"content-length": 18',
          '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
        ].join("\n"),
      ),
      signature:
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
    },
  ],
);

// The sender publishes a rule and no numbers. The command above a row makes the
// digest; where the row is refused, the command says what was signed instead.
const thunderphone = group(
  {
    scheme: "thunderphone",
    secrets: "whsec_3f9c1a7be25d40c8",
    header: "x-thunderphone-signature",
    source:
      "https://docs.thunderphone.com/guides/verify-webhook-signatures (read 2026-11-21); openssl 3.0.19",
  },
  [
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a JSON body",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
    },
    // printf '' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "an empty body",
      body: text(""),
      signature:
        "c394cb62845098845123bda22f290970a9172e948258d4cc707206bfc52542ad",
    },
    // printf '{}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "{} is not nothing",
      body: text("{}"),
      signature:
        "751977d7dc7173969f021499c20a4f4c140a0fbb59e03001cde76342fbc26276",
    },
    // printf '{}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "nothing is not {}",
      body: text(""),
      signature:
        "751977d7dc7173969f021499c20a4f4c140a0fbb59e03001cde76342fbc26276",
      expected: "bad_signature",
    },
    // printf '\357\273\277{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a BOM that was signed",
      body: base64("77u/eyJkYXRlIjoiMjAyNi0xMS0yNSIsInRpbWUiOiI5OjAwIEFNIn0="),
      signature:
        "3d938da6a498e80beee48bdadf95246bb20dcb8eda15bd42a66ca89d46562566",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a BOM put before a signed body",
      body: base64("77u/eyJkYXRlIjoiMjAyNi0xMS0yNSIsInRpbWUiOiI5OjAwIEFNIn0="),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "bad_signature",
    },
    // printf '\357\273\277{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a BOM taken from a signed body",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "3d938da6a498e80beee48bdadf95246bb20dcb8eda15bd42a66ca89d46562566",
      expected: "bad_signature",
    },
    // printf '{"a":"\377\376\303("}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "bytes that are no UTF-8",
      body: base64("eyJhIjoi//7DKCJ9"),
      signature:
        "677d271572fa7d0489fa050643e42e60bf4dd72af6ea0297ae23072a90ee990e",
    },
    // printf '{"a":"\357\277\275"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a signed U+FFFD",
      body: base64("eyJhIjoi77+9In0="),
      signature:
        "b3e80db6381e626c3a7103d1126684b01d9edf2cd6b96d4e4a682fe435633235",
    },
    // printf '{"a":"\357\277\275"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "0xFF where U+FFFD was signed",
      body: base64("eyJhIjoi/yJ9"),
      signature:
        "b3e80db6381e626c3a7103d1126684b01d9edf2cd6b96d4e4a682fe435633235",
      expected: "bad_signature",
    },
    // printf '{"a":"\377"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "U+FFFD where 0xFF was signed",
      body: base64("eyJhIjoi77+9In0="),
      signature:
        "1b39769cbff74939523b14b2d13dd6ef152798c381f638ca00f40097950d851a",
      expected: "bad_signature",
    },
    // printf '{"name":"Zo\\u00eb \\u001b \\ud83d\\ude00"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "escaped letters",
      body: text('{"name":"Zo\\u00eb \\u001b \\ud83d\\ude00"}'),
      signature:
        "4ddf5149042ee1424e486d0d4f9314817970c129e859ef4e3e29c5be3bd16a38",
    },
    // printf '{"name":"Zo\303\253 \\u001b \360\237\230\200"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "the same letters as UTF-8",
      body: text('{"name":"Zoë \\u001b 😀"}'),
      signature:
        "9b65374786f4a1b9f36f8a96ebf6f88d922df0cdd9c6c789a589b27f4e57f015",
    },
    // printf '{"name":"Zo\\u00eb"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "UTF-8 where escapes were signed",
      body: text('{"name":"Zoë"}'),
      signature:
        "9ca5c5e2d852c1f2ea7579c6d748d7896b16a66a965bfd16f0ebb8a296e269d3",
      expected: "bad_signature",
    },
    // printf '{"a":"\\ud800"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a lone surrogate, escaped",
      body: text('{"a":"\\ud800"}'),
      signature:
        "a4e73b9c9c3bd0ede8a7c4ea46239986cbb2c8f50021f30592330284d1a80268",
    },
    // printf '{\000"\000a\000"\000:\000"\000b\000"\000}\000' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "UTF-16 bytes",
      body: base64("ewAiAGEAIgA6ACIAYgAiAH0A"),
      signature:
        "82cf4a70da1b0c2aa8d0682a70f61aa2f74b1d6bcc187c4f60b4989176e611c6",
    },
    // printf '{"a":"$& $$ $` $\047 $1 {body} {timestamp}"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "what a text template would take for its own",
      body: text('{"a":"$& $$ $` $\' $1 {body} {timestamp}"}'),
      signature:
        "87d25e5bda20132159bfd27a45d318ff7511132eb27c6f0a0b9d2e218c714457",
    },
    // printf '{\015\012  "a": 1\015\012}\015\012' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "CRLF line ends",
      body: text('{\r\n  "a": 1\r\n}\r\n'),
      signature:
        "7e32ffb146a79223a0748c23e54abe45d973acbc296810f02b40600fe66875f9",
    },
    // printf '{\015\012  "a": 1\015\012}\015\012' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "LF where CRLF was signed",
      body: text('{\n  "a": 1\n}\n'),
      signature:
        "7e32ffb146a79223a0748c23e54abe45d973acbc296810f02b40600fe66875f9",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a blank behind a signed body",
      body: text('{"date":"2026-11-25","time":"9:00 AM"} '),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a NUL behind a signed body",
      body: base64("eyJkYXRlIjoiMjAyNi0xMS0yNSIsInRpbWUiOiI5OjAwIEFNIn0A"),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "bad_signature",
    },
    // printf '{"a":"\000","b":1}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a NUL within a signed body",
      body: base64("eyJhIjoiACIsImIiOjF9"),
      signature:
        "bc6e3c24d57d692347c9753773e218201e43167e033fd0fbbeb0ccc7cdfa868b",
    },
    // printf '{"a":"\000","b":1}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "what follows a NUL changed",
      body: base64("eyJhIjoiACIsImIiOjJ9"),
      signature:
        "bc6e3c24d57d692347c9753773e218201e43167e033fd0fbbeb0ccc7cdfa868b",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "keys in another order",
      body: text('{"time":"9:00 AM","date":"2026-11-25"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "bad_signature",
    },
    // printf '{"a":1,"a":2,"__proto__":{"b":3},"constructor":{"prototype":{}}}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "duplicate keys and __proto__",
      body: text(
        '{"a":1,"a":2,"__proto__":{"b":3},"constructor":{"prototype":{}}}',
      ),
      signature:
        "10198d5c3a7f14d5627c8ceceba6ed88b4ca72cb366ba8fb0f925eaeec418469",
    },
    // printf '{"a":9007199254740993,"b":1e400,"c":1.0}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "numbers that JavaScript cannot hold",
      body: text('{"a":9007199254740993,"b":1e400,"c":1.0}'),
      signature:
        "944fa414269bb3b31981fd7fe3f9e3b17dd1ae625277c52b712f0f49d9984ee0",
    },
    // printf 'date=2026-11-25' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a body that is no JSON",
      body: text("date=2026-11-25"),
      signature:
        "7d098aeecc7ac0494b03ba9856e62b4d8428ff94c678057f47b50726357ea5a3",
    },
    // head -c 16384 /dev/zero | tr '\0' a | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "16 KiB",
      body: text("a".repeat(16_384)),
      signature:
        "cedea736a61017b10c568c6407eb0ec1448b3241f9a107e4b361a1d72bf2a7a1",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    {
      name: "whsec_ is part of the secret",
      secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "d53026bf63db85ccbc6bb3f8f0f6d43da7066966734668fcdbb69c46d5712214",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    {
      name: "a signature without the whsec_",
      secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "f7dd43a20975dc100592dc707874243da2aff3c570e6a8f3c91bbf8b8a2710a3",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0
    {
      name: "a signature with the decoded base64",
      secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "600b96da994a2a4d9558056e10320c8fcbbc46e4fcf5467ccca86cc35794fb64",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac '0123456789abcdef0123456789ABCDEF0123456789abcdef'
    {
      name: "48 characters without prefix",
      secrets: "0123456789abcdef0123456789ABCDEF0123456789abcdef",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "8cd66205b5ac85bfe9eed54809f8ee5a9e810d9f513763bfcce4ce31f195bdc7",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac '0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789'
    {
      name: "a secret of more than a block",
      secrets:
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "470af2e1d130889bc16613e4c805bf44f6e0aea5ec203b60e27b3451487a0c34",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'geheim-ſchlüssel-✓'
    {
      name: "a secret that is not ASCII",
      secrets: "geheim-ſchlüssel-✓",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "5be7763aea8e2b0e5eae71b87e16ceb97e5bc6630ec853fea501b3a5ad9cd774",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "the second of two secrets",
      secrets: ["whsec_the_new_one_of_two", "whsec_3f9c1a7be25d40c8"],
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      key: "1",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "the old of two labelled secrets",
      secrets: {
        new: "whsec_the_new_one_of_two",
        old: "whsec_3f9c1a7be25d40c8",
      },
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      key: "old",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "none of two secrets",
      secrets: ["whsec_the_new_one_of_two", "whsec_another_of_two"],
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "the secret with a blank behind it",
      secrets: "whsec_3f9c1a7be25d40c8 ",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "bad_signature",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "upper case",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0A64AA8A274CABDDCA6949AF15E4AAED1F25294933117AF6AE218CC706963860",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a digit too few",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc70696386",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a digit too many",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc7069638600",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "junk behind the right digits",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860zz",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a foreign prefix",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "sha256=0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "base64 of the same digest",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature: "CmSqiidMq93KaUmvFeSq7R8lKUkzEXr2riGMxwaWOGA=",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a blank before it",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        " 0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "a line break behind it",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860\n",
      expected: "malformed_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "sent twice, as Node joins it",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860, 0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "duplicate_header",
    },
    // printf '{"date":"2026-11-25","time":"9:00 AM"}' | openssl dgst -sha256 -hmac 'whsec_3f9c1a7be25d40c8'
    {
      name: "two in one header",
      body: text('{"date":"2026-11-25","time":"9:00 AM"}'),
      signature:
        "0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860,0a64aa8a274cabddca6949af15e4aaed1f25294933117af6ae218cc706963860",
      expected: "malformed_header",
    },

    {
      name: "no signature",
      body: text("{}"),
      signature: undefined,
      expected: "missing_header",
    },
  ],
);

const thunderphoneExamples = group(
  {
    scheme: "thunderphone",
    secrets: "offline-test-secret",
    header: "x-thunderphone-signature",
    source:
      "https://github.com/thunderphone/examples/blob/main/inbound-receptionist-fastapi/test_app.py (read 2026-11-21)",
  },
  [
    // printf '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}' | openssl dgst -sha256 -hmac 'offline-test-secret'
    {
      name: "the example of the fastapi receptionist",
      body: text(
        '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}',
      ),
      signature:
        "b1ca446aad8ebcf16f54e0fd9d907f28fb8579f4f4ecc001a365e2f2a02b2722",
    },
    // printf '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}' | openssl dgst -sha256 -hmac 'offline-test-secret'
    {
      name: "its body with a blank behind it",
      body: text(
        '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}} ',
      ),
      signature:
        "b1ca446aad8ebcf16f54e0fd9d907f28fb8579f4f4ecc001a365e2f2a02b2722",
      expected: "bad_signature",
    },
    // printf '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}' | openssl dgst -sha256 -hmac 'offline-test-secret'
    {
      name: "its body with an empty signature",
      body: text(
        '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}',
      ),
      signature: "",
      expected: "missing_header",
    },
    // printf '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}' | openssl dgst -sha256 -hmac 'offline-test-secret'
    {
      name: "its body with the signature 'bad'",
      body: text(
        '{"type": "telephony.complete", "data": {"call_id": 99, "transcripts": [{"role": "user", "content": "Hello"}]}}',
      ),
      signature: "bad",
      expected: "malformed_header",
    },
  ],
);

/** All that is published, and the rules of the sender that publishes no numbers. */
export const vectors: readonly Vector[] = [
  ...standardWebhooks,
  ...asymmetric,
  ...svix,
  ...github,
  ...slack,
  ...line,
  ...twilio,
  ...rfc4231,
  ...rfc2202,
  ...rfc8032,
  ...rfc9421,
  ...thunderphone,
  ...thunderphoneExamples,
];
