import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { inflate, readEncoding } from "../../middleware/bodies/inflate.ts";
import type { ContentEncoding } from "../../middleware/bodies/inflate.ts";

const BODY = Buffer.from('{"date":"2026-03-09","name":"José"}');
const CORRUPT = { ok: false, reason: "corrupt" };
const TOO_LARGE = { ok: false, reason: "body_too_large" };

const CODERS: [
  name: string,
  encoding: ContentEncoding,
  write: (body: Buffer) => Buffer,
][] = [
  ["gzip", "gzip", gzipSync],
  ["deflate (zlib)", "deflate", deflateSync],
  ["deflate (raw)", "deflate", deflateRawSync],
  ["br", "br", brotliCompressSync],
];

describe.each(CODERS)("%s", (_, encoding, write) => {
  test("is undone, also at just the bound and where nothing is in it", async () => {
    for (const body of [BODY, Buffer.alloc(0), Buffer.alloc(300_000, "ab")]) {
      expect(
        await inflate(write(body), encoding, Math.max(body.length, 1)),
      ).toEqual({ ok: true, body });
    }
    expect(await inflate(write(Buffer.alloc(0)), encoding, 0)).toEqual({
      ok: true,
      body: Buffer.alloc(0),
    });
  });

  test("is too large one byte above the bound", async () => {
    const bound = BODY.length - 1;
    expect(await inflate(write(BODY), encoding, bound)).toEqual(TOO_LARGE);
    expect(await inflate(write(BODY), encoding, 0)).toEqual(TOO_LARGE);
    expect(await inflate(write(Buffer.from("a")), encoding, 0)).toEqual(
      TOO_LARGE,
    );
  });

  test("of 16 MiB ends at the bound: what follows it is not even read", async () => {
    const bomb = write(Buffer.alloc(16 * 1_048_576));
    expect(await inflate(bomb, encoding, 1_048_576)).toEqual(TOO_LARGE);
    const broken = bomb.subarray(0, Math.floor(bomb.length / 2));
    // Brotli needs so few bytes that half of them is nearly nothing.
    if (encoding !== "br")
      expect(await inflate(broken, encoding, 1_048_576)).toEqual(TOO_LARGE);
  });

  test("is corrupt wherever it is cut off", async () => {
    const whole = write(BODY);
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      expect(await inflate(cut, encoding, 1000)).toEqual(CORRUPT);
    }
  });

  test.each([
    ["a letter", "x"],
    ["a NUL", "\0"],
    ["NULs", "\0".repeat(100)],
    ["a line feed", "\n"],
    ["half a header", "\x1f\x8b"],
    ["64 KiB", "x".repeat(65_536)],
  ])("is corrupt with %s behind its end", async (__, junk) => {
    const body = Buffer.concat([write(BODY), Buffer.from(junk, "latin1")]);
    expect(await inflate(body, encoding, 1000)).toEqual(CORRUPT);
  });

  test("is corrupt where it is none", async () => {
    for (const junk of ["{}", "\xff".repeat(40), BODY.toString("latin1")]) {
      const body = Buffer.from(junk, "latin1");
      expect(await inflate(body, encoding, 1000)).toEqual(CORRUPT);
    }
  });

  test("is too large for a bound that is none, and never open", async () => {
    for (const bound of [Number.NaN, -1, 0.5, -Infinity])
      expect(await inflate(write(BODY), encoding, bound)).toEqual(TOO_LARGE);
    for (const bound of [Infinity, 2 ** 53, 1000.5])
      expect(await inflate(write(BODY), encoding, bound)).toEqual({
        ok: true,
        body: BODY,
      });
  });

  test("throws for no changed byte", async () => {
    const whole = write(BODY);
    for (let index = 0; index < whole.length; index++) {
      const altered = Buffer.from(whole);
      altered.writeUInt8(altered.readUInt8(index) ^ 0xff, index);
      expect(typeof (await inflate(altered, encoding, 1000)).ok).toBe(
        "boolean",
      );
    }
  });
});

describe("what only one coding has", () => {
  test("gzip of several members is one body (RFC 1952, section 2.2)", async () => {
    const members = Buffer.concat([gzipSync("{"), gzipSync("}")]);
    expect(await inflate(members, "gzip", 2)).toEqual({
      ok: true,
      body: Buffer.from("{}"),
    });
    expect(await inflate(members, "gzip", 1)).toEqual(TOO_LARGE);
  });

  test("a wrong checksum is corrupt", async () => {
    for (const [write, encoding] of [
      [gzipSync, "gzip"],
      [deflateSync, "deflate"],
    ] as const) {
      const body = Buffer.from(write(BODY));
      const at = encoding === "gzip" ? body.length - 8 : body.length - 1;
      body.writeUInt8(body.readUInt8(at) ^ 1, at);
      expect(await inflate(body, encoding, 1000)).toEqual(CORRUPT);
    }
  });

  test("zlib that wants a dictionary is corrupt", async () => {
    const body = deflateSync(BODY, { dictionary: BODY });
    expect(await inflate(body, "deflate", 1000)).toEqual(CORRUPT);
  });
});

describe("a Content-Encoding header", () => {
  test.each([
    [undefined, "identity"],
    ["", "identity"],
    [" \t", "identity"],
    ["identity", "identity"],
    ["Identity", "identity"],
    ["gzip", "gzip"],
    [" GZip\t", "gzip"],
    ["x-gzip", "gzip"],
    ["X-GZIP", "gzip"],
    ["deflate", "deflate"],
    ["DEFLATE", "deflate"],
    ["br", "br"],
    [" Br ", "br"],
    ["gzip, gzip", "other"],
    ["gzip,", "other"],
    ["identity, gzip", "other"],
    ["gzip;q=1", "other"],
    ["gzip gzip", "other"],
    ["\u00a0gzip", "other"],
    ["compress", "other"],
    ["x-deflate", "other"],
    ["zstd", "other"],
    ["constructor", "other"],
  ])("%j is %s", (header, encoding) => {
    expect(readEncoding(header)).toBe(encoding);
  });
});
