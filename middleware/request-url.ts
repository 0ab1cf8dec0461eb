import type { IncomingMessage } from "node:http";

type AddressedRequest = IncomingMessage & {
  originalUrl?: string;
  app?: { get?: (setting: string) => unknown };
};

/**
 * The URL as the sender wrote it. Routers change `url`, so the original one
 * counts; proxies change the rest, so `publicUrl` does where it is set.
 * X-Forwarded-* are believed only where Express's "trust proxy" believes the peer.
 */
export function addressOf(
  req: AddressedRequest,
  publicUrl: string | undefined,
): string {
  const path = req.originalUrl ?? req.url ?? "";
  if (publicUrl !== undefined) return publicUrl + path;
  const isEncrypted = "encrypted" in req.socket && req.socket.encrypted;
  const isTrusted = isProxyTrusted(req);
  const protocol =
    (isTrusted ? forwarded(req, "x-forwarded-proto") : undefined) ??
    (isEncrypted ? "https" : "http");
  const host =
    (isTrusted ? forwarded(req, "x-forwarded-host") : undefined) ??
    req.headers.host ??
    "";
  return `${protocol}://${host}${path}`;
}

/** Express 4 and 5 keep the compiled setting under this name. */
function isProxyTrusted(req: AddressedRequest): boolean {
  const trust = req.app?.get?.("trust proxy fn");
  return (
    typeof trust === "function" && trust(req.socket.remoteAddress, 0) === true
  );
}

/** The first of a list: what the outermost proxy saw. */
function forwarded(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  const [first = ""] = (typeof value === "string" ? value : "").split(",");
  return first.trim() === "" ? undefined : first.trim();
}
