import { isJson } from "../media-type.ts";
import type { Tool } from "../types.ts";
import type { EmitOptions, Finding } from "./target.ts";

export interface Route {
  url: string;
  method: string;
}

/**
 * Where a platform that sends the bare arguments as one JSON body calls a tool:
 * the gateway, which places them, else the API itself where there is nothing
 * to place.
 */
export function toRoute(
  tool: Tool,
  options: EmitOptions,
  platform: string,
  methods: readonly string[],
): Route | Finding {
  if (options.gateway !== undefined) return toGateway(tool, options.gateway);
  if (!takesBareArguments(tool, methods))
    return needsGateway(
      platform,
      "one JSON body, and cannot place path, query, header or form arguments",
    );
  return toServer(tool, options);
}

export function needsGateway(platform: string, what: string): Finding {
  return {
    rule: "needs-gateway",
    severity: "error",
    message: `${platform} sends ${what}; give a gateway URL`,
  };
}

/** The gateway takes bare arguments at `/tools/<name of the catalog>`. */
export function toGateway(tool: Tool, gateway: string): Route {
  return {
    url: join(gateway, `/tools/${encodeURIComponent(tool.name)}`),
    method: "POST",
  };
}

/** The operation's own address, its path as in the document. */
export function toServer(tool: Tool, options: EmitOptions): Route | Finding {
  const base = options.server ?? tool.request.servers[0];
  if (
    base === undefined ||
    !/^https?:\/\//i.test(base) ||
    !URL.canParse(base)
  ) {
    return {
      rule: "no-server",
      severity: "error",
      message: "the tool needs an absolute URL; give a server",
    };
  }
  const { method, path } = tool.operation;
  return { url: join(base, path), method };
}

/** Every argument is a field of a JSON object body, under its own name. */
function takesBareArguments(tool: Tool, methods: readonly string[]): boolean {
  const { method, path } = tool.operation;
  const { body } = tool.request;
  const takesBody = ["POST", "PUT", "PATCH", "DELETE"].includes(method);
  return (
    methods.includes(method) &&
    !path.includes("{") &&
    (takesBody || tool.inputs.length === 0) &&
    tool.inputs.every(
      ({ in: place, key, name }) => place === "body" && name === key,
    ) &&
    (body === undefined || isJson(body.mediaType))
  );
}

/** A base URL's own query stays behind the path. */
function join(base: string, path: string): string {
  const [, head = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(base) ?? [];
  const further =
    query.length > 1 ? (path.includes("?") ? `&${query.slice(1)}` : query) : "";
  return `${head.replace(/\/+$/, "")}${path.startsWith("/") ? "" : "/"}${path}${further}`;
}
