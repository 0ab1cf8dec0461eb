import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readRawBody } from "./raw-body.ts";
import { findScheme } from "./schemes.ts";
import type { Scheme } from "./schemes.ts";
import { labelSecrets } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";
import { readHeader, readSignature, verify } from "./signature.ts";
import type { Reason } from "./signature.ts";

/** A verified tool call; set as `req.toolCall`. */
export interface VerifiedCall {
  /** The phone call, from the scheme's header; not signed. */
  callId: string | undefined;
  arguments: Record<string, unknown>;
  rawBody: Buffer;
  scheme: string;
  /** Label or index of the secret that matched. */
  key: string;
}

/** What the middleware needs of a request; Express's own fits. */
export type ToolRequest = IncomingMessage & {
  body?: unknown;
  rawBody?: unknown;
  originalUrl?: string;
  toolCall?: VerifiedCall;
};

/** A middleware of Express 4 or 5, or of anything that calls `(req, res, next)`. */
export type Middleware = (
  req: ToolRequest,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

export interface VerifyOptions {
  secrets: Secrets | ((req: ToolRequest) => Secrets | Promise<Secrets>);
  /** Default "thunderphone". */
  scheme?: string | Scheme;
  /** Longest body that is read (default 1 MiB). */
  maxBodyBytes?: number;
  /** How long the body may take to arrive (default 10000). */
  bodyTimeoutMs?: number;
  /** Static headers that each call must carry with just these values. */
  headers?: Record<string, string>;
  /** Origin and mount path as the sender sees them, for schemes that sign the URL. */
  publicUrl?: string;
  /** Hears why a call was refused; the sender never does. */
  onRefused?: (event: { reason: Reason; req: ToolRequest }) => unknown;
}

// One public answer for every signature reason, so that a refusal teaches an attacker nothing.
const STATUS: Partial<Record<Reason, [number, string]>> = {
  body_too_large: [413, "body too large"],
  unsupported_encoding: [415, "unsupported content encoding"],
  body_stalled: [408, "body did not arrive in time"],
  not_json_object: [400, "body is not a JSON object"],
  secrets_unavailable: [503, "temporarily unavailable"],
};
const LINGER_MS = 500;
const REFUSED: [number, string] = [401, "invalid signature"];

/**
 * Lets only signed tool calls through to the handlers behind it.
 *
 * The signature is checked on the exact bytes, by a middleware that always
 * runs: no parser's hook decides. After success `req.toolCall` is set and
 * `req.body` is the arguments (an empty body reads as `{}`).
 * @throws TypeError at creation for an unknown scheme or an empty secret
 */
export function verifySignature(options: VerifyOptions): Middleware {
  const scheme = findScheme(options.scheme ?? "thunderphone");
  const { secrets } = options;
  if (typeof secrets !== "function") labelSecrets(secrets);
  const config = {
    scheme,
    readSecrets: typeof secrets === "function" ? secrets : () => secrets,
    limits: {
      maxBytes: options.maxBodyBytes ?? 1_048_576,
      timeoutMs: options.bodyTimeoutMs ?? 10_000,
    },
    staticHeaders: Object.entries(options.headers ?? {}),
    publicUrl: options.publicUrl?.replace(/\/+$/, "") ?? "",
  };

  return function checkSignature(req, res, next) {
    inspect(req, config)
      .then((outcome) => {
        if (outcome === "aborted") return;
        if ("reason" in outcome) {
          tell(options.onRefused, { reason: outcome.reason, req });
          refuse(req, res, outcome.reason, config.limits.maxBytes);
          return;
        }
        req.toolCall = outcome;
        req.rawBody = outcome.rawBody; // for a second check further down
        req.body = outcome.arguments;
        Object.assign(req, { _body: true }); // Express 4's parsers skip a request marked so
        next();
      })
      .catch(next);
  };
}

/** A listener's own fault changes no verdict and ends no process; Node prints it as a warning. */
function tell(
  listener: VerifyOptions["onRefused"],
  event: { reason: Reason; req: ToolRequest },
): void {
  new Promise((resolve) => resolve(listener?.(event))).catch(
    (error: unknown) => {
      process.emitWarning(`onRefused failed: ${String(error)}`);
    },
  );
}

interface Config {
  scheme: Scheme;
  readSecrets: (req: ToolRequest) => Secrets | Promise<Secrets>;
  limits: { maxBytes: number; timeoutMs: number };
  staticHeaders: [string, string][];
  publicUrl: string;
}

async function inspect(
  req: ToolRequest,
  config: Config,
): Promise<VerifiedCall | { reason: Reason } | "aborted"> {
  const { scheme } = config;
  const encoding = req.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    return { reason: "unsupported_encoding" };
  // A missing or malformed header is refused before a byte of the body is read.
  const header = readSignature(scheme, req.headers);
  if (!header.ok) return header;
  for (const [name, value] of config.staticHeaders) {
    if (!equal(readHeader(req.headers, name), value))
      return { reason: "bad_static_header" };
  }
  const raw = await readRawBody(req, config.limits);
  if (!raw.ok)
    return raw.reason === "aborted" ? "aborted" : { reason: raw.reason };
  let secrets: Secrets;
  try {
    secrets = await config.readSecrets(req);
    labelSecrets(secrets);
  } catch {
    return { reason: "secrets_unavailable" };
  }
  const url = `${config.publicUrl}${req.originalUrl ?? req.url ?? ""}`;
  const verdict = verify(scheme, secrets, {
    headers: req.headers,
    body: raw.body,
    url,
  });
  if (!verdict.ok) return verdict;
  const args = parseArguments(raw.body);
  if (!args) return { reason: "not_json_object" };
  const callId =
    scheme.callIdHeader === undefined
      ? undefined
      : readHeader(req.headers, scheme.callIdHeader);
  return {
    callId: typeof callId === "string" && callId !== "" ? callId : undefined,
    arguments: args,
    rawBody: raw.body,
    scheme: scheme.name,
    key: verdict.key,
  };
}

function parseArguments(body: Buffer): Record<string, unknown> | undefined {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(body),
    );
    const isObject =
      typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Constant time whatever the lengths: digests are compared. */
function equal(given: unknown, wanted: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return (
    typeof given === "string" && timingSafeEqual(hash(given), hash(wanted))
  );
}

function refuse(
  req: ToolRequest,
  res: ServerResponse,
  reason: Reason,
  maxBytes: number,
): void {
  const [status, error] = STATUS[reason] ?? REFUSED;
  const text = JSON.stringify({ error });
  const declared = Number(req.headers["content-length"] ?? Number.NaN);
  const isChunked = req.headers["transfer-encoding"] !== undefined;
  // What is left of a body of allowed size Node reads and forgets, and the connection lives on.
  const isSmall =
    !isChunked && !(declared > maxBytes) && reason !== "body_stalled";
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json");
  res.setHeader("Content-Length", Buffer.byteLength(text));
  if (isSmall || req.readableEnded) {
    res.end(text);
    return;
  }
  // A large one is not read. Closing at once would reset the connection before
  // the sender has read the answer (RFC 9112, section 9.6), so it lingers.
  res.setHeader("Connection", "close");
  res.write(text);
  const linger = setTimeout(() => res.end(), LINGER_MS);
  req.on("close", () => clearTimeout(linger));
}
