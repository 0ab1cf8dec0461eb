import { isUtf8 } from "node:buffer";
import { hasBom } from "../bodies/bom.ts";
import { parseJson } from "./canonical.ts";
import type { Canonical } from "./canonical.ts";
import { MILLISECONDS_FROM, readHeader } from "../signatures/headers.ts";
import type { HeaderSource, SignedHeaders } from "../signatures/headers.ts";
import type { Reason } from "../reason.ts";
import type { HeaderName, SchemeConfig } from "../schemes/config.ts";
import { schemes } from "../schemes/schemes.ts";
import type { SignedParts } from "../signatures/signature.ts";

/** What has been found out about the request by then. */
interface Findings {
  signed: SignedHeaders | { ok: false; reason: Reason };
  /** The URL's digest is the body's, or it has none. */
  isDigestRight: boolean;
  /** Undefined: no JSON, or the scheme knows no canonical form. */
  canonical: Canonical | undefined;
}

/** Why a request may not fit its signature: sentences, the likeliest first, at least one. */
export function findCauses(
  config: SchemeConfig,
  request: SignedParts & { headers: HeaderSource },
  { signed, isDigestRight, canonical }: Findings,
): string[] {
  const body = Buffer.from(request.body);
  const time = timeCauses(
    config,
    request.headers,
    signed.ok ? signed.timestamp : undefined,
  );
  // A request whose headers are at fault is refused before its body is looked at.
  const causes = signed.ok
    ? [
        ...time,
        ...urlCauses(config, request.url ?? "", body, isDigestRight),
        ...bodyCauses(body, request.headers),
        ...jsonCauses(config, body, canonical),
      ]
    : time.length > 0
      ? time
      : headerCauses(config, request.headers);
  return causes.length > 0 ? causes : [otherSecret(config)];
}

function headerCauses(config: SchemeConfig, headers: HeaderSource): string[] {
  const { signature, timestamp, messageId, keyId } = config;
  const wanted = [signature, timestamp, messageId, keyId].filter(
    (name) => name !== undefined,
  );
  const missing = wanted.filter((name) => !readHeader(headers, name));
  if (missing.includes(signature)) {
    const others = Object.values(schemes)
      .filter(({ signatureHeader: sent = "" }) =>
        readHeader(headers, { sent, received: sent.toLowerCase() }),
      )
      .map(({ name }) => name);
    return [
      others.length > 0
        ? `There is no ${signature.sent}; the headers look like scheme ${others.join(" or ")}.`
        : `There is no ${signature.sent}: the sender signs with another scheme, or not at all.`,
    ];
  }
  if (missing.length > 0)
    return missing.map(({ sent }) => `There is no ${sent}, or it is empty.`);
  const repeated = wanted.filter((name) => isRepeated(headers, name));
  if (repeated.length > 0)
    return repeated.map(({ sent }) => `${sent} was sent twice.`);
  return [
    `A header is malformed: ${signature.sent} is expected as ${describeForm(config)}.`,
  ];
}

function timeCauses(
  config: SchemeConfig,
  headers: HeaderSource,
  signed: string | undefined,
): string[] {
  const { timestampUnit, timestamp: name } = config;
  const header = name && readHeader(headers, name);
  const text = signed ?? (typeof header === "string" ? header : "");
  if (!config.signs.has("timestamp") || text === "") return [];
  if (!/^\d+$/.test(text))
    return ["The timestamp is no plain number, as this scheme writes it."];
  const isMs = Number(text) >= MILLISECONDS_FROM;
  if (timestampUnit === "s" && isMs)
    return [
      "The timestamp is too large for seconds, which this scheme has: perhaps it is in milliseconds.",
    ];
  if (timestampUnit === "ms" && !isMs)
    return [
      "The timestamp is too small for milliseconds, which this scheme has: perhaps it is in seconds.",
    ];
  return [];
}

