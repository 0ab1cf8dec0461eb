import { parseScheme } from "./scheme.ts";
import type { Scheme } from "./scheme.ts";
import { toConfig } from "./config.ts";
import type { SchemeConfig } from "./config.ts";

const STANDARD_WEBHOOKS: Scheme = {
  algorithm: "sha256",
  signatureHeader: "webhook-signature",
  signaturePrefix: "v1,",
  signatureEncoding: "base64",
  signatureSeparator: " ",
  timestampHeader: "webhook-timestamp",
  timestampUnit: "s",
  messageIdHeader: "webhook-id",
  payloadFormat: "{id}.{timestamp}.{body}",
  secretEncoding: "base64",
  secretPrefix: "whsec_",
};

const TABLE: Record<string, Scheme> = {
  // https://docs.thunderphone.com/guides/verify-webhook-signatures (read November 2026)
  thunderphone: {
    algorithm: "sha256",
    signatureHeader: "X-ThunderPhone-Signature",
    payloadFormat: "{body}",
    callIdHeader: "X-ThunderPhone-Call-ID",
    canonicalJson: true,
  },
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read November 2026)
  "standard-webhooks": { ...STANDARD_WEBHOOKS, callIdInId: true },
  "standard-webhooks-ed25519": {
    ...STANDARD_WEBHOOKS,
    algorithm: "ed25519",
    signaturePrefix: "v1a,",
    secretPrefix: "whpk_",
  },
  // https://docs.svix.com/receiving/verifying-payloads/how-manual (read November 2026); Clerk and Resend too
  svix: {
    ...STANDARD_WEBHOOKS,
    signatureHeader: "svix-signature",
    timestampHeader: "svix-timestamp",
    messageIdHeader: "svix-id",
  },
  // https://docs.stripe.com/webhooks#verify-manually (read November 2026)
  stripe: {
    algorithm: "sha256",
    signatureHeader: "Stripe-Signature",
    signatureFields: { separator: ",", signature: "v1", timestamp: "t" },
    timestampUnit: "s",
  },
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (read November 2026); Meta too
  github: {
    algorithm: "sha256",
    signatureHeader: "X-Hub-Signature-256",
    signaturePrefix: "sha256=",
    payloadFormat: "{body}",
  },
  // https://docs.slack.dev/authentication/verifying-requests-from-slack (read November 2026)
  slack: {
    algorithm: "sha256",
    signatureHeader: "X-Slack-Signature",
    signaturePrefix: "v0=",
    timestampHeader: "X-Slack-Request-Timestamp",
    timestampUnit: "s",
    payloadFormat: "v0:{timestamp}:{body}",
  },
  // retell-sdk 5.66.1, lib/webhook_auth: the key is an API key (read November 2026)
  retell: {
    algorithm: "sha256",
    signatureHeader: "X-Retell-Signature",
    signatureFields: { separator: ",", signature: "d", timestamp: "v" },
    timestampUnit: "ms",
    payloadFormat: "{body}{timestamp}",
  },
  // @elevenlabs/elevenlabs-js 2.73.0, wrapper/webhooks: half an hour back (read November 2026)
  elevenlabs: {
    algorithm: "sha256",
    signatureHeader: "ElevenLabs-Signature",
    signatureFields: { separator: ",", signature: "v0", timestamp: "t" },
    timestampUnit: "s",
    pastSeconds: 1800,
  },
  // A plan with nothing but defaults: https://docs.vapi.ai/server-url/server-authentication (read November 2026)
  vapi: { algorithm: "sha256" },
  // https://shopify.dev/docs/apps/build/webhooks/subscribe/https (read November 2026)
  shopify: {
    algorithm: "sha256",
    signatureHeader: "X-Shopify-Hmac-Sha256",
    signatureEncoding: "base64",
    payloadFormat: "{body}",
  },
  // https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/ (read November 2026)
  line: {
    algorithm: "sha256",
    signatureHeader: "x-line-signature",
    signatureEncoding: "base64",
    payloadFormat: "{body}",
  },
  // https://www.twilio.com/docs/usage/security#validating-requests (read November 2026)
  twilio: {
    algorithm: "sha1",
    signatureHeader: "X-Twilio-Signature",
    signatureEncoding: "base64",
    payloadFormat: "{url}{form}",
    bodyDigestParameter: "bodySHA256",
    urlPort: "either",
  },
  // https://developers.telnyx.com/docs/development/sdk/node/webhooks (read November 2026)
  telnyx: {
    algorithm: "ed25519",
    signatureHeader: "telnyx-signature-ed25519",
    signatureEncoding: "base64",
    timestampHeader: "telnyx-timestamp",
    timestampUnit: "s",
    payloadFormat: "{timestamp}|{body}",
    secretEncoding: "base64",
  },
  // https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint (read November 2026)
  discord: {
    algorithm: "ed25519",
    signatureHeader: "X-Signature-Ed25519",
    timestampHeader: "X-Signature-Timestamp",
    timestampUnit: "s",
    payloadFormat: "{timestamp}{body}",
    secretEncoding: "hex",
  },
};

/** What is meant where nobody says which. */
export const DEFAULT_SCHEME = "thunderphone";

/** The schemes that ship, by name: frozen data. */
export const schemes: Readonly<Record<string, Scheme>> = Object.freeze(
  Object.fromEntries(
    Object.entries(TABLE).map(([name, scheme]) => [
      name,
      parseScheme({ name, ...scheme }),
    ]),
  ),
);

const configs = new Map(
  Object.entries(schemes).map(([name, scheme]) => [name, toConfig(scheme)]),
);

/** @throws TypeError for a name that no scheme has, and for what is no scheme */
export function findScheme(scheme: unknown): SchemeConfig {
  if (typeof scheme !== "string") return toConfig(scheme);
  const config = configs.get(scheme);
  if (config) return config;
  throw new TypeError(
    `unknown signature scheme "${scheme}"; expected one of ${[...configs.keys()].join(", ")}`,
  );
}
