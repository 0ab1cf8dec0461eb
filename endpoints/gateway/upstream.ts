import { createCaller } from "../../openapi/index.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";
import { toOutcome } from "./answers.ts";
import type { Outcome } from "./answers.ts";
import { cutToSize } from "./cut.ts";
import { fence, parseUpstream } from "./fence.ts";
import type { Trip } from "./fence.ts";
import type { Answer } from "./platforms/platform.ts";
import { createRedactor } from "./redact.ts";

export interface UpstreamOptions {
  catalog: Catalog;
  upstream: string;
  credentials: Record<string, string>;
  fetch: typeof fetch;
  timeoutMs: number;
  maxAnswerBytes: number;
}

/** One call of the API behind the gateway. Never rejects for what a model or the API did. */
export type Upstream = (
  tool: Tool,
  args: unknown,
  ids: { callId: string; toolUseId: string },
) => Promise<Outcome>;

/** An answer is cut anyway, so a long one may be read; a longer one is a file. */
const MAX_READ_BYTES = 1024 * 1024;

/**
 * Makes the real requests, fenced in, and cuts what comes back.
 * @throws TypeError for an upstream or a limit that cannot work
 */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { catalog, credentials, timeoutMs, maxAnswerBytes } = options;
  const upstream = parseUpstream(options.upstream);
  const redact = createRedactor(credentials);
  const call = (tools: Tool[], trip: Trip) =>
    createCaller({
      catalog: { ...catalog, tools },
      baseUrl: upstream.href,
      credentials,
      fetch: fence(upstream, options.fetch, trip),
      timeoutMs,
      maxResponseBytes: MAX_READ_BYTES,
    });
  call([], { at: "home" }); // tells a bad limit now

  return async (tool, args, ids) => {
    const trip: Trip = { at: "home" };
    // A caller of its own: where the request got to belongs to this call alone.
    const result = await call(
      [tool],
      trip,
    )({
      ...ids,
      name: tool.name,
      arguments: args,
    });
    const outcome = toOutcome(tool, result, trip.at);
    const answer = cutToSize(redact(outcome.answer) as Answer, maxAnswerBytes);
    return { ...outcome, answer };
  };
}
