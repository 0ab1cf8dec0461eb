import { hash, timingSafeEqual, verify as verifyPublic } from "node:crypto";
import { lowerNames, readSignedHeaders } from "./headers.ts";
import type { HeaderSource, SignedHeaders } from "./headers.ts";
import { readKeys } from "./keys.ts";
import { computeMac } from "./mac.ts";
import type { Key, Secrets } from "./keys.ts";
import { writePayload } from "./payload.ts";
import type { PayloadValues } from "./payload.ts";
import type { Reason } from "../reason.ts";
import type { Scheme } from "../schemes/scheme.ts";
import type { SchemeConfig } from "../schemes/config.ts";
import { findScheme } from "../schemes/schemes.ts";
import { readParameter, spellPort } from "./url.ts";

export type Verdict = { ok: true; key: string } | { ok: false; reason: Reason };

/** The parts of a request that a signature can cover besides its headers. */
export interface SignedParts {
  body: Uint8Array;
  method?: string | undefined;
  url?: string | undefined;
}

/**
 * Says whether one of the secrets signed exactly these bytes. Pure: no clock,
 * no log. The header's form is checked before anything is compared, and
 * signatures of a fixed length are compared in constant time.
 * @param request  `now` is a must where the scheme signs a time, `url` and `method` where it signs those
 * @returns the label (else index) of the secret that matched, or the reason
 * @throws TypeError for what the program got wrong: an unknown scheme, an empty secret, a missing `now` or `url`, a body that is no bytes
 */
export function verify(
  scheme: string | Scheme,
  secrets: Secrets,
  request: SignedParts & { headers: HeaderSource; now?: Date },
): Verdict {
  const config = findScheme(scheme);
  const keys = readKeys(config, secrets);
  requireParts(config, request);
  const { now } = request;
  let headers = readSignedHeaders(config, request.headers, now);
  if (!headers.ok && headers.reason === "missing_header")
    headers = readSignedHeaders(config, lowerNames(request.headers), now);
  return headers.ok ? checkSignature(config, keys, headers, request) : headers;
}

/** @throws TypeError for what the program, not the sender, has left out */
export function requireParts(
  config: SchemeConfig,
  request: SignedParts & { headers?: unknown },
): void {
  if (typeof request !== "object" || request === null)
    throw new TypeError("request: expected { headers, body }");
  const { body, method, url } = request;
  if (!(body instanceof Uint8Array))
    throw new TypeError("body: expected the bytes as they were received");
  if (
    "headers" in request &&
    (typeof request.headers !== "object" ||
      request.headers === null ||
      (Symbol.iterator in request.headers &&
        !(request.headers instanceof Headers)))
  )
    throw new TypeError(
      "headers: expected an object of header names, or a fetch Headers",
    );
  if (config.signs.has("method") && typeof method !== "string")
    throw new TypeError(`scheme ${config.name} signs the method: give one`);
  if (config.signs.has("url") && typeof url !== "string")
    throw new TypeError(`scheme ${config.name} signs the URL: give one`);
}

/** The second half of `verify`, for whoever reads the body between the two. */
export function checkSignature(
  config: SchemeConfig,
  keys: readonly Key[],
  headers: SignedHeaders,
  request: SignedParts,
): Verdict {
  const { keyId } = headers;
  const candidates =
    keyId === undefined ? keys : keys.filter(({ label }) => label === keyId);
  if (candidates.length === 0) return { ok: false, reason: "unknown_key" };
  let matched: string | undefined;
  for (const values of toPayloads(config, headers, request)) {
    // All secrets are tried, so the time does not tell which one matched.
    for (const key of candidates) {
      if (isSignedWith(config, key, values, headers.signatures))
        matched ??= key.label;
    }
    if (matched !== undefined) break; // how a URL is spelled is no secret
  }
  return matched === undefined
    ? { ok: false, reason: "bad_signature" }
    : { ok: true, key: matched };
}

function isSignedWith(
  config: SchemeConfig,
  { key, mac }: Key,
  values: PayloadValues,
  signatures: readonly string[],
): boolean {
  if (config.algorithm === "ed25519" || !mac) {
    const message = toMessage(config, values);
    return signatures.some((signature) =>
      verifyPublic(null, message, key, Buffer.from(signature, config.encoding)),
    );
  }
  // Encoded: both are of one fixed length then, and nothing has to be decoded.
  const [given, expected] = config.scratch;
  expected.write(computeMac(config.algorithm, mac, config, values), "latin1");
  let isMatch = false;
  for (const signature of signatures) {
    given.write(signature, "latin1");
    if (timingSafeEqual(given, expected)) isMatch = true;
  }
  return isMatch;
}

/** The very bytes that are signed. */
export function toMessage(config: SchemeConfig, values: PayloadValues): Buffer {
  const pieces: Buffer[] = [];
  writePayload(config.payload, values, {
    update: (bytes) => pieces.push(Buffer.from(bytes as Buffer)),
  });
  return Buffer.concat(pieces);
}

/** What the sender may have signed: one payload, or one for each spelling of the URL; none when the URL's digest is not the body's. */
export function toPayloads(
  config: SchemeConfig,
  signed: { timestamp?: string; id?: string },
  { body, method, url }: SignedParts,
): PayloadValues[] {
  const values: PayloadValues = {
    body: Buffer.isBuffer(body)
      ? body
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    timestamp: signed.timestamp,
    id: signed.id,
    method,
  };
  if (!config.signs.has("url")) return [values];
  const digest =
    config.bodyDigestParameter === undefined
      ? undefined
      : readParameter(url ?? "", config.bodyDigestParameter);
  if (digest !== undefined && digest !== sha256(body)) return [];
  const urls = config.hasEitherPort ? spellPort(url ?? "") : [url];
  return urls.map((each) => ({
    ...values,
    url: each,
    isDigested: digest !== undefined,
  }));
}

function sha256(body: Uint8Array): string {
  return hash("sha256", body, "hex");
}
