/** Where a request got to. */
export interface Trip {
  /** "unsent": no connection came about, so nothing took effect. */
  at: "home" | "fenced" | "unsent" | "sent";
}

/** Faults before a byte of the request is sent (Node's and undici's names). */
const UNSENT = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * Reads the one address that a gateway stands in front of.
 * @throws TypeError for what is no http or https URL, or holds a user, a query or a fragment
 */
export function parseUpstream(upstream: string): URL {
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined;
  const isPlain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (isPlain) return url;
  throw new TypeError(
    "upstream: expected http(s)://host or http(s)://host/path, without user, query or fragment",
  );
}

/**
 * Whether a request would go to the upstream and below its path. Dots are
 * refused in every spelling that a server may still decode: `..%2fadmin` is one
 * step for a URL parser and two for some servers.
 */
export function isInside(url: string, upstream: URL): boolean {
  if (!URL.canParse(url) || url.includes("\\")) return false;
  const { origin, username, password, pathname } = new URL(url);
  const base = upstream.pathname.replace(/\/+$/, "");
  return (
    origin === upstream.origin &&
    `${username}${password}` === "" &&
    (pathname === base || pathname.startsWith(`${base}/`)) &&
    !hasDots(pathname)
  );
}

const DECODED_TIMES = 3;

function hasDots(pathname: string): boolean {
  let path = pathname;
  for (let times = 0; times <= DECODED_TIMES; times++) {
    if (path.split(/[/\\]/).some((step) => step === "." || step === ".."))
      return true;
    path = path
      .replaceAll(/%2e/gi, ".")
      .replaceAll(/%2f/gi, "/")
      .replaceAll(/%5c/gi, "\\")
      .replaceAll("%25", "%");
  }
  return false;
}

/** A fetch that reaches nothing but the upstream, and notes where the request got to. */
export function fence(
  upstream: URL,
  send: typeof fetch,
  trip: Trip,
): typeof fetch {
  return async (target, init) => {
    const url = target instanceof Request ? target.url : String(target);
    if (!isInside(url, upstream)) {
      trip.at = "fenced";
      throw new TypeError("the request would leave the upstream");
    }
    trip.at = "sent";
    try {
      return await send(url, { ...init, redirect: "manual" });
    } catch (error) {
      if (UNSENT.has(codeOf(error))) trip.at = "unsent";
      throw error;
    }
  };
}

/** fetch says only that it failed; why is in the cause. */
function codeOf(error: unknown): string {
  const code = fieldOf(fieldOf(error, "cause"), "code");
  return typeof code === "string" ? code : "";
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
