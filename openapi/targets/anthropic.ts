import type { JsonSchema } from "../types.ts";
import type { Target } from "./target.ts";

interface Definition {
  name: string;
  description: string;
  input_schema: JsonSchema;
}

/** Claude's Messages API: https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools (read November 2026). */
export const anthropic: Target = {
  emit(tool) {
    const definition: Definition = {
      name: tool.name,
      description: tool.description,
      input_schema: tool.parameters,
    };
    return { definition };
  },

  check(definition) {
    const { name, input_schema: schema } = definition as Definition;
    const faults: string[] = [];
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      faults.push(`name ${name} is not ^[a-zA-Z0-9_-]{1,64}$`);
    if (schema["type"] !== "object")
      faults.push("the root of input_schema is no object");
    for (const word of ["oneOf", "anyOf", "allOf"]) {
      if (schema[word] !== undefined)
        faults.push(`${word} at the root of input_schema`);
    }
    for (const key of Object.keys((schema["properties"] ?? {}) as object)) {
      if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(key))
        faults.push(`property ${key} is not ^[a-zA-Z0-9_.-]{1,64}$`);
    }
    return faults;
  },
};
