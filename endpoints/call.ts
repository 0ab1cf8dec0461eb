import { createHash } from "node:crypto";
import type { Request } from "express";
import type { VerifiedCall } from "../middleware/index.ts";

/** Who makes one tool call, as far as the request says it. */
export interface CallFacts {
  callId: string | undefined;
  /** The sender's key of this one use of the tool. */
  idempotencyKey: string | undefined;
  /** Label or index of the secret that signed it. */
  secret: string | undefined;
  /** Network address of who sent it. */
  address: string;
}

/** What is signed beats what a header says; on open endpoints there are only headers. */
export function readCall(
  req: Request & { toolCall?: VerifiedCall },
): CallFacts {
  const { callId, toolUseId, id, key } = req.toolCall ?? {};
  const told = req.get("X-ThunderPhone-Call-ID");
  return {
    callId: shorten(callId ?? told),
    idempotencyKey: shorten(toolUseId ?? id ?? req.get("Idempotency-Key")),
    secret: key,
    address: req.ip ?? "unknown",
  };
}

/** Texts of strangers, which are logged and stored: a long or unprintable one by its hash, so that no two are ever the same. */
function shorten(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  return /^[\x20-\x7E]{1,255}$/.test(text)
    ? text
    : createHash("sha256").update(text).digest("hex");
}
