import {
  createHash,
  generateKeyPairSync,
  sign as signPrivate,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { schemes, sign } from "../../middleware/index.ts";
import type { Scheme } from "../../middleware/index.ts";
import { isGenuine, ownScheme, rules } from "./signature-oracle.ts";
import type { SentRequest } from "./signature-oracle.ts";

export const schemeNames: string[] = [...Object.keys(schemes), "own"];

/** As `verify` takes it. */
export function schemeOf(name: string): string | Scheme {
  return name === "own" ? ownScheme : name;
}

export function isPublicKeyScheme(name: string): boolean {
  return rules[name]?.hash === "ed25519";
}

const NOW_MS = Date.UTC(2026, 2, 9, 12);
const SECRETS = {
  utf8: "whsec_5f0a9b17c2d84e63a1b0",
  base64: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  hex: "6b2f0d94c1a7e85320bfd61c94e7a083",
};
const keyPair = generateKeyPairSync("ed25519");

/** Ed25519 keys come from the system, so these samples differ between runs; all else follows the random numbers. */
export function sampleRequest(name: string, random: () => number): SentRequest {
  const count = Math.floor(random() * 1e6);
  const parts = {
    ...(name === "twilio" ? sampleForm(random, count) : samplePlain(random)),
    method: "POST",
    now: new Date(NOW_MS + count * 1000),
  };
  const secret = secretOf(name);
  const id = `call_${count}.toolu_${count}`;
  const unsigned: SentRequest = { ...parts, secret, headers: {} };
  const headers = isPublicKeyScheme(name)
    ? signWithPrivateKey(name, unsigned, id, keyPair.privateKey)
    : sign(schemeOf(name), secret, { ...parts, id });
  const request = {
    ...unsigned,
    headers: Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
    ),
  };
  if (!isGenuine(name, request))
    throw new Error(`sign and the oracle differ on scheme ${name}`);
  return request;
}

function secretOf(name: string): string {
  const { secretEncoding = "utf8" } =
    name === "own" ? ownScheme : (schemes[name] as Scheme);
  if (!isPublicKeyScheme(name)) return SECRETS[secretEncoding];
  const { x = "" } = keyPair.publicKey.export({ format: "jwk" });
  const prefix = name === "standard-webhooks-ed25519" ? "whpk_" : "";
  return (
    prefix +
    Buffer.from(x, "base64url").toString(secretEncoding as "hex" | "base64")
  );
}

function signWithPrivateKey(
  name: string,
  request: SentRequest,
  id: string,
  key: KeyObject,
): Record<string, string> {
  const rule = rules[name];
  if (!rule) throw new Error(`no rule for scheme ${name}`);
  const time = String(Math.floor(request.now.getTime() / 1000));
  const [message = Buffer.alloc(0)] = rule.messages(request, time, id);
  const signature = signPrivate(null, message, key).toString(rule.encoding);
  return {
    [rule.header]: name.startsWith("standard") ? `v1a,${signature}` : signature,
    ...(rule.time === undefined ? {} : { [rule.time]: time }),
    ...(rule.id === undefined ? {} : { [rule.id]: id }),
  };
}

/** JSON mostly; also what is no JSON, no UTF-8, or nothing at all. */
function samplePlain(random: () => number): { url: string; body: Buffer } {
  const url = `https://kit.example/tools/book?n=${Math.floor(random() * 99)}`;
  const length = Math.floor(random() * 20);
  const bodies = [
    JSON.stringify({ date: "2026-03-09", note: "é".repeat(length) }),
    JSON.stringify({ a: "$& $$ $` {timestamp}", n: length, list: [1, null] }),
    Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d, 0xff, length]),
    "17".repeat(length),
  ];
  return {
    url,
    body: Buffer.from(
      (bodies[Math.floor(random() * bodies.length)] ?? "") as string,
    ),
  };
}

/** A form, or JSON that the URL covers by its digest. */
function sampleForm(
  random: () => number,
  count: number,
): { url: string; body: Buffer } {
  const url = "https://kit.example/twiml";
  if (random() < 0.4) {
    const body = Buffer.from(JSON.stringify({ CallSid: `CA${count}` }));
    const digest = createHash("sha256").update(body).digest("hex");
    return { url: `${url}?bodySHA256=${digest}`, body };
  }
  return {
    url: random() < 0.5 ? url : `${url}?x=%2e&y`,
    body: Buffer.from(
      `CallSid=CA${count}&From=%2B15005550006&Caller+Name=J%C3%BCrgen+%E9&Digits=${count % 10}&Digits=7`,
    ),
  };
}
