import { parsePayload } from "../signatures/payload.ts";

/**
 * How a sender signs: data only, so the verifier names no sender. A superset of
 * Vapi's `HMACAuthenticationPlan`
 * (https://docs.vapi.ai/server-url/server-authentication, read November 2026):
 * a plan can be pasted in as it is, and has the same defaults.
 */
export interface Scheme {
  /** What `req.toolCall.scheme` says (default "custom"). */
  readonly name?: string;
  /** Of a pasted plan. */
  readonly type?: "hmac";
  /** Of a pasted plan; dropped, because secrets are given apart. */
  readonly secretKey?: string;
  readonly algorithm: "sha1" | "sha256" | "sha512" | "ed25519";

  /** Default "x-signature". */
  readonly signatureHeader?: string;
  /** Stands before the signature: "sha256=", "v1,". */
  readonly signaturePrefix?: string;
  /** Default "hex". */
  readonly signatureEncoding?: "hex" | "base64";
  /** Between several signatures of one header; those without the prefix are other versions, and left out. */
  readonly signatureSeparator?: string;
  /** A header of `key=value` fields, such as `t=1,v1=ab`. */
  readonly signatureFields?: SignatureFields;

  /** Default "x-timestamp" where the payload has a timestamp that no field holds. */
  readonly timestampHeader?: string;
  /** Absent: seconds, or milliseconds from 1e11 on (seconds of the year 5138). */
  readonly timestampUnit?: "s" | "ms";
  /** How old a signature may be (default 300). */
  readonly pastSeconds?: number;
  /** How far a sender's clock may be ahead (default 300). */
  readonly futureSeconds?: number;
  /** Header of `{id}`, also written `{svix-id}`. */
  readonly messageIdHeader?: string;

  /** False: the default payload is `{body}` alone. */
  readonly includeTimestamp?: boolean;
  /** What goes under the signature, spliced as bytes (default `{timestamp}.{body}`); also `{id}`, `{method}`, `{url}`, `{form}`. */
  readonly payloadFormat?: string;
  /** Query parameter with the SHA-256 of a body that is no form, where the URL is signed. */
  readonly bodyDigestParameter?: string;
  /** The sender signs the URL with its default port or without. */
  readonly urlPort?: "either";

  readonly secretIsBase64?: boolean;
  /** Default "utf8". */
  readonly secretEncoding?: "utf8" | "base64" | "hex";
  /** Stands before the encoded secret and is no part of it: "whsec_". */
  readonly secretPrefix?: string;
  /** Header that names the secret's label; an unknown label is refused. */
  readonly keyIdHeader?: string;

  /** Header that names the phone call; it is not signed. */
  readonly callIdHeader?: string;
  /** The signed id is `<call id>.<tool_use id>`. */
  readonly callIdInId?: boolean;
  /** Bodies are JSON with sorted keys and no white space, so that a parsed one can be written again. */
  readonly canonicalJson?: boolean;
}

export interface SignatureFields {
  readonly separator: string;
  /** Key of the signatures; it may occur several times. */
  readonly signature: string;
  readonly timestamp?: string;
}

/** What a field has to be, in words, and whether a value is that. */
type Check = readonly [expected: string, isRight: (value: unknown) => boolean];

const TEXT: Check = [
  "a text of 1 to 200 visible ASCII characters or blanks",
  (value) => typeof value === "string" && /^[\x20-\x7e]{1,200}$/.test(value),
];
const LINES: Check = [
  "a text of 1 to 500 visible ASCII characters, blanks or line breaks",
  (value) =>
    typeof value === "string" && /^[\x20-\x7e\r\n\t]{1,500}$/.test(value),
];
// RFC 9110, section 5.6.2
const HEADER_NAME: Check = [
  "the name of a header",
  (value) =>
    typeof value === "string" && /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(value),
];
const FLAG: Check = ["true or false", (value) => typeof value === "boolean"];
const SECONDS: Check = [
  "whole seconds from 0 to 31536000",
  (value) =>
    Number.isInteger(value) &&
    (value as number) >= 0 &&
    (value as number) <= 31_536_000,
];
const oneOf = (...values: string[]): Check => [
  values.map((value) => `"${value}"`).join(" or "),
  (value) => typeof value === "string" && values.includes(value),
];

