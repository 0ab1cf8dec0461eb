import { memoryReplayStore } from "../../middleware/index.ts";
import type { Middleware, ReplayStore } from "../../middleware/index.ts";
import type { Catalog } from "../../openapi/index.ts";
import { createLimiter } from "../http/limits.ts";
import { SILENT } from "../log.ts";
import type { Log } from "../log.ts";
import { MIN_BYTES } from "./cut.ts";
import { bare } from "./platforms/bare.ts";
import { isRecord } from "./platforms/platform.ts";
import type { Platform } from "./platforms/platform.ts";
import { retell } from "./platforms/retell.ts";
import { vapi } from "./platforms/vapi.ts";

/** Every platform whose messages a gateway reads: a new one is a file and a word here. */
export const gatewayPlatforms = { bare, vapi, retell } satisfies Record<
  string,
  Platform
>;

export type GatewayPlatform = keyof typeof gatewayPlatforms;

export interface GatewayOptions {
  /** The operations that are offered. */
  catalog: Catalog;
  /** Base URL of the API: http(s)://host[/path]. Nothing else is ever called. */
  upstream: string;
  /** What has to let a call through first; open endpoints have to be asked for by name. */
  verify: Middleware[] | "none";
  /** Whose messages are read (default "bare": the arguments are the body). */
  platform?: GatewayPlatform;
  /** For the API, by the document's name of the security scheme; for basic `user:password`. */
  credentials?: Record<string, string>;
  fetch?: typeof fetch;
  /** Limit of one call where the tool's policy sets none (default 8000). */
  timeoutMs?: number;
  /** Longest answer (default 4096, at least 256); a longer one is cut. */
  maxAnswerBytes?: number;
  /**
   * Where it is kept which writes have run; see `createOnce` for how long. By
   * default in the memory of this process: after a restart, and in another
   * process, the same write would run again.
   */
  replay?: { store: ReplayStore; ttlSeconds?: number; waitMs?: number };
  /** Tool calls in one phone call and minute (default 0: no limit). */
  callRatePerMinute?: number;
  now?: () => Date;
  log?: Log;
  /** Hears of every answer; `tool` is one of the catalog or "unknown". */
  onAnswered?: (event: { tool: string; code: string; ms: number }) => void;
}

/** Writes that a gateway without a store of its own remembers. */
const MAX_ENTRIES = 10_000;

/** @throws TypeError for what cannot work, with the option's name first */
export function complete(options: GatewayOptions) {
  const {
    catalog,
    upstream,
    verify,
    platform = "bare",
    credentials = {},
    maxAnswerBytes = 4096,
    callRatePerMinute = 0,
  } = options;
  requireThat(
    Array.isArray((catalog as Partial<Catalog> | undefined)?.tools),
    "catalog: expected one of compile()",
  );
  requireThat(typeof upstream === "string", "upstream: expected a URL");
  requireThat(
    verify === "none" || (Array.isArray(verify) && verify.length > 0),
    'verify: give at least one middleware, or "none" for open endpoints',
  );
  requireThat(
    verify === "none" || verify.every((each) => typeof each === "function"),
    "verify: expected functions, such as verifySignature makes",
  );
  requireThat(
    Object.hasOwn(gatewayPlatforms, platform),
    `platform: expected one of ${Object.keys(gatewayPlatforms).join(", ")}`,
  );
  requireThat(
    isRecord(credentials) &&
      Object.values(credentials).every((each) => typeof each === "string"),
    "credentials: expected texts by the names of security schemes",
  );
  requireThat(
    Number.isSafeInteger(maxAnswerBytes) && maxAnswerBytes >= MIN_BYTES,
    `maxAnswerBytes: expected a whole number from ${MIN_BYTES}, received ${String(maxAnswerBytes)}`,
  );
  requireThat(
    Number.isSafeInteger(callRatePerMinute) && callRatePerMinute >= 0,
    `callRatePerMinute: expected a whole number from 0, received ${String(callRatePerMinute)}`,
  );
  return {
    catalog,
    upstream,
    verify,
    platform: gatewayPlatforms[platform],
    credentials,
    fetch: options.fetch ?? fetch,
    timeoutMs: options.timeoutMs ?? 8000,
    maxAnswerBytes,
    replay: options.replay ?? {
      store: memoryReplayStore({ maxEntries: MAX_ENTRIES }),
    },
    perCall: createLimiter({
      perMinute: callRatePerMinute,
      now: options.now ?? (() => new Date()),
    }),
    log: options.log ?? SILENT,
    onAnswered: options.onAnswered ?? (() => {}),
  };
}

function requireThat(isRight: boolean, words: string): void {
  if (!isRight) throw new TypeError(words);
}
