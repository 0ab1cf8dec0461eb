import type { ServerResponse } from "node:http";
import type { Reason } from "../reason.ts";
import { giveAnswer, giveJson } from "./answer.ts";
import { findFlight, takeOff } from "./flight.ts";
import type { FlightConfig, Outcome } from "./flight.ts";
import { describeDelivery, toolCallKey } from "./key.ts";
import type { Delivery } from "./key.ts";
import { inTime, requireStore } from "./store.ts";
import type { ReplayStore } from "./store.ts";
import type { ToolRequest } from "../tool-request.ts";

/** Asked once a signature is right, before the handler. */
export interface ReplayGuard {
  /**
   * "run": go on to the handler; "answered": the sender needs no more answer.
   * Never throws for what a store does wrong.
   */
  admit(
    req: ToolRequest,
    res: ServerResponse,
  ): Promise<"run" | "answered" | { refuse: Reason }>;
}

export interface ReplayGuardOptions {
  store: ReplayStore;
  /**
   * How long an answer is kept, and how long repeats are refused of a delivery
   * whose process died in mid-handler. Longer than any handler runs; never
   * shorter than the scheme's clock takes the signature.
   */
  ttlSeconds: number;
  /**
   * What makes two deliveries the same, beside method and path; undefined or
   * null: not deduplicated, right for a POST that only reads, where an earlier
   * answer would be stale. Default `toolCallKey`.
   */
  key?: (req: ToolRequest) => string | undefined | null;
  /** How long a delivery waits for an equal one that is running (default 5000). */
  waitMs?: number;
}

const UNAVAILABLE = { refuse: "store_unavailable" } as const;

/**
 * Runs a delivery once: the same one again, also in parallel, gets the first
 * one's answer with `Idempotent-Replayed: true`. Reads pass without being kept.
 *
 * Refusals (status 400 and above, or a JSON object with an `error`) are not
 * kept, so the sender may try again. Where it is not known whether the first
 * one took effect (its process died, or its answer could not be kept), a repeat
 * is refused as `store_unavailable`: it never runs twice. Put a call window
 * before this guard, so that a closed call gets no stored answers.
 * @throws TypeError when ttlSeconds or waitMs is no usable number
 */
export function replayGuard(options: ReplayGuardOptions): ReplayGuard {
  const { store, ttlSeconds, key = toolCallKey, waitMs = 5000 } = options;
  requireStore(store);
  if (typeof key !== "function")
    throw new TypeError("key: expected a function of the request");
  if (!Number.isFinite(ttlSeconds) || ttlSeconds <= 0) {
    throw new TypeError(
      `ttlSeconds: expected a number above 0, received ${String(ttlSeconds)}`,
    );
  }
  if (!Number.isFinite(waitMs) || waitMs < 0 || waitMs > 2 ** 31 - 1) {
    throw new TypeError(
      `waitMs: expected milliseconds from 0, received ${String(waitMs)}`,
    );
  }
  const config = { store, ttlSeconds, waitMs };
  // A signed id that comes with other arguments was no slip of the sender.
  const isIdSigned = (req: ToolRequest) =>
    key === toolCallKey && req.toolCall?.id !== undefined;
  let hasWarned = false;
  return {
    async admit(req, res) {
      let delivery: Delivery | undefined;
      try {
        delivery = describeDelivery(req, key);
      } catch (error) {
        // A delivery that nothing identifies could run twice.
        if (!hasWarned) process.emitWarning(`replayGuard: ${String(error)}`);
        hasWarned = true;
        return UNAVAILABLE;
      }
      if (!delivery) return "run";
      const lifetime = req.toolCall?.lifetimeSeconds ?? 0;
      const outcome = await decide(
        { ...config, ttlSeconds: Math.max(ttlSeconds, lifetime) },
        delivery,
        req,
        res,
      );
      if (typeof outcome === "string") return outcome;
      if (outcome.at === "done") {
        giveAnswer(res, outcome.answer);
        return "answered";
      }
      if (outcome.at === "unavailable") return UNAVAILABLE;
      if (isIdSigned(req)) return { refuse: "replayed" };
      giveJson(res, 200, MISMATCH);
      return "answered";
    },
  };
}

const MISMATCH = {
  error: "This key was used before with other arguments",
  code: "idempotency_mismatch",
  speech: "Something went wrong on my side. Let me try that again.",
};

type Final = Exclude<Outcome, { at: "free" }>;

async function decide(
  config: FlightConfig & { waitMs: number },
  delivery: Delivery,
  req: ToolRequest,
  res: ServerResponse,
): Promise<"run" | "answered" | Final> {
  const giveUp = performance.now() + config.waitMs;
  for (;;) {
    const other = findFlight(config.store, delivery);
    if (other?.req === req) return "run"; // admitted by another guard of this store
    const outcome = other
      ? await inTime(other.landed, giveUp - performance.now()).catch(
          (): Outcome => ({ at: "unavailable" }),
        )
      : await takeOff(config, delivery, { req, res, giveUp });
    if (outcome === "run" || outcome.at !== "free") return outcome;
    if (res.destroyed) return "answered"; // its sender has gone: nobody to run for
  }
}
