import type { ServerResponse } from "node:http";
import type { Reason } from "./reason.ts";
import type { ToolRequest } from "./tool-request.ts";

// One public answer for every signature reason, so that a refusal teaches an attacker nothing.
const ANSWERS: Partial<Record<Reason, [status: number, error: string]>> = {
  body_too_large: [413, "body too large"],
  unsupported_encoding: [415, "unsupported content encoding"],
  body_stalled: [408, "body did not arrive in time"],
  not_json_object: [400, "body is not a JSON object"],
  secrets_unavailable: [503, "temporarily unavailable"],
  store_unavailable: [503, "temporarily unavailable"],
};
const REFUSED: [number, string] = [401, "invalid signature"];
const LINGER_MS = 500;

const HINTS: Partial<Record<Reason, string>> = {
  missing_header:
    "the sender signs with another scheme, or sends to this address without signing",
  bad_signature:
    "the secret is another one, or something between sender and here changed the body (or the URL, where it is signed: see publicUrl)",
  too_old: "this machine's clock is ahead, or an old request was sent again",
  too_new: "this machine's clock is behind",
  body_already_parsed:
    "a body parser ran before verifySignature and kept no bytes: mount verifySignature first, or use express.json({ verify: captureRawBody })",
  unsupported_encoding:
    "the sender compresses: allow it by contentEncodings, or turn it off there",
  replayed:
    "an old request was sent again, or the call is not open: is the webhook that opens it mounted with the same window?",
  store_unavailable:
    "the replay store failed or was slow, or an equal request is running and has not answered yet",
  secrets_unavailable:
    "the secrets function failed, took too long, or returned no usable secret",
};

/** What may help the one who reads the log. */
export function hintOf(reason: Reason): string | undefined {
  return HINTS[reason];
}

/** Answers a refused request; a body that nobody wants is not read. */
export function refuse(
  req: ToolRequest,
  res: ServerResponse,
  reason: Reason,
  maxBytes: number,
): void {
  if (res.headersSent) return;
  const [status, error] = ANSWERS[reason] ?? REFUSED;
  const text = JSON.stringify({ error });
  const declared = Number(req.headers["content-length"] ?? Number.NaN);
  const isChunked = req.headers["transfer-encoding"] !== undefined;
  // What is left of a body of allowed size Node reads and forgets, and the connection lives on.
  const isSmall =
    !isChunked && !(declared > maxBytes) && reason !== "body_stalled";
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json");
  res.setHeader("Content-Length", Buffer.byteLength(text));
  if (isSmall || req.readableEnded) {
    res.end(text);
    return;
  }
  // A large one is not read. Closing at once would reset the connection before
  // the sender has read the answer (RFC 9112, section 9.6), so it lingers.
  res.setHeader("Connection", "close");
  res.write(text);
  const linger = setTimeout(() => res.end(), LINGER_MS);
  req.on("close", () => clearTimeout(linger));
}
