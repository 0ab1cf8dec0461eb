import { readSecurity, readServers } from "./access.ts";
import { readBody } from "./body.ts";
import { assignKeys } from "./inputs.ts";
import type { Operation, ParameterObject } from "./operations.ts";
import { isShown, toPlan } from "./parameters.ts";
import { isRecord } from "./json.ts";
import type { Located, Resolver } from "./refs.ts";
import { createSchemaConverter } from "./schema.ts";
import type {
  JsonSchema,
  Report,
  Tool,
  ToolInput,
  ToolPolicy,
} from "./types.ts";

/** What all operations of one document share while they become tools. */
export interface Context {
  resolver: Resolver;
  report: Report;
  schemes: Tool["request"]["schemes"];
  showHeaders: boolean;
  server?: string;
}

/** `x-tool.name`, else operationId, else `method_path`. */
export function wantedName({ tool, object, method, path }: Operation): string {
  const byPath = `${method.toLowerCase()}_${path.replaceAll(/[{}]/g, "").replace(/^\//, "")}`;
  return text(tool["name"]) || text(object.operationId) || byPath;
}

/** One operation as a tool: its arguments, where each goes, and how it may be called. */
export function toTool(
  name: string,
  operation: Operation,
  context: Context,
): Tool {
  const { object, tool, method, path } = operation;
  const { resolver, report } = context;
  const shown = operation.parameters.filter(({ value }) =>
    isShown(value, context),
  );
  const body = readBody(operation, resolver, report);
  const inputs = assignKeys([
    ...shown.map(({ value }) => ({ in: value.in, name: value.name })),
    ...body.fields.map((field) => ({ in: "body" as const, name: field.name })),
  ]);
  const isRead = ["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"].includes(method);
  const effect =
    oneOf(tool["effect"], ["read", "write"]) ?? (isRead ? "read" : "write");
  const output = toOutput(operation, context);
  return {
    name,
    description:
      text(tool["description"]) ||
      joined(object.summary, object.description) ||
      `${method} ${path}`,
    parameters: toParameters(shown, body, inputs, context),
    operation: {
      ...(object.operationId === undefined ? {} : { id: object.operationId }),
      method,
      path,
      tags: Array.isArray(object.tags) ? object.tags.map(String) : [],
      deprecated: object.deprecated === true,
    },
    inputs,
    request: {
      servers:
        context.server === undefined
          ? readServers(operation.servers)
          : [context.server],
      parameters: shown.map(({ value }, index) =>
        toPlan(value, (inputs[index] as ToolInput).key),
      ),
      ...(body.mediaType === undefined
        ? {}
        : {
            body: {
              mediaType: body.mediaType,
              required: body.required,
              open: body.rest !== undefined && body.rest.value !== false,
            },
          }),
      security: readSecurity(operation.security),
      schemes: context.schemes,
    },
    ...(output === undefined ? {} : { output }),
    effect,
    // RFC 9110, section 9.2: safe and idempotent methods.
    idempotent: flag(
      tool["idempotent"],
      isRead || method === "PUT" || method === "DELETE",
    ),
    destructive: flag(tool["destructive"], method === "DELETE"),
    policy: toPolicy(operation, effect, report),
  };
}

function toParameters(
  shown: Located<ParameterObject>[],
  body: ReturnType<typeof readBody>,
  inputs: ToolInput[],
  { resolver, report }: Context,
): JsonSchema {
  const converter = createSchemaConverter(resolver, "request", report);
  const arguments_ = [
    ...shown.map(({ value, pointer }) => ({
      schema: describe(
        converter.convert(value.schema ?? {}, `${pointer}/schema`),
        value.description,
      ),
      required: value.required === true || value.in === "path",
    })),
    ...body.fields.map((field) => ({
      schema: converter.convert(field.schema, field.pointer),
      required: field.required,
    })),
  ];
  const keyed = arguments_.map((argument, index) => ({
    ...argument,
    key: (inputs[index] as ToolInput).key,
  }));
  const required = keyed
    .filter((argument) => argument.required)
    .map(({ key }) => key);
  const { rest } = body;
  const further = isRecord(rest?.value)
    ? converter.convert(rest.value, rest.pointer)
    : rest?.value;
  const defs = converter.defs();
  return {
    type: "object",
    properties: Object.fromEntries(
      keyed.map(({ key, schema }) => [key, schema]),
    ),
    ...(required.length > 0 ? { required } : {}),
    ...(further === undefined ? {} : { additionalProperties: further }),
    ...(Object.keys(defs).length > 0 ? { $defs: defs } : {}),
  };
}

function toPolicy(
  { tool, pointer }: Operation,
  effect: Tool["effect"],
  report: Report,
): ToolPolicy {
  function count(
    word: "timeoutMs" | "maxCalls",
    most: number,
  ): number | undefined {
    const value = tool[word];
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most)
      return Number(value);
    report({
      rule: "invalid-x-tool",
      severity: "warning",
      message: `${word}: expected a whole number from 1 to ${most}, received ${JSON.stringify(value)}`,
      pointer: `${pointer}/x-tool/${word}`,
    });
    return undefined;
  }
  const timeoutMs = count("timeoutMs", 600_000);
  const maxCalls = count("maxCalls", 1000);
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(Array.isArray(tool["filler"])
      ? { filler: tool["filler"].map(String) }
      : {}),
    onInterrupt:
      oneOf(tool["onInterrupt"], ["cancel", "finish"]) ??
      (effect === "read" ? "cancel" : "finish"),
    confirm: tool["confirm"] === true,
    ...(maxCalls === undefined ? {} : { maxCalls }),
  };
}

function toOutput(
  operation: Operation,
  { resolver, report }: Context,
): JsonSchema | undefined {
  const responses: Record<string, unknown> = operation.object.responses ?? {};
  const status = Object.keys(responses).find((code) => code.startsWith("2"));
  if (status === undefined) return undefined;
  const response = resolver.resolve(
    responses[status],
    `${operation.pointer}/responses/${status}`,
  );
  const content = isRecord(response.value)
    ? response.value["content"]
    : undefined;
  const media = isRecord(content) ? content["application/json"] : undefined;
  if (!isRecord(media) || media["schema"] === undefined) return undefined;
  const converter = createSchemaConverter(resolver, "response", report);
  const at = `${response.pointer}/content/application~1json/schema`;
  const schema = converter.convert(media["schema"], at);
  const defs = converter.defs();
  return Object.keys(defs).length > 0 ? { ...schema, $defs: defs } : schema;
}

function describe(schema: JsonSchema, description: unknown): JsonSchema {
  return typeof description !== "string" ? schema : { ...schema, description };
}

function joined(...parts: unknown[]): string {
  return parts
    .map((part) => text(part).trim())
    .filter((part) => part !== "")
    .join("\n\n");
}

function oneOf<T extends string>(
  value: unknown,
  words: readonly T[],
): T | undefined {
  return words.find((word) => word === value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === "boolean" ? value : otherwise;
}
