import { createHmac, hash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { writePayload } from "./payload.ts";
import type { PayloadPart, PayloadValues } from "./payload.ts";

type MacAlgorithm = "sha1" | "sha256" | "sha512";

/** A secret as HMAC uses it: the key, padded to a block of the hash (RFC 2104, section 2). */
export interface MacKey {
  key: KeyObject;
  /** The block before the message. */
  inner: Buffer;
  /** The block before the inner digest, and room for it. */
  outer: Buffer;
}

const BLOCK_BYTES = { sha1: 64, sha256: 64, sha512: 128 };
const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64 };
// Longer messages are better hashed piece by piece than copied.
const SHORT_BYTES = 65_536;

/** Short messages behind their key's block; filled anew for each. */
const scratch = Buffer.alloc(BLOCK_BYTES.sha512 + SHORT_BYTES);

export function toMacKey(algorithm: MacAlgorithm, key: KeyObject): MacKey {
  const secret = key.export();
  const block = Buffer.alloc(BLOCK_BYTES[algorithm]);
  block.set(
    secret.length > block.length ? hash(algorithm, secret, "buffer") : secret,
  );
  return {
    key,
    inner: Buffer.from(block.map((byte) => byte ^ 0x36)),
    outer: Buffer.concat([
      block.map((byte) => byte ^ 0x5c),
      Buffer.alloc(DIGEST_BYTES[algorithm]),
    ]),
  };
}

/**
 * HMAC of the scheme's message, encoded. Of a short one by its definition, two
 * plain hashes: `createHmac` makes a native object each time, and in a server
 * that costs more than the hashing (DECISIONS 28).
 */
export function computeMac(
  algorithm: MacAlgorithm,
  { key, inner, outer }: MacKey,
  message: { payload: readonly PayloadPart[]; encoding: "hex" | "base64" },
  values: PayloadValues,
): string {
  const { payload, encoding } = message;
  let end = inner.length;
  writePayload(payload, values, {
    update(bytes) {
      const start = end;
      end +=
        typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
      if (end > scratch.length) return;
      if (typeof bytes === "string") scratch.write(bytes, start);
      else scratch.set(bytes, start);
    },
  });
  if (end > scratch.length) {
    const mac = createHmac(algorithm, key);
    writePayload(payload, values, mac);
    return mac.digest(encoding);
  }
  scratch.set(inner);
  outer.set(hash(algorithm, scratch.subarray(0, end), "buffer"), inner.length);
  return hash(algorithm, outer, encoding);
}
