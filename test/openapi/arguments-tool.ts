import type { JsonSchema, Tool } from "../../openapi/types.ts";

/** A tool of the given arguments; closed, unless the schema says otherwise. */
export function createTool(
  parameters: JsonSchema,
  more: {
    destructive?: boolean;
    request?: object;
    inputs?: Tool["inputs"];
  } = {},
): Tool {
  const { request, ...rest } = more;
  return {
    name: "order",
    description: "Orders.",
    parameters: { type: "object", additionalProperties: false, ...parameters },
    operation: { method: "POST", path: "/orders", tags: [], deprecated: false },
    inputs: [],
    request: {
      servers: [],
      parameters: [],
      security: [],
      schemes: {},
      ...request,
    },
    effect: "write",
    idempotent: false,
    destructive: false,
    policy: { onInterrupt: "finish", confirm: false },
    ...rest,
  };
}
