import type { IncomingHttpHeaders } from "node:http";
import { verify } from "../middleware/index.ts";

/** Where Twilio reaches this relay: addresses in its TwiML, and the strings that it signs. */
export interface Address {
  /** https origin and mount path, without a slash at the end. */
  http: string;
  /** wss twin of `http`. */
  ws: string;
}

/**
 * The address from PUBLIC_URL, else from the request's Host. A host that is not
 * this machine is reached through TLS: Twilio accepts nothing else.
 */
export function toAddress(
  publicUrl: string | undefined,
  host: string | undefined,
): Address {
  const base =
    publicUrl?.replace(/\/+$/, "") ??
    `${isLoopback(host) ? "http" : "https"}://${host ?? "localhost"}`;
  return { http: base, ws: base.replace(/^http/, "ws") };
}

/**
 * Whether Twilio signed this request with one of the tokens. For a WebSocket it
 * signs the `url` attribute just as written; proxies add or take away the last
 * slash, so both spellings are tried (the port is the scheme's own matter).
 */
export function isSigned(
  request: { headers: IncomingHttpHeaders; url: string; body?: Uint8Array },
  tokens: string[] | "none",
): boolean {
  if (tokens === "none") return true;
  const { headers, body = new Uint8Array() } = request;
  return spellings(request.url).some(
    (url) => verify("twilio", tokens, { headers, body, url }).ok,
  );
}

/** With and without a slash at the end; query and escapes as written. */
function spellings(url: string): string[] {
  if (url.includes("?")) return [url];
  const bare = url.replace(/\/$/, "");
  return [bare, `${bare}/`];
}

function isLoopback(host: string | undefined): boolean {
  return (
    host === undefined ||
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host)
  );
}
