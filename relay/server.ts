import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { readFileSync } from "node:fs";
import express from "express";
import { WebSocketServer } from "ws";
import { emit } from "../openapi/index.ts";
import type { CallTool, Catalog } from "../openapi/index.ts";
import { bundledAgent, parseAgent } from "./agent.ts";
import type { Agent } from "./agent.ts";
import type { ModelClient } from "./claude.ts";
import { connect } from "./connection.ts";
import type { Limits, Log, Switchboard } from "./board.ts";
import { isSigned, toAddress } from "./handshake.ts";
import { toConnectTwiml, toHangupTwiml } from "./twiml.ts";

export interface RelayOptions {
  /** The tools that the agent may use. */
  catalog: Catalog;
  /** Carries out a tool call; `createCaller` of the openapi room makes one. */
  callTool: CallTool;
  /** Client of the Messages API, from `openModel`. */
  anthropic: ModelClient;
  /** e.g. "claude-haiku-5-5". */
  model: string;
  /** Default: the bundled agent. */
  agent?: Agent;
  twilio: {
    /** Auth tokens that may have signed; "none" lets anybody in and has to be asked for by name. */
    authTokens: string[] | "none";
    /** `https://host[/path]` as Twilio sees it. */
    publicUrl?: string;
  };
  limits?: Partial<Limits>;
  now?: () => Date;
  log?: Log;
}

export interface Relay {
  /** `/twiml` and `/twiml/action`. */
  router: express.Router;
  /** Takes the server's WebSocket upgrades to `/ws`. */
  attach: (server: Server) => void;
  /** Hangs up all calls. May be called twice. */
  close: () => Promise<void>;
}

const SILENT: Log = { info() {}, warn() {}, error() {} };
const MAX_FRAME_BYTES = 64 * 1024;
const LIMITS: Limits = {
  toolTimeoutMs: 8000,
  modelStallMs: 5000,
  fillerAfterMs: 700,
  fillerAgainMs: 5000,
  keysAfterMs: 1500,
  setupWithinMs: 10_000,
  hangUpWithinMs: 2000,
};

/**
 * Connects Twilio ConversationRelay to Claude and its tools.
 * @throws TypeError when no auth token is given and open access was not asked for
 */
export function createRelay(options: RelayOptions): Relay {
  const { authTokens, publicUrl } = options.twilio;
  if (
    authTokens !== "none" &&
    (authTokens.length === 0 || authTokens.some((token) => token.trim() === ""))
  ) {
    throw new TypeError(
      'twilio.authTokens: give at least one token, or "none" to let anybody call',
    );
  }
  const agent = options.agent ?? parseAgent(readFileSync(bundledAgent, "utf8"));
  const log = options.log ?? SILENT;
  const board: Switchboard = {
    agent,
    catalog: options.catalog,
    callTool: options.callTool,
    client: options.anthropic,
    model: options.model,
    definitions: defineTools(options.catalog, log),
    limits: { ...LIMITS, ...options.limits },
    running: new Set(),
    now: options.now ?? (() => new Date()),
    log,
  };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
  });
  sockets.on("connection", (socket) => connect(socket, board));

  // A proxy may keep the mount path or strip it; what Twilio signed has it.
  const mount =
    publicUrl === undefined
      ? ""
      : new URL(publicUrl).pathname.replace(/\/+$/, "");
  const paths = ["/ws", `${mount}/ws`];

  function upgrade(
    this: Server,
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void {
    // Node leaves an upgraded socket without a listener, and its fault would end the process.
    socket.on("error", () => socket.destroy());
    const path = (req.url ?? "").split("?")[0] ?? "";
    if (!paths.includes(path.replace(/\/$/, ""))) {
      // Another WebSocket server on this port may want it.
      if (this.listenerCount("upgrade") === 1)
        refuseUpgrade(socket, "404 Not Found");
      return;
    }
    const { ws } = toAddress(publicUrl, req.headers.host);
    const query = (req.url ?? "").slice(path.length);
    if (
      !isSigned({ headers: req.headers, url: `${ws}/ws${query}` }, authTokens)
    ) {
      log.warn("upgrade.refused", { reason: "signature" });
      return refuseUpgrade(socket, "403 Forbidden");
    }
    sockets.handleUpgrade(req, socket, head, (opened) =>
      sockets.emit("connection", opened, req),
    );
  }

  const router = express.Router();
  const readForm = express.raw({ type: () => true, limit: MAX_FRAME_BYTES });
  const onlyTwilio: express.RequestHandler = (req, res, next) => {
    const { http } = toAddress(publicUrl, req.headers.host);
    const url = `${http}${publicUrl === undefined ? req.originalUrl : req.url}`;
    if (
      isSigned(
        { headers: req.headers, url, body: toForm(req.body) },
        authTokens,
      )
    )
      return next();
    log.warn("request.refused", { path: req.path, reason: "signature" });
    res.status(403).json({ error: "invalid signature" });
  };

  router.use((req, _res, next) => {
    if (mount !== "" && req.url.startsWith(`${mount}/`))
      req.url = req.url.slice(mount.length);
    next();
  });
  router.all("/twiml", readForm, onlyTwilio, (req, res) => {
    const { http, ws } = toAddress(publicUrl, req.headers.host);
    const { greeting, language, voice, ttsProvider } = agent;
    const attributes = {
      url: `${ws}/ws`,
      welcomeGreeting: greeting,
      language,
      ...(voice === undefined ? {} : { voice }),
      ...(ttsProvider === undefined ? {} : { ttsProvider }),
    };
    res
      .type("text/xml")
      .send(toConnectTwiml(attributes, `${http}/twiml/action`));
  });

  router.post("/twiml/action", readForm, onlyTwilio, (req, res) => {
    const form = new URLSearchParams(
      Buffer.from(toForm(req.body)).toString("utf8"),
    );
    const status = form.get("SessionStatus");
    log.info("call.action", {
      callSid: form.get("CallSid"),
      status,
      code: form.get("ErrorCode"),
    });
    const lost =
      status === "failed"
        ? { text: agent.phrases.lineLost, language: agent.language }
        : undefined;
    res.type("text/xml").send(toHangupTwiml(lost));
  });

  router.use(refuseForm);

  return {
    router,
    attach: (server) => void server.on("upgrade", upgrade),
    close: async () => {
      const closed = new Promise((resolve) => sockets.close(resolve));
      for (const socket of sockets.clients) socket.close(1001, "shutting down");
      const grace = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, board.limits.hangUpWithinMs);
      await closed;
      clearTimeout(grace);
      // A booking that was begun is not broken off; its own limit ends it.
      await Promise.all(board.running);
    },
  };
}

/** The tools in Claude's form; one that cannot be said is told, not passed over. */
function defineTools(catalog: Catalog, log: Log): object[] {
  const { tools, diagnostics } = emit(catalog, "anthropic");
  for (const { rule, message } of diagnostics)
    log.warn("tool.left-out", { rule, message });
  return tools;
}

/** A form that cannot be read: its status and a short word, never a stack. */
const refuseForm: express.ErrorRequestHandler = (
  error: { status?: number },
  _req,
  res,
  _next,
) => {
  res.status(error.status ?? 500).json({ error: "bad request" });
};

/** The form's bytes, also when a parser of the app's own came first. */
function toForm(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body !== "object" || body === null) return new Uint8Array();
  const fields = Object.entries(body).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((each): [string, string] => [
      key,
      String(each),
    ]),
  );
  return new TextEncoder().encode(new URLSearchParams(fields).toString());
}

function refuseUpgrade(socket: Duplex, status: string): void {
  // A peer that keeps its half open must not keep ours.
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
