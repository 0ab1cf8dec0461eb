import type { Reason } from "../reason.ts";
import type { HeaderName, SchemeConfig } from "../schemes/config.ts";

/** As Node gives them, in lower case, or a fetch `Headers`. */
export type HeaderSource =
  Headers | Readonly<Record<string, string | string[] | undefined>>;

/** What the headers say, once their form has been found right. */
export interface SignedHeaders {
  ok: true;
  /** Encoded, each of exactly the scheme's form. */
  signatures: string[];
  timestamp?: string;
  id?: string;
  keyId?: string;
}

const NO_CALL = { ok: true, callId: undefined } as const;

type Refusal = { ok: false; reason: Reason };

const MAX_SIGNATURE_CHARACTERS = 4096;
const MAX_SIGNATURES = 16;
/** Timestamps from here on are milliseconds: as seconds it is the year 5138. */
export const MILLISECONDS_FROM = 1e11;

/**
 * Reads and checks all that a signature needs besides the body: form and
 * character set before anything is compared, and the clock both ways.
 */
export function readSignedHeaders(
  config: SchemeConfig,
  headers: HeaderSource,
  now: Date | undefined,
): SignedHeaders | Refusal {
  if (config.signs.has("timestamp") && !isDate(now))
    throw new TypeError(`scheme ${config.name} signs the time: give now`);
  const header = readOnce(headers, config.signature);
  if (typeof header !== "string") return header;
  const found = readSignatures(config, header);
  if (!found.ok) return found;
  if (config.timestamp) {
    const timestamp = readOnce(headers, config.timestamp);
    if (typeof timestamp !== "string") return timestamp;
    found.timestamp = timestamp;
  }
  if (isDate(now) && config.signs.has("timestamp")) {
    const reason = checkClock(config, found.timestamp ?? "", now);
    if (reason !== undefined) return refuse(reason);
  }
  if (config.messageId) {
    const id = readToken(headers, config.messageId);
    if (typeof id !== "string") return id;
    found.id = id;
  }
  if (config.keyId) {
    const keyId = readToken(headers, config.keyId);
    if (typeof keyId !== "string") return keyId;
    found.keyId = keyId;
  }
  return found;
}

/** A header by its lower-case name. */
export function readHeader(
  headers: HeaderSource,
  { received }: HeaderName,
): string | string[] | undefined {
  // Asked first, because nearly all requests come so; a Headers has no fields of its own.
  if (Object.hasOwn(headers, received))
    return (headers as Exclude<HeaderSource, Headers>)[received];
  if (headers instanceof Headers) return headers.get(received) ?? undefined;
  return undefined;
}

/** Headers as somebody wrote them, by their names in lower case; what comes under two spellings is a list. */
export function lowerNames(headers: HeaderSource): HeaderSource {
  if (headers instanceof Headers) return headers;
  const lowered = new Map<string, string | string[] | undefined>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const before = lowered.get(name.toLowerCase());
    lowered.set(
      name.toLowerCase(),
      before === undefined ? value : [before, value].flat(),
    );
  }
  return Object.fromEntries(lowered);
}

/** The phone call that an unsigned header names, if it is there. */
export function readCallId(
  config: SchemeConfig,
  headers: HeaderSource,
): { ok: true; callId: string | undefined } | Refusal {
  if (!config.callId) return NO_CALL;
  const callId = readToken(headers, config.callId);
  if (typeof callId === "string") return { ok: true, callId };
  return callId.reason === "missing_header" ? NO_CALL : callId;
}

function readOnce(headers: HeaderSource, name: HeaderName): string | Refusal {
  const text = readHeader(headers, name);
  if (text === undefined || text === "" || text === null || text.length === 0)
    return refuse("missing_header");
  // Node and fetch join a header that was sent twice with ", "; no sender writes one so.
  if (typeof text !== "string" || text.includes(", "))
    return refuse("duplicate_header");
  return text;
}

function readToken(headers: HeaderSource, name: HeaderName): string | Refusal {
  const text = readOnce(headers, name);
  if (typeof text !== "string" || /^[\x21-\x7e]{1,256}$/.test(text))
    return text;
  return refuse("malformed_header");
}

function readSignatures(
  config: SchemeConfig,
  header: string,
): SignedHeaders | Refusal {
  if (header.length > MAX_SIGNATURE_CHARACTERS)
    return refuse("malformed_header");
  const found: SignedHeaders = { ok: true, signatures: [] };
  if (config.fields) {
    for (const field of header.split(config.fields.separator)) {
      const equals = field.indexOf("=");
      const key = field.slice(0, Math.max(equals, 0));
      const value = field.slice(equals + 1);
      if (key === config.fields.signature) found.signatures.push(value);
      if (key !== config.fields.timestamp) continue;
      if (found.timestamp !== undefined) return refuse("malformed_header");
      found.timestamp = value;
    }
  } else if (config.separator === undefined) {
    found.signatures.push(header);
  } else {
    found.signatures = header
      .split(config.separator)
      .filter((item) => item.startsWith(config.prefix));
  }
  const { signatures } = found;
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES)
    return refuse("malformed_header");
  for (let index = 0; index < signatures.length; index++) {
    const text = signatures[index] ?? "";
    const signature = text.slice(config.prefix.length);
    const isWellFormed =
      text.startsWith(config.prefix) &&
      signature.length === config.signatureLength &&
      config.pattern.test(signature);
    if (!isWellFormed) return refuse("malformed_header");
    signatures[index] = signature;
  }
  return found;
}

function checkClock(
  config: SchemeConfig,
  timestamp: string,
  now: Date,
): Reason | undefined {
  if (!/^(0|[1-9]\d{0,14})$/.test(timestamp)) return "malformed_header";
  const given = Number(timestamp);
  const isMs =
    config.timestampUnit === "ms" ||
    (config.timestampUnit === undefined && given >= MILLISECONDS_FROM);
  const ageMs = now.getTime() - (isMs ? given : given * 1000);
  if (ageMs > config.pastMs) return "too_old";
  return -ageMs > config.futureMs ? "too_new" : undefined;
}

function isDate(now: Date | undefined): now is Date {
  return now instanceof Date && !Number.isNaN(now.getTime());
}

function refuse(reason: Reason): Refusal {
  return { ok: false, reason };
}
