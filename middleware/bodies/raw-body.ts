import { AsyncResource } from "node:async_hooks";
import type { IncomingMessage } from "node:http";

type BodyRequest = IncomingMessage & {
  body?: unknown;
  rawBody?: unknown;
  toolCall?: { rawBody: Uint8Array };
};

export type RawBody =
  | {
      ok: true;
      body: Buffer;
      /** A parser kept the bytes, and has inflated them. */
      isCaptured: boolean;
    }
  | {
      ok: false;
      reason:
        "body_already_parsed" | "body_too_large" | "body_stalled" | "aborted";
    };

/**
 * Keeps the exact bytes for `verifySignature` where a parser has to run first:
 * `express.json({ verify: captureRawBody })`. It only captures; the decision is
 * the middleware's, because parsers skip this hook for content types they do not know.
 */
export function captureRawBody(
  req: IncomingMessage,
  _res: unknown,
  body: Buffer,
): void {
  (req as IncomingMessage & { rawBody?: Buffer }).rawBody = body;
}

/**
 * The request's exact bytes: read from the socket within bounds, or the ones
 * that whoever read them before has kept. Never hangs: what was read elsewhere,
 * stalls or breaks off is an answer too. `done` is called once, perhaps at once,
 * in the async context of this call.
 *
 * Looks at as few properties of the request as it can: Node gives each request
 * a hidden class of its own, so every look is a slow one.
 */
export function readRawBody(
  req: BodyRequest,
  declaredBytes: string | undefined,
  limits: { maxBytes: number; timeoutMs: number },
  done: (result: RawBody) => void,
): void {
  if (!req.readable || req.readableDidRead)
    done(keptBody(req, limits.maxBytes));
  else if (Number(declaredBytes ?? 0) > limits.maxBytes)
    done({ ok: false, reason: "body_too_large" });
  else collect(req, limits, done);
}

/** Bytes that stand in the request: of an earlier check, `captureRawBody`, Cloud Functions, Nest's `rawBody`, `express.raw()`. */
function keptBody(req: BodyRequest, maxBytes: number): RawBody {
  for (const bytes of [req.toolCall?.rawBody, req.rawBody, req.body]) {
    if (!(bytes instanceof Uint8Array)) continue;
    if (bytes.length > maxBytes) return { ok: false, reason: "body_too_large" };
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { ok: true, body, isCaptured: true };
  }
  const isBroken = req.destroyed && !req.complete;
  return { ok: false, reason: isBroken ? "aborted" : "body_already_parsed" };
}

/** Where a host hands the body over in the request, the stream has nothing. */
function emptyBody(req: BodyRequest, maxBytes: number): RawBody {
  const kept = req.rawBody === undefined ? undefined : keptBody(req, maxBytes);
  return kept?.ok
    ? kept
    : { ok: true, body: Buffer.alloc(0), isCaptured: false };
}

function collect(
  req: BodyRequest,
  limits: { maxBytes: number; timeoutMs: number },
  done: (result: RawBody) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let result: RawBody | undefined;
  let finishLate: (() => void) | undefined;

  // The listeners stay when all is read or given up: to take them off costs more
  // than to ask.
  function finish(outcome: RawBody) {
    if (result) return;
    result = outcome;
    if (!outcome.ok) req.pause();
    finishLate?.();
  }
  req
    .on("data", (chunk: Buffer | string) => {
      if (result) return;
      length += chunk.length;
      // Text: somebody called setEncoding, and bytes that are no UTF-8 are lost.
      if (typeof chunk === "string")
        finish({ ok: false, reason: "body_already_parsed" });
      else if (length > limits.maxBytes)
        finish({ ok: false, reason: "body_too_large" });
      else chunks.push(chunk);
    })
    .on("end", () => {
      const [first] = chunks;
      if (first === undefined) finish(emptyBody(req, limits.maxBytes));
      else {
        const body =
          chunks.length === 1 ? first : Buffer.concat(chunks, length);
        finish({ ok: true, body, isCaptured: false });
      }
    })
    .on("error", () => finish({ ok: false, reason: "aborted" }))
    .on("close", () => finish({ ok: false, reason: "aborted" }))
    .resume(); // somebody before may have paused it

  // The stream's events come in the socket's async context; an immediate keeps
  // the request's. Nearly all bodies come in one piece with their headers and are
  // here by then, and need neither a timer nor a context of their own.
  setImmediate(() => {
    if (result) {
      done(result);
      return;
    }
    const timer = setTimeout(
      () => finish({ ok: false, reason: "body_stalled" }),
      limits.timeoutMs,
    );
    finishLate = AsyncResource.bind(() => {
      clearTimeout(timer);
      if (result) done(result);
    });
  });
}
