import {
  createHash,
  createHmac,
  createPublicKey,
  verify as verifyPublic,
} from "node:crypto";

/** A request as a server gets it, with what the server knows. */
export interface SentRequest {
  secret: string;
  /** By lower-case names, as Node gives them. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  method: string;
  url: string;
  now: Date;
}

/** What a sender's documentation says, in the fewest words: written apart from middleware/, to judge it. */
interface Rule {
  hash: "sha1" | "sha256" | "sha512" | "ed25519";
  encoding: "hex" | "base64";
  header: string;
  read: (header: string) => { signatures: string[]; time?: string };
  time?: string;
  id?: string;
  key: (secret: string) => Buffer;
  /** Absent: no time is signed. */
  window?: { unit: "s" | "ms" | "either"; pastSeconds: number };
  /** Several where the sender's spelling of the URL is not known. */
  messages: (request: SentRequest, time: string, id: string) => Buffer[];
}

const asText = (secret: string) => Buffer.from(secret);
const asBase64 = (prefix: string) => (secret: string) =>
  Buffer.from(secret.replace(prefix, ""), "base64");
const asHex = (secret: string) => Buffer.from(secret, "hex");

const whole =
  (prefix = "") =>
  (header: string) => ({
    signatures: header.startsWith(prefix) ? [header.slice(prefix.length)] : [],
  });
const listed = (version: string) => (header: string) => ({
  signatures: header
    .split(" ")
    .filter((item) => item.startsWith(version))
    .map((item) => item.slice(version.length)),
});
const fielded =
  (time: string, signature: string) =>
  (header: string): { signatures: string[]; time: string } => {
    const fields = header.split(",").map((field) => field.split("="));
    const values = (key: string) =>
      fields
        .filter(([name]) => name === key)
        .map(([, ...rest]) => rest.join("="));
    return { signatures: values(signature), time: values(time).join() };
  };

const joined = (...parts: (string | Buffer)[]) => [
  Buffer.concat(parts.map((part) => Buffer.from(part as string))),
];
const fiveMinutes = { unit: "s", pastSeconds: 300 } as const;

const body: Rule = {
  hash: "sha256",
  encoding: "hex",
  header: "",
  read: whole(),
  key: asText,
  messages: (request) => [request.body],
};
const webhook: Rule = {
  hash: "sha256",
  encoding: "base64",
  header: "webhook-signature",
  read: listed("v1,"),
  time: "webhook-timestamp",
  id: "webhook-id",
  key: asBase64("whsec_"),
  window: fiveMinutes,
  messages: (request, time, id) => joined(id, ".", time, ".", request.body),
};

/** The scheme of our own that signs method and URL; `ownScheme` says the same to the verifier. */
export const ownScheme = {
  name: "own",
  algorithm: "sha512",
  signatureHeader: "X-Own-Signature",
  signatureEncoding: "base64",
  signaturePrefix: "v2:",
  timestampHeader: "X-Own-Time",
  timestampUnit: "s",
  messageIdHeader: "X-Own-Id",
  payloadFormat: "{method} {url} {timestamp}.{id}.{body}",
  secretEncoding: "hex",
} as const;

export const rules: Readonly<Record<string, Rule>> = {
  thunderphone: { ...body, header: "x-thunderphone-signature" },
  "standard-webhooks": webhook,
  "standard-webhooks-ed25519": {
    ...webhook,
    hash: "ed25519",
    read: listed("v1a,"),
    key: asBase64("whpk_"),
  },
  svix: {
    ...webhook,
    header: "svix-signature",
    time: "svix-timestamp",
    id: "svix-id",
  },
  stripe: {
    ...body,
    header: "stripe-signature",
    read: fielded("t", "v1"),
    window: fiveMinutes,
    messages: (request, time) => joined(time, ".", request.body),
  },
  github: { ...body, header: "x-hub-signature-256", read: whole("sha256=") },
  slack: {
    ...body,
    header: "x-slack-signature",
    read: whole("v0="),
    time: "x-slack-request-timestamp",
    window: fiveMinutes,
    messages: (request, time) => joined("v0:", time, ":", request.body),
  },
  retell: {
    ...body,
    header: "x-retell-signature",
    read: fielded("v", "d"),
    window: { unit: "ms", pastSeconds: 300 },
    messages: (request, time) => joined(request.body, time),
  },
  elevenlabs: {
    ...body,
    header: "elevenlabs-signature",
    read: fielded("t", "v0"),
    window: { unit: "s", pastSeconds: 1800 },
    messages: (request, time) => joined(time, ".", request.body),
  },
  vapi: {
    ...body,
    header: "x-signature",
    time: "x-timestamp",
    window: { unit: "either", pastSeconds: 300 },
    messages: (request, time) => joined(time, ".", request.body),
  },
  shopify: { ...body, encoding: "base64", header: "x-shopify-hmac-sha256" },
  line: { ...body, encoding: "base64", header: "x-line-signature" },
  twilio: {
    ...body,
    hash: "sha1",
    encoding: "base64",
    header: "x-twilio-signature",
    messages: twilioMessages,
  },
  telnyx: {
    ...body,
    hash: "ed25519",
    encoding: "base64",
    header: "telnyx-signature-ed25519",
    time: "telnyx-timestamp",
    key: (secret) => Buffer.from(secret, "base64"),
    window: fiveMinutes,
    messages: (request, time) => joined(time, "|", request.body),
  },
  discord: {
    ...body,
    hash: "ed25519",
    header: "x-signature-ed25519",
    time: "x-signature-timestamp",
    key: asHex,
    window: fiveMinutes,
    messages: (request, time) => joined(time, request.body),
  },
  own: {
    hash: "sha512",
    encoding: "base64",
    header: "x-own-signature",
    read: whole("v2:"),
    time: "x-own-time",
    id: "x-own-id",
    key: asHex,
    window: fiveMinutes,
    messages: ({ method, url, body: bytes }, time, id) =>
      joined(`${method} ${url} ${time}.${id}.`, bytes),
  },
};

/** https://www.twilio.com/docs/usage/security (read November 2026); bytes are kept as latin1 characters. */
function twilioMessages({ url, body: bytes }: SentRequest): Buffer[] {
  const [, query = ""] = /\?([^#]*)/.exec(url) ?? [];
  const digest = new URLSearchParams(query).getAll("bodySHA256");
  let fields = "";
  if (digest.length !== 1) {
    const decode = (text: string) =>
      text
        .replaceAll("+", " ")
        .replace(/%[0-9a-f]{2}/gi, (code) =>
          Buffer.from(code.slice(1), "hex").toString("latin1"),
        );
    const pairs = bytes
      .toString("latin1")
      .split("&")
      .filter(Boolean)
      .map((pair) => /^([^=]*)=?(.*)$/s.exec(pair) ?? [])
      .map(([, key = "", value = ""]) => [decode(key), decode(value)] as const);
    const sorted = [
      ...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values(),
    ].sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
    fields = sorted.flat().join("");
  } else if (digest[0] !== createHash("sha256").update(bytes).digest("hex")) {
    return [];
  }
  const [, origin = "", rest = ""] = /^(\w+:\/\/[^/?#]*)(.*)$/s.exec(url) ?? [];
  // Twilio leaves a port out over https, or signs it; its own packages try both.
  const bare = origin.replace(/:\d+$/, "");
  const port = /^(http|ws):/.test(origin) ? 80 : 443;
  const origins = [origin, bare === origin ? `${bare}:${port}` : bare];
  return origins.map((each) =>
    Buffer.concat([Buffer.from(each + rest), Buffer.from(fields, "latin1")]),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Whether a request is signed by its secret and within its time, judged without middleware/. */
export function isGenuine(scheme: string, request: SentRequest): boolean {
  const rule = rules[scheme];
  if (!rule) throw new Error(`the oracle has no rule for scheme ${scheme}`);
  const header = request.headers[rule.header];
  if (header === undefined) return false;
  const { signatures, time: field } = rule.read(header);
  const time = field ?? request.headers[rule.time ?? ""] ?? "";
  if (rule.window && !isInTime(rule.window, time, request.now)) return false;
  const id = request.headers[rule.id ?? ""] ?? "";
  if (rule.id !== undefined && id === "") return false;
  const key = rule.key(request.secret);
  return rule
    .messages(request, time, id)
    .some((message) =>
      signatures.some((signature) => isSigned(rule, key, message, signature)),
    );
}

function isSigned(
  { hash, encoding }: Rule,
  key: Buffer,
  message: Buffer,
  signature: string,
): boolean {
  if (hash !== "ed25519")
    return createHmac(hash, key).update(message).digest(encoding) === signature;
  const bytes = Buffer.from(signature, encoding);
  if (key.length !== 32 || bytes.toString(encoding) !== signature) return false;
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") },
    format: "jwk",
  });
  return verifyPublic(null, message, publicKey, bytes);
}

function isInTime(
  { unit, pastSeconds }: NonNullable<Rule["window"]>,
  time: string,
  now: Date,
): boolean {
  if (String(Number(time)) !== time) return false;
  const isMs = unit === "ms" || (unit === "either" && Number(time) >= 1e11);
  const age = now.getTime() / 1000 - Number(time) / (isMs ? 1000 : 1);
  return age <= pastSeconds && age >= -300;
}
