import { constants } from "node:buffer";
import {
  brotliDecompress,
  gunzip,
  inflate as unzlib,
  inflateRaw,
} from "node:zlib";
import type { ZlibOptions } from "node:zlib";

/** A coding that can be undone. */
export type ContentEncoding = "gzip" | "deflate" | "br";

export type Inflated =
  | { ok: true; body: Buffer }
  | { ok: false; reason: "body_too_large" | "corrupt" };

/**
 * What a Content-Encoding header names. Codings are case-insensitive and
 * `x-gzip` is gzip (RFC 9110, section 8.4.1); a list of several is "other".
 */
export function readEncoding(
  header: string | string[] | undefined,
): "identity" | ContentEncoding | "other" {
  const name = String(header ?? "")
    .replace(/^[ \t]+|[ \t]+$/g, "")
    .toLowerCase();
  switch (name) {
    case "":
    case "identity":
      return "identity";
    case "x-gzip":
      return "gzip";
    case "gzip":
    case "deflate":
    case "br":
      return name;
    default:
      return "other";
  }
}

/**
 * Undoes a content coding, off the event loop. Ends as soon as the output is
 * above the bound, however much would follow. Never throws.
 * @param maxBytes  longest output in bytes
 * @returns "corrupt" also for input that ends early or goes on behind its end
 */
export function inflate(
  body: Buffer,
  encoding: ContentEncoding,
  maxBytes: number,
): Promise<Inflated> {
  return new Promise((resolve) => {
    // Node takes bounds from 1 to the longest Buffer, and NaN for none at all.
    const maxOutputLength =
      maxBytes >= 1 ? Math.min(maxBytes, constants.MAX_LENGTH) : 1;
    function finish(error: Error | null, result: unknown): void {
      resolve(error ? failure(error) : check(result, body, maxBytes));
    }
    // With `info` the engine comes too, which knows how much it has read.
    const options = { maxOutputLength, info: true };
    try {
      if (body.length === 0) resolve({ ok: false, reason: "corrupt" });
      else decoder(encoding, body)(body, options, finish);
    } catch (error) {
      resolve(failure(error)); // a bound that is no number
    }
  });
}

type Decoder = (
  body: Buffer,
  options: ZlibOptions,
  done: (error: Error | null, result: unknown) => void,
) => void;

function decoder(encoding: ContentEncoding, body: Buffer): Decoder {
  if (encoding === "gzip") return gunzip;
  if (encoding === "br") return brotliDecompress as Decoder;
  return isZlib(body) ? unzlib : inflateRaw;
}

/**
 * "deflate" is the zlib format, but some send the bare stream (RFC 9110,
 * section 8.4.1.2). The header tells: method 8 and a check of 31 (RFC 1950, section 2.2).
 */
function isZlib(body: Buffer): boolean {
  if (body.length < 2) return false;
  return (body.readUInt8(0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
}

function check(result: unknown, body: Buffer, maxBytes: number): Inflated {
  const { buffer, engine } = result as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  // Node ignores what stands behind the end of a zlib or brotli stream.
  if (engine.bytesWritten !== body.length)
    return { ok: false, reason: "corrupt" };
  return buffer.length <= maxBytes
    ? { ok: true, body: buffer }
    : { ok: false, reason: "body_too_large" };
}

function failure(error: unknown): Inflated {
  const { code } = error as { code?: string };
  const isBound = code === "ERR_BUFFER_TOO_LARGE";
  return { ok: false, reason: isBound ? "body_too_large" : "corrupt" };
}
