import { checkBody, checkHead, toCall } from "./check.ts";
import { completeOptions } from "./options.ts";
import type { CheckOptions } from "./options.ts";
import type { Reason } from "./reason.ts";

/** A verified request; its body is the very bytes that were signed (inflated, where they came compressed). */
export interface VerifiedRequest {
  ok: true;
  body: Uint8Array;
  /** Label or index of the secret that matched. */
  key: string;
  scheme: string;
  callId?: string;
  id?: string;
  toolUseId?: string;
}

/**
 * The same check for servers that speak fetch (Hono, Next, Deno, Bun). Reads
 * the body; answers nothing.
 * @throws TypeError for options that cannot work, as `verifySignature`
 */
export async function verifyRequest(
  request: Request,
  options: CheckOptions<Request>,
): Promise<VerifiedRequest | { ok: false; reason: Reason }> {
  const config = completeOptions(options);
  const head = checkHead(config, request.headers);
  if (!head.ok) return head;
  const raw = await readBody(request, config.limits);
  if (!raw.ok) return raw;
  const known = await config.readKeys(request);
  if (!known.ok) return known;
  const { pathname, search } = new URL(request.url);
  const checked = await checkBody(
    head,
    known.keys.get(head.scheme) ?? [],
    {
      body: raw.body,
      method: request.method,
      url:
        config.publicUrl === undefined
          ? request.url
          : `${config.publicUrl}${pathname}${search}`,
    },
    config.limits.maxBytes,
  );
  if (!checked.ok) return checked;
  const call = toCall(head, {}, Buffer.from(checked.body), checked.key);
  const { callId, id, toolUseId } = call;
  return {
    ...checked,
    scheme: head.scheme.name,
    ...(callId === undefined ? {} : { callId }),
    ...(id === undefined ? {} : { id }),
    ...(toolUseId === undefined ? {} : { toolUseId }),
  };
}

async function readBody(
  request: Request,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<{ ok: true; body: Buffer } | { ok: false; reason: Reason }> {
  if (request.bodyUsed || request.body?.locked)
    return { ok: false, reason: "body_already_parsed" };
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxBytes)
    return { ok: false, reason: "body_too_large" };
  if (!request.body) return { ok: true, body: Buffer.alloc(0) };
  const reader = request.body.getReader();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, limits.timeoutMs, "late");
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const part = await Promise.race([reader.read(), late]);
      if (part === "late") return { ok: false, reason: "body_stalled" };
      if (part.done) return { ok: true, body: Buffer.concat(chunks, length) };
      length += part.value.length;
      if (length > limits.maxBytes)
        return { ok: false, reason: "body_too_large" };
      chunks.push(part.value);
    }
  } catch {
    return { ok: false, reason: "body_stalled" }; // broke off; nobody waits for the answer
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {}); // the rest is not wanted
  }
}
