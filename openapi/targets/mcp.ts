import { isRecord } from "../json.ts";
import type { JsonSchema, Tool } from "../types.ts";
import {
  at,
  fieldFaults,
  nameFaults,
  oneOfFaults,
  parameterFaults,
  referenceFaults,
  textFaults,
} from "./checks/check.ts";
import { createResolve, follow } from "./schemas/scope.ts";
import type { Target } from "./target.ts";

// https://modelcontextprotocol.io/specification/2025-11-25/server/tools and @modelcontextprotocol/sdk 1.32.2 (read November 2026)
const HINTS = [
  "readOnlyHint",
  "destructiveHint",
  "idempotentHint",
  "openWorldHint",
];
// https://modelcontextprotocol.io/community/seps/986-specify-format-for-tool-names
const NAME = /^[A-Za-z0-9_./-]{1,64}$/;

/** Model Context Protocol. */
export const mcp: Target = {
  emit({ tool, name }) {
    const outputSchema = toOutput(tool);
    const definition = {
      name,
      description: tool.description,
      inputSchema: tool.parameters,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      annotations: {
        readOnlyHint: tool.effect === "read",
        destructiveHint: tool.destructive,
        idempotentHint: tool.idempotent,
        openWorldHint: true, // an API is a world of its own
      },
    };
    return { definition, findings: [] };
  },

  check(definition) {
    const output = at(definition, "outputSchema");
    const annotations = at(definition, "annotations");
    return [
      ...fieldFaults("the tool", definition, [
        "name",
        "title",
        "description",
        "inputSchema",
        "outputSchema",
        "annotations",
        "icons",
        "execution",
        "_meta",
      ]),
      ...nameFaults(at(definition, "name"), NAME),
      ...textFaults("description", at(definition, "description"), 0, Infinity),
      ...parameterFaults("inputSchema", at(definition, "inputSchema")),
      ...(output === undefined ? [] : outputFaults(output)),
      ...fieldFaults("annotations", annotations ?? {}, ["title", ...HINTS]),
      ...HINTS.flatMap((hint) =>
        oneOfFaults(hint, at(annotations, hint), [undefined, true, false]),
      ),
    ];
  },
};

function outputFaults(schema: unknown): string[] {
  if (!isRecord(schema)) return ["outputSchema is no schema"];
  return [
    ...(schema["type"] === "object"
      ? []
      : ["the root of outputSchema is no object"]),
    ...referenceFaults("outputSchema", schema),
  ];
}

/** The answer's schema where it is an object's, which is the only kind that structured content may have. */
function toOutput({ output }: Tool): JsonSchema | undefined {
  if (output === undefined) return undefined;
  const resolve = createResolve(output);
  const root = follow(output, resolve);
  if (!isRecord(root)) return undefined;
  if (root["type"] === "object") {
    const { $ref: _, ...own } = output;
    return { ...root, ...own, type: "object" };
  }
  const parts: unknown[] = Array.isArray(root["allOf"]) ? root["allOf"] : [];
  const isObject = parts.some(
    (part) => at(follow(part, resolve), "type") === "object",
  );
  if (root["type"] !== undefined || !isObject) return undefined;
  const { $ref: _, ...own } = output;
  return { type: "object", ...root, ...own };
}
