import type { Diagnostic, Tool } from "../types.ts";

export interface EmitOptions {
  /** Base URL of the API itself. */
  server?: string;
  /** Base URL of a gateway that takes bare arguments at `/tools/<name>`. */
  gateway?: string;
  /** Static headers that the platform sends with each call. */
  headers?: Record<string, string>;
}

export type Finding = Pick<Diagnostic, "rule" | "message">;

/** One platform: how it writes a tool, and what its documentation demands of one. */
export interface Target {
  /** The platform's definition, or why this tool cannot be said there. */
  emit: (tool: Tool, options: EmitOptions) => { definition: object } | Finding;
  /** Rules of the platform that this definition breaks. */
  check: (definition: object) => string[];
}
