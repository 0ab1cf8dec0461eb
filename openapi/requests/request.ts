import { toProof } from "./credentials.ts";
import { RequestError } from "../errors.ts";
import { isHeader, mergeHeaders } from "./header-fields.ts";
import { toCookies, toHeaders, toPathText, toQuery } from "./parameter-text.ts";
import { fillPath } from "./path-template.ts";
import type { Filling } from "./path-template.ts";
import { toBody } from "./request-body.ts";
import { toBaseUrl } from "./server-url.ts";
import type { Tool } from "../types.ts";

export interface RequestOptions {
  /** Wins over the document's servers. */
  baseUrl?: string;
  /** Values by the name of the document's security scheme; for basic `user:password`. */
  credentials?: Record<string, string>;
}

export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: Uint8Array;
}

/**
 * Puts checked arguments into the HTTP request that the document describes.
 * JSON bodies have sorted keys at every depth and no white space, in UTF-8.
 * @throws RequestError when these arguments or this operation cannot be sent
 */
export function toHttpRequest(
  tool: Tool,
  args: Record<string, unknown>,
  options: RequestOptions = {},
): HttpRequest {
  const { method, path: template } = tool.operation;
  // No fetch sends these (WHATWG Fetch, section 2.2.1).
  if (["CONNECT", "TRACE", "TRACK"].includes(method.toUpperCase()))
    throw unsupported(`${method} cannot be sent from here`);
  const base = toBaseUrl(tool.name, options.baseUrl ?? tool.request.servers[0]);
  const { fillings, query, headers, cookies } = toPlaces(tool, args);
  const path = fillPath(template, fillings);
  const proof = toProof(tool.request, options.credentials ?? {});
  const body = toBody(tool, args);
  if (body && ["GET", "HEAD"].includes(method.toUpperCase()))
    throw unsupported(`${method} with a body cannot be sent from here`);

  const search = [base.query, path.query, ...query, ...proof.query]
    .filter((part) => part !== "")
    .join("&");
  const cookie = [...cookies, ...proof.cookies].join("; ");
  // Ours come last: no argument can replace them.
  const allHeaders: [string, string][] = [...headers, ...proof.headers];
  if (cookie !== "") allHeaders.push(["Cookie", cookie]);
  if (body) allHeaders.push(["Content-Type", body.mediaType]);
  const wrong = allHeaders.find(([name, value]) => !isHeader(name, value));
  if (wrong)
    throw unsupported(`the header ${JSON.stringify(wrong[0])} cannot be sent`);
  return {
    method,
    url: `${base.url}${path.path}${search === "" ? "" : `?${search}`}`,
    headers: mergeHeaders(allHeaders),
    ...(body ? { body: body.bytes } : {}),
  };
}

/** The parameters as text, by the place where each goes. */
function toPlaces(tool: Tool, args: Record<string, unknown>) {
  const fillings = new Map<string, Filling>();
  const query: string[] = [];
  const headers: [string, string][] = [];
  const cookies: string[] = [];
  for (const plan of tool.request.parameters) {
    const { key, name } = plan;
    const value = Object.hasOwn(args, key) ? args[key] : undefined;
    switch (plan.in) {
      case "path":
        fillings.set(name, { key, text: toPathText(plan, value) });
        break;
      case "query":
        query.push(...toQuery(plan, value));
        break;
      case "header":
        headers.push(...toHeaders(plan, value));
        break;
      case "cookie":
        cookies.push(...toCookies(plan, value));
        break;
      default:
        plan.in satisfies never;
    }
  }
  return { fillings, query, headers, cookies };
}

function unsupported(message: string): RequestError {
  return new RequestError("unsupported_request", message);
}
