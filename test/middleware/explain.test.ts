import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { explainSignature, sign } from "../../middleware/index.ts";

const SECRET = "whsec_3f9c1a7be25d40c8";
const BASE64 = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"date":"2026-03-09","time":"9:00 AM"}';

const sha256 = (text: string | Buffer) =>
  createHash("sha256").update(text).digest("hex");

/** Signed as it should be, then delivered with another body. */
function explain(
  body: string | Buffer,
  { scheme = "thunderphone", url = "https://a.example/book" } = {},
) {
  const now = new Date(1_700_000_000_000);
  const headers = sign(scheme, SECRET, { body: BODY, now, url, id: "msg_1" });
  return explainSignature(scheme, { headers, body: Buffer.from(body), url });
}

describe("explainSignature", () => {
  test("tells the bytes that were hashed, and that nothing is odd", () => {
    expect(explain(BODY)).toEqual({
      scheme: "thunderphone",
      hashed: { bytes: BODY.length, sha256: sha256(BODY) },
      body: { bytes: BODY.length, sha256: sha256(BODY) },
      canonical: { isCanonical: true },
      causes: [expect.stringContaining("the secret is another one")],
    });
  });

  test("tells message and body apart where more than the body is signed, whatever the time", () => {
    const { hashed, body, canonical } = explain(BODY, { scheme: "slack" });
    const message = `v0:1700000000:${BODY}`;
    expect(hashed).toEqual({ bytes: message.length, sha256: sha256(message) });
    expect(body).toEqual({ bytes: BODY.length, sha256: sha256(BODY) });
    expect(canonical).toBeUndefined();
  });

  const differences: [
    what: string,
    body: string,
    offset: number,
    found: string,
    expected: string,
  ][] = [
    ["a blank", '{"date": "x"}', 8, ' "x"}', '"x"}'],
    ["keys out of order", '{"b":1,"a":2}', 2, 'b":1,"a":2}', 'a":2,"b":1}'],
    ["a line break behind", '{"a":1}\n', 7, "\\x0a", ""],
    [
      "a byte order mark",
      '\ufeff{"a":1}',
      0,
      '\\xef\\xbb\\xbf{"a":1}',
      '{"a":1}',
    ],
    [
      "an escape that nobody needs",
      '{"a":"\\/ways"}',
      6,
      '\\/ways"}',
      '/ways"}',
    ],
  ];
  test.each(differences)(
    "shows the first difference to the canonical form: %s",
    (_, body, offset, found, expected) => {
      expect(explain(body).canonical).toEqual({
        isCanonical: false,
        difference: { offset, found, expected },
      });
    },
  );

  test.each([
    ['{"a":"Müller","b":2}', "raw"],
    ['{"a":"M\\u00fcller","b":2}', "as ASCII"],
  ])("takes UTF-8 %s for canonical, %s", (body) => {
    expect(explain(body).canonical).toEqual({ isCanonical: true });
  });

  test("compares with the form that is nearest", () => {
    const { canonical } = explain('{"a":"M\\u00fcller", "b":2}');
    expect(canonical?.difference).toEqual({
      offset: 19,
      found: ' "b":2}',
      expected: '"b":2}',
    });
  });

  const bodies: [what: string, body: string | Buffer, cause: RegExp][] = [
    ["a line break at the end", `${BODY}\n`, /ends with a line break/],
    ["a byte order mark", `\ufeff${BODY}`, /byte order mark/],
    ["line ends of Windows", '{\r\n"a":1}', /CR LF/],
    ["pretty-printed JSON", '{\n  "a": 1\n}', /pretty-printed/],
    ["a blank in front", ` ${BODY}`, /white space/],
    ["keys out of order", '{"b":1,"a":2}', /sort the keys/],
    ["an empty body", "", /empty: perhaps something has read it/],
    ["a body that is no JSON", "date=tomorrow", /no JSON/],
    ["a compressed body", Buffer.from("1f8b08", "hex"), /compressed/],
    ["bytes that are no UTF-8", Buffer.from("7bff7d", "hex"), /not UTF-8/],
    ["what a conversion to text leaves", '{"a":"\ufffd"}', /U\+FFFD/],
  ];
  test.each(bodies)("names a likely cause: %s", (_, body, cause) => {
    const { causes } = explain(body);
    expect(causes.filter((each) => cause.test(each))).toHaveLength(1);
    expect(causes.join()).not.toContain("Nothing is odd");
  });

  test("a line break or a mark alone is not called unsorted", () => {
    for (const body of [`${BODY}\n`, `${BODY}\r\n`, `\ufeff${BODY}`])
      expect(explain(body).causes.join()).not.toMatch(/sort|white space/);
  });

  test("white space inside of texts is none", () => {
    const body = '{"a":"9:00 AM \\" , x","b":[1,2]}';
    expect(explain(body).causes.join()).toContain("Nothing is odd");
  });

  const times: [scheme: string, header: string, cause: RegExp][] = [
    ["stripe", "t=1700000000000,v1=", /too large for seconds/],
    ["retell", "v=1700000000,d=", /too small for milliseconds/],
    ["stripe", "t=2023-11-14,v1=", /no plain number|malformed/],
  ];
  test.each(times)("knows a time in the wrong unit: %s %s", (...row) => {
    const [scheme, fields, cause] = row;
    const name = `${scheme}-signature`;
    const header = `${fields}${"0".repeat(64)}`;
    const { causes } = explainSignature(scheme, {
      headers: { [scheme === "retell" ? "x-retell-signature" : name]: header },
      body: Buffer.from(BODY),
    });
    expect(causes[0]).toMatch(cause);
  });

  const headers: [
    what: string,
    headers: Record<string, string>,
    cause: RegExp,
  ][] = [
    ["none", {}, /There is no webhook-signature/],
    [
      "no time",
      { "webhook-signature": "v1,", "webhook-id": "1" },
      /There is no webhook-timestamp/,
    ],
    [
      "another scheme's",
      { "X-Hub-Signature-256": "sha256=00" },
      /look like scheme github/,
    ],
    [
      "one that came twice",
      {
        "webhook-signature": "v1,a, v1,a",
        "webhook-id": "1",
        "webhook-timestamp": "1700000000",
      },
      /webhook-signature was sent twice/,
    ],
    [
      "a malformed one",
      {
        "webhook-signature": "00ff",
        "webhook-id": "1",
        "webhook-timestamp": "1700000000",
      },
      /expected as v1,SIGNATURE, with 44 characters of base64/,
    ],
    [
      "words for a time",
      {
        "webhook-signature": "v1,a",
        "webhook-id": "1",
        "webhook-timestamp": "noon",
      },
      /no plain number/,
    ],
  ];
  test.each(headers)(
    "says what is wrong with the headers: %s",
    (_, given, cause) => {
      const { causes, hashed } = explainSignature("standard-webhooks", {
        headers: given,
        body: Buffer.from(`${BODY}\n`),
      });
      expect(hashed).toBeUndefined();
      expect(causes).toEqual([expect.stringMatching(cause)]);
    },
  );

  test("knows the slips of signed URLs", () => {
    const twilio = (url: string, body = "A=1") =>
      explainSignature("twilio", {
        headers: { "x-twilio-signature": `${"A".repeat(27)}=` },
        body: Buffer.from(body),
        url,
      }).causes.join();
    expect(twilio("http://a.example/book")).toMatch(/not https/);
    expect(twilio("https://a.example/book", "{}")).toMatch(/no bodySHA256/);
    const digest = sha256(BODY);
    const url = `https://a.example/book?bodySHA256=${digest}`;
    expect(twilio(url, BODY)).toMatch(/Nothing is odd/);
    expect(twilio(url, "{}")).toMatch(/not the SHA-256 of the body/);
  });

  test("says how this scheme reads its secret", () => {
    const said = (scheme: string) =>
      explainSignature(scheme, {
        headers: sign(scheme, BASE64, {
          body: BODY,
          id: "1",
          now: new Date(0),
        }),
        body: Buffer.from(BODY),
      }).causes.join();
    expect(said("shopify")).toMatch(
      /All of its text counts here, and a whsec_ before it is part/,
    );
    expect(said("standard-webhooks")).toMatch(
      /It is base64 here, and whsec_ before it is no part/,
    );
  });

  test("has no signature and no secret in it", () => {
    for (const body of [BODY, `${BODY}\n`, "", "x"]) {
      const text = JSON.stringify(explain(body));
      for (const signed of [BODY, body]) {
        const [signature = ""] = Object.values(
          sign("thunderphone", SECRET, { body: signed }),
        );
        expect(text).not.toContain(signature);
      }
      expect(text).not.toContain(SECRET);
    }
  });

  test("takes bodies of any depth and size", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(explain(deep).canonical).toEqual({ isCanonical: false });
    const long = `{"a":"${"\\n".repeat(1_000_000)}"}`;
    expect(explain(long).canonical).toEqual({ isCanonical: true });
  });

  test("throws for what the program got wrong", () => {
    const request = { headers: {}, body: Buffer.from("") };
    expect(() => explainSignature("nobody", request)).toThrow(TypeError);
    expect(() => explainSignature("twilio", request)).toThrow(/URL/);
    expect(() =>
      explainSignature("thunderphone", { headers: {}, body: "" as never }),
    ).toThrow(/bytes/);
  });
});