const CHECKS: Record<keyof Scheme, Check> = {
  name: TEXT,
  type: oneOf("hmac"),
  secretKey: ["a text", (value) => typeof value === "string"],
  algorithm: oneOf("sha1", "sha256", "sha512", "ed25519"),
  signatureHeader: HEADER_NAME,
  signaturePrefix: TEXT,
  signatureEncoding: oneOf("hex", "base64"),
  signatureSeparator: TEXT,
  signatureFields: [
    '{ "separator", "signature" } and perhaps another "timestamp", each a text, the separator without ", "',
    isSignatureFields,
  ],
  timestampHeader: HEADER_NAME,
  timestampUnit: oneOf("s", "ms"),
  pastSeconds: SECONDS,
  futureSeconds: SECONDS,
  messageIdHeader: HEADER_NAME,
  includeTimestamp: FLAG,
  payloadFormat: LINES,
  bodyDigestParameter: TEXT,
  urlPort: oneOf("either"),
  secretIsBase64: FLAG,
  secretEncoding: oneOf("utf8", "base64", "hex"),
  secretPrefix: TEXT,
  keyIdHeader: HEADER_NAME,
  callIdHeader: HEADER_NAME,
  callIdInId: FLAG,
  canonicalJson: FLAG,
};

function isSignatureFields(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { separator, signature, timestamp, ...others } = value as Record<
    string,
    unknown
  >;
  const isText = TEXT[1];
  return (
    isText(separator) &&
    !(separator as string).includes(", ") && // joins headers that were sent twice
    isText(signature) &&
    (timestamp === undefined ||
      (isText(timestamp) && timestamp !== signature)) &&
    Object.keys(others).length === 0
  );
}

/**
 * Reads a scheme of one's own, or a pasted Vapi plan.
 * @returns the same fields, frozen; without `type` and `secretKey`, without nulls and empty texts
 * @throws TypeError that names the field, what was expected and what came
 */
export function parseScheme(value: unknown): Scheme {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError("scheme: expected the name of one, or an object");
  const fields = new Map<string, unknown>();
  for (const [name, given] of Object.entries(value)) {
    // A form that is saved with an empty field gives "".
    if (given === undefined || given === null || given === "") continue;
    const check = Object.hasOwn(CHECKS, name)
      ? CHECKS[name as keyof Scheme]
      : undefined;
    // A field that is not understood may change what is signed.
    if (!check)
      throw new TypeError(
        `scheme.${name} is unknown; known are ${Object.keys(CHECKS).join(", ")}`,
      );
    const [expected, isRight] = check;
    if (!isRight(given))
      throw new TypeError(
        `scheme.${name}: expected ${expected}, received ${describe(name, given)}`,
      );
    if (name !== "type" && name !== "secretKey") fields.set(name, given);
  }
  if (!fields.has("algorithm"))
    throw new TypeError(
      `scheme.algorithm: expected ${CHECKS.algorithm[0]}, received nothing`,
    );
  if (fields.has("signatureFields"))
    fields.set(
      "signatureFields",
      Object.freeze({ ...(fields.get("signatureFields") as object) }),
    );
  const scheme = Object.freeze(Object.fromEntries(fields)) as unknown as Scheme; // each field was checked above
  checkTogether(scheme);
  return scheme;
}

/** What single fields cannot show. */
function checkTogether(scheme: Scheme): void {
  const names = parsePayload(payloadFormatOf(scheme)).flatMap((part) =>
    "name" in part ? [part.name] : [],
  );
  const coversBody =
    names.includes("body") ||
    (names.includes("url") &&
      names.includes("form") &&
      scheme.bodyDigestParameter !== undefined);
  if (!coversBody)
    throw new TypeError(
      "scheme.payloadFormat: expected {body} in it, or anybody could change the body",
    );
  if (
    names.includes("id") &&
    scheme.messageIdHeader === undefined &&
    !payloadFormatOf(scheme).includes("{svix-id}")
  )
    throw new TypeError(
      "scheme.messageIdHeader: expected the header of {id}, received nothing",
    );
  if (scheme.callIdInId && !names.includes("id"))
    throw new TypeError("scheme.callIdInId: expected {id} in payloadFormat");
  const headers = [
    scheme.signatureHeader ?? "x-signature",
    scheme.timestampHeader,
    scheme.messageIdHeader,
    scheme.keyIdHeader,
  ].flatMap((header) => (header === undefined ? [] : [header.toLowerCase()]));
  const repeated = headers.find((name, index) => headers.indexOf(name) < index);
  if (repeated !== undefined)
    throw new TypeError(
      `scheme: expected a header for each thing, received ${repeated} for two`,
    );
  if (scheme.signatureFields && scheme.signatureSeparator !== undefined)
    throw new TypeError(
      "scheme.signatureSeparator: expected either this or signatureFields",
    );
  if (scheme.secretIsBase64 && (scheme.secretEncoding ?? "base64") !== "base64")
    throw new TypeError(
      "scheme.secretIsBase64: secretEncoding says something else",
    );
}

export function payloadFormatOf(scheme: Scheme): string {
  return (
    scheme.payloadFormat ??
    (scheme.includeTimestamp === false ? "{body}" : "{timestamp}.{body}")
  );
}

function describe(name: string, value: unknown): string {
  return name === "secretKey" ? "something else" : JSON.stringify(value);
}
