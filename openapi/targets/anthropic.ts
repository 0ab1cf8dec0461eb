import type { JsonSchema, Tool } from "../types.ts";
import {
  at,
  fieldFaults,
  nameFaults,
  parameterFaults,
  textFaults,
} from "./checks/check.ts";
import type { Target } from "./target.ts";

// https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools (read November 2026)
const FIELDS = [
  "name",
  "description",
  "input_schema",
  "type",
  "strict",
  "input_examples",
  "cache_control",
  "defer_loading",
  "allowed_callers",
  "eager_input_streaming",
];

/** Claude's Messages API. */
export const anthropic: Target = {
  emit({ tool, name }) {
    return {
      definition: toDefinition(tool, name, tool.parameters),
      findings: [],
    };
  },
  check: checkDefinition,
};

export function toDefinition(
  tool: Tool,
  name: string,
  schema: JsonSchema,
): object {
  return { name, description: tool.description, input_schema: schema };
}

export function checkDefinition(definition: object): string[] {
  const schema = at(definition, "input_schema");
  const properties = at(schema, "properties");
  // One bad tool refuses the whole request.
  const keyFaults = Object.keys(Object(properties) as object)
    .filter((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key))
    .map((key) => `property ${key} is not ^[a-zA-Z0-9_.-]{1,64}$`);
  return [
    ...fieldFaults("the tool", definition, FIELDS),
    ...nameFaults(at(definition, "name"), /^[a-zA-Z0-9_-]{1,64}$/),
    ...textFaults("description", at(definition, "description"), 0, Infinity),
    ...parameterFaults("input_schema", schema),
    ...keyFaults,
  ];
}
