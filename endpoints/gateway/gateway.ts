import express from "express";
import type { Middleware } from "../../middleware/index.ts";
import { readCall } from "../call.ts";
import type { CallFacts } from "../call.ts";
import { answerFault, refuseLists, wantJson } from "../http/faults.ts";
import { codeOf, refuseUnknownTool, UNAVAILABLE } from "./answers.ts";
import type { Outcome } from "./answers.ts";
import { createOnce } from "./once.ts";
import { complete } from "./options.ts";
import type { GatewayOptions } from "./options.ts";
import type { Answer, Message, WireCall } from "./platforms/platform.ts";
import { openUpstream } from "./upstream.ts";
import { refuse } from "./words.ts";

export { gatewayPlatforms } from "./options.ts";
export type { GatewayOptions, GatewayPlatform } from "./options.ts";

/** More calls in one message are no model's. */
const MAX_CALLS = 32;

/**
 * Any document's operations as tool endpoints in front of their API:
 * `POST /tools/:name`, and `POST /tools` where the platform's message names the
 * tool itself. What the model should hear is answered with status 200.
 *
 * Where both the message and the address name a tool, the message decides,
 * since it is signed; a message of one call must agree with the address.
 * @throws TypeError for options that cannot work
 */
export function createGateway(options: GatewayOptions): express.Router {
  const config = complete(options);
  const { platform, perCall, log, onAnswered } = config;
  const tools = new Map(config.catalog.tools.map((each) => [each.name, each]));
  const call = openUpstream(config);
  const once = createOnce({ ...config.replay, scope: config.upstream });

  async function execute(
    { name, arguments: args, fault }: WireCall,
    address: string | undefined,
    { callId, key }: { callId: string | undefined; key: string | undefined },
  ): Promise<Outcome> {
    if (fault !== undefined)
      return { answer: refuseMessage(fault), effect: "none" };
    const tool = tools.get(name);
    if (!tool)
      return {
        answer: refuseUnknownTool(name, [...tools.keys()]),
        effect: "none",
      };
    if (address !== undefined && address !== name)
      return { answer: refuseAddress(name), effect: "none" };
    if (callId !== undefined && !perCall.take(callId))
      return { answer: TOO_OFTEN, effect: "none" };
    const ids = { callId: callId ?? "", toolUseId: key ?? "" };
    if (tool.effect === "read") return call(tool, args, ids);
    const isRepeatable = tool.idempotent;
    return once(
      { tool: name, callId, key, arguments: args, isRepeatable },
      () => call(tool, args, ids),
    );
  }

  async function answerCall(
    wire: WireCall,
    address: string | undefined,
    heard: CallFacts,
  ): Promise<Answer> {
    const started = performance.now();
    const { callId, secret } = heard;
    const tool = tools.has(wire.name) ? wire.name : "unknown";
    const key = wire.id ?? heard.idempotencyKey;
    const { answer, reason } = await execute(wire, address, {
      callId,
      key,
    }).catch((error: unknown): Outcome => {
      log.error("tool.failed", { tool, callId, error: nameOf(error) });
      return { answer: UNAVAILABLE, effect: "none" };
    });
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const code = codeOf(answer);
    if (reason !== undefined)
      log.warn("upstream.failed", { tool, callId, reason });
    log.info("tool.answered", { tool, callId, code, key: secret, ms });
    onAnswered({ tool, code, ms });
    return answer;
  }

  const answerMessage: express.RequestHandler = async (req, res) => {
    const { name } = req.params as { name?: string };
    const message: Message = platform.read(req.body as unknown, name);
    const { calls } = message;
    const heard = readCall(req);
    const callId = message.callId ?? heard.callId; // what is signed beats a header
    const address = calls.length === 1 ? name : undefined;
    const answers = await Promise.all(
      calls.map(async (wire, index) =>
        index < MAX_CALLS
          ? answerCall(wire, address, { ...heard, callId })
          : TOO_MANY,
      ),
    );
    res.json(message.reply(answers));
  };

  const router = express.Router();
  router.post(
    "/tools{/:name}",
    ...toGuards(config.verify, platform.maxBodyBytes),
    answerMessage,
  );
  router.use(answerFault);
  return router;
}

function toGuards(
  verify: GatewayOptions["verify"],
  maxBodyBytes: number,
): (Middleware | express.RequestHandler)[] {
  return verify === "none"
    ? [wantJson, express.json({ limit: maxBodyBytes }), refuseLists]
    : verify;
}

function refuseAddress(name: string): Answer {
  return refuseMessage(
    `This address belongs to another tool; ${name} is at /tools/${name}`,
  );
}

/** Not the model's fault, nor the caller's. */
function refuseMessage(error: string): Answer {
  return refuse(
    "invalid_arguments",
    error,
    "I'm sorry, something is set up wrong on my side.",
  );
}

const TOO_MANY = refuse(
  "rate_limited",
  `More than ${MAX_CALLS} calls at once; ask for the others again`,
  "One moment, please.",
);

const TOO_OFTEN = refuse(
  "rate_limited",
  "Too many tool calls within a minute; wait before the next",
  "I'm sorry, I need a moment before I can do that.",
);

/** The message of a fault may hold what a caller said. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
