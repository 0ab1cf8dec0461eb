import type { ServerResponse } from "node:http";
import {
  checkBody,
  checkHead,
  checkPlain,
  readArguments,
  toCall,
} from "./check.ts";
import type { Checked, Head } from "./check.ts";
import type { Key } from "./signatures/keys.ts";
import { completeOptions } from "./options.ts";
import type { CheckConfig, CheckOptions, KeysResult } from "./options.ts";
import { readRawBody } from "./bodies/raw-body.ts";
import type { RawBody } from "./bodies/raw-body.ts";
import type { Reason } from "./reason.ts";
import { recoverBodies } from "./bodies/recover.ts";
import { hintOf, refuse } from "./refusal.ts";
import type { ReplayGuard } from "./replay/guard.ts";
import { addressOf } from "./request-url.ts";
import type { Middleware, ToolRequest, VerifiedCall } from "./tool-request.ts";

export interface VerifyOptions extends CheckOptions<ToolRequest> {
  /** Asked in this order once the signature is right. */
  replay?: ReplayGuard | readonly ReplayGuard[];
  /** Hears why a call was refused, and what may help; the sender never does. */
  onRefused?: (event: {
    reason: Reason;
    req: ToolRequest;
    hint?: string;
  }) => unknown;
}

/** What came of a request: its call, why not, or nobody is there to be answered. */
type Decision = VerifiedCall | { refused: Reason } | "answered" | "aborted";

/**
 * Lets only signed tool calls through to the handlers behind it. For Express 4
 * and 5, and whatever else calls `(req, res, next)`.
 *
 * The signature is checked on the exact bytes, by a middleware that always
 * runs: no parser's hook decides. After success `req.toolCall` is set and
 * `req.body` is the arguments (an empty body reads as `{}`).
 * @throws TypeError at creation for an unknown scheme, a weak or empty secret, or another option that cannot work
 */
export function verifySignature(options: VerifyOptions): Middleware {
  const config = completeOptions(options);
  const guards = [options.replay ?? []].flat();
  for (const guard of guards) {
    if (typeof guard?.admit !== "function")
      throw new TypeError(
        "replay: expected a guard, such as replayGuard({ store, ttlSeconds })",
      );
  }
  const { onRefused } = options;
  if (onRefused !== undefined && typeof onRefused !== "function")
    throw new TypeError("onRefused: expected a function");
  let isWarned = false;

  function settle(
    decision: Decision,
    req: ToolRequest,
    res: ServerResponse,
    next: () => void,
  ): void {
    if (decision === "aborted" || decision === "answered") return;
    if (!("refused" in decision)) {
      next();
      return;
    }
    const hint = hintOf(decision.refused);
    if (decision.refused === "body_already_parsed" && !isWarned) {
      isWarned = true;
      process.emitWarning(hint ?? "", { code: "BODY_ALREADY_PARSED" });
    }
    tell(onRefused, {
      reason: decision.refused,
      req,
      ...(hint === undefined ? {} : { hint }),
    });
    refuse(req, res, decision.refused, config.limits.maxBytes);
  }

  return function checkCall(req, res, next) {
    const finish = (decision: Decision) => settle(decision, req, res, next);
    const { headers } = req;
    const head = checkHead(config, headers);
    if (!head.ok) {
      finish({ refused: head.reason });
      return;
    }
    readRawBody(req, headers["content-length"], config.limits, (raw) => {
      // What the handlers throw is not caught here: `next` is called once only.
      let decision: Decision | Promise<Decision>;
      try {
        decision = decide({ config, guards, req, res, head }, raw);
      } catch (error) {
        next(error);
        return;
      }
      if (decision instanceof Promise) decision.then(finish, next);
      else finish(decision);
    });
  };
}

/** A request whose head is right, on its way. */
interface Visit {
  config: CheckConfig<ToolRequest>;
  guards: readonly ReplayGuard[];
  req: ToolRequest;
  res: ServerResponse;
  head: Head;
}

