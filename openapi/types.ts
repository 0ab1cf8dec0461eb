/** A JSON Schema 2020-12 object, or in source documents the dialect of OpenAPI. */
export type JsonSchema = { [keyword: string]: unknown };

/** Where an argument goes in the HTTP request; `name` is the document's own spelling, null for a body that is not an object. */
export interface ToolInput {
  key: string;
  in: "path" | "query" | "header" | "cookie" | "body";
  name: string | null;
}

/** How one parameter is written on the wire (OpenAPI 3.1, section 4.8.12.2). */
export interface ParameterPlan {
  key: string;
  in: "path" | "query" | "header" | "cookie";
  name: string;
  style: string;
  explode: boolean;
}

/** One way of proving who calls: every scheme named in it is needed. */
export type SecurityRequirement = string[];

export type SecurityScheme =
  | { type: "apiKey"; in: "header" | "query" | "cookie"; name: string }
  | { type: "bearer" }
  | { type: "basic" };

/** All that `toHttpRequest` needs beside the arguments. Plain JSON. */
export interface RequestPlan {
  servers: string[];
  parameters: ParameterPlan[];
  /** `open`: arguments that no input names are fields of the body too. */
  body?: { mediaType: string; required: boolean; open: boolean };
  security: SecurityRequirement[];
  schemes: Record<string, SecurityScheme>;
}

/** What a voice agent may do around a call of the tool; from `x-tool`. */
export interface ToolPolicy {
  timeoutMs?: number;
  filler?: string[];
  onInterrupt: "cancel" | "finish";
  confirm: boolean;
  maxCalls?: number;
}

/** One operation as a tool: the neutral form that every target is made from. Plain JSON. */
export interface Tool {
  /** `^[a-zA-Z_][a-zA-Z0-9_]{0,63}$`, unique in its catalog whatever the case. */
  name: string;
  description: string;
  /** JSON Schema 2020-12; root type "object", no root combinator, every `$ref` resolves inside (`$defs`). */
  parameters: JsonSchema;
  operation: {
    id?: string;
    /** In capitals. */
    method: string;
    /** As in the document. */
    path: string;
    tags: string[];
    deprecated: boolean;
  };
  inputs: ToolInput[];
  request: RequestPlan;
  output?: JsonSchema;
  effect: "read" | "write";
  idempotent: boolean;
  destructive: boolean;
  policy: ToolPolicy;
}

/** Something a reader of the document should know; `pointer` is a JSON pointer (RFC 6901) into it. */
export interface Diagnostic {
  rule: string;
  severity: "error" | "warning" | "info";
  message: string;
  pointer: string;
  file?: string;
  line?: number;
  operation?: string;
}

/** All tools of one document. Plain JSON: can be stored and read back. */
export interface Catalog {
  title: string;
  version: string;
  servers: string[];
  tools: Tool[];
  diagnostics: Diagnostic[];
}

/** A change that `checkArguments` made to what the model sent. */
export interface Repair {
  path: string;
  from: unknown;
  to: unknown;
  rule: string;
}

/** What a tool call came to; never an exception for what a server or model did. */
export type ToolResult =
  | {
      ok: true;
      status: number;
      data: unknown;
      speech?: string;
      repairs: Repair[];
    }
  | { ok: false; code: string; message: string; status?: number };

/** Takes a finding; where in the files it is, the loader adds. */
export type Report = (finding: Omit<Diagnostic, "file" | "line">) => void;
