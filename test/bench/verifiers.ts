import { createHmac, timingSafeEqual } from "node:crypto";

/** A signed request, as ours and as a peer get it. */
export interface BenchRequest {
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  url: string;
  now: Date;
}

/** Somebody else's verifier. */
export interface Peer {
  name: string;
  /** Of ours, for the same request. */
  scheme: string;
  secret: string;
  /** @returns a check that throws, or answers false, when the peer refuses */
  prepare: (request: BenchRequest) => () => unknown;
}

const TEXT_SECRET = "whsec_test_secret_0123456789";
const BASE64_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const plain = { scheme: "thunderphone", secret: TEXT_SECRET };
const github = { scheme: "github", secret: TEXT_SECRET };

/** The least that can be done; with the header decoded before, and with that in the time. */
export const floors: readonly Peer[] = [
  {
    ...plain,
    name: "floor (digest decoded before)",
    prepare({ headers, body }) {
      const given = Buffer.from(digestOf(headers), "hex");
      return () =>
        timingSafeEqual(
          given,
          createHmac("sha256", TEXT_SECRET).update(body).digest(),
        );
    },
  },
  {
    ...plain,
    name: "floor (decodes the hex header)",
    prepare: ({ headers, body }) => {
      const digest = digestOf(headers);
      return () =>
        timingSafeEqual(
          Buffer.from(digest, "hex"),
          createHmac("sha256", TEXT_SECRET).update(body).digest(),
        );
    },
  },
];

function digestOf(headers: BenchRequest["headers"]): string {
  return headers["x-thunderphone-signature"] ?? "";
}

/**
 * Packages of package.json beside. Each is called as its documentation says,
 * with text made of the bytes where it takes only text.
 */
export async function loadPeers(): Promise<Peer[]> {
  return [
    ...(await standardWebhooks()),
    await stripe(),
    await octokit(),
    await twilio(),
    await slack(),
    await retell(),
    await elevenlabs(),
    await tern(),
  ];
}

// The packages are installed by the bench only, so their types are not at hand:
// each loader says what it uses of one.
const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

type WebhookClass = new (secret: string) => {
  verify: (body: string, headers: BenchRequest["headers"]) => unknown;
};

async function standardWebhooks(): Promise<Peer[]> {
  const names = [
    ["standardwebhooks", "standard-webhooks"],
    ["svix", "svix"],
  ] as const;
  return Promise.all(
    names.map(async ([name, scheme]) => {
      const { Webhook } = await load<{ Webhook: WebhookClass }>(name);
      const webhook = new Webhook(BASE64_SECRET);
      return {
        name,
        scheme,
        secret: BASE64_SECRET,
        prepare:
          ({ headers, body }: BenchRequest) =>
          () =>
            webhook.verify(body.toString(), headers),
      };
    }),
  );
}

async function stripe(): Promise<Peer> {
  const { default: Stripe } = await load<{
    default: new (key: string) => {
      webhooks: {
        constructEvent: (
          body: Buffer,
          header: string | undefined,
          secret: string,
        ) => unknown;
      };
    };
  }>("stripe");
  const { webhooks } = new Stripe("sk_test_none");
  return {
    name: "stripe constructEvent",
    scheme: "stripe",
    secret: TEXT_SECRET,
    prepare:
      ({ headers, body }) =>
      () =>
        webhooks.constructEvent(body, headers["stripe-signature"], TEXT_SECRET),
  };
}

async function octokit(): Promise<Peer> {
  const { verify } = await load<{
    verify: (
      secret: string,
      body: string,
      header: string | undefined,
    ) => Promise<boolean>;
  }>("@octokit/webhooks-methods");
  return {
    ...github,
    name: "@octokit/webhooks-methods",
    prepare:
      ({ headers, body }) =>
      () =>
        verify(TEXT_SECRET, body.toString(), headers["x-hub-signature-256"]),
  };
}

async function twilio(): Promise<Peer> {
  const { default: library } = await load<{
    default: {
      validateRequestWithBody: (
        token: string,
        header: string | undefined,
        url: string,
        body: string,
      ) => boolean;
    };
  }>("twilio");
  return {
    name: "twilio validateRequestWithBody",
    scheme: "twilio",
    secret: TEXT_SECRET,
    prepare:
      ({ headers, body, url }) =>
      () =>
        library.validateRequestWithBody(
          TEXT_SECRET,
          headers["x-twilio-signature"],
          url,
          body.toString(),
        ),
  };
}

async function slack(): Promise<Peer> {
  const { verifySlackRequest } = await load<{
    verifySlackRequest: (options: object) => void;
  }>("@slack/bolt");
  return {
    name: "@slack/bolt verifySlackRequest",
    scheme: "slack",
    secret: TEXT_SECRET,
    prepare:
      ({ headers, body, now }) =>
      () =>
        verifySlackRequest({
          signingSecret: TEXT_SECRET,
          headers: {
            "x-slack-signature": headers["x-slack-signature"],
            "x-slack-request-timestamp": Number(
              headers["x-slack-request-timestamp"],
            ),
          },
          body: body.toString(),
          nowMilliseconds: now.getTime(),
        }),
  };
}

async function retell(): Promise<Peer> {
  const { verify } = await load<{
    verify: (
      body: string,
      key: string,
      header: string | undefined,
    ) => Promise<boolean>;
  }>("retell-sdk");
  return {
    name: "retell-sdk verify",
    scheme: "retell",
    secret: TEXT_SECRET,
    prepare:
      ({ headers, body }) =>
      () =>
        verify(body.toString(), TEXT_SECRET, headers["x-retell-signature"]),
  };
}

async function elevenlabs(): Promise<Peer> {
  const { ElevenLabsClient } = await load<{
    ElevenLabsClient: new (options: object) => {
      webhooks: {
        constructEvent: (
          body: string,
          header: string | undefined,
          secret: string,
        ) => Promise<unknown>;
      };
    };
  }>("@elevenlabs/elevenlabs-js");
  const { webhooks } = new ElevenLabsClient({ apiKey: "none" });
  return {
    name: "elevenlabs-js constructEvent",
    scheme: "elevenlabs",
    secret: TEXT_SECRET,
    prepare:
      ({ headers, body }) =>
      () =>
        webhooks.constructEvent(
          body.toString(),
          headers["elevenlabs-signature"],
          TEXT_SECRET,
        ),
  };
}

async function tern(): Promise<Peer> {
  const { WebhookVerificationService } = await load<{
    WebhookVerificationService: {
      verifyWithPlatformConfig: (
        request: Request,
        platform: string,
        secret: string,
      ) => Promise<{ isValid: boolean }>;
    };
  }>("@hookflo/tern");
  return {
    ...github,
    name: "@hookflo/tern github",
    prepare:
      ({ headers, body, url }) =>
      async () => {
        // A body is read once, so each check needs a Request of its own.
        const request = new Request(url, { method: "POST", headers, body });
        const { isValid } =
          await WebhookVerificationService.verifyWithPlatformConfig(
            request,
            "github",
            TEXT_SECRET,
          );
        return isValid;
      },
  };
}
