import express from "express";
import { DateTime, IANAZone } from "luxon";
import type { Middleware, VerifiedCall } from "../middleware/index.ts";
import { emit } from "../openapi/index.ts";
import type { Catalog } from "../openapi/index.ts";
import { SILENT } from "./log.ts";
import type { Log } from "./log.ts";

/** What answers the phone at ThunderPhone; its own words, since it may add values at any time. */
export interface ThunderPhoneAgent {
  /** `{{today}}` and `{{timezone}}` are filled in for each call. */
  prompt: string;
  /** An id of ThunderPhone's GET /v1/voices. */
  voice: string;
  /** IANA zone that `{{today}}` is told in. */
  timezone: string;
  /** spark, bolt, storm-base, ...: ThunderPhone's default is spark. */
  product?: string;
  /** base or extra. */
  thinkingLevel?: string;
  /** Id of a sound behind the voice. */
  backgroundTrack?: string;
  /** What is said while a storm product thinks; ThunderPhone's own when left out. */
  acknowledgementPrompt?: string;
}

export interface ThunderPhoneOptions {
  agent: ThunderPhoneAgent;
  /** The tools that the agent gets. */
  catalog: Catalog;
  /** Base URL of the tools' own endpoints. */
  server?: string;
  /** Base URL of a gateway in front of them; wins over `server`. */
  gateway?: string;
  /** Static headers that ThunderPhone sends with each tool call. */
  headers?: Record<string, string>;
  /** `verifySignature` of the scheme thunderphone; with `replay: window.events` it opens and closes the call's window. */
  verify: Middleware[];
  now?: () => Date;
  log?: Log;
}

/**
 * ThunderPhone's webhook, `POST /thunderphone`: one URL in its settings sets up
 * the whole agent. A signed `*.incoming` is answered with prompt, voice and
 * tools; all other events, also ones that are not known yet, are acknowledged
 * with `{}`. Tools are written once, here: ThunderPhone waits two seconds and
 * then takes the agent of its own settings.
 *
 * https://docs.thunderphone.com/webhooks/call-incoming (read November 2026): any
 * other key in the answer is refused with 400.
 * @throws TypeError when nothing verifies, or prompt, voice or zone cannot be used
 */
export function createThunderPhone(
  options: ThunderPhoneOptions,
): express.Router {
  const { agent, verify, now = () => new Date(), log = SILENT } = options;
  if (verify.length === 0)
    throw new TypeError(
      "verify: give verifySignature, or anybody could read the prompt",
    );
  const settings = toSettings(options, log);
  const fillPrompt = createPrompt(agent);

  const answerEvent: express.RequestHandler = (req, res) => {
    const { type } =
      (req as { toolCall?: VerifiedCall }).toolCall?.arguments ?? {};
    const isIncoming = typeof type === "string" && /^.+\.incoming$/.test(type);
    log.info("thunderphone.event", { type: toName(type) });
    res.json(isIncoming ? { prompt: fillPrompt(now()), ...settings } : {});
  };

  const router = express.Router();
  router.post("/thunderphone", ...verify, answerEvent);
  return router;
}

/** All of the answer that is the same for each call. */
function toSettings(
  { agent, catalog, server, gateway, headers }: ThunderPhoneOptions,
  log: Log,
): Record<string, unknown> {
  if (agent.voice === "") throw new TypeError("agent.voice: it is empty");
  const { tools, diagnostics } = emit(catalog, "thunderphone", {
    ...(server === undefined ? {} : { server }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(headers === undefined ? {} : { headers }),
  });
  for (const { rule, operation, message } of diagnostics)
    log.warn("thunderphone.tool", { rule, operation, message });
  const { product, thinkingLevel, backgroundTrack, acknowledgementPrompt } =
    agent;
  return {
    voice: agent.voice,
    ...(product === undefined ? {} : { product }),
    ...(thinkingLevel === undefined ? {} : { thinking_level: thinkingLevel }),
    ...(backgroundTrack === undefined
      ? {}
      : { background_track: backgroundTrack }),
    ...(acknowledgementPrompt === undefined
      ? {}
      : {
          acknowledgement_prompt_mode: "manual",
          acknowledgement_prompt: acknowledgementPrompt,
        }),
    tools,
  };
}

function createPrompt({
  prompt,
  timezone,
}: ThunderPhoneAgent): (now: Date) => string {
  if (prompt.trim() === "") throw new TypeError("agent.prompt: it is empty");
  const sayToday = (now: Date) =>
    DateTime.fromJSDate(now, { zone: timezone })
      .setLocale("en-US")
      .toFormat("cccc, LLLL d, yyyy (yyyy-MM-dd)");
  if (!IANAZone.isValidZone(timezone))
    throw new TypeError(`agent.timezone: ${timezone} is no IANA time zone`);
  return (now) =>
    prompt
      .trim()
      .replaceAll("{{today}}", () => sayToday(now))
      .replaceAll("{{timezone}}", () => timezone);
}

/** An event's name for the log, if it is one. */
function toName(type: unknown): string {
  return typeof type === "string" && /^[a-z._-]{1,64}$/.test(type)
    ? type
    : "unknown";
}
