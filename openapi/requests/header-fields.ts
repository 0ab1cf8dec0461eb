import { isToken } from "./percent.ts";

/**
 * Headers that frame the message or choose the host: the HTTP client's own, and
 * never for an argument to set (RFC 9110, sections 7.2, 7.6.1, 8.6 and 10.1).
 */
export const TRANSPORT_HEADERS = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Node sends header values as Latin-1 and refuses control characters (RFC 9110, section 5.5). */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

export function isHeader(name: string, value: unknown): value is string {
  return isToken(name) && typeof value === "string" && isHeaderValue(value);
}

/** One header per name, whatever its case; the last one wins. */
export function mergeHeaders(
  headers: Iterable<[name: string, value: string]>,
): Record<string, string> {
  const byName = new Map<string, [string, string]>();
  for (const [name, value] of headers)
    byName.set(name.toLowerCase(), [name, value]);
  return Object.fromEntries(byName.values());
}
