import { verifySignature } from "../middleware/index.ts";
import type { Middleware, VerifyOptions } from "../middleware/index.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";

export interface GuardOptions extends Pick<
  VerifyOptions,
  "replay" | "maxBodyBytes" | "scheme"
> {
  /** Where this process listens, if it calls its own tools. */
  ownUrl?: string;
  /** Hears of each refusal, to be counted. */
  onRefused?: (event: { reason: string }) => void;
}

const MAX_BODY_BYTES = 16 * 1024;

/**
 * What lets only signed requests through, by the secrets and schemes of the
 * configuration.
 *
 * Where the URL is signed, who calls from this process signs the address that it
 * calls, and all others the public one.
 */
export function guard(
  config: Config,
  log: Log,
  { ownUrl, onRefused = () => {}, ...options }: GuardOptions = {},
): Middleware {
  const make = (publicUrl: string | undefined) =>
    verifySignature({
      secrets: config.toolSecrets,
      scheme: config.toolSchemes,
      headers: config.toolHeaders,
      maxBodyBytes: MAX_BODY_BYTES,
      ...options,
      ...(publicUrl === undefined ? {} : { publicUrl }),
      onRefused: ({ reason, req, hint }) => {
        onRefused({ reason });
        log.warn("tool.refused", {
          reason,
          path: (req.url ?? "").split("?")[0],
          ...(hint === undefined ? {} : { hint }),
        });
      },
    });
  const outside = make(config.publicUrl);
  if (config.publicUrl === undefined || ownUrl === undefined) return outside;
  const inside = make(ownUrl);
  const ownHost = new URL(ownUrl).host;
  return (req, res, next) =>
    (req.headers.host === ownHost ? inside : outside)(req, res, next);
}
