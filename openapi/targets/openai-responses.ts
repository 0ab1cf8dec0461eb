import { at, fieldFaults, oneOfFaults } from "./checks/check.ts";
import { functionFaults, toFunctionText } from "./openai.ts";
import type { Target } from "./target.ts";

// https://platform.openai.com/docs/api-reference/responses/create (read November 2026); fields from the openai SDK 6.49.0.
const FURTHER = ["type", "defer_loading", "output_schema", "allowed_callers"];

/**
 * OpenAI's Responses API, not strict. There `strict` is true unless it is said
 * to be false: https://platform.openai.com/docs/guides/migrate-to-responses
 */
export const openaiResponses: Target = {
  emit({ tool, name }) {
    const { description, findings } = toFunctionText(tool.description);
    const { parameters } = tool;
    return {
      definition: {
        type: "function",
        name,
        description,
        parameters,
        strict: false,
      },
      findings,
    };
  },

  check(definition) {
    return [
      ...oneOfFaults("type", at(definition, "type"), ["function"]),
      ...oneOfFaults("strict", at(definition, "strict"), [false]),
      ...fieldFaults("the tool", definition, [
        "name",
        "description",
        "parameters",
        "strict",
        ...FURTHER,
      ]),
      ...functionFaults(definition, FURTHER),
    ];
  },
};
