import { describe, expect, test } from "@jest/globals";
import {
  schemes,
  sign,
  verify,
  verifySignature,
} from "../../middleware/index.ts";

const SECRET = "whsec_test_secret";

// Each digest by: printf BODY | openssl dgst -sha256 -hmac whsec_test_secret
const VECTORS: [what: string, body: Buffer, signature: string][] = [
  [
    "a JSON body",
    Buffer.from('{"date":"2026-03-09"}'),
    "34015fdb1d1d18bb14a43e2659dea7e1ab359ecd6b40b2e853430885043d2460",
  ],
  [
    "an empty body",
    Buffer.alloc(0),
    "c6c175a074d482e2b94a0f8c5619f3abd861a511ec3ea7603b906811fd3d9d30",
  ],
  // printf '\xef\xbb\xbf{"a":"\xff"}'
  [
    "a body with a BOM and a byte that is no UTF-8",
    Buffer.from("efbbbf7b2261223a22ff227d", "hex"),
    "17365f402067e02092ba000bf706b4d7395985c165ed601329ad16d241233cc1",
  ],
];
const [[, body, signature]] = VECTORS as [[string, Buffer, string]];

const check = (
  header: string | string[] | undefined,
  bytes: Uint8Array = body,
  secrets: Parameters<typeof verify>[1] = SECRET,
) =>
  verify("thunderphone", secrets, {
    headers: { "x-thunderphone-signature": header },
    body: bytes,
  });

describe("thunderphone", () => {
  test.each(VECTORS)("signs and verifies %s", (_, bytes, expected) => {
    expect(sign("thunderphone", SECRET, { body: bytes })).toEqual({
      "X-ThunderPhone-Signature": expected,
    });
    expect(check(expected, bytes)).toEqual({ ok: true, key: "0" });
  });

  test("refuses a body changed by one byte, wherever", () => {
    for (let index = 0; index < body.length; index++) {
      const altered = Buffer.from(body);
      altered.writeUInt8((altered.readUInt8(index) + 1) % 256, index);
      expect(check(signature, altered)).toEqual({
        ok: false,
        reason: "bad_signature",
      });
    }
    for (const altered of [
      Buffer.concat([body, Buffer.from("\n")]),
      body.subarray(1),
      Buffer.from(`\uFEFF${body.toString()}`),
    ]) {
      expect(check(signature, altered)).toEqual({
        ok: false,
        reason: "bad_signature",
      });
    }
  });

  test("tells a byte that is no UTF-8 from the replacement character", () => {
    const [header = ""] = Object.values(
      sign("thunderphone", SECRET, { body: Buffer.from("\uFFFD") }),
    );
    expect(check(header, Buffer.from([0xff]))).toEqual({
      ok: false,
      reason: "bad_signature",
    });
  });

  const headers: [
    what: string,
    header: string | string[] | undefined,
    reason: string,
  ][] = [
    ["none", undefined, "missing_header"],
    ["empty", "", "missing_header"],
    ["a list", [signature, signature], "duplicate_header"],
    [
      "sent twice, as Node joins it",
      `${signature}, ${signature}`,
      "duplicate_header",
    ],
    ["a digit too few", signature.slice(1), "malformed_header"],
    ["a digit too many", `${signature}0`, "malformed_header"],
    [
      "junk behind a right prefix",
      `${signature.slice(0, 62)}zz`,
      "malformed_header",
    ],
    ["upper case", signature.toUpperCase(), "malformed_header"],
    ["a foreign prefix", `sha256=${signature}`, "malformed_header"],
    [
      "base64 of the same digest",
      Buffer.from(signature, "hex").toString("base64"),
      "malformed_header",
    ],
    [
      "full-width digits",
      signature.replaceAll("0", "\uFF10"),
      "malformed_header",
    ],
    ["16 KiB", "0".repeat(16_384), "malformed_header"],
    ["another digest", "0".repeat(64), "bad_signature"],
  ];
  test.each(headers)("refuses a header that is: %s", (_, header, reason) => {
    expect(check(header)).toEqual({ ok: false, reason });
  });

  test("reads fetch's Headers too", () => {
    const given = new Headers({ "X-ThunderPhone-Signature": signature });
    expect(verify("thunderphone", SECRET, { headers: given, body })).toEqual({
      ok: true,
      key: "0",
    });
  });

  test("says which secret of a list matched", () => {
    expect(check(signature, body, ["new", SECRET])).toEqual({
      ok: true,
      key: "1",
    });
    expect(check(signature, body, { old: SECRET, new: "new" })).toEqual({
      ok: true,
      key: "old",
    });
    expect(check(signature, body, ["other", "another"])).toEqual({
      ok: false,
      reason: "bad_signature",
    });
  });

  test("throws for a secret with which anybody could sign", () => {
    for (const secrets of [
      "",
      "  ",
      [],
      ["good", ""],
      undefined as unknown as string,
      [null as unknown as string],
    ]) {
      const headers = { "x-thunderphone-signature": signature };
      expect(() => verify("thunderphone", secrets, { headers, body })).toThrow(
        TypeError,
      );
    }
    expect(() => sign("thunderphone", "", { body })).toThrow(TypeError);
  });
});

