import {
  at,
  fieldFaults,
  headerFaults,
  nameFaults,
  oneOfFaults,
  rangeFaults,
  textFaults,
} from "./checks/check.ts";
import type { Dialect } from "./schemas/dialect.ts";
import { split } from "./split.ts";
import { requestFaults } from "./checks/split.ts";
import type { Target } from "./target.ts";

// https://elevenlabs.io/docs/api-reference/tools/create.md and @elevenlabs/elevenlabs-js 2.73.0 (read November 2026)
const LITERALS = ["string", "integer", "number", "boolean"];
const DEFAULT_TIMEOUT_SECS = 20;
const TIMEOUT_SECS = { least: 5, most: 120 };
const FIELDS = [
  "type",
  "name",
  "description",
  "response_timeout_secs",
  "disable_interruptions",
  "force_pre_tool_speech",
  "assignments",
  "tool_call_sound",
  "tool_call_sound_behavior",
  "dynamic_variables",
  "execution_mode",
  "api_schema",
];
const REQUEST_FIELDS = [
  "url",
  "method",
  "path_params_schema",
  "query_params_schema",
  "request_body_schema",
  "response_body_schema",
  "request_headers",
  "content_type",
  "auth_connection",
  "response_filter",
];

/** Values are literals, lists and objects; a literal is the model's by its description, or constant. */
export const literalDialect: Dialect = {
  keywords: new Set(["enum"]),
  formats: new Set(),
  unions: "none",
  nulls: "none",
  textEnums: true,
  anything: [{ type: "string" }],
  describesAll: true,
  constant: "constant_value",
};

/** ElevenLabs' webhook tools, with arguments in path, query and body. */
export const elevenlabs: Target = {
  emit({ tool, name, options }) {
    const parts = split(tool, options, {
      platform: "ElevenLabs",
      dialect: literalDialect,
      pathTypes: LITERALS,
      queryTypes: LITERALS,
      takesForms: true,
    });
    if ("rule" in parts) return parts;
    const seconds = Math.ceil(
      (tool.policy.timeoutMs ?? DEFAULT_TIMEOUT_SECS * 1000) / 1000,
    );
    const definition = {
      tool_config: {
        type: "webhook",
        name,
        description: tool.description,
        response_timeout_secs: Math.min(
          Math.max(seconds, TIMEOUT_SECS.least),
          TIMEOUT_SECS.most,
        ),
        api_schema: {
          ...parts.request,
          ...(options.headers === undefined
            ? {}
            : { request_headers: { ...options.headers } }),
        },
      },
    };
    return { definition, findings: parts.findings };
  },

  check(definition) {
    const config = at(definition, "tool_config");
    const request = at(config, "api_schema");
    return [
      ...fieldFaults("the tool", definition, ["tool_config"]),
      ...fieldFaults("tool_config", config, FIELDS),
      ...oneOfFaults("type", at(config, "type"), ["webhook"]),
      ...nameFaults(at(config, "name"), /^[a-zA-Z0-9_-]{1,64}$/),
      ...textFaults("description", at(config, "description"), 0, Infinity),
      ...rangeFaults(
        "response_timeout_secs",
        at(config, "response_timeout_secs"),
        TIMEOUT_SECS.least,
        TIMEOUT_SECS.most,
      ),
      ...requestFaults(request, {
        fields: REQUEST_FIELDS,
        protocols: ["http:", "https:"],
        pathTypes: LITERALS,
      }),
      ...oneOfFaults("content_type", at(request, "content_type"), [
        undefined,
        "application/json",
        "application/x-www-form-urlencoded",
      ]),
      ...headerFaults(at(request, "request_headers") ?? {}),
    ];
  },
};
