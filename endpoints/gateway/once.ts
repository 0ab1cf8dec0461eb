import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { canonicalJson } from "../../openapi/index.ts";
import type { ReplayStore } from "../../middleware/index.ts";
import { MISMATCH } from "../execution.ts";
import { UNAVAILABLE } from "./answers.ts";
import type { Outcome } from "./answers.ts";
import type { Answer } from "./platforms/platform.ts";

/** A write, by all that makes two of them the same. */
export interface Write {
  tool: string;
  callId: string | undefined;
  /** The sender's id of this one use; without it the arguments stand for it. */
  key: string | undefined;
  arguments: unknown;
  /** Declared idempotent: may be sent again when nobody knows what became of it. */
  isRepeatable: boolean;
}

export interface OnceOptions {
  store: ReplayStore;
  /** Parts gateways that share a store. */
  scope: string;
  /** How long an answer is kept (default 86400, as long as ThunderPhone repeats a delivery). */
  ttlSeconds?: number;
  /** How long a repeat waits for an equal one that another process runs (default 5000). */
  waitMs?: number;
}

/** Without a call two callers may mean the same words; so only a platform's quick repeats are told. */
const WITHOUT_CALL_SECONDS = 600;
const STORE_WITHIN_MS = 2000;
const POLL_MS = 50;

/**
 * Runs a write once: the same one again, also in parallel, gets the first one's
 * answer. What took no effect may run again. What was sent and has no answer
 * may not, unless it is repeatable: a write to others is never sent twice
 * (design.md section 5). When the store fails, nothing is sent.
 */
export function createOnce(
  options: OnceOptions,
): (write: Write, run: () => Promise<Outcome>) => Promise<Outcome> {
  const { store, scope, ttlSeconds = 86_400, waitMs = 5000 } = options;
  const flights = new Map<string, Promise<Outcome>>();

  async function fly(
    { name, print, seconds }: Delivery,
    isRepeatable: boolean,
    run: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const giveUp = performance.now() + waitMs;
    for (;;) {
      if (await claim(store, name, JSON.stringify({ print }), seconds)) break;
      const value = await inTime(async () => store.get(name));
      const known = value === undefined ? undefined : parseValue(value);
      if (known && known.print !== print)
        return { answer: { ...MISMATCH }, effect: "none" };
      if (known?.answer) return { answer: known.answer, effect: "done" };
      if (performance.now() >= giveUp) return NOT_NOW;
      await pause(POLL_MS);
    }
    const outcome = await run();
    const isFree =
      outcome.effect === "none" ||
      (outcome.effect === "unknown" && isRepeatable);
    const kept = isFree
      ? ""
      : JSON.stringify({ print, answer: outcome.answer });
    // Where it cannot be kept the marker stays: repeats are refused, none runs.
    await inTime(async () => store.put(name, kept, isFree ? 0 : seconds)).catch(
      () => {},
    );
    return outcome;
  }

  return async (write, run) => {
    const delivery = describe(scope, write, ttlSeconds);
    const id = `${delivery.name} ${delivery.print}`;
    const other = flights.get(id);
    if (other) return other;
    const flight = fly(delivery, write.isRepeatable, run).catch(
      (error: unknown): Outcome => ({ ...NOT_NOW, reason: String(error) }),
    );
    flights.set(id, flight);
    return flight.finally(() => flights.delete(id));
  };
}

const NOT_NOW: Outcome = {
  answer: UNAVAILABLE,
  effect: "none",
  reason: "not_executed",
};

interface Delivery {
  /** Hashes: nothing personal can be read from them. */
  name: string;
  print: string;
  seconds: number;
}

function describe(
  scope: string,
  { tool, callId, key, arguments: args }: Write,
  ttlSeconds: number,
): Delivery {
  const print = hash(canonicalJson(args));
  const parts = [scope, tool, callId ?? null, key ?? null, key ? null : print];
  const isVague = callId === undefined && key === undefined;
  return {
    name: `gateway:${hash(JSON.stringify(parts))}`,
    print,
    seconds: isVague ? Math.min(WITHOUT_CALL_SECONDS, ttlSeconds) : ttlSeconds,
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** True when nobody has the name yet. */
async function claim(
  store: ReplayStore,
  name: string,
  value: string,
  seconds: number,
): Promise<boolean> {
  const adding = Promise.resolve().then(() =>
    store.addIfAbsent(name, value, seconds),
  );
  try {
    return await inTime(() => adding);
  } catch (error) {
    // Added after all, once nobody waited any more: nothing runs under it.
    adding
      .then((isKept) => (isKept ? store.put(name, "", 0) : undefined))
      .catch(() => {}); // then it expires
    throw error;
  }
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error("the store took too long")),
      STORE_WITHIN_MS,
    );
  });
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

/** @throws when the value is none that was written here: then nothing runs */
function parseValue(value: string): { print: unknown; answer?: Answer } {
  const known: unknown = JSON.parse(value);
  if (typeof known === "object" && known !== null && "print" in known)
    return known as { print: unknown; answer?: Answer };
  throw new TypeError("the store's value is no write");
}