describe("twilio", () => {
  // Twilio's published example: https://www.twilio.com/docs/usage/security (token 12345)
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  const form = Buffer.from(
    "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309",
  );
  const headers = { "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" };

  test("verifies the published example", () => {
    expect(verify("twilio", "12345", { headers, url, body: form })).toEqual({
      ok: true,
      key: "0",
    });
    expect(sign("twilio", "12345", { url, body: form })).toEqual({
      "X-Twilio-Signature": headers["x-twilio-signature"],
    });
  });

  test("refuses another URL, another field, and base64 that only decodes alike", () => {
    expect(
      verify("twilio", "12345", { headers, url: `${url}#`, body: form }),
    ).toMatchObject({ reason: "bad_signature" });
    expect(
      verify("twilio", "12345", {
        headers,
        url,
        body: Buffer.concat([form, Buffer.from("&a=b")]),
      }),
    ).toMatchObject({ reason: "bad_signature" });
    const twin = { "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B9=" };
    expect(
      verify("twilio", "12345", { headers: twin, url, body: form }),
    ).toMatchObject({ reason: "malformed_header" });
  });

  test("does not read JSON as a form, behind a byte order mark neither", () => {
    for (const mark of ["", "\ufeff", " "]) {
      const json = `${mark}{"q":"1 2"}`;
      const signed = sign("twilio", "12345", { url, body: json });
      const received = { "x-twilio-signature": Object.values(signed).join() };
      const plus = Buffer.from(json.replace("1 2", "1+2"));
      expect(
        verify("twilio", "12345", { headers: received, url, body: plus }),
      ).toEqual({ ok: false, reason: "bad_signature" });
    }
  });

  test("wants the URL that it signs", () => {
    expect(() => verify("twilio", "12345", { headers, body: form })).toThrow(
      /URL/,
    );
  });
});

test("schemes are frozen data, and an unknown one is named", () => {
  expect(JSON.parse(JSON.stringify(schemes))).toEqual(schemes);
  expect(
    Object.values(schemes).every((scheme) => Object.isFrozen(scheme)),
  ).toBe(true);
  expect(() => sign("nobody", SECRET, { body })).toThrow(
    /unknown signature scheme "nobody".*thunderphone/,
  );
  expect(() => sign("constructor", SECRET, { body })).toThrow(TypeError);
});

describe("what the program got wrong is told in our own words", () => {
  const right = { headers: {}, body };
  const wrong: [what: string, run: () => unknown, words: RegExp][] = [
    [
      "sign without a request",
      () => sign("slack", SECRET, undefined as never),
      /^body: /,
    ],
    [
      "sign without a body",
      () => sign("slack", SECRET, {} as never),
      /^body: /,
    ],
    [
      "sign with a number for an id",
      () =>
        sign("svix", "whsec_MfKQ9r8GKYqrTwjU", {
          body,
          now: new Date(),
          id: 5 as never,
        }),
      /signs an id/,
    ],
    [
      "verify without a request",
      () => verify("slack", SECRET, undefined as never),
      /^request: /,
    ],
    [
      "headers in a Map",
      () =>
        verify("thunderphone", SECRET, {
          ...right,
          headers: new Map() as never,
        }),
      /^headers: /,
    ],
    [
      "a URL that is none",
      () => verify("twilio", SECRET, { ...right, url: 5 as never }),
      /signs the URL/,
    ],
    [
      "no URL, though nobody signed",
      () => verify("twilio", SECRET, right),
      /signs the URL/,
    ],
    [
      "a number for a secret",
      () => verify("thunderphone", [5] as never, right),
      /"0": expected a text, received number/,
    ],
    [
      "two schemes with one header in a list",
      () =>
        verifySignature({
          secrets: SECRET,
          scheme: [{ algorithm: "sha256" }, { algorithm: "sha512" }],
        }),
      /read the same header/,
    ],
  ];
  test.each(wrong)("%s", (_, run, words) => {
    expect(run).toThrow(TypeError);
    expect(run).toThrow(words);
  });
});
