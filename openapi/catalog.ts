import { toLimits } from "./budget/limits.ts";
import type { BudgetOptions } from "./budget/limits.ts";
import { openapi3 } from "./dialects/openapi-3.ts";
import { swagger2 } from "./dialects/swagger-2.ts";
import type { Dialect, RawOperation, Reading } from "./dialects/dialect.ts";
import { isRecord } from "./json.ts";
import { loadDocuments } from "./documents/load.ts";
import type { Documents } from "./documents/load.ts";
import { locate, toOperation } from "./documents/locate.ts";
import { separate, toIdentifier } from "./names.ts";
import { listOperations } from "./operations/operations.ts";
import { createResolver } from "./documents/refs.ts";
import { createSchemaConverter } from "./schemas/schema.ts";
import type { Direction } from "./schemas/schema.ts";
import { createAnswerCheck } from "./operations/answers.ts";
import { selectOperations } from "./operations/select.ts";
import type { Selection } from "./operations/select.ts";
import { createSubtypes } from "./schemas/subtypes.ts";
import { toTool, wantedName } from "./operations/tool.ts";
import type { Context } from "./operations/context.ts";
import type { Catalog, Diagnostic, Report, Tool } from "./types.ts";

export interface CompileOptions extends Selection, BudgetOptions {
  /** Base URL that replaces the document's servers. */
  server?: string;
  /** Whether header parameters that are no credentials become arguments (default "show"). */
  headers?: "show" | "hide";
  /** Read the source and what it refers to from the network, where they are http(s) URLs (default false). */
  remote?: boolean;
  /** Called now and then, and with the event loop free in between. */
  onProgress?: (done: number, total: number) => void;
}

/** A catalog, and what only the document's files can say. */
export interface Compilation {
  catalog: Catalog;
  /** The findings with file and line, as `emit` for one cannot give them. */
  locate: (findings: Diagnostic[]) => Diagnostic[];
  /** The root document as it was read; nobody writes into it. */
  document: object;
}

const OPERATIONS_A_BREATH = 50;

/**
 * Compiles an OpenAPI document (Swagger 2.0, OpenAPI 3.0, 3.1, 3.2) into tools,
 * one per operation.
 *
 * One bad operation never throws: it becomes a diagnostic with rule, JSON
 * pointer, file and line.
 * @param source  file path or URL, parsed document, or (with `remote`) an http(s) URL
 * @throws DocumentError when there is no document at all
 */
export async function compile(
  source: string | URL | object,
  options: CompileOptions = {},
): Promise<Catalog> {
  return (await compileDocument(source, options)).catalog;
}

/** As `compile`, for whoever has more to say of the document. */
export async function compileDocument(
  source: string | URL | object,
  options: CompileOptions = {},
): Promise<Compilation> {
  const documents = await loadDocuments(source, {
    remote: options.remote ?? false,
  });
  const findings: Diagnostic[] = listFaults(documents);
  const diagnostics: Diagnostic[] = [];
  let isDone = false;
  const report = (finding: Diagnostic) =>
    isDone
      ? diagnostics.push(...locate(documents, [finding])) // of an answer that someone asked for
      : findings.push(finding);
  const resolver = createResolver(documents, report);
  const reading: Reading = {
    documents,
    resolver,
    report,
    parameters: new WeakMap(),
    servers: new WeakMap(),
  };
  const { root } = documents;
  const info = isRecord(root["info"]) ? root["info"] : {};
  const dialect = chooseDialect(reading);
  const operations = dialect
    ? selectOperations(listOperations(reading), options, report)
    : [];
  const tools = dialect
    ? await toTools(
        operations,
        createContext(reading, dialect, options),
        options,
      )
    : [];
  const servers = dialect?.readServers(undefined, reading) ?? [];
  const catalog = {
    title: text(info["title"]),
    version: text(info["version"]),
    servers: options.server === undefined ? servers : [options.server],
    tools: await fit(tools, options, report),
    diagnostics,
  };
  diagnostics.push(...locate(documents, findings));
  isDone = true;
  const places = new Map(
    operations.map(({ method, path, at }) => [`${method} ${path}`, at]),
  );
  return {
    catalog,
    document: root,
    locate: (more) =>
      locate(
        documents,
        more.map((finding) => toOperation(finding, places)),
      ),
  };
}

