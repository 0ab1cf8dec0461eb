import type { OpenAPIV3_1 } from "openapi-types";
import type { RawOperation, Reading } from "../dialects/dialect.ts";
import { isRecord, quote } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import type { Located } from "../documents/refs.ts";
import type { Report } from "../types.ts";

// OpenAPI 3.2 adds "query"; webhooks are calls to the reader of the document, so they are not tools.
const METHODS: readonly (`${OpenAPIV3_1.HttpMethods}` | "query")[] = [
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

/** Lists a document's operations in document order. What is no operation is reported and passed over. */
export function listOperations({
  documents: { root },
  resolver,
  report,
}: Reading): RawOperation[] {
  if (root["paths"] === undefined) return [];
  if (!isRecord(root["paths"])) {
    report({
      rule: "invalid-paths",
      severity: "error",
      message: "paths is not an object",
      pointer: "#/paths",
    });
    return [];
  }
  return Object.entries(root["paths"]).flatMap(([path, entry]) => {
    const at = `#/paths/${escapePart(path)}`;
    if (path.startsWith("x-")) return [];
    if (!path.startsWith("/")) {
      report({
        rule: "invalid-path",
        severity: "error",
        message: `a path begins with "/" (it is added to the server's URL), received ${path}`,
        pointer: at,
      });
      return [];
    }
    const target = resolver.resolve(entry, at);
    if (target.at === at || !isRecord(entry))
      return readItem(path, target, [], report);
    // OpenAPI 3.1, section 4.8.9: fields beside a path item's $ref count too.
    const beside = { value: entry, at };
    return [
      ...readItem(path, target, [beside], report),
      ...readItem(path, beside, [], report),
    ];
  });
}

function readItem(
  path: string,
  { value: item, at }: Located,
  beside: Located<Record<string, unknown>>[],
  report: Report,
): RawOperation[] {
  if (!isRecord(item)) {
    report({
      rule: "invalid-path",
      severity: "error",
      message: "expected a path item, an object of operations",
      pointer: at,
    });
    return [];
  }
  const further = item["additionalOperations"]; // OpenAPI 3.2, section 4.9
  const found: [string, unknown, string][] = [
    ...Object.entries(item)
      .filter(([key]) => METHODS.some((method) => method === key.toLowerCase()))
      .map(([key, object]): [string, unknown, string] => [
        key.toUpperCase(),
        object,
        `${at}/${key}`,
      ]),
    ...Object.entries(isRecord(further) ? further : {}).map(
      ([key, object]): [string, unknown, string] => [
        key,
        object,
        `${at}/additionalOperations/${escapePart(key)}`,
      ],
    ),
  ];
  return found.flatMap(([method, object, here]) => {
    if (isRecord(object))
      return [
        {
          method,
          path,
          at: here,
          object,
          items: [{ value: item, at }, ...beside],
        },
      ];
    report({
      rule: "invalid-operation",
      severity: "error",
      message: `expected an operation, an object, received ${quote(object)}`,
      pointer: here,
      operation: `${method} ${path}`,
    });
    return [];
  });
}
