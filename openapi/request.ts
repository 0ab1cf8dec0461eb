import { isForm, isJson } from "./body.ts";
import { RequestError } from "./errors.ts";
import { canonicalJson, isRecord } from "./json.ts";
import type { ParameterPlan, Tool } from "./types.ts";

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
  const base = options.baseUrl ?? tool.request.servers[0];
  if (base === undefined || !/^https?:\/\//i.test(base)) {
    throw new RequestError(
      "no_server",
      `${tool.name} has no absolute server URL; give a base URL`,
    );
  }
  const query: string[] = [];
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  let path = tool.operation.path;
  for (const plan of tool.request.parameters) {
    const value = Object.hasOwn(args, plan.key) ? args[plan.key] : undefined;
    if (plan.in === "path") {
      path = path.replaceAll(`{${plan.name}}`, () => toPathText(plan, value));
    } else if (value !== undefined) {
      if (plan.in === "query") query.push(...toQuery(plan, value));
      if (plan.in === "header")
        headers.set(
          plan.name,
          toHeaderText(plan.name, toSimple(plan, value, String)),
        );
      if (plan.in === "cookie")
        cookies.push(`${plan.name}=${toSimple(plan, value, encodeText)}`);
    }
  }
  addCredentials(tool, options.credentials ?? {}, { query, headers, cookies });
  if (cookies.length > 0) headers.set("Cookie", cookies.join("; "));
  const body = toBody(tool, args);
  if (body) headers.set("Content-Type", body.mediaType);
  const search = query.length > 0 ? `?${query.join("&")}` : "";
  return {
    method: tool.operation.method,
    url: `${base.replace(/\/+$/, "")}${path}${search}`,
    headers: Object.fromEntries(headers),
    ...(body ? { body: body.bytes } : {}),
  };
}

function toBody(
  tool: Tool,
  args: Record<string, unknown>,
): { mediaType: string; bytes: Uint8Array } | undefined {
  const plan = tool.request.body;
  if (!plan) return undefined;
  const inputs = tool.inputs.filter(
    (input) => input.in === "body" && Object.hasOwn(args, input.key),
  );
  const named = new Set(tool.inputs.map(({ key }) => key));
  const rest = plan.open
    ? Object.entries(args).filter(([key]) => !named.has(key))
    : [];
  if (inputs.length + rest.length === 0 && !plan.required) return undefined;
  const whole = inputs.find(({ name }) => name === null);
  const fields = inputs.map(({ key, name }): [string, unknown] => [
    name as string,
    args[key],
  ]);
  const value = whole
    ? args[whole.key]
    : Object.fromEntries([...fields, ...rest]);
  const mediaType =
    plan.mediaType === "*/*" ? "application/json" : plan.mediaType;
  const encode = (text: string) => ({
    mediaType,
    bytes: new TextEncoder().encode(text),
  });
  if (isJson(mediaType)) return encode(canonicalJson(value));
  if (isForm(mediaType) && isRecord(value)) {
    const texts = Object.entries(value).map(
      ([key, field]): [string, string] => [key, toText(field)],
    );
    return encode(new URLSearchParams(texts).toString());
  }
  if (typeof value === "string") return encode(value);
  throw new RequestError(
    "unsupported_request",
    `${tool.name}: a ${mediaType} body cannot be made of these arguments`,
  );
}

function toPathText(plan: ParameterPlan, value: unknown): string {
  const text = value === undefined ? "" : toSimple(plan, value, encodeText);
  // A URL parser reads "." and "..", also percent-encoded, as steps in the path (WHATWG URL, section 4.4).
  if (text === "" || text === "." || text === "..") {
    throw new RequestError(
      "invalid_arguments",
      `${plan.key}: expected text for one step of the path, received "${text}"`,
    );
  }
  return text;
}

/** Percent-encodes; half of a surrogate pair cannot be (it is no text in UTF-8). */
function encodeText(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new RequestError(
      "invalid_arguments",
      "expected text, received half of a character (a lone surrogate)",
    );
  }
}

/** Style "simple", and the flat form of cookies (OpenAPI 3.1, section 4.8.12.4). */
function toSimple(
  plan: ParameterPlan,
  value: unknown,
  encode: (text: string) => string,
): string {
  if (Array.isArray(value))
    return value.map((entry) => encode(toText(entry))).join(",");
  if (!isRecord(value)) return encode(toText(value));
  return Object.entries(value)
    .map(
      ([key, field]) =>
        `${encode(key)}${plan.explode ? "=" : ","}${encode(toText(field))}`,
    )
    .join(",");
}

function toQuery(plan: ParameterPlan, value: unknown): string[] {
  const name = encodeText(plan.name);
  const pair = (key: string, field: unknown) =>
    `${key}=${encodeText(toText(field))}`;
  if (isRecord(value)) {
    const fields = Object.entries(value);
    if (plan.style === "deepObject") {
      return fields.map(([key, field]) =>
        pair(`${name}%5B${encodeText(key)}%5D`, field),
      );
    }
    if (plan.explode)
      return fields.map(([key, field]) => pair(encodeText(key), field));
    return [
      `${name}=${fields
        .flat()
        .map((part) => encodeText(toText(part)))
        .join(",")}`,
    ];
  }
  if (!Array.isArray(value)) return [pair(name, value)];
  if (plan.explode) return value.map((entry) => pair(name, entry));
  const separator =
    { spaceDelimited: "%20", pipeDelimited: "%7C" }[plan.style] ?? ",";
  return [
    `${name}=${value.map((entry) => encodeText(toText(entry))).join(separator)}`,
  ];
}

function toHeaderText(name: string, text: string): string {
  // Node sends header values as Latin-1 and refuses control characters (RFC 9110, section 5.5).
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) {
    throw new RequestError(
      "invalid_arguments",
      `${name}: a header value cannot have line breaks, control characters or letters beyond Latin-1`,
    );
  }
  return text;
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : canonicalJson(value);
}

/** Fills in the first alternative for which every credential is known; the one that needs none comes last. */
function addCredentials(
  tool: Tool,
  credentials: Record<string, string>,
  parts: { query: string[]; headers: Map<string, string>; cookies: string[] },
): void {
  const known = tool.request.security.find(
    (names) =>
      names.length > 0 &&
      names.every((name) => Object.hasOwn(credentials, name)),
  );
  for (const name of known ?? []) {
    const scheme = tool.request.schemes[name];
    const secret = toHeaderText(name, credentials[name] as string);
    if (scheme?.type === "bearer")
      parts.headers.set("Authorization", `Bearer ${secret}`);
    if (scheme?.type === "basic")
      parts.headers.set(
        "Authorization",
        `Basic ${Buffer.from(secret).toString("base64")}`,
      );
    if (scheme?.type !== "apiKey") continue;
    if (scheme.in === "header") parts.headers.set(scheme.name, secret);
    if (scheme.in === "query")
      parts.query.push(`${encodeText(scheme.name)}=${encodeText(secret)}`);
    if (scheme.in === "cookie")
      parts.cookies.push(`${scheme.name}=${encodeText(secret)}`);
  }
}
