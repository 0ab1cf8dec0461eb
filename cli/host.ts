import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import express from "express";
import helmet from "helmet";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import type { Log } from "./log.ts";
import { watchTraffic } from "./traffic.ts";

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
  /**
   * Ends it: `/readyz` says 503 while running requests get their answers and
   * calls hang up, then nothing listens any more and what it hosts is closed.
   * May be called twice.
   */
  close(): Promise<void>;
}

/** How long a connection may take for what, in milliseconds. */
export interface HostLimits {
  /** For the head of a request, and for all of it with its body. */
  headersMs: number;
  requestMs: number;
  /** Between two requests. Proxies keep theirs for 60 s (nginx, AWS); who closes first loses requests. */
  keepAliveMs: number;
  /** How often the first two are looked after. */
  checkEveryMs: number;
  /** For requests that run when the process is asked to end: longer than a tool may take. */
  graceMs: number;
  /** Between two requests of one client, whose next one is told to come back elsewhere. */
  lingerMs: number;
}

const LIMITS: HostLimits = {
  headersMs: 5000,
  requestMs: 10_000,
  keepAliveMs: 65_000,
  checkEveryMs: 1000,
  graceMs: 10_000,
  lingerMs: 150,
};
/** Node leaves out what is above; a signed request has about twenty. */
const MAX_HEADERS = 100;
/** Each costs memory before it has said anything. */
const MAX_CONNECTIONS = 10_000;

/**
 * Listens, opens what is to be hosted now that its address is known (port 0 is
 * any), and serves it beside `/healthz` and `/readyz`.
 * @throws VerbError when the port is taken; whatever `open` throws, with nothing left open
 */
export async function listen(
  address: { host: string; port: number },
  open: (url: string) => Promise<Hosted>,
  options: { limits?: Partial<HostLimits>; log?: Pick<Log, "error"> } = {},
): Promise<Host> {
  const limits = { ...LIMITS, ...options.limits };
  const state = { isOpen: false, isReady: false };
  const app = createApp(state);
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  const traffic = watchTraffic(server);
  server.on("request", app);
  const url = await bind(server, address);
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
  app.use(answerFault(options.log));
  hosted.attach?.(server);
  state.isOpen = true;
  state.isReady = true;

  async function drain(): Promise<void> {
    state.isReady = false;
    traffic.sendAway();
    let stopWaiting = () => {};
    const grace = new Promise<void>((resolve) => (stopWaiting = resolve));
    const timer = setTimeout(stopWaiting, limits.graceMs);
    // Who is between two requests on an open connection would send the next into the void.
    if (traffic.hasClients()) await pause(limits.lingerMs);
    await Promise.race([traffic.untilQuiet(), grace]);
    // Still listening: a call that hangs up may be booking at this very server.
    await hosted.hangUp?.();
    await Promise.race([traffic.untilQuiet(), grace]);
    clearTimeout(timer);
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await hosted.close?.();
  }
  let draining: Promise<void> | undefined;
  return { url, close: () => (draining ??= drain()) };
}

async function bind(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  server.listen(port, host);
  await once(server, "listening").catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VerbError(
      EXIT.network,
      `cannot listen on ${host}:${port}: ${why}`,
      { cause },
    );
  });
  const bound = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
}

function createApp(state: {
  isOpen: boolean;
  isReady: boolean;
}): express.Express {
  const app = express();
  app.disable("x-powered-by").disable("etag");
  // Express's own last answer to a fault carries the stack in any other mode.
  app.set("env", "production");
  // A page on this machine is served without TLS; told to upgrade, it would not load.
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    }),
  );
  const { node, tz } = process.versions;
  // Clock rules come with Node: an old tz answers with the hours of last year.
  app.get("/healthz", (_req, res) => void res.json({ status: "ok", tz, node }));
  app.get("/readyz", (_req, res) => {
    if (state.isReady) res.json({ status: "ready" });
    else res.status(503).json({ status: "not ready" });
  });
  app.use((_req, res, next) => {
    if (state.isOpen) next();
    else res.status(503).json({ error: "not ready" });
  });
  return app;
}

/** What no router answered for: a status and a short word, never a stack. */
function answerFault(log?: Pick<Log, "error">): express.ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const told =
      error instanceof Error && "status" in error ? Number(error.status) : 500;
    const isTheirs = told >= 400 && told < 500;
    if (!isTheirs) log?.error("request.failed", { error: String(error) });
    // Half an answer is cut off: Express's own end would print the stack.
    if (res.headersSent) return void res.destroy();
    res
      .status(isTheirs ? told : 500)
      .json({ error: isTheirs ? "bad request" : "internal error" });
  };
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
