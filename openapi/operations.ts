import type { OpenAPIV3_1 } from "openapi-types";
import type { LoadedDocument } from "./load.ts";
import { escapePart } from "./load.ts";
import { isRecord } from "./json.ts";
import type { Located, Resolver } from "./refs.ts";
import type { Report } from "./types.ts";

// OpenAPI 3.2 adds "query"; webhooks are calls to the reader of the document, so they are not tools.
const METHODS = [
  "get",
  "put",
  "post",
  "delete",
  "options",
  "head",
  "patch",
  "trace",
  "query",
];

export type ParameterObject = Partial<OpenAPIV3_1.ParameterObject> & {
  name: string;
  in: "path" | "query" | "header" | "cookie";
};

/** One operation with all that it inherits from its path and its document. */
export interface Operation {
  method: string;
  path: string;
  pointer: string;
  object: Partial<OpenAPIV3_1.OperationObject>;
  parameters: Located<ParameterObject>[];
  /** The operation's, else the path's, else the document's. */
  servers: unknown;
  security: unknown;
  /** The vendor extension of design.md section 4. */
  tool: Record<string, unknown>;
}

/** Lists a document's operations in document order. What is no operation is reported and passed over. */
export function listOperations(
  { root }: LoadedDocument,
  resolver: Resolver,
  report: Report,
): Operation[] {
  if (root["paths"] === undefined) return [];
  if (!isRecord(root["paths"])) {
    report({
      rule: "invalid-paths",
      severity: "error",
      message: "paths is not an object",
      pointer: "/paths",
    });
    return [];
  }
  const operations: Operation[] = [];
  for (const [path, rawItem] of Object.entries(root["paths"])) {
    if (!path.startsWith("/")) {
      if (path.startsWith("x-")) continue;
      report({
        rule: "invalid-path",
        severity: "error",
        message: `a path begins with "/" (it is added to the server's URL), received ${path}`,
        pointer: `/paths/${escapePart(path)}`,
      });
      continue;
    }
    const item = resolver.resolve(rawItem, `/paths/${escapePart(path)}`);
    if (!isRecord(item.value)) continue;
    for (const [key, object] of Object.entries(item.value)) {
      if (!METHODS.includes(key) || !isRecord(object)) continue;
      const pointer = `${item.pointer}/${key}`;
      operations.push({
        method: key.toUpperCase(),
        path,
        pointer,
        object,
        parameters: mergeParameters(
          listParameters(
            item.value["parameters"],
            `${item.pointer}/parameters`,
            resolver,
            report,
          ),
          listParameters(
            object["parameters"],
            `${pointer}/parameters`,
            resolver,
            report,
          ),
        ),
        servers: object["servers"] ?? item.value["servers"] ?? root["servers"],
        security: object["security"] ?? root["security"],
        tool: isRecord(object["x-tool"]) ? object["x-tool"] : {},
      });
    }
  }
  return operations;
}

function listParameters(
  list: unknown,
  pointer: string,
  resolver: Resolver,
  report: Report,
): Located<ParameterObject>[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry, index) => {
    const { value, pointer: at } = resolver.resolve(
      entry,
      `${pointer}/${index}`,
    );
    if (isParameter(value)) return [{ value, pointer: at }];
    report({
      rule: "invalid-parameter",
      severity: "error",
      message:
        "a parameter needs a name, and in: path, query, header or cookie",
      pointer: at,
    });
    return [];
  });
}

/** The operation's own parameter replaces its path's of the same name and place (OpenAPI 3.1, section 4.8.10). */
function mergeParameters(
  inherited: Located<ParameterObject>[],
  own: Located<ParameterObject>[],
): Located<ParameterObject>[] {
  const byPlace = new Map<string, Located<ParameterObject>>();
  for (const parameter of [...inherited, ...own]) {
    byPlace.set(`${parameter.value.in} ${parameter.value.name}`, parameter);
  }
  return [...byPlace.values()];
}

function isParameter(value: unknown): value is ParameterObject {
  return (
    isRecord(value) &&
    typeof value["name"] === "string" &&
    ["path", "query", "header", "cookie"].includes(String(value["in"]))
  );
}
