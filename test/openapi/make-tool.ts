import type { Catalog, JsonSchema, Tool } from "../../openapi/types.ts";

/** A tool whose arguments are the fields of a JSON body. */
export function makeTool(
  parameters: JsonSchema,
  more: Partial<Tool> = {},
): Tool {
  const keys = Object.keys((parameters["properties"] ?? {}) as object);
  return {
    name: "create_thing",
    description: "Creates a thing.",
    parameters: { type: "object", ...parameters },
    operation: { method: "POST", path: "/things", tags: [], deprecated: false },
    inputs: keys.map((key) => ({ key, in: "body", name: key })),
    request: {
      servers: [],
      parameters: [],
      body: { mediaType: "application/json", required: true, open: false },
      security: [],
      schemes: {},
    },
    effect: "write",
    idempotent: false,
    destructive: false,
    policy: { onInterrupt: "finish", confirm: false },
    ...more,
  };
}

export function makeCatalog(...tools: Tool[]): Catalog {
  return { title: "T", version: "1", servers: [], tools, diagnostics: [] };
}
