import express from "express";
import type { Middleware } from "../middleware/index.ts";
import { checkArguments } from "../openapi/index.ts";
import type { Tool } from "../openapi/index.ts";
import { cutBytes, isRefusal, refuse } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { Business } from "./business/business.ts";
import { readCall } from "./call.ts";
import { compileAppointments } from "./document.ts";
import {
  answerFault,
  refuseLarge,
  refuseLists,
  wantJson,
} from "./http/faults.ts";
import { createLimiter } from "./http/limits.ts";
import type { Limiter } from "./http/limits.ts";
import { createJokes } from "./jokes/jokes.ts";
import type { JokeOptions } from "./jokes/jokes.ts";
import { SILENT } from "./log.ts";
import type { Log } from "./log.ts";
import { readPhone } from "./people/customer.ts";
import { createAvailability } from "./scheduling/availability.ts";
import type { Store } from "./store/store.ts";
import { tools } from "./tools/index.ts";
import type { Caller, Desk } from "./tools/tool.ts";

export interface EndpointsOptions {
  store: Store;
  business: Business;
  /** What has to let a call through first; open endpoints have to be asked for by name. */
  verify: Middleware[] | "none";
  /** Where jokes come from (default: the bundled list). */
  jokes?: JokeOptions;
  /** Calls of tools in one phone call and minute, and with one phone number in it (default 0: no limit). */
  callRatePerMinute?: number;
  phoneRatePerMinute?: number;
  /** How long an answer may take before the caller hears that there is none (default 5000). */
  timeoutMs?: number;
  now?: () => Date;
  log?: Log;
  /** Told of each answer: the tool's name, "ok" or the refusal's code. */
  onAnswered?: (event: { tool: string; code: string; ms: number }) => void;
}

const MAX_BODY_BYTES = 16 * 1024;
/** Of an answer below 1 KB (design.md section 4), quotes and escapes included. */
const MOST_WORDS_BYTES = 600;

/**
 * The appointment tools and the joke as an Express router, at the paths of the
 * bundled document. Bodies are the bare arguments; what the model should hear
 * is answered with status 200.
 * @throws TypeError when nothing verifies and open endpoints were not asked for, or store or business are none
 */
export function createEndpoints(options: EndpointsOptions): express.Router {
  checkOptions(options);
  const desk = createDesk(options);
  const { now } = desk;
  const log = options.log ?? SILENT;
  const timeoutMs = options.timeoutMs ?? 5000;
  const perCall = createLimiter({
    perMinute: options.callRatePerMinute ?? 0,
    now,
  });
  const perPhone = createLimiter({
    perMinute: options.phoneRatePerMinute ?? 0,
    now,
  });
  const toolsByPath = compileAppointments().then(
    (catalog) =>
      new Map(catalog.tools.map((tool) => [tool.operation.path, tool])),
  );
  toolsByPath.catch(() => {}); // told to whoever calls

  async function answerInTime(tool: Tool, body: unknown, caller: Caller) {
    try {
      const { callId } = caller;
      if (callId !== undefined && !perCall.take(callId)) return TOO_OFTEN;
      return await withinTime(
        timeoutMs,
        answerTool(desk, perPhone, tool, body, caller),
      );
    } catch (error) {
      log.error("tool.failed", {
        tool: tool.name,
        callId: caller.callId,
        error: toFact(error),
      });
      const isLate = error instanceof LateError;
      return isLate && tool.effect === "write" ? UNSURE : UNAVAILABLE;
    }
  }

  const findTool = async (req: express.Request) =>
    (await toolsByPath).get(req.path.replace(/\/$/, ""));

  /** What is none of these tools is for others to answer. */
  const passOthers: express.RequestHandler = async (req, _res, next) => {
    next((await findTool(req)) ? undefined : "route");
  };

  const answerCall: express.RequestHandler = async (req, res, next) => {
    const started = performance.now();
    const { secret, ...caller } = readCall(req);
    const tool = await findTool(req);
    if (!tool) return next();
    const answer = await answerInTime(tool, req.body, caller);
    const event = {
      tool: tool.name,
      code: isRefusal(answer) ? answer.code : "ok",
      ms: Math.round((performance.now() - started) * 10) / 10,
    };
    log.info("tool.answered", { ...event, callId: caller.callId, key: secret });
    options.onAnswered?.(event);
    res.json(answer);
  };

  const router = express.Router();
  const guards =
    options.verify === "none"
      ? [wantJson, express.json({ limit: MAX_BODY_BYTES }), refuseLists]
      : [...options.verify, refuseLarge(MAX_BODY_BYTES)];
  router.post("/*path", passOthers, ...guards, answerCall);
  router.use(answerFault);
  return router;
}

/** What TypeScript would have told: most servers that are set up are not written in it. */
function checkOptions({ store, business, verify }: EndpointsOptions): void {
  const isList = Array.isArray(verify) && verify.length > 0;
  if (!isList && verify !== "none")
    throw new TypeError(
      'verify: give at least one middleware, or "none" for open endpoints',
    );
  if (typeof (store as Partial<Store> | undefined)?.execute !== "function")
    throw new TypeError("store: give what openStore resolves to");
  if (!Array.isArray((business as Partial<Business> | undefined)?.services))
    throw new TypeError("business: give what parseBusiness returns");
}

function createDesk({
  store,
  business,
  jokes,
  ...rest
}: EndpointsOptions): Desk {
  const now = rest.now ?? (() => new Date());
  return {
    business,
    store,
    availability: createAvailability(business, store, now),
    tellJoke: createJokes(jokes ?? { url: "" }),
    now,
  };
}

async function answerTool(
  desk: Desk,
  perPhone: Limiter,
  tool: Tool,
  body: unknown,
  caller: Caller,
): Promise<Answer> {
  const answer = tools.get(tool.name);
  if (!answer) throw new Error(`no code answers ${tool.name}`);
  // A misspelt argument costs a caller seconds, and a second factor guards what is destructive here.
  const checked = checkArguments(tool, body, { repair: true });
  if (!checked.ok) {
    return refuse(
      "invalid_arguments",
      cutBytes(checked.message, MOST_WORDS_BYTES),
      "Sorry, I didn't get all of that. Could you say it again?",
    );
  }
  const said = checked.arguments["customer_phone"];
  const phone =
    typeof said === "string"
      ? readPhone(said, desk.business.country)
      : undefined;
  if (phone !== undefined && !perPhone.take(phone)) return TOO_OFTEN;
  return answer(desk, checked.arguments as never, caller); // the type that the document describes
}

class LateError extends Error {}

/** What goes on after it can do no harm: the same write again gets its answer. */
async function withinTime<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LateError(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  work.catch(() => {}); // late is late, whatever comes of it
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A database's words may quote a row; codes such as ECONNREFUSED do not. */
function toFact(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error ? ` ${String(error.code)}` : "";
  const cause = error.cause instanceof Error ? ` (${toFact(error.cause)})` : "";
  return `${error.name}${code}${cause}`;
}

const UNSURE = refuse(
  "unavailable",
  "No answer in time; it may have been done all the same. Ask for the same again, which is safe, before anything else",
  "I'm sorry, our booking system takes too long. Let me ask again whether that worked.",
);
const UNAVAILABLE = refuse(
  "unavailable",
  "The booking system is not available right now",
  "I'm sorry, I can't reach our booking system right now.",
);
const TOO_OFTEN = refuse(
  "rate_limited",
  "Too many tool calls within a minute; wait before the next",
  "I'm sorry, I need a moment before I can look that up again.",
);
