import type { Diagnostic, Tool } from "../types.ts";

export interface EmitOptions {
  /** Base URL of the API itself. */
  server?: string;
  /** Base URL of a gateway that takes bare arguments at `/tools/<name>`. */
  gateway?: string;
  /** Static headers that the platform sends with each call. */
  headers?: Record<string, string>;
}

export type Finding = Pick<Diagnostic, "rule" | "severity" | "message">;

/** One tool to be written. */
export interface Order {
  tool: Tool;
  /** The tool's name on this platform. */
  name: string;
  options: EmitOptions;
  /** What was written before it: some limits are for all tools of a request. */
  earlier: readonly object[];
}

/** A definition, and what a reader should know of how it came about. */
interface Draft {
  definition: object;
  findings: Finding[];
}

/** Names that a platform takes, where its rule is narrower than the catalog's. */
export interface NameRule {
  maxLength?: number;
  /** The first character is a letter. */
  startsWithLetter?: boolean;
  /** Words that are no names, in lower case. */
  reserved?: ReadonlySet<string>;
}

/** One platform: how it writes a tool, and what its documentation demands of one. */
export interface Target {
  names?: NameRule;
  /** The platform's definition, or why this tool cannot be said there. */
  emit: (order: Order) => Draft | Finding;
  /** Rules of the platform that this definition breaks; it knows nothing of how it was written. */
  check: (definition: object) => string[];
}
