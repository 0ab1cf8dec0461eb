import { readSchemes, readServers } from "./access.ts";
import { loadDocument } from "./load.ts";
import { separate, toIdentifier } from "./names.ts";
import { listOperations } from "./operations.ts";
import { isRecord } from "./json.ts";
import { createResolver } from "./refs.ts";
import { selectOperations } from "./select.ts";
import { toTool, wantedName } from "./tool.ts";
import type { Catalog, Diagnostic, Report } from "./types.ts";

export interface CompileOptions {
  /** operationId, tag, or `METHOD /path` with `*` for any text; only these become tools. */
  include?: string[];
  /** Same patterns; wins over `include`. */
  exclude?: string[];
  /** Base URL that replaces the document's servers. */
  server?: string;
  /** Whether header parameters that are no credentials become arguments (default "show"). */
  headers?: "show" | "hide";
  /** Read `source` from the network when it is an http(s) URL (default false). */
  remote?: boolean;
}

/**
 * Compiles an OpenAPI 3.x document into tools, one per operation.
 *
 * One bad operation never throws: it becomes a diagnostic with rule, JSON
 * pointer, file and line.
 * @param source  file path, parsed document, or (with `remote`) an http(s) URL
 * @throws DocumentError when there is no document at all
 */
export async function compile(
  source: string | object,
  options: CompileOptions = {},
): Promise<Catalog> {
  const document = await loadDocument(source, {
    remote: options.remote ?? false,
  });
  const diagnostics: Diagnostic[] = [];
  const report: Report = (finding) => {
    const line = document.lineOf(finding.pointer);
    diagnostics.push({
      ...finding,
      ...(document.file === undefined ? {} : { file: document.file }),
      ...(line === undefined ? {} : { line }),
    });
  };
  const { root } = document;
  const info = isRecord(root["info"]) ? root["info"] : {};
  const servers =
    options.server === undefined
      ? readServers(root["servers"])
      : [options.server];
  const catalog = {
    title: text(info["title"]),
    version: text(info["version"]),
    servers,
  };

  // YAML reads an unquoted 3.0 as the number 3.
  if (!/^3(\.[0-2](\.|$)|$)/.test(String(root["openapi"]))) {
    report({
      rule: "unsupported-version",
      severity: "error",
      message: `expected openapi: 3.0, 3.1 or 3.2, received ${String(root["openapi"] ?? root["swagger"])}`,
      pointer: "",
    });
    return { ...catalog, tools: [], diagnostics };
  }
  const resolver = createResolver(document, report);
  const operations = selectOperations(
    listOperations(document, resolver, report),
    options,
  );
  const names = separate(
    operations.map((operation) => ({
      name: toIdentifier(wantedName(operation)),
      identity: `${operation.method} ${operation.path}`,
    })),
  );
  const context = {
    resolver,
    report,
    schemes: readSchemes(root, resolver, report),
    showHeaders: options.headers !== "hide",
    ...(options.server === undefined ? {} : { server: options.server }),
  };
  const tools = operations.flatMap((operation, index) => {
    try {
      return [toTool(names[index] as string, operation, context)];
    } catch (error) {
      report({
        rule: "operation-failed",
        severity: "error",
        message: error instanceof Error ? error.message : String(error),
        pointer: operation.pointer,
        operation: `${operation.method} ${operation.path}`,
      });
      return [];
    }
  });
  return { ...catalog, tools, diagnostics };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
