import { createHash } from "node:crypto";
import type { ContentEncoding } from "./bodies/inflate.ts";
import { readStrongKeys } from "./signatures/keys.ts";
import type { Key, Secrets } from "./signatures/keys.ts";
import type { Reason } from "./reason.ts";
import type { Scheme } from "./schemes/scheme.ts";
import type { HeaderName, SchemeConfig } from "./schemes/config.ts";
import { DEFAULT_SCHEME, findScheme } from "./schemes/schemes.ts";

/** What `verifySignature` and `verifyRequest` have in common; `R` is the request of one or the other. */
export interface CheckOptions<R> {
  /** Or a function of the request, for several tenants; null means that there is no such tenant. */
  secrets: Secrets | ((req: R) => Secrets | null | Promise<Secrets | null>);
  /** Default "thunderphone". Of a list the first whose header is there decides alone. */
  scheme?: string | Scheme | readonly (string | Scheme)[];
  /** Longest body that is read, and longest after inflating (default 1 MiB). */
  maxBodyBytes?: number;
  /** How long the body may take to arrive (default 10000). */
  bodyTimeoutMs?: number;
  /** How long a secrets function may take (default 2000). */
  secretsTimeoutMs?: number;
  /** Content encodings that are taken (default none). The signature may cover the bytes as sent or inflated. */
  contentEncodings?: readonly ContentEncoding[];
  /** Static headers that each call must carry with just these values. */
  headers?: Readonly<Record<string, string>>;
  /** Origin and mount path as the sender sees them, for schemes that sign the URL. */
  publicUrl?: string;
  now?: () => Date;
}

/** Options completed once, at creation. */
export interface CheckConfig<R> {
  schemes: readonly [SchemeConfig, ...SchemeConfig[]];
  readKeys: (req: R) => KeysResult | Promise<KeysResult>;
  limits: { maxBytes: number; timeoutMs: number };
  encodings: readonly string[];
  staticHeaders: readonly { name: HeaderName; digest: Buffer }[];
  publicUrl: string | undefined;
  now: () => Date;
}

/** The keys under each scheme, or why there are none. */
export type KeysResult =
  | { ok: true; keys: ReadonlyMap<SchemeConfig, Key[]> }
  | {
      ok: false;
      reason: Extract<Reason, "secrets_unavailable" | "unknown_key">;
    };

/** @throws TypeError that names the option and the fix */
export function completeOptions<R>(options: CheckOptions<R>): CheckConfig<R> {
  if (typeof options !== "object" || options === null)
    throw new TypeError("options: expected { secrets }");
  const [first, ...others] = [options.scheme ?? DEFAULT_SCHEME]
    .flat()
    .map(findScheme);
  if (!first)
    throw new TypeError(
      "scheme: expected at least one, received an empty list",
    );
  const schemes = [first, ...others] as const;
  const kinds = new Set(
    schemes.map(({ algorithm }) => algorithm === "ed25519"),
  );
  const headers = schemes.map(({ signature }) => signature.received);
  if (new Set(headers).size < headers.length)
    throw new TypeError(
      `scheme: two of the list read the same header, of ${headers.join(", ")}; the first would decide alone`,
    );
  // A public key would be anybody's HMAC secret.
  if (kinds.size > 1)
    throw new TypeError(
      "scheme: a list cannot mix ed25519 with HMAC; use one verifySignature each",
    );
  return {
    schemes,
    readKeys: keysReader(schemes, options),
    limits: {
      maxBytes: wholeNumber("maxBodyBytes", options.maxBodyBytes, 1_048_576, 0),
      timeoutMs: wholeNumber("bodyTimeoutMs", options.bodyTimeoutMs, 10_000, 1),
    },
    encodings: (options.contentEncodings ?? []).map((encoding) => {
      if (["gzip", "deflate", "br"].includes(encoding)) return encoding;
      throw new TypeError(
        `contentEncodings: expected "gzip", "deflate" or "br", received ${JSON.stringify(encoding)}`,
      );
    }),
    staticHeaders: Object.entries(options.headers ?? {}).map(
      ([name, value]) => {
        if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
          throw new TypeError(
            `headers: expected names of headers, received ${JSON.stringify(name)}`,
          );
        if (typeof value === "string" && value !== "")
          return {
            name: { sent: name, received: name.toLowerCase() },
            digest: sha256(value),
          };
        throw new TypeError(`headers.${name}: expected a value, it is empty`);
      },
    ),
    publicUrl: readPublicUrl(options.publicUrl),
    now: readClock(options.now),
  };
}

/** Constant time is for digests of one length, so these are compared. */
export function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function keysReader<R>(
  schemes: readonly SchemeConfig[],
  options: CheckOptions<R>,
): CheckConfig<R>["readKeys"] {
  const { secrets } = options;
  const toKeys = (given: Secrets): KeysResult => ({
    ok: true,
    keys: new Map(
      schemes.map((scheme) => [scheme, readStrongKeys(scheme, given)]),
    ),
  });
  if (typeof secrets !== "function") {
    const fixed = toKeys(secrets);
    return () => fixed;
  }
  const timeoutMs = wholeNumber(
    "secretsTimeoutMs",
    options.secretsTimeoutMs,
    2000,
    1,
  );
  return async (req) => {
    const unavailable: KeysResult = {
      ok: false,
      reason: "secrets_unavailable",
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, undefined);
    });
    try {
      const given = await Promise.race([secrets(req), late]);
      if (given === null) return { ok: false, reason: "unknown_key" };
      return given === undefined ? unavailable : toKeys(given);
    } catch {
      return unavailable; // rejected, empty or weak: fails shut, and the reason says so
    } finally {
      clearTimeout(timer);
    }
  };
}

function wholeNumber(
  name: string,
  value: number | undefined,
  fallback: number,
  min: number,
): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= min && value <= 2 ** 31 - 1)
    return value;
  throw new TypeError(
    `${name}: expected a whole number from ${min} to 2147483647, received ${String(value)}`,
  );
}

/** Asked once here: a clock that is none would fail at every request, signed or not. */
function readClock(now: (() => Date) | undefined): () => Date {
  if (now === undefined) return () => new Date();
  const time: unknown = typeof now === "function" ? now() : undefined;
  if (time instanceof Date && !Number.isNaN(time.getTime())) return now;
  throw new TypeError("now: expected a function that gives a Date");
}

function readPublicUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (/^(https?|wss?):\/\/[^/?#]+[^?#]*$/.test(url) && URL.canParse(url))
    return url.replace(/\/+$/, "");
  throw new TypeError(
    `publicUrl: expected https://host or https://host/path, received ${JSON.stringify(url)}`,
  );
}
