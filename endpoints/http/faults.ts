import type express from "express";
import type { VerifiedCall } from "../../middleware/index.ts";

// Statuses are for transport; what the model should hear has status 200.
const WORDS = new Map([
  [400, "body is not a JSON object"],
  [413, "body too large"],
  [415, "unsupported content encoding"],
]);

/** Faults of transport: a status and a short word, never a stack. */
export const answerFault: express.ErrorRequestHandler = (
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
  const words = WORDS.get(status);
  res
    .status(words === undefined ? 500 : status)
    .json({ error: words ?? "internal error" });
};

/** On open endpoints only what says it is JSON: a stranger's web page cannot send that unasked. */
export const wantJson: express.RequestHandler = (req, res, next) => {
  const hasBody = req.get("Content-Length") !== "0";
  if (hasBody && req.is("application/json") === false)
    res.status(415).json({ error: "send the arguments as application/json" });
  else next();
};

/** Whatever the check of signatures lets through: arguments are never that long. */
export function refuseLarge(maxBytes: number): express.RequestHandler {
  return (req: express.Request & { toolCall?: VerifiedCall }, res, next) => {
    const bytes = req.toolCall?.rawBody.length ?? 0;
    if (bytes > maxBytes) res.status(413).json({ error: "body too large" });
    else next();
  };
}

export const refuseLists: express.RequestHandler = (req, res, next) => {
  if (Array.isArray(req.body))
    res.status(400).json({ error: "body is not a JSON object" });
  else next();
};
