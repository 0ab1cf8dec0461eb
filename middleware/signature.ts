import { createHmac, timingSafeEqual } from "node:crypto";
import { findScheme } from "./schemes.ts";
import type { Scheme } from "./schemes.ts";
import { labelSecrets } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";

/** Why a call was refused. For logs and `onRefused`; the caller never hears it. */
export type Reason =
  | "missing_header"
  | "duplicate_header"
  | "malformed_header"
  | "bad_signature"
  | "bad_static_header"
  | "body_already_parsed"
  | "body_too_large"
  | "body_stalled"
  | "unsupported_encoding"
  | "not_json_object"
  | "secrets_unavailable";

/** As Node gives them (lower-case names), or a fetch `Headers`. */
export type HeaderSource =
  Headers | Record<string, string | string[] | undefined>;

export type Verdict = { ok: true; key: string } | { ok: false; reason: Reason };

const DIGEST_BYTES = { sha1: 20, sha256: 32 } as const;

/**
 * Signs a request: the headers to send with exactly these bytes.
 * @param scheme  name of a shipped scheme, or one of your own
 * @param secret  the whole secret, used as UTF-8
 * @throws TypeError when the secret is empty, or the scheme signs a URL and there is none
 */
export function sign(
  scheme: string | Scheme,
  secret: string,
  request: { body: Uint8Array | string; url?: string },
): Record<string, string> {
  const found = findScheme(scheme);
  const [[, key] = ["", ""]] = labelSecrets(secret);
  const body = Buffer.from(request.body as Uint8Array);
  return {
    [found.header]: digest(found, key, body, request.url).toString(
      found.encoding,
    ),
  };
}

/**
 * Says whether one of the secrets signed exactly these bytes. Pure: no clock,
 * no log. The header's form is checked before it is decoded, and digests of a
 * fixed length are compared in constant time.
 * @returns the label (else index) of the secret that matched, or the reason
 * @throws TypeError when a secret is empty, or the scheme signs a URL and there is none
 */
export function verify(
  scheme: string | Scheme,
  secrets: Secrets,
  request: { headers: HeaderSource; body: Uint8Array; url?: string },
): Verdict {
  const found = findScheme(scheme);
  const labelled = labelSecrets(secrets);
  const header = readSignature(found, request.headers);
  if (!header.ok) return header;
  const body = Buffer.from(
    request.body.buffer,
    request.body.byteOffset,
    request.body.byteLength,
  );
  let key: string | undefined;
  // All secrets are tried, so the time does not tell which one matched.
  for (const [label, secret] of labelled) {
    const matches = timingSafeEqual(
      header.signature,
      digest(found, secret, body, request.url),
    );
    if (matches) key ??= label;
  }
  return key === undefined
    ? { ok: false, reason: "bad_signature" }
    : { ok: true, key };
}

/** The header's digest, once its form has been found right; needs no body. */
export function readSignature(
  scheme: Scheme,
  headers: HeaderSource,
): { ok: true; signature: Buffer } | { ok: false; reason: Reason } {
  const text = readHeader(headers, scheme.header);
  if (text === undefined || text === "")
    return { ok: false, reason: "missing_header" };
  // Node joins a header that was sent twice with ", "; no digest has a comma.
  if (Array.isArray(text) || text.includes(","))
    return { ok: false, reason: "duplicate_header" };
  const form =
    scheme.encoding === "hex" ? /^[0-9a-f]+$/ : /^[A-Za-z0-9+/]+={0,2}$/;
  const bytes = DIGEST_BYTES[scheme.algorithm];
  const length =
    scheme.encoding === "hex" ? bytes * 2 : Math.ceil(bytes / 3) * 4;
  if (text.length !== length || !form.test(text))
    return { ok: false, reason: "malformed_header" };
  const signature = Buffer.from(text, scheme.encoding);
  // "AA=" and "AB=" decode alike; only the one that encodes back is well formed.
  if (
    signature.length !== bytes ||
    signature.toString(scheme.encoding) !== text
  ) {
    return { ok: false, reason: "malformed_header" };
  }
  return { ok: true, signature };
}

export function readHeader(
  headers: HeaderSource,
  name: string,
): string | string[] | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const wanted = name.toLowerCase();
  if (Object.hasOwn(headers, wanted)) return headers[wanted];
  const other = Object.keys(headers).find(
    (key) => key.toLowerCase() === wanted,
  );
  return other === undefined ? undefined : headers[other];
}

function digest(
  scheme: Scheme,
  secret: string,
  body: Buffer,
  url: string | undefined,
): Buffer {
  const mac = createHmac(scheme.algorithm, secret);
  for (const part of scheme.message) {
    if (part === "body") mac.update(body);
    if (part === "form") mac.update(sortedForm(body));
    if (part !== "url") continue;
    if (url === undefined)
      throw new TypeError(`scheme ${scheme.name} signs the URL: give one`);
    mac.update(url);
  }
  return mac.digest();
}

/** Form fields as `key + value`, keys sorted, repeated values once and sorted (twilio-node, webhooks.js). */
function sortedForm(body: Buffer): string {
  const fields = new Map<string, Set<string>>();
  for (const [key, value] of new URLSearchParams(body.toString("utf8"))) {
    fields.set(key, (fields.get(key) ?? new Set()).add(value));
  }
  return [...fields.keys()]
    .sort()
    .flatMap((key) =>
      [...(fields.get(key) ?? [])].sort().map((value) => key + value),
    )
    .join("");
}
