export { checkArguments } from "./arguments/arguments.ts";
export type { CheckedArguments, Problem } from "./arguments/arguments.ts";
export { createCaller } from "./calls/caller.ts";
export type { CallerOptions, CallTool, ToolCall } from "./calls/caller.ts";
export { compile, compileDocument } from "./catalog.ts";
export type { Compilation, CompileOptions } from "./catalog.ts";
export { diffCatalogs } from "./diff/diff.ts";
export type { Change, Differences } from "./diff/diff.ts";
export { DocumentError, RequestError } from "./errors.ts";
export { lint } from "./lint/lint.ts";
export { canonicalJson } from "./json.ts";
export { toHttpRequest } from "./requests/request.ts";
export type { HttpRequest, RequestOptions } from "./requests/request.ts";
export { emit, targetNames } from "./targets/index.ts";
export type { Emitted, TargetName } from "./targets/index.ts";
export type { EmitOptions } from "./targets/target.ts";
export type {
  BodyPlan,
  Catalog,
  Diagnostic,
  FieldEncoding,
  JsonSchema,
  ParameterPlan,
  Repair,
  RequestPlan,
  SecurityRequirement,
  SecurityScheme,
  Style,
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
