import type { IncomingMessage } from "node:http";

export type RawBody =
  | { ok: true; body: Buffer }
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
 * The request's exact bytes: captured ones, else read from the socket within
 * bounds. Never hangs: what was read elsewhere, stalls or breaks off is an answer too.
 */
export function readRawBody(
  req: IncomingMessage & { rawBody?: unknown },
  limits: { maxBytes: number; timeoutMs: number },
): Promise<RawBody> {
  if (req.rawBody instanceof Uint8Array) {
    const body = Buffer.from(req.rawBody);
    return Promise.resolve(
      body.length > limits.maxBytes
        ? { ok: false, reason: "body_too_large" }
        : { ok: true, body },
    );
  }
  if (req.readableDidRead || req.readableEnded || req.destroyed) {
    return Promise.resolve({ ok: false, reason: "body_already_parsed" });
  }
  if (Number(req.headers["content-length"] ?? 0) > limits.maxBytes) {
    return Promise.resolve({ ok: false, reason: "body_too_large" });
  }
  return collect(req, limits);
}

function collect(
  req: IncomingMessage,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<RawBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(
      () => finish({ ok: false, reason: "body_stalled" }),
      limits.timeoutMs,
    );

    function onData(chunk: Buffer) {
      length += chunk.length;
      if (length > limits.maxBytes)
        finish({ ok: false, reason: "body_too_large" });
      else chunks.push(chunk);
    }
    function onEnd() {
      finish({
        ok: true,
        body:
          chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
      });
    }
    function onBreak() {
      finish({ ok: false, reason: "aborted" });
    }
    function finish(result: RawBody) {
      clearTimeout(timer);
      req
        .off("data", onData)
        .off("end", onEnd)
        .off("error", onBreak)
        .off("close", onBreak);
      if (!result.ok) {
        req.on("error", () => {}); // the rest of a refused body may still break off
        req.pause();
      }
      resolve(result);
    }
    req
      .on("data", onData)
      .on("end", onEnd)
      .on("error", onBreak)
      .on("close", onBreak);
  });
}
