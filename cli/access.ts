import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What a request shows of who sent it. */
type Sender = Pick<IncomingMessage, "headers" | "httpVersion"> & {
  socket: { remoteAddress?: string | undefined };
};

/** Headers that a proxy or tunnel adds, beside `X-Forwarded-*`. */
const PROXY_HEADERS = ["forwarded", "via", "x-real-ip", "cf-connecting-ip"];

/**
 * Whether somebody on this machine asks (design.md section 3): the peer is
 * loopback, the Host is loopback, and no proxy says that it passed this on. The
 * Host keeps out web pages that had their name resolved to this machine.
 */
export function isLocal(req: Sender): boolean {
  const { headers, httpVersion } = req;
  const isPassedOn = Object.keys(headers).some(
    (name) => name.startsWith("x-forwarded-") || PROXY_HEADERS.includes(name),
  );
  return (
    !isPassedOn &&
    // nginx passes on without a word, and with a Host of its own, but as HTTP/1.0
    // (proxy_http_version, nginx.org/en/docs/http/ngx_http_proxy_module.html).
    httpVersion !== "1.0" &&
    isLoopbackAddress(req.socket.remoteAddress ?? "") &&
    isLoopbackHost(headers.host ?? "")
  );
}

/**
 * Who may look at metrics and console: somebody on this machine, or who sends
 * `Authorization: Bearer` with the token (RFC 6750, section 2.1).
 * @param token  CONSOLE_TOKEN; without one only this machine may
 */
export function mayLook(req: Sender, token: string | undefined): boolean {
  if (isLocal(req)) return true;
  const [, given] =
    /^bearer +([\x21-\x7e]+) *$/i.exec(req.headers.authorization ?? "") ?? [];
  return token !== undefined && given !== undefined && isSame(given, token);
}

/** In a time that does not tell how much of it was right: digests have one length. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isLoopbackAddress(address: string): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/i.test(address);
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host);
}
