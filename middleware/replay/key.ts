import { createHash } from "node:crypto";
import { canonicalText } from "../bodies/canonical.ts";
import type { ToolRequest } from "../tool-request.ts";

/** Safe methods (RFC 9110, section 9.2.1): to ask twice does no harm. */
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * What makes two deliveries the same: the signed id where the scheme has one,
 * else the call with the sender's `Idempotency-Key`, else the call with the
 * arguments. Method and path are added by the guard.
 *
 * A call id or an `Idempotency-Key` that the scheme does not sign can be
 * changed by whoever replays a request. Where several tenants share a store,
 * put the tenant before it: `` key: (req) => … && `${tenant} ${toolCallKey(req)}` ``.
 * @returns undefined for a read, which is never deduplicated
 * @throws TypeError when the request has not been verified
 */
export function toolCallKey(req: ToolRequest): string | undefined {
  if (READS.has(req.method ?? "")) return undefined;
  const call = readCall(req);
  if (call.id !== undefined) return JSON.stringify(["id", call.id]);
  const callId = call.callId ?? null;
  const given = req.headers["idempotency-key"];
  return given === undefined || given === ""
    ? JSON.stringify(["arguments", callId, hash(canonicalText(call.arguments))])
    : JSON.stringify(["key", callId, given]);
}

/** A delivery as the store knows it. */
export interface Delivery {
  /** Key of the store: a hash, so that nothing secret or personal can be read from it. */
  name: string;
  /** Hash of what has to be the same when the delivery comes again: the arguments and the query. */
  print: string;
}

/** @throws TypeError when the key is no text, is empty, or the request has not been verified */
export function describeDelivery(
  req: ToolRequest,
  readKey: (req: ToolRequest) => string | undefined | null,
): Delivery | undefined {
  const key: unknown = readKey(req);
  if (key === undefined || key === null) return undefined;
  if (typeof key !== "string" || key === "") {
    throw new TypeError(
      `key: expected a text, undefined or null, received ${key === "" ? "an empty text" : typeof key}`,
    );
  }
  const [path, query] = splitUrl(req.originalUrl ?? req.url ?? "");
  const call = readCall(req);
  return {
    name: `replay:${hash(JSON.stringify([req.method ?? "", path.toLowerCase(), key]))}`,
    // Case and query are not in the name: where the URL is not signed, another
    // spelling must not make a new delivery. But they may name another thing
    // (/orders/Ab, /orders/aB), so such a delivery is not the same either.
    print: hash(JSON.stringify([path, query]) + canonicalText(call.arguments)),
  };
}

function readCall(req: ToolRequest) {
  if (req.toolCall) return req.toolCall;
  throw new TypeError("req.toolCall is not set: verifySignature has to run");
}

/**
 * The path as routers compare it, but for its case, and the query. They ignore a
 * slash at the end by default, decode parameters, drop a fragment and take an
 * absolute URL.
 */
function splitUrl(url: string): [path: string, query: string] {
  const [whole = ""] = url.split("#", 1);
  const at = whole.indexOf("?");
  const path = (at === -1 ? whole : whole.slice(0, at))
    .replace(/^[a-z][a-z0-9+.-]*:[\\/]{2}[^\\/]*/i, "")
    .replaceAll("\\", "/");
  const plain = decodePath(path)
    .replaceAll(/\/{2,}/g, "/")
    .replace(/\/$/, "");
  return [plain, at === -1 ? "" : whole.slice(at + 1)];
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // no router takes it as a parameter either
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
