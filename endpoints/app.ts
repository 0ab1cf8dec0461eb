import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import express from "express";
import type { Middleware, VerifiedCall } from "../middleware/index.ts";
import {
  appointmentsDocument,
  checkArguments,
  compile,
} from "../openapi/index.ts";
import type { Tool } from "../openapi/index.ts";
import { isRefusal, refuse } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { createAvailability } from "./availability.ts";
import type { Business } from "./business.ts";
import { createJokes } from "./jokes.ts";
import type { JokeOptions } from "./jokes.ts";
import type { Store } from "./store/store.ts";
import { tools } from "./tools/index.ts";
import type { Caller, Desk } from "./tools/tool.ts";

/** Takes events with facts; never names, numbers or words of a caller. */
export interface Log {
  info(event: string, fields: object): void;
  warn(event: string, fields: object): void;
  error(event: string, fields: object): void;
}

export interface EndpointsOptions {
  store: Store;
  business: Business;
  /** What has to let a call through first; open endpoints have to be asked for by name. */
  verify: Middleware[] | "none";
  /** Where jokes come from (default: the bundled list). */
  jokes?: JokeOptions;
  now?: () => Date;
  log?: Log;
}

const SILENT: Log = { info() {}, warn() {}, error() {} };
const MAX_BODY_BYTES = 16 * 1024;

/**
 * The appointment tools and the joke as an Express router, at the paths of the
 * bundled document. Bodies are the bare arguments; what the model should hear
 * is answered with status 200.
 * @throws TypeError when nothing verifies and open endpoints were not asked for
 */
export function createEndpoints(options: EndpointsOptions): express.Router {
  if (options.verify !== "none" && options.verify.length === 0) {
    throw new TypeError(
      'verify: give at least one middleware, or "none" for open endpoints',
    );
  }
  const { store, business } = options;
  const now = options.now ?? (() => new Date());
  const log = options.log ?? SILENT;
  const availability = createAvailability(business, store, now);
  const desk: Desk = {
    business,
    store,
    availability,
    tellJoke: createJokes(options.jokes ?? { url: "" }),
    now,
  };
  const toolsByPath = compile(fileURLToPath(appointmentsDocument)).then(
    (catalog) =>
      new Map(catalog.tools.map((tool) => [tool.operation.path, tool])),
  );
  toolsByPath.catch(() => {}); // told to whoever calls

  const answerCall: express.RequestHandler = async (req, res) => {
    const started = performance.now();
    const { callId, toolUseId, id, key } = readCall(req);
    const tool = (await toolsByPath).get(req.path);
    const answer = tool
      ? await answerTool(desk, tool, req.body, {
          callId,
          idempotencyKey: readKey(
            toolUseId ?? id ?? req.get("Idempotency-Key"),
          ),
        }).catch((error: unknown) => {
          log.error("tool.failed", {
            tool: tool.name,
            callId,
            error: String(error),
          });
          return UNAVAILABLE;
        })
      : UNKNOWN;
    const code = isRefusal(answer) ? answer.code : "ok";
    const ms = Math.round((performance.now() - started) * 10) / 10;
    log.info("tool.answered", {
      tool: tool?.name ?? "unknown",
      callId,
      code,
      key,
      ms,
    });
    res.json(answer);
  };

  const router = express.Router();
  const guards =
    options.verify === "none"
      ? [wantJson, express.json({ limit: MAX_BODY_BYTES }), refuseLists]
      : options.verify;
  router.post(
    /^\/(appointments|services|jokes|tools)\/./,
    ...guards,
    answerCall,
  );
  router.use(answerFault);
  return router;
}

async function answerTool(
  desk: Desk,
  tool: Tool,
  body: unknown,
  caller: Caller,
): Promise<Answer> {
  const answer = tools.get(tool.name);
  if (!answer) throw new Error(`no code answers ${tool.name}`);
  // A misspelt argument costs a caller seconds, and a second factor guards what is destructive here.
  const checked = checkArguments(tool, body, { repair: true });
  if (checked.ok) return answer(desk, checked.arguments as never, caller); // the type that the document describes
  return refuse(
    "invalid_arguments",
    checked.message,
    "Sorry, I didn't get all of that. Could you say it again?",
  );
}

const UNKNOWN = refuse(
  "not_found",
  `There is no such tool; the tools are ${[...tools.keys()].join(", ")}`,
  "I'm sorry, I can't do that.",
);
const UNAVAILABLE = refuse(
  "unavailable",
  "The booking system is not available right now",
  "I'm sorry, I can't reach our booking system right now.",
);

/** Faults of transport: a status and a short word, never a stack. */
const answerFault: express.ErrorRequestHandler = (
  error: unknown,
  _req,
  res,
  next,
) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  const status =
    error instanceof Error && "status" in error ? Number(error.status) : 500;
  const words: Record<number, string> = {
    400: "body is not a JSON object",
    413: "body too large",
    415: "unsupported content encoding",
  };
  const known = Object.hasOwn(words, status) ? status : 500;
  res.status(known).json({ error: words[known] ?? "internal error" });
};

/** On open endpoints only what says it is JSON: a stranger's web page cannot send that unasked. */
const wantJson: express.RequestHandler = (req, res, next) => {
  const hasBody = req.get("Content-Length") !== "0";
  if (hasBody && req.is("application/json") === false)
    res.status(415).json({ error: "send the arguments as application/json" });
  else next();
};

const refuseLists: express.RequestHandler = (req, res, next) => {
  if (Array.isArray(req.body))
    res.status(400).json({ error: "body is not a JSON object" });
  else next();
};

/** What is signed beats what a header says; on open endpoints there are only headers. */
function readCall(
  req: express.Request & { toolCall?: VerifiedCall },
): Partial<Pick<VerifiedCall, "callId" | "toolUseId" | "id" | "key">> {
  const { toolCall } = req;
  const header = req.get("X-ThunderPhone-Call-ID");
  const told = header === "" ? undefined : header;
  return { ...toolCall, callId: toolCall?.callId ?? told };
}

/** Keys of any length; a long one by its hash, so that no two are ever the same. */
function readKey(key: string | undefined): string | undefined {
  if (key === undefined || key === "") return undefined;
  return key.length <= 255
    ? key
    : createHash("sha256").update(key).digest("hex");
}
