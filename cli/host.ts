import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";

/** What a verb hosts: routers to listen with, and what has to be closed behind them. */
export interface Hosted {
  routers: express.RequestHandler[];
  /** Takes WebSocket upgrades. */
  attach?(server: Server): void;
  /** Ends connections that would last: calls on the line. */
  hangUp?(): Promise<void>;
  /** Closes what requests work with, once the last of them has ended. */
  close?(): Promise<void>;
}

/** One listening process: its address, and the way to end it. */
export interface Host {
  url: string;
  /** Takes no new requests, lets running ones end, then closes what it hosts. May be called twice. */
  close(): Promise<void>;
}

/** How long running requests may still take once the process is asked to end. */
const GRACE_MS = 5000;

/**
 * Listens, opens what is to be hosted now that its address is known (port 0 is
 * any), and serves it beside `/healthz` and `/readyz`.
 * @throws VerbError when the port is taken; whatever `open` throws, with nothing left open
 */
export async function listen(
  address: { host: string; port: number },
  open: (url: string) => Promise<Hosted>,
): Promise<Host> {
  const state = { isReady: false };
  const app = createApp(state);
  const server = createServer({ requestTimeout: 30_000 }, app);
  server.listen(address.port, address.host);
  await once(server, "listening").catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VerbError(
      EXIT.network,
      `cannot listen on ${address.host}:${address.port}: ${why}`,
      { cause },
    );
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${port}`;
  let hosted: Hosted;
  try {
    hosted = await open(url);
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  for (const router of hosted.routers) app.use(router);
  app.use((_req, res) => void res.status(404).json({ error: "not found" }));
  hosted.attach?.(server);
  state.isReady = true;

  async function drain(): Promise<void> {
    state.isReady = false;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await hosted.hangUp?.();
    // From here on: a booking that ends while calls hang up may be a request to this very server.
    const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(grace);
    await hosted.close?.();
  }
  let draining: Promise<void> | undefined;
  return { url, close: () => (draining ??= drain()) };
}

function createApp(state: { isReady: boolean }): express.Express {
  const app = express();
  app.disable("x-powered-by").disable("etag");
  // Express's own last answer to a fault carries the stack in any other mode.
  app.set("env", "production");
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", (_req, res) => {
    if (state.isReady) res.json({ status: "ready" });
    else res.status(503).json({ status: "not ready" });
  });
  return app;
}

/** Several things hosted by one process; the last opened is closed first. */
export function combine(...parts: Hosted[]): Hosted {
  return {
    routers: parts.flatMap(({ routers }) => routers),
    attach: (server) => parts.forEach((part) => part.attach?.(server)),
    hangUp: async () => {
      for (const part of parts.toReversed()) await part.hangUp?.();
    },
    close: async () => {
      for (const part of parts.toReversed()) await part.close?.();
    },
  };
}

/** Prints where the process listens, and keeps it until it is asked to end. */
export async function serveUntilSignal(host: Host, io: Io): Promise<number> {
  const stopped = io.untilStopped();
  io.stdout.write(`${JSON.stringify({ listening: host.url })}\n`);
  await stopped;
  await host.close();
  return EXIT.ok;
}