/** At once where secrets are at hand and nothing has to be inflated: no promise on the usual path. */
function decide(visit: Visit, raw: RawBody): Decision | Promise<Decision> {
  if (!raw.ok && raw.reason !== "body_already_parsed")
    return raw.reason === "aborted" ? "aborted" : { refused: raw.reason };
  const keys = visit.config.readKeys(visit.req);
  return keys instanceof Promise
    ? keys.then((known) => decideWith(visit, known, raw))
    : decideWith(visit, keys, raw);
}

function decideWith(
  visit: Visit,
  known: KeysResult,
  raw: RawBody,
): Decision | Promise<Decision> {
  if (!known.ok) return { refused: known.reason };
  const keys = known.keys.get(visit.head.scheme) ?? [];
  const result = raw.ok
    ? checkRead(visit, keys, raw)
    : checkParsed(visit, keys);
  return result instanceof Promise
    ? result.then((checked) => conclude(visit, checked))
    : conclude(visit, result);
}

type CheckResult = Checked | { ok: false; reason: Reason };

function checkRead(
  { config, req, head }: Visit,
  keys: readonly Key[],
  { body, isCaptured }: RawBody & { ok: true },
): CheckResult | Promise<CheckResult> {
  const parts = { body, ...targetOf(config, req, head) };
  return isCaptured
    ? checkPlain(head, keys, parts)
    : checkBody(head, keys, parts, config.limits.maxBytes);
}

/** A parser took the bytes: perhaps the signature fits the body when it is written again. */
function checkParsed(
  { config, req, head }: Visit,
  keys: readonly Key[],
): CheckResult {
  const { maxBytes } = config.limits;
  if (Number(req.headers["content-length"] ?? 0) > maxBytes)
    return { ok: false, reason: "body_too_large" };
  const target = targetOf(config, req, head);
  for (const body of recoverBodies(head.scheme, req, maxBytes)) {
    // A parser with a higher limit does not raise this one.
    if (body.length > maxBytes) return { ok: false, reason: "body_too_large" };
    const checked = checkPlain(head, keys, { body, ...target });
    if (checked.ok) return checked;
  }
  return { ok: false, reason: "body_already_parsed" };
}

/** Method and URL, if the scheme signs them. */
function targetOf(
  config: CheckConfig<ToolRequest>,
  req: ToolRequest,
  { scheme }: Head,
): { method?: string | undefined; url?: string } {
  if (!scheme.signs.has("url") && !scheme.signs.has("method")) return NO_TARGET;
  return { method: req.method, url: addressOf(req, config.publicUrl) };
}

const NO_TARGET = {};

function conclude(
  { config, guards, req, res, head }: Visit,
  checked: CheckResult,
): Decision | Promise<Decision> {
  if (!checked.ok) return { refused: checked.reason };
  const { body, key } = checked;
  const { url } = targetOf(config, req, head);
  const args = readArguments(head, body, url);
  if (!args) return { refused: "not_json_object" };
  const call = toCall(head, args, body, key);
  accept(req, call);
  return guards.length === 0 ? call : admit(guards, req, res, call);
}

/**
 * No more properties than needed: each one that is added to a request costs
 * some microseconds, because Node gives every request a hidden class of its own.
 */
function accept(
  req: ToolRequest & { _body?: boolean },
  call: VerifiedCall,
): void {
  req.toolCall = call;
  req.body = call.arguments;
  req._body = true; // Express 4's parsers skip a request marked so; those of 5 see that all was read
}

async function admit(
  guards: readonly ReplayGuard[],
  req: ToolRequest,
  res: ServerResponse,
  call: VerifiedCall,
): Promise<Decision> {
  for (const guard of guards) {
    const admission = await guard.admit(req, res);
    if (admission === "answered") return "answered";
    if (admission !== "run") return { refused: admission.refuse };
  }
  return call;
}

/** A listener's own fault changes no verdict and ends no process; Node prints it as a warning. */
function tell(
  listener: VerifyOptions["onRefused"],
  event: { reason: Reason; req: ToolRequest; hint?: string },
): void {
  new Promise((resolve) => resolve(listener?.(event))).catch(
    (error: unknown) => {
      process.emitWarning(`onRefused failed: ${String(error)}`);
    },
  );
}
