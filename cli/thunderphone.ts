import { setTimeout as pause } from "node:timers/promises";
import type express from "express";
import { createThunderPhone } from "../endpoints/index.ts";
import { callWindow } from "../middleware/index.ts";
import type { ReplayGuard, ReplayStore } from "../middleware/index.ts";
import type { Catalog } from "../openapi/index.ts";
import { readAgent } from "./agent.ts";
import type { Config } from "./config.ts";
import { guard } from "./guard.ts";
import type { Log } from "./log.ts";

export interface ThunderPhoneParts {
  catalog: Catalog;
  /** Where the tools are for ThunderPhone: their own endpoints, or a gateway's. */
  tools: { server: string } | { gateway: string };
  /** Keeps which calls have ended; of the database where there are several processes. */
  store: ReplayStore;
  /** Instead of the agent file's prompt. */
  prompt?: string;
  onRefused?: (event: { reason: string }) => void;
}

export interface ThunderPhone {
  /** `POST /thunderphone`. */
  router: express.Router;
  /** For the guard of the tools: a call that has ended gets no more of them. */
  window: ReplayGuard;
}

/** ThunderPhone gives up on its events after 24 hours, so an old one opens nothing. */
const WINDOW = { unknown: "accept", graceSeconds: 0 } as const;

/** Beside a prompt that does not tell the day: models ask for days of past years without it. */
const TODAY = "Today is {{today}}, time zone {{timezone}}.";

/**
 * ThunderPhone's webhook with the agent of AGENT_CONFIG.
 * @returns undefined where nothing could verify it: no secret, or other schemes than ThunderPhone's
 * @throws VerbError for an agent file that cannot be used
 */
export async function openThunderPhone(
  config: Config,
  log: Log,
  parts: ThunderPhoneParts,
): Promise<ThunderPhone | undefined> {
  const isSigned =
    config.toolSecrets.length > 0 && config.toolSchemes.includes(SCHEME);
  if (!isSigned) return undefined;
  const { catalog, tools, store, onRefused } = parts;
  const { system, timezone, thunderphone } = await readAgent(
    config.agentConfig,
  );
  tellAddress(config, log);
  const window = callWindow({ store, ...WINDOW });
  const prompt = parts.prompt ?? system;
  const router = createThunderPhone({
    agent: {
      ...thunderphone,
      timezone,
      prompt: prompt.includes("{{today}}") ? prompt : `${prompt}\n\n${TODAY}`,
    },
    catalog,
    ...tools,
    headers: config.toolHeaders,
    verify: [
      guard(
        // Its webhooks carry no headers of ours: those are of the tools.
        { ...config, toolHeaders: {} },
        log,
        {
          scheme: SCHEME,
          replay: answerInTime(window.events, log),
          maxBodyBytes: MAX_EVENT_BYTES,
          ...(onRefused === undefined ? {} : { onRefused }),
        },
      ),
    ],
    log,
  });
  return { router, window: speakOfOutage(window) };
}

/** While the store is away nothing can be booked; who calls a tool should hear that, not a bare 503. */
function speakOfOutage(window: ReplayGuard): ReplayGuard {
  return {
    async admit(req, res) {
      const verdict = await window.admit(req, res);
      const isAway =
        typeof verdict === "object" && verdict.refuse === "store_unavailable";
      if (!isAway) return verdict;
      res.writeHead(200, { "Content-Type": "application/json" });
      res.end(
        JSON.stringify({
          error: "The booking system is not available right now",
          code: "unavailable",
          speech: "I'm sorry, I can't reach our booking system right now.",
        }),
      );
      return "answered";
    },
  };
}

/** Every address of this machine, or one that is not public, would be told to ThunderPhone as the tools' own. */
function tellAddress({ isPublic, publicUrl, host }: Config, log: Log): void {
  if (!isPublic || publicUrl !== undefined) return;
  log.warn("thunderphone.address", {
    message: `PUBLIC_URL is not set: ThunderPhone is told that the tools are at the address of HOST (${host}), which it can hardly reach. Set PUBLIC_URL to the https address of this process.`,
  });
}

/** ThunderPhone waits two seconds for an agent, then takes the one of its own settings. */
const OPEN_WITHIN_MS = 1000;

/**
 * An incoming call is answered also when its window cannot be opened, or not in
 * time: nothing of the answer is in the store, and calls that no window knows are
 * taken. The end of a call has to be written down: it is refused, and comes again.
 */
function answerInTime(events: ReplayGuard, log: Log): ReplayGuard {
  return {
    async admit(req, res) {
      const admitting = events.admit(req, res);
      const type = req.toolCall?.arguments["type"];
      if (typeof type !== "string" || !type.endsWith(".incoming"))
        return admitting;
      const verdict = await Promise.race([
        admitting,
        lateAfter(OPEN_WITHIN_MS),
      ]);
      if (typeof verdict === "string") return verdict;
      if (verdict.refuse !== "store_unavailable") return verdict;
      log.warn("thunderphone.window", { reason: verdict.refuse });
      return "run";
    },
  };
}

async function lateAfter(ms: number) {
  await pause(ms, undefined, { ref: false });
  return { refuse: "store_unavailable" } as const;
}

const SCHEME = "thunderphone";
/** The event of a call's end holds all that was said. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;
