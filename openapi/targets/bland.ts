import { isRecord } from "../json.ts";
import type { JsonSchema } from "../types.ts";
import {
  at,
  fieldFaults,
  headerFaults,
  keywordFaults,
  oneOfFaults,
  rangeFaults,
  textFaults,
  urlFaults,
} from "./checks/check.ts";
import { toExample } from "./example.ts";
import { toFindings } from "./findings.ts";
import { INLINE_KEYWORDS, inlineDialect } from "./schemas/inline.ts";
import { toRoute } from "./route.ts";
import { simplify } from "./schemas/subset.ts";
import type { Target } from "./target.ts";

// https://docs.bland.ai/api-v1/post/tools.md (read November 2026)
const RESERVED: ReadonlySet<string> = new Set([
  "input",
  "speak",
  "transfer",
  "switch",
  "wait",
  "finish",
  "press",
  "button",
  "say",
  "pause",
  "record",
  "play",
  "dial",
  "hang",
]);
const METHODS = ["GET", "POST"];
const SCHEMA: ReadonlySet<string> = new Set([...INLINE_KEYWORDS, "example"]);

/**
 * Bland's custom tools. The body is a template: `{{input.key}}` stands for what
 * the model gave. Nothing says how it writes what is no text or was not given; a
 * gateway mends that.
 */
export const bland: Target = {
  names: { reserved: RESERVED },

  emit({ tool, name, options }) {
    const route = toRoute(tool, options, "Bland", METHODS);
    if ("rule" in route) return route;
    const { schema, losses, limits } = simplify(tool.parameters, inlineDialect);
    const { method, path } = tool.operation;
    const keys = Object.keys(
      isRecord(schema["properties"]) ? schema["properties"] : {},
    );
    const templates = keys.map((key) => [key, `{{input.${key}}}`]);
    const definition = {
      name,
      description: tool.description || `${method} ${path}`,
      ...route,
      ...(options.headers === undefined
        ? {}
        : { headers: { ...options.headers } }),
      ...(route.method === "POST"
        ? { body: Object.fromEntries(templates) }
        : {}),
      input_schema: { example: toExample(schema), ...schema },
      ...(tool.policy.timeoutMs === undefined
        ? {}
        : { timeout: tool.policy.timeoutMs }),
    };
    const untyped = options.gateway === undefined ? listUntyped(schema) : [];
    return {
      definition,
      findings: toFindings({ losses: [...losses, ...untyped], limits }),
    };
  },

  check(definition) {
    const name = at(definition, "name");
    const schema = at(definition, "input_schema");
    return [
      ...fieldFaults("the tool", definition, [
        "name",
        "description",
        "speech",
        "url",
        "method",
        "headers",
        "body",
        "query",
        "input_schema",
        "response",
        "timeout",
      ]),
      ...textFaults("name", name, 1, Infinity),
      ...(RESERVED.has(String(name).toLowerCase())
        ? [`name ${String(name)} is reserved`]
        : []),
      ...textFaults("description", at(definition, "description"), 1, Infinity),
      ...urlFaults("url", at(definition, "url")),
      ...oneOfFaults("method", at(definition, "method"), METHODS),
      ...headerFaults(at(definition, "headers") ?? {}),
      ...(at(schema, "type") === "object"
        ? []
        : ["the root of input_schema is no object"]),
      ...keywordFaults("input_schema", schema, SCHEMA),
      ...templateFaults(at(definition, "body"), schema),
      ...templateFaults(at(definition, "query"), schema),
      ...rangeFaults("timeout", at(definition, "timeout"), 1, 600_000),
    ];
  },
};

/** Every template names a field of the input. */
function templateFaults(templates: unknown, schema: unknown): string[] {
  const text = JSON.stringify(templates) ?? "";
  return [...text.matchAll(/\{\{input\.([^}]*)\}\}/g)]
    .filter(([, key = ""]) => at(schema, "properties", key) === undefined)
    .map(([template]) => `${template} names no input`);
}

/** Fields that a template may not write as the API wants them. */
function listUntyped(schema: JsonSchema): string[] {
  const { properties, required } = schema;
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(isRecord(properties) ? properties : {})
    .filter(
      ([key, value]) => at(value, "type") !== "string" || !needed.includes(key),
    )
    .map(([key]) => `the type or absence of ${key}`);
}
