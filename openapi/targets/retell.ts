import {
  at,
  fieldFaults,
  headerFaults,
  keywordFaults,
  nameFaults,
  oneOfFaults,
  parameterFaults,
  rangeFaults,
  textFaults,
  urlFaults,
} from "./checks/check.ts";
import { toFindings } from "./findings.ts";
import { INLINE_KEYWORDS, inlineDialect } from "./schemas/inline.ts";
import { toRoute } from "./route.ts";
import { simplify } from "./schemas/subset.ts";
import type { Target } from "./target.ts";

// https://docs.retellai.com/build/single-multi-prompt/custom-function.md and retell-sdk 5.66.1, CustomTool (read November 2026)
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const BODY_METHODS = ["POST", "PUT", "PATCH"];
const FIELDS = [
  "type",
  "name",
  "description",
  "url",
  "method",
  "headers",
  "query_params",
  "parameters",
  "args_at_root",
  "response_variables",
  "speak_during_execution",
  "speak_after_execution",
  "execution_message_description",
  "execution_message_type",
  "timeout_ms",
  "max_retry",
];
const ROOT: ReadonlySet<string> = new Set(["type", "properties", "required"]);

/**
 * Retell's custom functions. With `args_at_root` the body is the bare arguments;
 * path and query take fixed texts only.
 */
export const retell: Target = {
  emit({ tool, name, options }) {
    const methods = tool.inputs.length > 0 ? BODY_METHODS : METHODS;
    const route = toRoute(tool, options, "Retell", methods);
    if ("rule" in route) return route;
    const simplified = simplify(tool.parameters, inlineDialect);
    const { type, properties, required } = simplified.schema;
    const definition = {
      type: "custom",
      name,
      description: tool.description,
      ...route,
      ...(options.headers === undefined
        ? {}
        : { headers: { ...options.headers } }),
      parameters: {
        type,
        properties,
        ...(required === undefined ? {} : { required }),
      },
      args_at_root: true,
      speak_during_execution: false,
      speak_after_execution: true,
      ...(tool.policy.timeoutMs === undefined
        ? {}
        : { timeout_ms: Math.max(tool.policy.timeoutMs, 1000) }),
    };
    const further = simplified.schema["additionalProperties"] ?? false;
    const losses = further === false ? [] : ["fields of any name"]; // the root has no word for them
    return {
      definition,
      findings: toFindings({
        losses: [...simplified.losses, ...losses],
        limits: simplified.limits,
      }),
    };
  },

  check(definition) {
    const parameters = at(definition, "parameters");
    return [
      ...fieldFaults("the tool", definition, FIELDS),
      ...oneOfFaults("type", at(definition, "type"), ["custom"]),
      ...nameFaults(at(definition, "name"), /^[a-zA-Z0-9_-]{1,64}$/),
      ...textFaults("description", at(definition, "description"), 0, Infinity),
      ...urlFaults("url", at(definition, "url")),
      ...oneOfFaults("method", at(definition, "method"), METHODS),
      ...headerFaults(at(definition, "headers") ?? {}),
      ...headerFaults(at(definition, "query_params") ?? {}).map(
        (fault) => `query_params: ${fault}`,
      ),
      ...parameterFaults("parameters", parameters),
      ...fieldFaults("parameters", parameters, [...ROOT]),
      ...keywordFaults("parameters", parameters, INLINE_KEYWORDS),
      ...oneOfFaults("args_at_root", at(definition, "args_at_root"), [
        undefined,
        true,
        false,
      ]),
      ...rangeFaults("timeout_ms", at(definition, "timeout_ms"), 1000, 600_000),
      ...rangeFaults("max_retry", at(definition, "max_retry"), 0, 5),
    ];
  },
};