function urlCauses(
  config: SchemeConfig,
  url: string,
  body: Buffer,
  isDigestRight: boolean,
): string[] {
  if (!config.signs.has("url")) return [];
  const causes: string[] = [];
  if (!/^(https|wss):/.test(url))
    causes.push(
      "The URL is not https: senders sign the address that they call, not the one behind a proxy.",
    );
  const parameter = config.bodyDigestParameter ?? "";
  if (!isDigestRight)
    causes.push(
      `The URL's ${parameter} is not the SHA-256 of the body: the body was changed.`,
    );
  else if (!url.includes(`${parameter}=`) && parseJson(body) !== undefined)
    causes.push(
      `The body is JSON, and the URL has no ${parameter} that covers it: the query was cut off, or form fields were signed.`,
    );
  return causes;
}

function bodyCauses(body: Buffer, headers: HeaderSource): string[] {
  const coding = { sent: "", received: "content-encoding" };
  const facts: [isSo: boolean, cause: string][] = [
    [body.length === 0, "The body is empty: perhaps something has read it."],
    [
      hasBom(body),
      "The body begins with a byte order mark; was that sent too?",
    ],
    [
      body.at(-1) === 0x0a,
      "The body ends with a line break; was that sent too?",
    ],
    [
      body.includes("\r\n"),
      "The body has line ends of Windows (CR LF); a copy may have changed them.",
    ],
    [
      (body[0] === 0x1f && body[1] === 0x8b) ||
        (readHeader(headers, coding) ?? "identity") !== "identity",
      "The body is compressed; perhaps the signature covers the inflated bytes.",
    ],
    [
      !isUtf8(body),
      "The body is not UTF-8: perhaps it was converted, or is no text.",
    ],
    [
      body.includes("\ufffd"),
      "The body has replacement characters (U+FFFD): perhaps it was read as text and lost bytes.",
    ],
  ];
  return facts.filter(([isSo]) => isSo).map(([, cause]) => cause);
}

function jsonCauses(
  { isCanonicalJson }: SchemeConfig,
  body: Buffer,
  canonical: Canonical | undefined,
): string[] {
  if (canonical?.isCanonical) return [];
  if (parseJson(body) === undefined)
    return isCanonicalJson && body.length > 0
      ? ["The body is no JSON, and this scheme's bodies are."]
      : [];
  if (hasBlanks(body))
    return [
      "The body is JSON with white space: perhaps it was pretty-printed, or parsed and written again.",
    ];
  const { difference } = canonical ?? {};
  // Only the byte order mark before it, or the line break behind it: they have their own sentences.
  if (!difference || difference.expected === "" || hasBom(body)) return [];
  return [
    "This scheme's senders sort the keys, and write numbers and escapes as Python does; the body is not so: perhaps it was parsed and written again.",
  ];
}

/** White space outside of texts; a line break at the end has a sentence of its own. */
function hasBlanks(json: Buffer): boolean {
  const text = json.toString("latin1").replace(/\r?\n$/, "");
  let isInText = false;
  for (let index = 0; index < text.length; index++) {
    const one = text.charAt(index);
    if (one === '"') isInText = !isInText;
    else if (isInText && one === "\\") index++;
    else if (!isInText && " \t\r\n".includes(one)) return true;
  }
  return false;
}

function otherSecret({
  algorithm,
  secretEncoding,
  secretPrefix,
}: SchemeConfig): string {
  if (algorithm === "ed25519")
    return "Nothing is odd about the request: perhaps the sender's public key is another one.";
  const form =
    secretEncoding === "utf8"
      ? "All of its text counts"
      : `It is ${secretEncoding}`;
  const prefix =
    secretPrefix === ""
      ? "a whsec_ before it is part of it"
      : `${secretPrefix} before it is no part of it`;
  return `Nothing is odd about the request: perhaps the secret is another one. ${form} here, and ${prefix}.`;
}

function describeForm({
  encoding,
  signatureLength,
  prefix,
  fields,
}: SchemeConfig): string {
  const text =
    encoding === "hex"
      ? `${signatureLength} lower-case hexadecimal digits`
      : `${signatureLength} characters of base64, with its padding`;
  if (fields)
    return [fields.timestamp && `${fields.timestamp}=TIME`, fields.signature]
      .filter(Boolean)
      .join(fields.separator)
      .concat(`=SIGNATURE, with ${text}`);
  return prefix === "" ? text : `${prefix}SIGNATURE, with ${text}`;
}

function isRepeated(headers: HeaderSource, name: HeaderName): boolean {
  const value = readHeader(headers, name);
  return typeof value !== "string" || value.includes(", ");
}
