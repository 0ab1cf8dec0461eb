import type { KeyObject } from "node:crypto";
import type { MacKey } from "../signatures/mac.ts";
import { parsePayload } from "../signatures/payload.ts";
import type { PayloadName, PayloadPart } from "../signatures/payload.ts";
import { parseScheme, payloadFormatOf } from "./scheme.ts";
import type { Scheme, SignatureFields } from "./scheme.ts";

/** A scheme with all its defaults, in the form that requests are checked with. */
export interface SchemeConfig {
  name: string;
  algorithm: Scheme["algorithm"];
  encoding: "hex" | "base64";
  signature: HeaderName;
  prefix: string;
  separator: string | undefined;
  fields: SignatureFields | undefined;
  /** The form of one encoded signature, its canonical padding included. */
  pattern: RegExp;
  /** In characters; asked before the pattern, which counts slower. */
  signatureLength: number;
  /**
   * Where two signatures are compared, filled anew each time: two new buffers
   * would cost more than the comparison.
   */
  scratch: readonly [given: Buffer, expected: Buffer];
  /** Keys that were made of secrets, by their text: to make one costs a tenth of a check. */
  keys: Map<string, { key: KeyObject; mac?: MacKey }>;
  payload: readonly PayloadPart[];
  /** Absent: no time is signed, or a field of the signature's header holds it. */
  timestamp: HeaderName | undefined;
  timestampUnit: "s" | "ms" | undefined;
  pastMs: number;
  futureMs: number;
  messageId: HeaderName | undefined;
  signs: ReadonlySet<PayloadName>;
  bodyDigestParameter: string | undefined;
  hasEitherPort: boolean;
  secretEncoding: "utf8" | "base64" | "hex";
  secretPrefix: string;
  keyId: HeaderName | undefined;
  callId: HeaderName | undefined;
  hasCallIdInId: boolean;
  isCanonicalJson: boolean;
}

/** As the sender writes it, and as Node gives it. */
export interface HeaderName {
  sent: string;
  received: string;
}

const SIGNATURE_BYTES = { sha1: 20, sha256: 32, sha512: 64, ed25519: 64 };

/** @throws TypeError for what is no scheme */
export function toConfig(value: unknown): SchemeConfig {
  const scheme = parseScheme(value);
  const format = payloadFormatOf(scheme);
  const payload = parsePayload(format);
  const signs = new Set(
    payload.flatMap((part) => ("name" in part ? [part.name] : [])),
  );
  const encoding = scheme.signatureEncoding ?? "hex";
  const bytes = SIGNATURE_BYTES[scheme.algorithm];
  const signatureLength = Buffer.alloc(bytes).toString(encoding).length;
  const hasOwnHeader =
    signs.has("timestamp") && scheme.signatureFields?.timestamp === undefined;
  return {
    name: scheme.name ?? "custom",
    algorithm: scheme.algorithm,
    encoding,
    signature: headerName(scheme.signatureHeader ?? "x-signature"),
    prefix: scheme.signaturePrefix ?? "",
    separator: scheme.signatureSeparator,
    fields: scheme.signatureFields,
    pattern: patternOf(encoding, bytes),
    signatureLength,
    keys: new Map(),
    scratch: [Buffer.alloc(signatureLength), Buffer.alloc(signatureLength)],
    payload,
    timestamp: hasOwnHeader
      ? headerName(scheme.timestampHeader ?? "x-timestamp")
      : undefined,
    timestampUnit: scheme.timestampUnit,
    pastMs: (scheme.pastSeconds ?? 300) * 1000,
    futureMs: (scheme.futureSeconds ?? 300) * 1000,
    messageId: signs.has("id")
      ? headerName(scheme.messageIdHeader ?? "svix-id")
      : undefined,
    signs,
    bodyDigestParameter: scheme.bodyDigestParameter,
    hasEitherPort: scheme.urlPort === "either",
    secretEncoding:
      scheme.secretEncoding ?? (scheme.secretIsBase64 ? "base64" : "utf8"),
    secretPrefix: scheme.secretPrefix ?? "",
    keyId: optionalHeader(scheme.keyIdHeader),
    callId: optionalHeader(scheme.callIdHeader),
    hasCallIdInId: scheme.callIdInId ?? false,
    isCanonicalJson: scheme.canonicalJson ?? false,
  };
}

function headerName(sent: string): HeaderName {
  return { sent, received: sent.toLowerCase() };
}

function optionalHeader(sent: string | undefined): HeaderName | undefined {
  return sent === undefined ? undefined : headerName(sent);
}

/**
 * Only the one text that encodes these bytes: lower-case digits, or base64 with
 * its padding and no stray bits in the last character (RFC 4648, section 3.5).
 */
function patternOf(encoding: "hex" | "base64", bytes: number): RegExp {
  if (encoding === "hex") return /^[0-9a-f]+$/;
  return bytes % 3 === 2
    ? /^[A-Za-z0-9+/]+[AEIMQUYcgkosw048]=$/
    : /^[A-Za-z0-9+/]+[AQgw]==$/;
}
