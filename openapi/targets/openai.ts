import {
  at,
  fieldFaults,
  nameFaults,
  oneOfFaults,
  parameterFaults,
  textFaults,
} from "./checks/check.ts";
import { toDescription } from "./findings.ts";
import type { Target } from "./target.ts";

// https://platform.openai.com/docs/guides/function-calling (read November 2026); the API refuses longer descriptions.
const MAX_DESCRIPTION = 1024;

/** OpenAI's Chat Completions API, not strict. */
export const openai: Target = {
  emit({ tool, name }) {
    const { description, findings } = toFunctionText(tool.description);
    return {
      definition: {
        type: "function",
        function: { name, description, parameters: tool.parameters },
      },
      findings,
    };
  },

  check(definition) {
    return [
      ...fieldFaults("the tool", definition, ["type", "function"]),
      ...oneOfFaults("type", at(definition, "type"), ["function"]),
      ...functionFaults(at(definition, "function"), []),
    ];
  },
};

export function toFunctionText(text: string) {
  return toDescription(text, MAX_DESCRIPTION);
}

/** Rules for a function, which its two APIs hold in different places. */
export function functionFaults(
  called: unknown,
  further: readonly string[],
): string[] {
  const known = ["name", "description", "parameters", "strict", ...further];
  return [
    ...fieldFaults("the function", called, known),
    ...nameFaults(at(called, "name"), /^[a-zA-Z0-9_-]{1,64}$/),
    ...textFaults("description", at(called, "description"), 0, MAX_DESCRIPTION),
    ...parameterFaults("parameters", at(called, "parameters")),
    ...oneOfFaults("strict", at(called, "strict"), [
      undefined,
      null,
      true,
      false,
    ]),
  ];
}
