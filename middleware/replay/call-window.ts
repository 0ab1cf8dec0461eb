import { createHash } from "node:crypto";
import type { ReplayGuard } from "./guard.ts";
import { askStore, requireStore } from "./store.ts";
import type { ReplayStore } from "./store.ts";

export interface CallWindowOptions {
  /** Not shared with another sender that counts its calls from 1 too. */
  store: ReplayStore;
  /** Longest call; afterwards its id is refused (default 14400, 4 hours). */
  maxCallSeconds?: number;
  /** How long a closed call is still taken, for tool calls in flight (default 30). */
  graceSeconds?: number;
  /** How long an ended call is remembered; an incoming event replayed later opens it again (default 604800, 7 days). */
  closedSeconds?: number;
  /**
   * Calls that no event has announced (default "refuse"). "accept" is for an app
   * that also takes calls from senders without events: only ended calls are
   * refused then, and an invented call id, or none, is taken.
   */
  unknown?: "refuse" | "accept";
  now?: () => Date;
}

export interface CallWindow extends ReplayGuard {
  /** For the webhook route: signed `*.incoming` opens a call, `*.complete` closes it. */
  events: ReplayGuard;
  /** For calls that no event announces, such as outbound ones; an ended call stays closed. Rejects when the store fails. */
  open(callId: string): Promise<void>;
  /** Rejects when the store fails. */
  close(callId: string): Promise<void>;
}

/** What the store knows of a call: epoch milliseconds until which it is taken. */
interface Span {
  until: number;
}

/**
 * Takes tool calls only while their phone call lasts: a captured request is
 * worth nothing after it, nor with an invented call id (unless unknown ones are
 * accepted). It does not help during the call. Reasons: `replayed`, `store_unavailable`.
 *
 * `verifySignature({ replay: window })` on tool routes, `replay: window.events`
 * on the webhook's.
 * @throws TypeError when a number of seconds is none, or another option is none of its values
 */
export function callWindow(options: CallWindowOptions): CallWindow {
  const { store, unknown = "refuse" } = options;
  requireStore(store);
  if (unknown !== "refuse" && unknown !== "accept")
    throw new TypeError(
      `unknown: expected "refuse" or "accept", received ${JSON.stringify(unknown)}`,
    );
  const maxCallSeconds = readSeconds("maxCallSeconds", options, 14_400);
  const graceSeconds = readSeconds("graceSeconds", options, 30);
  const closedSeconds = readSeconds("closedSeconds", options, 604_800);
  const now = options.now ?? (() => new Date());

  function add(callId: string, span: Span, ttlSeconds: number) {
    return askStore(() =>
      store.addIfAbsent(toKey(callId), JSON.stringify(span), ttlSeconds),
    );
  }

  async function read(callId: string): Promise<Span | undefined> {
    const value = await askStore(() => store.get(toKey(callId)));
    return value === undefined ? undefined : parseSpan(value);
  }

  /** Once only: neither a second event nor one after the end changes a span. */
  async function open(callId: string): Promise<void> {
    const until = now().getTime() + maxCallSeconds * 1000;
    // Remembered beyond its end, or a replayed event would open it again.
    await add(callId, { until }, maxCallSeconds + closedSeconds);
  }

  async function close(callId: string): Promise<void> {
    const end = now().getTime() + graceSeconds * 1000;
    // The event of the end may come first: then the call is never taken.
    if (await add(callId, { until: 0 }, closedSeconds)) return;
    const span = await read(callId);
    // Never later than it was: a replayed event must not prolong the grace.
    const closed: Span = { until: Math.min(span?.until ?? 0, end) };
    await askStore(() =>
      store.put(toKey(callId), JSON.stringify(closed), closedSeconds),
    );
  }

  return {
    open,
    close,
    ...guard(async (req) => {
      const callId = req.toolCall?.callId;
      const span = callId === undefined ? undefined : await read(callId);
      const isTaken =
        span === undefined
          ? unknown === "accept"
          : now().getTime() < span.until;
      return isTaken ? "run" : { refuse: "replayed" };
    }),
    events: guard(async (req) => {
      const event = parseEvent(req.toolCall?.arguments);
      if (event?.at === "incoming") await open(event.callId);
      if (event?.at === "complete") await close(event.callId);
      return "run";
    }),
  };
}

function guard(admit: ReplayGuard["admit"]): ReplayGuard {
  return {
    admit: (req, res) =>
      admit(req, res).catch(() => ({ refuse: "store_unavailable" })),
  };
}

/** https://docs.thunderphone.com/webhooks/events (read November 2026): {type, data: {call_id}}, call_id a number. */
function parseEvent(
  body: Record<string, unknown> | undefined,
): { at: "incoming" | "complete"; callId: string } | undefined {
  const { type, data } = body ?? {};
  if (typeof type !== "string" || typeof data !== "object" || data === null)
    return undefined;
  const [, at] = /^.+\.(incoming|complete)$/.exec(type) ?? [];
  const id: unknown = "call_id" in data ? data.call_id : undefined;
  const isId =
    (typeof id === "string" && id !== "") || Number.isSafeInteger(id);
  if (!isId || (at !== "incoming" && at !== "complete")) return undefined;
  return { at, callId: String(id) };
}

/** @throws when the value is none that was written here: then nothing is taken */
function parseSpan(value: string): Span {
  const span: unknown = JSON.parse(value);
  if (typeof span === "object" && span !== null && "until" in span) {
    if (typeof span.until === "number") return { until: span.until };
  }
  throw new TypeError("the store's value is no call");
}

function readSeconds(
  name: "maxCallSeconds" | "graceSeconds" | "closedSeconds",
  options: CallWindowOptions,
  fallback: number,
): number {
  const seconds = options[name] ?? fallback;
  const isGood =
    Number.isFinite(seconds) &&
    (name === "graceSeconds" ? seconds >= 0 : seconds > 0);
  if (isGood) return seconds;
  throw new TypeError(
    `${name}: expected a number of seconds, received ${String(seconds)}`,
  );
}

/** A hash, because a call id that is not signed may be any text. */
function toKey(callId: string): string {
  return `call:${createHash("sha256").update(callId).digest("hex")}`;
}
