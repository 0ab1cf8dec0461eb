import { readAnswer, refuse, toResult } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { checkArguments } from "../arguments/arguments.ts";
import { withDeadline } from "./deadline.ts";
import type { Ended } from "./deadline.ts";
import { RequestError } from "../errors.ts";
import { isHeader, mergeHeaders } from "../requests/header-fields.ts";
import { toHttpRequest } from "../requests/request.ts";
import type { HttpRequest } from "../requests/request.ts";
import type { Catalog, Tool, ToolResult } from "../types.ts";

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

/** A step's outcome: what the next one needs, or what the model is told. */
type Step<T> = { value: T } | { refusal: ToolResult };

/**
 * Makes the function that carries out a model's tool calls over HTTP. It never
 * throws for what a server or model did: faults are values in words for the
 * model. Redirects are not followed, so a signed call reaches nobody else.
 * @throws TypeError when a limit is no positive number
 */
export function createCaller(options: CallerOptions): CallTool {
  const config = {
    fetch: options.fetch ?? fetch,
    timeoutMs: positive("timeoutMs", options.timeoutMs ?? 8000),
    maxResponseBytes: positive(
      "maxResponseBytes",
      options.maxResponseBytes ?? 65_536,
    ),
    secrets: toSecrets(options.credentials ?? {}),
  };
  const tools = new Map(options.catalog.tools.map((tool) => [tool.name, tool]));

  return async function callTool(call) {
    const tool = tools.get(call.name);
    if (!tool) return refuseUnknown(call.name, [...tools.keys()]);
    const checked = checkArguments(tool, call.arguments);
    if (!checked.ok) return refuse("invalid_arguments", checked.message);
    const built = toRequest(tool, checked.arguments, options);
    if ("refusal" in built) return built.refusal;
    const signed = addHeaders(built.value, tool, call, options.sign);
    if ("refusal" in signed) return signed.refusal;
    const timeoutMs = tool.policy.timeoutMs ?? config.timeoutMs;
    let outcome: Ended<Answer>;
    try {
      outcome = await withDeadline(timeoutMs, call.signal, (signal) =>
        send(signed.value, signal, config),
      );
    } catch {
      return refuse("network_error", "The service could not be reached."); // its cause would name the address
    }
    if (outcome.ended === "aborted")
      return refuse("aborted", "The call of this tool was stopped.");
    if (outcome.ended === "timeout")
      return refuse("timeout", `No answer within ${timeoutMs / 1000} seconds.`);
    return toResult(
      outcome.value,
      checked.repairs,
      config.secrets,
      tool.policy.response,
    );
  };
}

async function send(
  { url, method, headers, body }: HttpRequest,
  signal: AbortSignal,
  config: { fetch: typeof fetch; maxResponseBytes: number },
): Promise<Answer> {
  const response = await config.fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    redirect: "manual",
    signal,
  });
  return readAnswer(response, config.maxResponseBytes);
}

function toRequest(
  tool: Tool,
  args: Record<string, unknown>,
  { baseUrl, credentials }: CallerOptions,
): Step<HttpRequest> {
  try {
    const value = toHttpRequest(tool, args, {
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(credentials === undefined ? {} : { credentials }),
    });
    return { value };
  } catch (error) {
    if (error instanceof RequestError)
      return { refusal: refuse(error.reason, error.message) };
    throw error;
  }
}

/** A request that could not be signed is not sent: who reads it would refuse it anyway. */
function addHeaders(
  request: HttpRequest,
  tool: Tool,
  { callId, toolUseId }: ToolCall,
  sign: CallerOptions["sign"],
): Step<HttpRequest> {
  const refusal = refuse("sign_failed", "The request could not be signed.");
  let added: [string, string][];
  try {
    added = Object.entries(
      sign?.({ ...request, tool, callId, toolUseId }) ?? {},
    );
  } catch {
    return { refusal };
  }
  if (!added.every(([name, value]) => isHeader(name, value)))
    return { refusal };
  const headers = mergeHeaders([
    ["Accept", "application/json, */*;q=0.5"],
    ...Object.entries(request.headers),
    ...added,
  ]);
  return { value: { ...request, headers } };
}

function refuseUnknown(name: string, known: string[]): ToolResult {
  const shown = known.slice(0, 50).join(", ");
  const more = known.length > 50 ? ` and ${known.length - 50} more` : "";
  return refuse(
    "unknown_tool",
    `There is no tool ${String(name).slice(0, 100)}. Known tools: ${shown}${more}.`,
  );
}

/** All spellings in which a service could say a credential back; shorter ones are parts of common words. */
function toSecrets(credentials: Record<string, string>): string[] {
  return Object.values(credentials)
    .filter((secret) => typeof secret === "string")
    .flatMap((secret) => {
      const bytes = Buffer.from(secret); // well-formed, whatever the text was
      const password = secret.slice(secret.indexOf(":") + 1);
      const encoded = encodeURIComponent(bytes.toString());
      return [secret, password, encoded, bytes.toString("base64")];
    })
    .filter((secret) => secret.length > 3);
}

function positive(name: string, value: number): number {
  if (value > 0) return value; // false for NaN too
  throw new TypeError(`${name}: expected a positive number, received ${value}`);
}
