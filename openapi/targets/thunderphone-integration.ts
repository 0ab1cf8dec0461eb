import {
  at,
  fieldFaults,
  headerFault,
  oneOfFaults,
  privateHostFaults,
  textFaults,
  urlFaults,
} from "./checks/check.ts";
import { toRoute } from "./route.ts";
import type { Target } from "./target.ts";
import { functionFaults, METHODS, toFunction } from "./thunderphone.ts";

/**
 * ThunderPhone's stored integrations: https://docs.thunderphone.com/api-reference/integrations
 * (read November 2026). The headers are a list here, and private addresses are
 * refused (400 url_not_allowed).
 */
export const thunderphoneIntegration: Target = {
  emit({ tool, name, options }) {
    const route = toRoute(tool, options, "ThunderPhone", METHODS);
    if ("rule" in route) return route;
    const definition = {
      display_name: name,
      spec: { type: "function", function: toFunction(tool, name) },
      endpoint_url: route.url,
      endpoint_method: route.method,
      headers: Object.entries(options.headers ?? {}).map(([key, value]) => ({
        key,
        value,
      })),
    };
    return { definition, findings: [] };
  },

  check(definition) {
    const spec = at(definition, "spec");
    const url = at(definition, "endpoint_url");
    return [
      ...fieldFaults("the integration", definition, [
        "display_name",
        "spec",
        "endpoint_url",
        "endpoint_method",
        "headers",
      ]),
      ...textFaults("display_name", at(definition, "display_name"), 1, 255),
      ...fieldFaults("spec", spec, ["type", "function"]),
      ...oneOfFaults("spec.type", at(spec, "type"), ["function"]),
      ...functionFaults(at(spec, "function")),
      ...urlFaults("endpoint_url", url),
      ...privateHostFaults("endpoint_url", url),
      ...oneOfFaults(
        "endpoint_method",
        at(definition, "endpoint_method"),
        METHODS,
      ),
      ...headerListFaults(at(definition, "headers")),
    ];
  },
};

function headerListFaults(headers: unknown): string[] {
  if (!Array.isArray(headers)) return ["headers is no list"];
  return headers.flatMap((header) => [
    ...fieldFaults("a header", header, ["key", "value"]),
    ...headerFault(at(header, "key"), at(header, "value")),
  ]);
}
