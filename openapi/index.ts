export { checkArguments } from "./arguments.ts";
export type { CheckedArguments, Problem } from "./arguments.ts";
export { createCaller } from "./caller.ts";
export type { CallerOptions, CallTool, ToolCall } from "./caller.ts";
export { compile } from "./catalog.ts";
export type { CompileOptions } from "./catalog.ts";
export { DocumentError, RequestError } from "./errors.ts";
export { lint } from "./lint.ts";
export { canonicalJson } from "./json.ts";
export { toHttpRequest } from "./request.ts";
export type { HttpRequest, RequestOptions } from "./request.ts";
export { emit, targetNames } from "./targets/index.ts";
export type { Emitted, TargetName } from "./targets/index.ts";
export type { EmitOptions } from "./targets/target.ts";
export type {
  Catalog,
  Diagnostic,
  JsonSchema,
  ParameterPlan,
  Repair,
  RequestPlan,
  SecurityRequirement,
  SecurityScheme,
  Tool,
  ToolInput,
  ToolPolicy,
  ToolResult,
} from "./types.ts";

/** The kit's own document: search, book, cancel and the joke. */
export const appointmentsDocument = new URL(
  "./appointments.yaml",
  import.meta.url,
);
