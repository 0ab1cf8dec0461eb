import type { JsonSchema, Tool } from "../types.ts";
import type { EmitOptions, Finding, Target } from "./target.ts";

interface Definition {
  type: "function";
  function: { name: string; description: string; parameters: JsonSchema };
  endpoint: { url: string; method: string; headers: Record<string, string> };
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * ThunderPhone's inline tools: https://docs.thunderphone.com/tools/overview
 * (read November 2026). It sends the bare arguments as one JSON body and knows
 * no path or query template, so whatever needs one goes through the gateway.
 */
export const thunderphone: Target = {
  emit(tool, options) {
    const endpoint = toEndpoint(tool, options);
    if ("rule" in endpoint) return endpoint;
    const { name, description, parameters } = tool;
    const definition: Definition = {
      type: "function",
      function: { name, description, parameters },
      endpoint: { ...endpoint, headers: options.headers ?? {} },
    };
    return { definition };
  },

  check(definition) {
    const { function: called, endpoint } = definition as Definition;
    const faults: string[] = [];
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(called.name))
      faults.push(`name ${called.name} is not ^[a-zA-Z0-9_-]{1,64}$`);
    if (called.parameters["type"] !== "object")
      faults.push("the root of parameters is no object");
    if (!URL.canParse(endpoint.url))
      faults.push(`endpoint.url ${endpoint.url} is no URL`);
    if (!METHODS.includes(endpoint.method))
      faults.push(
        `endpoint.method ${endpoint.method} is not one of ${METHODS.join(", ")}`,
      );
    return faults;
  },
};

function toEndpoint(
  tool: Tool,
  { server, gateway }: EmitOptions,
): { url: string; method: string } | Finding {
  if (gateway !== undefined) {
    return { url: `${trim(gateway)}/tools/${tool.name}`, method: "POST" };
  }
  const isOneJsonBody =
    tool.inputs.every((input) => input.in === "body" && input.name !== null) &&
    METHODS.includes(tool.operation.method) &&
    /json/i.test(tool.request.body?.mediaType ?? "json");
  if (!isOneJsonBody) {
    return {
      rule: "needs-gateway",
      message:
        "ThunderPhone sends one JSON body and cannot place path, query, header or form arguments; give a gateway URL",
    };
  }
  const base = server ?? tool.request.servers[0];
  if (base === undefined || !URL.canParse(base)) {
    return {
      rule: "no-server",
      message: "the tool needs an absolute URL; give a server",
    };
  }
  return {
    url: `${trim(base)}${tool.operation.path}`,
    method: tool.operation.method,
  };
}

function trim(url: string): string {
  return url.replace(/\/+$/, "");
}
