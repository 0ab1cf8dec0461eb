import express from "express";
import { mayLook } from "./access.ts";
import type { Meters } from "./meters.ts";
import { readVersion } from "./version.ts";

export interface Metrics {
  /** For `onAnswered` of endpoints and gateway. */
  onAnswered: (event: { tool: string; code: string; ms: number }) => void;
  /** For `onRefused` of the guard. */
  onRefused: (event: { reason: string }) => void;
  /** `GET /metrics`. */
  router: express.Router;
}

/** Events that are kept until the first look; prom-client costs 50 ms and 11 MB, which a process without a scraper saves. */
const MAX_PENDING = 1000;
/** Codes and reasons are this kit's own few words; should a stranger's get among them, they stay few. */
const MAX_WORDS = 50;

/**
 * Counts tool calls, and tells Prometheus.
 * @param tools  names that become labels, asked for at the first look; every other is `unknown`
 * @param token  CONSOLE_TOKEN
 */
export function createMetrics(
  tools: Iterable<string> | (() => Promise<Iterable<string>>),
  token: string | undefined,
): Metrics {
  let known: ReadonlySet<string> = new Set();
  const pending: ((meters: Meters) => void)[] = [];
  let meters: Meters | undefined;
  let loading: Promise<Meters> | undefined;

  async function load(): Promise<Meters> {
    known = new Set(typeof tools === "function" ? await tools() : tools);
    const version = await readVersion();
    const { createMeters } = await import("./meters.ts");
    meters = createMeters(version);
    for (const entry of pending.splice(0)) entry(meters);
    return meters;
  }
  function note(entry: (meters: Meters) => void): void {
    if (meters) return entry(meters);
    pending.push(entry);
    if (pending.length < MAX_PENDING) return;
    loading ??= load();
    loading.catch(() => {}); // told to whoever looks
  }
  const words = new Set<string>();
  function toWord(word: string): string {
    if (words.size < MAX_WORDS) words.add(word);
    return words.has(word) ? word : "other";
  }

  const router = express.Router();
  router.get("/metrics", async (req, res) => {
    if (!mayLook(req, token)) return refuseLook(res, token);
    const { contentType, read } = await (loading ??= load());
    res.set("Content-Type", contentType).send(await read());
  });
  return {
    onAnswered: ({ tool, code, ms }) =>
      note((to) =>
        to.noteAnswer({
          tool: known.has(tool) ? tool : "unknown",
          code: toWord(code),
          ms,
        }),
      ),
    onRefused: ({ reason }) => note((to) => to.noteRefusal(toWord(reason))),
    router,
  };
}

/** A token that would open it is asked for; where there is none, nothing would. */
function refuseLook(res: express.Response, token: string | undefined): void {
  if (token === undefined) {
    res
      .status(403)
      .json({ error: "only from this machine: CONSOLE_TOKEN is not set" });
  } else {
    res
      .status(401)
      .set("WWW-Authenticate", "Bearer")
      .json({ error: "send CONSOLE_TOKEN as Authorization: Bearer" });
  }
}
