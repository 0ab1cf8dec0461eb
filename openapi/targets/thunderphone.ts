import type { Tool } from "../types.ts";
import {
  at,
  fieldFaults,
  headerFaults,
  nameFaults,
  oneOfFaults,
  parameterFaults,
  textFaults,
  urlFaults,
} from "./checks/check.ts";
import { toRoute } from "./route.ts";
import type { Target } from "./target.ts";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * ThunderPhone's inline tools: https://docs.thunderphone.com/tools/overview
 * (read November 2026). It sends the bare arguments as one JSON body and knows
 * no path or query template, so whatever needs one goes through the gateway.
 */
export const thunderphone: Target = {
  emit({ tool, name, options }) {
    const route = toRoute(tool, options, "ThunderPhone", METHODS);
    if ("rule" in route) return route;
    const definition = {
      type: "function",
      function: toFunction(tool, name),
      endpoint: { ...route, headers: { ...options.headers } },
    };
    return { definition, findings: [] };
  },

  check(definition) {
    const endpoint = at(definition, "endpoint");
    return [
      ...fieldFaults("the tool", definition, ["type", "function", "endpoint"]),
      ...oneOfFaults("type", at(definition, "type"), ["function"]),
      ...functionFaults(at(definition, "function")),
      ...fieldFaults("endpoint", endpoint, ["url", "method", "headers"]),
      ...urlFaults("endpoint.url", at(endpoint, "url")),
      ...oneOfFaults("endpoint.method", at(endpoint, "method"), METHODS),
      ...headerFaults(at(endpoint, "headers") ?? {}),
    ];
  },
};

export function toFunction(
  { description, parameters }: Tool,
  name: string,
): object {
  return { name, description, parameters };
}

export function functionFaults(called: unknown): string[] {
  return [
    ...fieldFaults("function", called, ["name", "description", "parameters"]),
    ...nameFaults(at(called, "name"), /^[a-zA-Z0-9_-]{1,64}$/),
    ...textFaults(
      "function.description",
      at(called, "description"),
      0,
      Infinity,
    ),
    ...parameterFaults("function.parameters", at(called, "parameters")),
  ];
}