/** The tools within their budget, if there is one. */
async function fit(
  tools: Tool[],
  options: BudgetOptions,
  report: Report,
): Promise<Tool[]> {
  const limits = toLimits(options);
  // A voice agent reads answers, not their schemas, and those are the largest part of all.
  if (options.profile === "voice") for (const tool of tools) delete tool.output;
  if (limits.perTool === undefined && limits.total === undefined) return tools;
  const { fitTools } = await import("./budget/budget.ts");
  return fitTools(tools, limits, report);
}

function listFaults({ files }: Documents): Diagnostic[] {
  return [...files].flatMap(([id, file]) =>
    file.isReadable
      ? file.faults.map(({ message, pointer, line }) => ({
          rule: "duplicate-key",
          severity: "warning" as const,
          message,
          pointer: `${id}#${pointer}`,
          line,
        }))
      : [],
  );
}

function chooseDialect({
  documents: { root },
  report,
}: Reading): Dialect | undefined {
  // YAML reads an unquoted 3.0 as the number 3.
  if (/^3(\.[0-2](\.|$)|$)/.test(String(root["openapi"]))) return openapi3;
  if (/^2(\.|$)/.test(String(root["swagger"]))) return swagger2;
  report({
    rule: "unsupported-version",
    severity: "error",
    message: `expected swagger: 2.0 or openapi: 3.0, 3.1 or 3.2, received ${String(root["openapi"] ?? root["swagger"])}`,
    pointer: "#",
  });
  return undefined;
}

async function toTools(
  operations: RawOperation[],
  context: Context,
  options: CompileOptions,
): Promise<Tool[]> {
  const names = separate(
    operations.map((operation) => ({
      name: toIdentifier(wantedName(operation)),
      identity: `${operation.method} ${operation.path}`,
    })),
  );
  const tools: Tool[] = [];
  for (const [index, operation] of operations.entries()) {
    if (options.onProgress && index % OPERATIONS_A_BREATH === 0) {
      options.onProgress(index, operations.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const tool = tryTool(names[index] as string, operation, context);
    if (tool) tools.push(tool);
  }
  return tools;
}

function createContext(
  reading: Reading,
  dialect: Dialect,
  { headers, server }: CompileOptions,
): Context {
  const { documents, resolver, report } = reading;
  const subtypes = createSubtypes(documents, resolver);
  const isDraft4 =
    dialect === swagger2 || /^3(\.0|$)/.test(String(documents.root["openapi"]));
  const converter = (direction: Direction) =>
    createSchemaConverter(resolver, subtypes, report, { direction, isDraft4 });
  return {
    ...reading,
    dialect,
    subtypes,
    requests: converter("request"),
    responses: converter("response"),
    schemes: dialect.readSchemes(reading),
    checkAnswer: createAnswerCheck(resolver),
    arguments: new WeakMap(),
    showHeaders: headers !== "hide",
    ...(server === undefined ? {} : { server }),
  };
}

/** Whatever is wrong with one operation costs none but that one. */
function tryTool(
  name: string,
  operation: RawOperation,
  context: Context,
): Tool | undefined {
  try {
    return toTool(name, operation, context);
  } catch (error) {
    context.report({
      rule: "operation-failed",
      severity: "error",
      message: error instanceof Error ? error.message : String(error),
      pointer: operation.at,
      operation: `${operation.method} ${operation.path}`,
    });
    return undefined;
  }
}

/** YAML reads an unquoted version as a number. */
function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : "";
}
