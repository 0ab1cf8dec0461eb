import { canonicalJson } from "../openapi/index.ts";
import { refuse } from "./answer.ts";
import type { Execution } from "./store/store.ts";

/**
 * What makes a write the same write: its call and the sender's key, else its
 * arguments. Without a call nothing tells two equal requests apart.
 */
export function toExecution(
  tool: string,
  args: object,
  caller: { callId: string | undefined; idempotencyKey: string | undefined },
  created: number,
): Execution | undefined {
  const { callId, idempotencyKey } = caller;
  if (idempotencyKey === undefined && callId === undefined) return undefined;
  const canonical = canonicalJson(args);
  return {
    callId: callId ?? "",
    tool,
    key:
      idempotencyKey === undefined
        ? `arguments ${canonical}`
        : `key ${idempotencyKey}`,
    arguments: canonical,
    derived: idempotencyKey === undefined,
    created,
  };
}

export const MISMATCH = refuse(
  "idempotency_mismatch",
  "This Idempotency-Key was used before with other arguments",
  "Something went wrong on my side. Let me try that again.",
);
