import { inspect } from "node:util";
import { expect } from "@jest/globals";
import express from "express";
import express4 from "express4";
import { sign, verifySignature } from "../../middleware/index.ts";
import type {
  Reason,
  ToolRequest,
  VerifiedCall,
  VerifyOptions,
} from "../../middleware/index.ts";
import { startServer } from "../support/server.ts";

export const SECRET = "whsec_test_secret";
export const BODY = '{"date":"2026-03-09"}';
export const NOW = new Date("2026-11-21T12:00:00Z");
export const SIGNATURE = "x-thunderphone-signature";

/** Both versions that the middleware is for. */
export const VERSIONS: [name: string, create: typeof express][] = [
  ["Express 5", express],
  ["Express 4", express4],
];

/** What the sender may hear of each reason (design.md, section 2). */
export const PUBLIC: Record<Reason, { status: number; body: string }> = {
  missing_header: answer(401, "invalid signature"),
  duplicate_header: answer(401, "invalid signature"),
  malformed_header: answer(401, "invalid signature"),
  bad_signature: answer(401, "invalid signature"),
  too_old: answer(401, "invalid signature"),
  too_new: answer(401, "invalid signature"),
  unknown_key: answer(401, "invalid signature"),
  bad_static_header: answer(401, "invalid signature"),
  body_already_parsed: answer(401, "invalid signature"),
  replayed: answer(401, "invalid signature"),
  body_too_large: answer(413, "body too large"),
  body_stalled: answer(408, "body did not arrive in time"),
  unsupported_encoding: answer(415, "unsupported content encoding"),
  not_json_object: answer(400, "body is not a JSON object"),
  secrets_unavailable: answer(503, "temporarily unavailable"),
  store_unavailable: answer(503, "temporarily unavailable"),
};

function answer(status: number, error: string) {
  return { status, body: `{"error":"${error}"}` };
}

/** A refusal as `onRefused` tells it, and how much of the body was read until then. */
interface Refused {
  reason: Reason;
  hint?: string;
  hasReadBody: boolean;
}

/** The middleware in an app, with a record of all that came through and all that did not. */
export interface Watched {
  calls: VerifiedCall[];
  refused: Refused[];
  verify: ReturnType<typeof verifySignature>;
  handler: express.RequestHandler;
}

export function watch(options: Partial<VerifyOptions> = {}): Watched {
  const watched: Watched = {
    calls: [],
    refused: [],
    verify: verifySignature({
      secrets: SECRET,
      now: () => NOW,
      ...options,
      onRefused: ({ req, ...event }) =>
        watched.refused.push({ ...event, hasReadBody: req.readableDidRead }),
    }),
    handler: (req: ToolRequest, res) => {
      if (req.toolCall) watched.calls.push(req.toolCall);
      res.end("through");
    },
  };
  return watched;
}

/** An app with parsers, the middleware and one handler, in this order. */
export async function startApp({
  options = {},
  before = [],
  create = express,
}: {
  options?: Partial<VerifyOptions>;
  before?: express.RequestHandler[];
  create?: typeof express;
} = {}) {
  const watched = watch(options);
  const app = create();
  for (const handler of before) app.use(handler);
  app.use(watched.verify, watched.handler);
  const { url, server } = await startServer(app);
  return { url, server, ...watched };
}

export interface Answer {
  status: number;
  body: string;
  headers: Headers;
}

/** POST unless told otherwise; an answer that does not come is a failure. */
export async function ask(
  url: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    signal: AbortSignal.timeout(5000),
    ...init,
  });
  return {
    status: response.status,
    body: await response.text(),
    headers: response.headers,
  };
}

export function signed(
  body: string | Uint8Array,
  secret = SECRET,
): Record<string, string> {
  return sign("thunderphone", secret, { body });
}

/** The MAC that a sender with the secret would send: what no refusal may tell. */
export function macOf(body: string | Uint8Array, secret = SECRET): string {
  return Object.values(signed(body, secret)).join("");
}

/** One refusal, with this reason, in the public words, and not a word more. */
export function expectRefusal(
  { status, body }: { status: number; body: string },
  reason: Reason,
  { calls, refused }: Pick<Watched, "calls" | "refused">,
  untold: readonly string[] = [SECRET],
): void {
  expect({ status, body, reasons: refused.map((each) => each.reason) }).toEqual(
    { ...PUBLIC[reason], reasons: [reason] },
  );
  expect(calls).toEqual([]);
  const told = `${body} ${JSON.stringify(refused)} ${inspect(refused)}`;
  for (const secret of untold) expect(told).not.toContain(secret);
}
