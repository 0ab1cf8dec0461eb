import { createPublicKey, createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { toMacKey } from "./mac.ts";
import type { MacKey } from "./mac.ts";
import type { SchemeConfig } from "../schemes/config.ts";

/** One secret (for ed25519 the sender's public key), several during a rotation, or several by label. */
export type Secrets =
  string | readonly string[] | Readonly<Record<string, string>>;

export interface Key {
  /** What a verdict names: the secret's own label, else its index. */
  label: string;
  key: KeyObject;
  /** Of a secret; a public key has none. */
  mac?: MacKey;
}

/**
 * The keys that secrets stand for, in the scheme's encoding.
 * @throws TypeError when there is none, one is empty (anyone could sign with it) or is not encoded as the scheme says
 */
export function readKeys(config: SchemeConfig, secrets: Secrets): Key[] {
  if (typeof secrets === "string") return [readKey(config, "0", secrets)];
  const labelled: [string, unknown][] = Object.entries(secrets ?? {});
  if (labelled.length === 0)
    throw new TypeError("no secret is set: give at least one");
  return labelled.map(([label, secret]) => readKey(config, label, secret));
}

function readKey(config: SchemeConfig, label: string, secret: unknown): Key {
  const known =
    typeof secret === "string" ? config.keys.get(secret) : undefined;
  if (known) return { ...known, label };
  const { secretPrefix: prefix, secretEncoding: encoding } = config;
  if (secret !== undefined && secret !== null && typeof secret !== "string")
    throw new TypeError(
      `secret "${label}": expected a text, received ${typeof secret}`,
    );
  const given = secret ?? "";
  const text =
    prefix !== "" && given.startsWith(prefix)
      ? given.slice(prefix.length)
      : given;
  if (text.trim() === "")
    throw new TypeError(
      `secret "${label}" is empty: set it to the sender's secret`,
    );
  const bytes =
    encoding === "utf8" ? Buffer.from(text) : decode(config, label, text);
  const key = toKey(config, label, bytes);
  if (config.keys.size >= MAX_KEPT_KEYS) config.keys.clear();
  config.keys.set(given, key);
  return key;
}

function toKey({ algorithm }: SchemeConfig, label: string, bytes: Buffer): Key {
  if (algorithm === "ed25519") return { label, key: toPublicKey(label, bytes) };
  const key = createSecretKey(bytes);
  return { label, key, mac: toMacKey(algorithm, key) };
}

/**
 * Keys for a middleware that lives long: checked for strength.
 * @throws TypeError as `readKeys`, and for a secret that can be guessed
 */
export function readStrongKeys(config: SchemeConfig, secrets: Secrets): Key[] {
  const keys = readKeys(config, secrets);
  for (const { label, key } of keys) {
    const fault =
      key.type === "secret" ? weaknessOf(config, key.export()) : undefined;
    if (fault !== undefined)
      throw new TypeError(`secret "${label}" is weak: ${fault}`);
  }
  return keys;
}

const MAX_KEPT_KEYS = 100;
// Long enough that a captured signature cannot be searched for its secret on one machine
// in a day; senders issue 24 characters and more.
const MIN_KEY_BYTES = 8;
const GUESSES =
  /^(password|passwort|changeme|change[-_]me|your[-_]?secret([-_]?(key|here))?|12345678(90?)?|undefined)$/i;

function weaknessOf(
  { secretEncoding }: SchemeConfig,
  key: Buffer,
): string | undefined {
  if (key.length < MIN_KEY_BYTES)
    return `it has ${key.length} bytes, expected at least ${MIN_KEY_BYTES}`;
  if (new Set(key).size === 1) return "it repeats one character";
  if (secretEncoding !== "utf8") return undefined; // random bytes may look like anything
  const text = key.toString("utf8");
  if (GUESSES.test(text)) return "it is a well-known example";
  if (/^[\x20\t\r\n]|[\x20\t\r\n]$/.test(text))
    return "it begins or ends with white space, perhaps the line break of a file";
  return undefined;
}

function decode(config: SchemeConfig, label: string, text: string): Buffer {
  const { secretEncoding: encoding } = config;
  const form =
    encoding === "hex"
      ? /^([0-9a-f]{2})+$/i
      : /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
  if (text === "" || !form.test(text))
    throw new TypeError(
      `secret "${label}" is not ${encoding}, as scheme ${config.name} writes it`,
    );
  return Buffer.from(text, encoding);
}

/** Raw 32 bytes (RFC 8032, section 5.1.5). */
function toPublicKey(label: string, bytes: Buffer): KeyObject {
  if (bytes.length !== 32)
    throw new TypeError(
      `key "${label}" has ${bytes.length} bytes, expected the 32 of an ed25519 public key`,
    );
  if (isSmallOrder(bytes))
    throw new TypeError(
      `key "${label}" is weak: anybody can sign for a point of small order`,
    );
  return createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") },
    format: "jwk",
  });
}

// The y coordinates of all points of small order, with their non-canonical
// spellings (libsodium, ge25519_has_small_order); OpenSSL does not refuse them.
const SMALL_ORDER = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

function isSmallOrder(key: Buffer): boolean {
  const y = Buffer.from(key);
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31); // the top bit is the sign of x
  return SMALL_ORDER.has(y.toString("hex"));
}
