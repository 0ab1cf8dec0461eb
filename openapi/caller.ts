import { checkArguments } from "./arguments.ts";
import { RequestError } from "./errors.ts";
import { isRecord } from "./json.ts";
import { toHttpRequest } from "./request.ts";
import type { HttpRequest } from "./request.ts";
import type { Catalog, Tool, ToolResult } from "./types.ts";

export interface ToolCall {
  name: string;
  arguments: unknown;
  /** The phone call, e.g. Twilio's CA… */
  callId: string;
  /** The model's id of this one use of the tool. */
  toolUseId: string;
  signal?: AbortSignal;
}

export type CallTool = (call: ToolCall) => Promise<ToolResult>;

export interface CallerOptions {
  catalog: Catalog;
  /** Wins over the document's servers. */
  baseUrl?: string;
  credentials?: Record<string, string>;
  /** Headers to add once the exact bytes are known: signature, call id, idempotency key. */
  sign?: (
    request: HttpRequest & { tool: Tool; callId: string; toolUseId: string },
  ) => Record<string, string>;
  fetch?: typeof fetch;
  /** Limit of one call where the tool's policy sets none (default 8000). */
  timeoutMs?: number;
  /** Longest answer read (default 65536). */
  maxResponseBytes?: number;
}

/**
 * Makes the function that carries out a model's tool calls over HTTP. It never
 * throws for what a server or a model did: faults are values in words for the
 * model. Redirects are not followed, so a signed call reaches nobody else.
 */
export function createCaller(options: CallerOptions): CallTool {
  const { sign, baseUrl, credentials } = options;
  const config = {
    fetch: options.fetch ?? fetch,
    timeoutMs: options.timeoutMs ?? 8000,
    maxResponseBytes: options.maxResponseBytes ?? 65_536,
  };
  const tools = new Map(options.catalog.tools.map((tool) => [tool.name, tool]));

  return async function callTool(call) {
    const tool = tools.get(call.name);
    if (!tool) {
      return refuse(
        "unknown_tool",
        `There is no tool ${call.name}. Known tools: ${[...tools.keys()].join(", ")}.`,
      );
    }
    const checked = checkArguments(tool, call.arguments);
    if (!checked.ok) return refuse("invalid_arguments", checked.message);
    let request: HttpRequest;
    try {
      request = toHttpRequest(tool, checked.arguments, {
        ...(baseUrl === undefined ? {} : { baseUrl }),
        ...(credentials === undefined ? {} : { credentials }),
      });
    } catch (error) {
      if (error instanceof RequestError)
        return refuse(error.reason, error.message);
      throw error;
    }
    const isBodyless = request.method === "GET" || request.method === "HEAD";
    if (
      request.method === "TRACE" ||
      (isBodyless && request.body !== undefined)
    ) {
      return refuse(
        "unsupported_request",
        `${request.method} ${isBodyless ? "with a body " : ""}cannot be sent from here.`,
      );
    }
    const { callId, toolUseId } = call;
    const signed = sign?.({ ...request, tool, callId, toolUseId }) ?? {};
    const timeoutMs = tool.policy.timeoutMs ?? config.timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await config.fetch(request.url, {
        method: request.method,
        headers: { Accept: "application/json", ...request.headers, ...signed },
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: "manual",
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
      });
      const bytes = await readCapped(response, config.maxResponseBytes);
      if (!bytes)
        return refuse(
          "response_too_large",
          "The answer was too long to read.",
          response.status,
        );
      return toResult(response, bytes, checked.repairs);
    } catch {
      if (call.signal?.aborted)
        return refuse("aborted", "The call of this tool was stopped.");
      if (timeout.aborted)
        return refuse(
          "timeout",
          `No answer within ${timeoutMs / 1000} seconds.`,
        );
      return refuse("network_error", "The service could not be reached.");
    }
  };
}

function toResult(
  response: Response,
  bytes: Uint8Array,
  repairs: Extract<ToolResult, { ok: true }>["repairs"],
): ToolResult {
  const { status } = response;
  const data = parseBody(response.headers.get("content-type") ?? "", bytes);
  if (data === undefined)
    return refuse("bad_response", "The answer was not valid JSON.", status);
  if (status >= 200 && status < 300) {
    const speech =
      isRecord(data) && typeof data["speech"] === "string"
        ? { speech: data["speech"] }
        : {};
    return { ok: true, status, data, ...speech, repairs };
  }
  const said =
    isRecord(data) && typeof data["error"] === "string"
      ? ` It said: ${data["error"].slice(0, 200)}`
      : "";
  return refuse(
    "http_error",
    `The service answered with status ${status}.${said}`,
    status,
  );
}

/** JSON where it says so, else text; undefined when it says JSON and is none. */
function parseBody(contentType: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  if (text === "") return null;
  if (!/[/+]json\b/i.test(contentType)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function readCapped(
  response: Response,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      await response.body?.cancel().catch(() => {}); // the answer is refused already
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(code: string, message: string, status?: number): ToolResult {
  return {
    ok: false,
    code,
    message,
    ...(status === undefined ? {} : { status }),
  };
}
