import { describe, expect, test } from "@jest/globals";
import { schemes, sign, verify } from "../../middleware/index.ts";
import type { Verdict } from "../../middleware/index.ts";
import { vectors } from "./vectors.ts";
import type { Vector } from "./vectors.ts";

const valid = vectors.filter(({ expected }) => expected === "valid");
const titled = (list: readonly Vector[]) =>
  list.map((vector) => [titleOf(vector), vector] as const);

function titleOf({ scheme, name }: Vector): string {
  return `${typeof scheme === "string" ? scheme : scheme.name}: ${name}`;
}

/** What is said of a vector, or of one with something changed. */
function check(vector: Vector, change: Partial<Vector> = {}): Verdict {
  const { scheme, secrets, headers, url, nowSeconds, body } = {
    ...vector,
    ...change,
  };
  return verify(scheme, secrets, {
    headers,
    body,
    now: new Date(nowSeconds * 1000),
    ...(url === undefined ? {} : { url }),
  });
}

function algorithmOf({ scheme }: Vector): string | undefined {
  return typeof scheme === "string"
    ? schemes[scheme]?.algorithm
    : scheme.algorithm;
}

test("the vectors are many, each with its source", () => {
  expect(vectors.length).toBeGreaterThanOrEqual(58);
  expect(new Set(vectors.map(titleOf)).size).toBe(vectors.length);
  expect(
    vectors.filter(({ source }) => !source.startsWith("https://")),
  ).toEqual([]);
});

describe("a published vector gets its verdict", () => {
  test.each(titled(vectors))("%s", (_, vector) => {
    const { expected, key = "0" } = vector;
    expect(check(vector)).toEqual(
      expected === "valid"
        ? { ok: true, key }
        : { ok: false, reason: expected },
    );
  });
});

describe("signing again gives the published headers", () => {
  const signable = valid.filter(
    (vector) =>
      vector.isOneWay !== true &&
      typeof vector.secrets === "string" &&
      algorithmOf(vector) !== "ed25519",
  );
  test.each(titled(signable))("%s", (_, vector) => {
    const id = Object.entries(vector.headers).find(([name]) =>
      name.endsWith("-id"),
    )?.[1];
    const signed = sign(vector.scheme, vector.secrets as string, {
      body: vector.body,
      now: new Date(vector.nowSeconds * 1000),
      ...(vector.url === undefined ? {} : { url: vector.url }),
      ...(id === undefined ? {} : { id }),
    });
    const received = Object.entries(signed).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]);
    expect(Object.fromEntries(received)).toEqual(vector.headers);
  });
});

describe("a valid vector with one change is never accepted", () => {
  test.each(titled(valid))("%s: any byte of the body", (_, vector) => {
    const accepted: string[] = [];
    const body = Buffer.from(vector.body);
    // Bits that change no letter's case: %2B and %2b are the same form.
    const bits = body.length > 4096 ? [0x01] : [0x01, 0x10, 0x80];
    for (let index = 0; index < body.length; index++) {
      const byte = body.readUInt8(index);
      for (const bit of bits) {
        body.writeUInt8(byte ^ bit, index);
        if (check(vector, { body }).ok) accepted.push(`byte ${index} ^ ${bit}`);
      }
      body.writeUInt8(byte, index);
    }
    expect(accepted).toEqual([]);
    expect(check(vector, { body }).ok).toBe(true);
  });

  test.each(titled(valid))("%s: more or less body", (_, { body, ...rest }) => {
    const vector = { ...rest, body };
    const changed: Buffer[] = [
      " ",
      "\0",
      "\n",
      "\r\n",
      "\uFEFF",
      "0",
      "}",
    ].flatMap((more) => [
      Buffer.concat([body, Buffer.from(more)]),
      Buffer.concat([Buffer.from(more), body]),
    ]);
    if (body.length > 0)
      changed.push(body.subarray(1), body.subarray(0, -1), Buffer.alloc(0));
    for (const other of changed)
      expect(check(vector, { body: other })).toMatchObject({ ok: false });
  });

  test.each(titled(valid))("%s: any character of a header", (_, vector) => {
    const accepted: string[] = [];
    for (const [name, value] of Object.entries(vector.headers)) {
      const needed = value.indexOf(vector.needed ?? value);
      const start = Math.max(needed, 0);
      const end =
        needed < 0 ? value.length : start + (vector.needed ?? value).length;
      for (const [what, other] of mutationsOf(value, start, end)) {
        const headers = { ...vector.headers, [name]: other };
        if (check(vector, { headers }).ok) accepted.push(`${name}: ${what}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  const located = valid.filter(
    ({ url, isOneWay }) => url !== undefined && isOneWay !== true,
  );
  test.each(titled(located))("%s: any character of the URL", (_, vector) => {
    const { url = "" } = vector;
    const accepted = mutationsOf(url, 0, url.length)
      .filter(([, other]) => check(vector, { url: other }).ok)
      .map(([what]) => what);
    expect(accepted).toEqual([]);
  });

  test.each(titled(valid))("%s: another secret", (_, vector) => {
    const secrets = foreignSecretOf(vector);
    expect(check(vector, { secrets })).toEqual({
      ok: false,
      reason: "bad_signature",
    });
  });
});

/** Of the right form, and nobody's; for ed25519 the public key of RFC 8032's test 1024. */
function foreignSecretOf(vector: Vector): string {
  if (algorithmOf(vector) !== "ed25519")
    return "0123456789abcdef0123456789abcdef"; // text, digits and base64
  const digits =
    "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e";
  return typeof vector.secrets === "string" &&
    /^[0-9a-f]{64}$/.test(vector.secrets)
    ? digits
    : Buffer.from(digits, "hex").toString("base64");
}

/** A text with one character replaced, left out or doubled between start and end. */
function mutationsOf(
  text: string,
  start: number,
  end: number,
): [what: string, text: string][] {
  const found = new Map<string, string>();
  for (let index = start; index < end; index++) {
    const character = text.charAt(index);
    const before = text.slice(0, index);
    const after = text.slice(index + 1);
    const flipped = String.fromCharCode(character.charCodeAt(0) ^ 0x20);
    const next = String.fromCharCode(character.charCodeAt(0) + 1);
    for (const other of [
      "0",
      "f",
      "A",
      "z",
      "=",
      ",",
      " ",
      "\u00e9",
      "\uFF10",
      "",
      `${character}${character}`,
      flipped,
      next,
    ])
      found.set(
        `${before}${other}${after}`,
        `${index}: ${JSON.stringify(other)}`,
      );
  }
  found.delete(text);
  return [...found].map(([other, what]) => [what, other]);
}
