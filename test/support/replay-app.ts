import { mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { openStore } from "../../endpoints/index.ts";
import type { Store } from "../../endpoints/index.ts";
import { sign, verifySignature } from "../../middleware/index.ts";
import type { Reason, ToolRequest } from "../../middleware/index.ts";
import { memoryReplayStore } from "../../middleware/replay/store.ts";
import type { ReplayStore } from "../../middleware/replay/store.ts";
import type { ReplayGuard } from "../../middleware/replay/guard.ts";
import { startServer } from "./server.ts";

export const BODY = '{"date":"2026-03-09"}';
export const CALL = "X-ThunderPhone-Call-ID";
const SECRET = "a secret of the test";
const STANDARD = `whsec_${Buffer.from("twenty-four bytes of key").toString("base64")}`;

/** Two generations of Express; the older one has no types here. */
export const engines: [name: string, engine: typeof express][] = [
  ["Express 4", createRequire(import.meta.url)("express4") as typeof express],
  ["Express 5", express],
];

const stores: Store[] = [];
export async function closeStores(): Promise<void> {
  for (const store of stores.splice(0)) await store.close();
}
export async function openSql(path?: string): Promise<ReplayStore> {
  const store = await openStore(`sqlite:${path ?? (await newPath())}`);
  stores.push(store);
  return store.replay;
}
export async function newPath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "replay-")), "replay.db");
}
export const newMemory = () => memoryReplayStore({ maxEntries: 1000 });

/** A promise with its handle: what has to happen before the test goes on. */
export function createGate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

export type Handler = (req: ToolRequest, res: express.Response) => unknown;

/** An app behind verifySignature whose one handler counts how often it runs. */
export async function startReplayApp({
  replay,
  handler = (_req, res) => res.json({ number: Math.random() }),
  before = [],
  engine = express,
}: {
  replay: ReplayGuard | ReplayGuard[];
  handler?: Handler;
  before?: express.RequestHandler[];
  engine?: typeof express;
}) {
  const reasons: Reason[] = [];
  const seen = { runs: 0 };
  const onRefused = ({ reason }: { reason: Reason }) => reasons.push(reason);
  const app = engine();
  for (const each of before) app.use(each);
  const open = verifySignature({ secrets: SECRET, replay, onRefused });
  const standard = verifySignature({
    secrets: STANDARD,
    scheme: "standard-webhooks",
    replay,
    onRefused,
  });
  app.use((req, res, next) =>
    (req.get("Webhook-Id") === undefined ? open : standard)(req, res, next),
  );
  app.all(/.*/, (req, res, next) => {
    seen.runs += 1;
    // Express 4 does not look at promises.
    Promise.resolve(handler(req as ToolRequest, res)).catch(next);
  });
  app.use(((error, _req, res, next) => {
    if (res.headersSent) next(error);
    else res.status(500).json({ error: "internal error" });
  }) as express.ErrorRequestHandler);
  const { url } = await startServer(app);

  /** A signed delivery; with an id by the scheme that signs one. */
  function deliver(
    headers: Record<string, string> = {},
    parts: {
      body?: string;
      path?: string;
      method?: string;
      id?: string;
      signal?: AbortSignal;
    } = {},
  ): Promise<Response> {
    const { body = BODY, path = "/book", method = "POST", id, signal } = parts;
    const hasBody = method !== "GET" && method !== "HEAD";
    return fetch(url + path, {
      method,
      redirect: "manual",
      ...(hasBody ? { body } : {}),
      ...(signal ? { signal } : {}),
      headers: { ...signHeaders(hasBody ? body : "", id), ...headers },
    });
  }
  return { url, deliver, reasons, seen };
}

/** By the scheme that signs an id where there is one, else by the one that signs the body alone. */
export function signHeaders(body: string, id?: string): Record<string, string> {
  const signed =
    id === undefined
      ? sign("thunderphone", SECRET, { body })
      : sign("standard-webhooks", STANDARD, { body, id, now: new Date() });
  return { [CALL]: "42", ...signed };
}

export const isReplayed = (response: Response) =>
  response.headers.get("Idempotent-Replayed") === "true";
export const readBytes = async (response: Response) =>
  Buffer.from(await response.arrayBuffer());
