import { toExcerpt } from "./excerpt.ts";
import { isRecord } from "../json.ts";
import { findExcess, measure } from "../arguments/measure.ts";
import { findWords } from "./error-words.ts";
import { essenceOf, isJson } from "../media-type.ts";
import { parseJson } from "./parse-json.ts";
import type { Repair, ToolResult } from "../types.ts";

const MAX_WORDS = 200;

/** An answer that has been read: undefined bytes are more than the limit. */
export interface Answer {
  response: Response;
  bytes: Uint8Array | undefined;
}

/** Reads an answer; one that says how long it is and is too long is not read at all. */
export async function readAnswer(
  response: Response,
  maxBytes: number,
): Promise<Answer> {
  const length = Number(response.headers.get("content-length") ?? 0);
  if (response.body && length > maxBytes) {
    await response.body.cancel().catch(() => {}); // the answer is refused already
    return { response, bytes: undefined };
  }
  return { response, bytes: await readCapped(response, maxBytes) };
}

async function readCapped(
  response: Response,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) return undefined; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * What an answer came to, in words for a model.
 * @param secrets   texts that must not come back in those words
 * @param pointers  what of the answer the model gets, where the tool says so
 */
export function toResult(
  { response, bytes }: Answer,
  repairs: Repair[],
  secrets: string[],
  pointers?: string[],
): ToolResult {
  const { status } = response;
  if (status < 200 || status > 299)
    return toFault(status, response, bytes, secrets);
  if (!bytes)
    return refuse(
      "response_too_large",
      "The answer was too long to read.",
      status,
    );
  const type = response.headers.get("content-type") ?? "";
  if (bytes.length > 0 && isBinary(type))
    return refuse(
      "bad_response",
      `The answer was ${essenceOf(type)}, which is neither JSON nor text.`,
      status,
    );
  const data = parseBody(type, bytes);
  if (data === undefined)
    return refuse("bad_response", "The answer was not valid JSON.", status);
  if (isPage(type, data))
    return refuse(
      "bad_response",
      "The service answered with a web page.",
      status,
    );
  const excess = findExcess(measure(data));
  if (excess !== undefined)
    return refuse(
      "bad_response",
      `The answer was more than ${excess}.`,
      status,
    );
  const speech =
    isRecord(data) && typeof data["speech"] === "string"
      ? { speech: data["speech"] }
      : {};
  const told = pointers && data !== null ? toExcerpt(data, pointers) : data;
  if (told === null && data !== null && data !== "")
    return refuse(
      "nothing_picked",
      `The service answered with status ${status}, but with none of what was expected of it.`,
      status,
    );
  return { ok: true, status, data: told, ...speech, repairs };
}

export function refuse(
  code: string,
  message: string,
  status?: number,
): ToolResult {
  return {
    ok: false,
    code,
    message,
    ...(status === undefined ? {} : { status }),
  };
}

function toFault(
  status: number,
  { headers }: Response,
  bytes: Uint8Array | undefined,
  secrets: string[],
): ToolResult {
  if (status >= 300 && status < 400)
    return refuse(
      "http_error",
      `The service answered with a redirect (status ${status}), which is not followed.`,
      status,
    );
  const data = parseBody(
    headers.get("content-type") ?? "",
    bytes ?? new Uint8Array(),
  );
  const words = toPlainWords(toWords(status, data), secrets);
  return refuse(
    "http_error",
    `The service answered with status ${status}.${words === "" ? "" : ` It said: ${words}`}`,
    status,
  );
}

/** JSON where it says so, else text; undefined when it says JSON and is none. A byte order mark is no part of either. */
function parseBody(contentType: string, bytes: Uint8Array): unknown {
  if (!isJson(contentType)) {
    const text = decode(contentType, bytes);
    return text.trim() === "" ? null : text;
  }
  const text = new TextDecoder().decode(bytes); // always UTF-8: RFC 8259, section 8.1
  try {
    return text === "" ? null : parseJson(text);
  } catch {
    return undefined;
  }
}

function decode(contentType: string, bytes: Uint8Array): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // a name that nobody knows
  }
}

/** A text in words of the service; a fault inside it says a trace, and a page is for people. */
function toWords(status: number, data: unknown): string {
  if (typeof data !== "string") return findWords(data);
  return status < 500 && !/^\s*</.test(data) ? data : "";
}

function isBinary(contentType: string): boolean {
  return /^(image|audio|video|font)\/|^application\/(octet-stream|pdf|zip|gzip)$/.test(
    essenceOf(contentType),
  );
}

/** Made for people, like the login page of a session that has ended. Some frameworks call every text HTML. */
function isPage(contentType: string, data: unknown): boolean {
  if (typeof data !== "string" || isJson(contentType)) return false;
  const isHtml = ["text/html", "application/xhtml+xml"].includes(
    essenceOf(contentType),
  );
  return isHtml
    ? /<[a-z!/]/i.test(data)
    : /^\s*<(!doctype\s+html|html)\b/i.test(data);
}

/** The first line, without what only a program can read. */
function toPlainWords(text: string, secrets: string[]): string {
  const hidden = secrets.reduce(
    (said, secret) => said.replaceAll(secret, "…"),
    text,
  );
  const [line = ""] = hidden.trim().split(/[\r\n]/);
  return line
    .replaceAll(/\p{Cc}+/gu, " ")
    .slice(0, MAX_WORDS)
    .replace(/\p{Surrogate}$/u, ""); // the cut may go through a character
}
