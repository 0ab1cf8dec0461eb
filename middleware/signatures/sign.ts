import { readKeys } from "./keys.ts";
import { computeMac } from "./mac.ts";
import type { Scheme } from "../schemes/scheme.ts";
import type { SchemeConfig } from "../schemes/config.ts";
import { findScheme } from "../schemes/schemes.ts";
import { requireParts, toPayloads } from "./signature.ts";

/**
 * Signs a request: the headers to send with exactly these bytes.
 * @param scheme   name of a shipped scheme, or one of your own
 * @param secret   in the scheme's encoding: the whole text, or base64 behind its prefix
 * @param request  `now` is a must where the scheme signs a time, `id` where it signs one, `url` and `method` likewise
 * @throws TypeError when one of these is missing, the secret is empty, or only the owner of a private key can sign
 */
export function sign(
  scheme: string | Scheme,
  secret: string,
  request: {
    body: Uint8Array | string;
    method?: string;
    url?: string;
    now?: Date;
    id?: string;
  },
): Record<string, string> {
  const config = findScheme(scheme);
  if (config.algorithm === "ed25519")
    throw new TypeError(
      `scheme ${config.name} signs with a private key, which is not shared: it can be verified only`,
    );
  const [key] = readKeys(config, secret);
  if (!key?.mac) throw new TypeError("no secret is set: give one");
  if (
    typeof request?.body !== "string" &&
    !(request?.body instanceof Uint8Array)
  )
    throw new TypeError("body: expected bytes or a text");
  const signed = { ...request, body: Buffer.from(request.body as Uint8Array) };
  requireParts(config, signed);
  const timestamp = timestampOf(config, request.now);
  const id = idOf(config, request.id);
  const [payload] = toPayloads(config, { ...timestamp, ...id }, signed);
  if (!payload)
    throw new TypeError(
      `url: its ${config.bodyDigestParameter} is not the SHA-256 of the body`,
    );
  const signature = `${config.prefix}${computeMac(config.algorithm, key.mac, config, payload)}`;
  const headers = new Map<string, string>();
  if (config.messageId) headers.set(config.messageId.sent, id.id ?? "");
  if (config.timestamp)
    headers.set(config.timestamp.sent, timestamp.timestamp ?? "");
  headers.set(
    config.signature.sent,
    writeSignature(config, signature, timestamp.timestamp),
  );
  return Object.fromEntries(headers);
}

function writeSignature(
  { fields }: SchemeConfig,
  signature: string,
  timestamp: string | undefined,
): string {
  if (!fields) return signature;
  const time =
    fields.timestamp === undefined || timestamp === undefined
      ? []
      : [`${fields.timestamp}=${timestamp}`];
  return [...time, `${fields.signature}=${signature}`].join(fields.separator);
}

function timestampOf(
  config: SchemeConfig,
  now: Date | undefined,
): { timestamp?: string } {
  if (!config.signs.has("timestamp")) return {};
  const ms = now instanceof Date ? now.getTime() : Number.NaN;
  if (Number.isNaN(ms))
    throw new TypeError(`scheme ${config.name} signs the time: give now`);
  const count = config.timestampUnit === "ms" ? ms : Math.floor(ms / 1000);
  return { timestamp: String(count) };
}

function idOf(config: SchemeConfig, id: string | undefined): { id?: string } {
  if (!config.signs.has("id")) return {};
  if (typeof id === "string" && /^[\x21-\x7e]{1,256}$/.test(id)) return { id };
  throw new TypeError(
    `scheme ${config.name} signs an id: give one of 1 to 256 visible ASCII characters`,
  );
}
