import { timingSafeEqual } from "node:crypto";
import { parseArguments } from "./bodies/arguments.ts";
import { formArguments, isForm } from "./signatures/form.ts";
import {
  readCallId,
  readHeader,
  readSignedHeaders,
} from "./signatures/headers.ts";
import type { HeaderSource, SignedHeaders } from "./signatures/headers.ts";
import { inflate, readEncoding } from "./bodies/inflate.ts";
import type { ContentEncoding } from "./bodies/inflate.ts";
import type { Key } from "./signatures/keys.ts";
import { sha256 } from "./options.ts";
import type { CheckConfig } from "./options.ts";
import type { Reason } from "./reason.ts";
import type { SchemeConfig } from "./schemes/config.ts";
import { checkSignature } from "./signatures/signature.ts";
import type { SignedParts } from "./signatures/signature.ts";
import type { VerifiedCall } from "./tool-request.ts";
import { readParameter } from "./signatures/url.ts";

/** What is known of a request before a byte of its body is read. */
export interface Head {
  ok: true;
  scheme: SchemeConfig;
  signed: SignedHeaders;
  encoding: ContentEncoding | "identity";
  callId: string | undefined;
}

type Refusal = { ok: false; reason: Reason };

/** A request that is signed, with the bytes that the sender meant. */
export interface Checked {
  ok: true;
  body: Buffer;
  key: string;
}

/** Encoding, signature headers, clock and static headers. */
export function checkHead(
  config: CheckConfig<never>,
  headers: HeaderSource,
): Head | Refusal {
  const coding = readHeader(headers, CONTENT_ENCODING);
  const encoding = coding === undefined ? "identity" : readEncoding(coding);
  if (
    encoding === "other" ||
    (encoding !== "identity" && !config.encodings.includes(encoding))
  )
    return refuse("unsupported_encoding");
  const scheme = chooseScheme(config.schemes, headers);
  const now = scheme.signs.has("timestamp") ? config.now() : undefined;
  const signed = readSignedHeaders(scheme, headers, now);
  if (!signed.ok) return signed;
  const call = readCallId(scheme, headers);
  if (!call.ok) return call;
  for (const { name, digest } of config.staticHeaders) {
    const given = readHeader(headers, name);
    if (typeof given !== "string" || !timingSafeEqual(sha256(given), digest))
      return refuse("bad_static_header");
  }
  return { ok: true, scheme, signed, encoding, callId: call.callId };
}

const CONTENT_ENCODING = {
  sent: "Content-Encoding",
  received: "content-encoding",
};

/** Of several the first whose header is there, else the first: it says what is missing. */
function chooseScheme(
  schemes: CheckConfig<never>["schemes"],
  headers: HeaderSource,
): SchemeConfig {
  const [first] = schemes;
  return schemes.length === 1
    ? first
    : (schemes.find(
        ({ signature }) => readHeader(headers, signature) !== undefined,
      ) ?? first);
}

/** The signature over the bytes as sent; a body that is encoded is inflated, and may be signed so. */
export function checkBody(
  head: Head,
  keys: readonly Key[],
  parts: SignedParts & { body: Buffer },
  maxBytes: number,
): Checked | Refusal | Promise<Checked | Refusal> {
  return head.encoding === "identity"
    ? checkPlain(head, keys, parts)
    : checkInflated(head, head.encoding, keys, parts, maxBytes);
}

/** The signature over just these bytes, however they came. */
export function checkPlain(
  { scheme, signed }: Head,
  keys: readonly Key[],
  parts: SignedParts & { body: Buffer },
): Checked | Refusal {
  const verdict = checkSignature(scheme, keys, signed, parts);
  return verdict.ok
    ? { ok: true, body: parts.body, key: verdict.key }
    : verdict;
}

async function checkInflated(
  head: Head,
  encoding: ContentEncoding,
  keys: readonly Key[],
  parts: SignedParts & { body: Buffer },
  maxBytes: number,
): Promise<Checked | Refusal> {
  const asSent = checkPlain(head, keys, parts);
  const inflated = await inflate(parts.body, encoding, maxBytes);
  if (!inflated.ok) {
    if (inflated.reason === "body_too_large") return refuse("body_too_large");
    return asSent.ok ? refuse("not_json_object") : asSent;
  }
  const { body } = inflated;
  return asSent.ok
    ? { ...asSent, body }
    : checkPlain(head, keys, { ...parts, body });
}

/** A JSON object, or the fields of a form where the scheme signs those. */
export function readArguments(
  { scheme }: Head,
  body: Buffer,
  url: string | undefined,
): Record<string, unknown> | undefined {
  const isFields =
    scheme.signs.has("form") &&
    isForm(body) &&
    readParameter(url ?? "", scheme.bodyDigestParameter ?? "") === undefined;
  return isFields ? formArguments(body) : parseArguments(body);
}

/** Call and delivery as far as the scheme tells them; a signed id beats a header that is not. */
export function toCall(
  { scheme, signed, callId }: Head,
  args: Record<string, unknown>,
  rawBody: Buffer,
  key: string,
): VerifiedCall {
  const call: VerifiedCall = {
    callId,
    arguments: args,
    rawBody,
    scheme: scheme.name,
    key,
  };
  if (scheme.signs.has("timestamp"))
    call.lifetimeSeconds = (scheme.pastMs + scheme.futureMs) / 1000;
  const { id } = signed;
  if (id === undefined) return call;
  call.id = id;
  const dot = scheme.hasCallIdInId ? id.lastIndexOf(".") : -1;
  if (dot <= 0 || dot === id.length - 1) return call;
  call.callId = id.slice(0, dot);
  call.toolUseId = id.slice(dot + 1);
  return call;
}

function refuse(reason: Reason): Refusal {
  return { ok: false, reason };
}
