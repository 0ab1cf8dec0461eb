import {
  at,
  fieldFaults,
  headerFaults,
  nameFaults,
  oneOfFaults,
  privateHostFaults,
  rangeFaults,
  textFaults,
} from "./checks/check.ts";
import { literalDialect } from "./elevenlabs.ts";
import { toDescription } from "./findings.ts";
import { split } from "./split.ts";
import { requestFaults } from "./checks/split.ts";
import type { Target } from "./target.ts";

// https://docs.cartesia.ai/api-reference/agents/tools/create and https://docs.cartesia.ai/agents/webhook-tools (read November 2026)
const MAX_DESCRIPTION = 2000;
const DEFAULT_TIMEOUT_SECS = 20;
const MAX_TIMEOUT_SECS = 120;
const PATH_TYPES = ["string", "integer", "number"];
const QUERY_TYPES = [...PATH_TYPES, "boolean"];
const FIELDS = [
  "type",
  "name",
  "description",
  "api_schema",
  "execution_mode",
  "pre_tool_speech",
  "response_timeout_secs",
];
const REQUEST_FIELDS = [
  "url",
  "method",
  "path_params_schema",
  "query_params_schema",
  "request_body_schema",
  "request_headers",
  "authentication",
];

/** Cartesia's webhook tools, with arguments in path, query and body; only over TLS. */
export const cartesia: Target = {
  names: { startsWithLetter: true },

  emit({ tool, name, options }) {
    const parts = split(tool, options, {
      platform: "Cartesia",
      dialect: literalDialect,
      pathTypes: PATH_TYPES,
      queryTypes: QUERY_TYPES,
      takesForms: false,
    });
    if ("rule" in parts) return parts;
    const { method, path } = tool.operation;
    const { description, findings } = toDescription(
      tool.description || `${method} ${path}`,
      MAX_DESCRIPTION,
    );
    const seconds = Math.ceil(
      (tool.policy.timeoutMs ?? DEFAULT_TIMEOUT_SECS * 1000) / 1000,
    );
    const definition = {
      type: "webhook",
      name,
      description,
      pre_tool_speech: "auto",
      execution_mode: "immediate",
      response_timeout_secs: Math.min(seconds, MAX_TIMEOUT_SECS),
      api_schema: {
        ...parts.request,
        ...(options.headers === undefined
          ? {}
          : { request_headers: { ...options.headers } }),
      },
    };
    return { definition, findings: [...findings, ...parts.findings] };
  },

  check(definition) {
    const request = at(definition, "api_schema");
    return [
      ...fieldFaults("the tool", definition, FIELDS),
      ...oneOfFaults("type", at(definition, "type"), ["webhook"]),
      ...nameFaults(at(definition, "name"), /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/),
      ...textFaults(
        "description",
        at(definition, "description"),
        1,
        MAX_DESCRIPTION,
      ),
      ...rangeFaults(
        "response_timeout_secs",
        at(definition, "response_timeout_secs"),
        1,
        MAX_TIMEOUT_SECS,
      ),
      ...requestFaults(request, {
        fields: REQUEST_FIELDS,
        protocols: ["https:"],
        pathTypes: PATH_TYPES,
      }),
      ...privateHostFaults("url", at(request, "url")),
      ...headerFaults(at(request, "request_headers") ?? {}),
    ];
  },
};
