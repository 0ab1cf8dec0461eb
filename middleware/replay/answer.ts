import { isUtf8 } from "node:buffer";
import type { ServerResponse } from "node:http";
import { brotliDecompressSync, unzipSync } from "node:zlib";

/** A handler's answer, as it is kept and given again. */
export interface Answer {
  status: number;
  /** Only those of KEPT_HEADERS: others, such as Set-Cookie, belong to the one who got them. */
  headers: Record<string, string>;
  /** undefined: it was too long to be kept. */
  body: Buffer | undefined;
}

const MAX_ANSWER_BYTES = 262_144;
const KEPT_HEADERS = ["content-type", "content-encoding", "location"];

/**
 * Hears the answer that a handler is about to give. What is written goes to
 * the sender at once; the end of it waits for the promise that `keep` returns,
 * if it returns one, so that what the sender has got is kept by then.
 * @param keep  called once, at the end; never throws or rejects
 */
export function captureAnswer(
  res: ServerResponse,
  keep: (answer: Answer) => void | Promise<void>,
): void {
  const writeHead = res.writeHead.bind(res);
  const write = res.write.bind(res);
  const end = res.end.bind(res);
  const chunks: Buffer[] = [];
  let length = 0;
  let headers: Record<string, string> | undefined;
  let state: "open" | "held" | "passing" = "open";

  function add(chunk: Buffer): void {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) chunks.length = 0;
    else chunks.push(chunk);
  }

  res.writeHead = ((...args: unknown[]) => {
    headers ??= readHeaders(res, args.at(-1));
    return Reflect.apply(writeHead, res, args);
  }) as typeof res.writeHead;

  res.write = ((...args: unknown[]) => {
    if (state === "held") return tellEnded(args);
    const chunk = toBuffer(args);
    if (state === "open" && chunk) {
      headers ??= readHeaders(res);
      add(chunk);
    }
    return Reflect.apply(write, res, args) as boolean;
  }) as typeof res.write;

  res.end = ((...args: unknown[]) => {
    if (state === "held") {
      tellEnded(args);
      return res;
    }
    const chunk = toBuffer(args);
    if (state === "passing" || !chunk)
      // not a body: Node's own end says so
      return Reflect.apply(end, res, args) as ServerResponse;
    headers ??= readHeaders(res);
    add(chunk);
    lockHead(res, chunk.length);
    state = "held";
    const pass = () => {
      state = "passing";
      Reflect.apply(end, res, args);
    };
    const kept = keep({
      status: res.statusCode,
      headers,
      body: length > MAX_ANSWER_BYTES ? undefined : Buffer.concat(chunks),
    });
    if (kept) kept.then(pass).catch((error: Error) => res.destroy(error));
    else pass();
    return res;
  }) as typeof res.end;
}

/** Gives a kept answer again. */
export function giveAnswer(res: ServerResponse, answer: Answer): void {
  const { status, headers, body } = answer;
  if (!body) {
    giveJson(res, 409, { error: "already executed" });
    return;
  }
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (value === undefined) res.removeHeader(name);
    else res.setHeader(name, value);
  }
  res.setHeader("Idempotent-Replayed", "true");
  res.statusCode = status;
  res.end(body);
}

export function giveJson(
  res: ServerResponse,
  status: number,
  value: object,
): void {
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify(value));
}

/** A refusal is no effect worth keeping: the sender may try again. */
export function isRefusal({ status, headers, body }: Answer): boolean {
  if (status >= 400) return true;
  if (!body) return false;
  try {
    const plain = inflateAnswer(body, headers["content-encoding"]);
    const value: unknown = JSON.parse(plain.toString("utf8"));
    if (typeof value !== "object" || value === null) return false;
    return "error" in value && Boolean(value.error);
  } catch {
    return false; // not JSON
  }
}

/** A compressor that was mounted behind the guard writes in its own encoding. */
function inflateAnswer(body: Buffer, encoding = "identity"): Buffer {
  const bound = { maxOutputLength: MAX_ANSWER_BYTES };
  if (encoding === "br") return brotliDecompressSync(body, bound);
  return ["gzip", "deflate"].includes(encoding) ? unzipSync(body, bound) : body;
}

/** As text for a store: the body as it is where it is UTF-8, which most are. */
export function packAnswer({ status, headers, body }: Answer): object {
  if (!body) return { status, headers };
  return isUtf8(body)
    ? { status, headers, text: body.toString("utf8") }
    : { status, headers, base64: body.toString("base64") };
}

/** @throws TypeError for what packAnswer has not made */
export function unpackAnswer(packed: unknown): Answer {
  const { status, headers, text, base64 } = packed as {
    status?: number;
    headers?: Record<string, string>;
    text?: string;
    base64?: string;
  };
  if (status === undefined || headers === undefined)
    throw new TypeError("the store's value is no answer");
  if (text !== undefined)
    return { status, headers, body: Buffer.from(text, "utf8") };
  const body = base64 === undefined ? undefined : Buffer.from(base64, "base64");
  return { status, headers, body };
}

/** What `write` and `end` take, as bytes; no chunk is no bytes. undefined: nothing that can be written. */
function toBuffer([chunk, encoding]: unknown[]): Buffer | undefined {
  if (chunk === undefined || chunk === null || typeof chunk === "function")
    return Buffer.alloc(0);
  if (typeof chunk === "string") {
    const known = typeof encoding === "string" && Buffer.isEncoding(encoding);
    return Buffer.from(chunk, known ? encoding : "utf8");
  }
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : undefined; // a copy: the writer may use its own again
}

/** What `setHeader` and `writeHead` were given; a list's form is of Node's documentation of writeHead. */
function readHeaders(
  res: ServerResponse,
  given?: unknown,
): Record<string, string> {
  const all = new Map<string, unknown>();
  for (const name of KEPT_HEADERS) all.set(name, res.getHeader(name));
  const list: unknown[] = Array.isArray(given) ? given.flat() : [];
  const pairs = Array.isArray(given)
    ? list.flatMap((name, index) =>
        index % 2 === 0 ? [[name, list[index + 1]]] : [],
      )
    : Object.entries(typeof given === "object" && given !== null ? given : {});
  for (const [name, value] of pairs) all.set(String(name).toLowerCase(), value);
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = all.get(name);
    if (typeof value === "string" || typeof value === "number")
      kept[name] = String(value);
  }
  return kept;
}

/**
 * Fixes status and headers as `end` would, so that nothing changes them while
 * the end waits: an error handler that comes late finds them sent.
 */
function lockHead(res: ServerResponse, bodyLength: number): void {
  if (res.headersSent) return;
  const hasBody =
    res.req.method !== "HEAD" && ![204, 304].includes(res.statusCode);
  const isFramed = ["content-length", "transfer-encoding", "trailer"].some(
    (name) => res.hasHeader(name),
  );
  if (hasBody && !isFramed) res.setHeader("Content-Length", bodyLength);
  res.writeHead(res.statusCode);
}

/** What comes after the end is heard by its callback only. */
function tellEnded(args: unknown[]): boolean {
  const callback = args.findLast((arg) => typeof arg === "function");
  if (callback)
    process.nextTick(
      callback as (error: Error) => void,
      new Error("the answer has ended"),
    );
  return false;
}
