/** A JSON Schema 2020-12 object, or in source documents the dialect of OpenAPI. */
export type JsonSchema = { [keyword: string]: unknown };

/** Where an argument goes in the HTTP request; `name` is the document's own spelling, null for a body that is not an object. */
export interface ToolInput {
  key: string;
  in: "path" | "query" | "header" | "cookie" | "body";
  name: string | null;
}

/** OpenAPI 3.2, section 4.12.2.2; `tabDelimited` is Swagger 2's `tsv`, `querystring` a parameter that is the whole query. */
export type Style =
  | "simple"
  | "label"
  | "matrix"
  | "form"
  | "spaceDelimited"
  | "pipeDelimited"
  | "tabDelimited"
  | "deepObject"
  | "cookie"
  | "querystring";

/** How one parameter is written on the wire. */
export interface ParameterPlan {
  key: string;
  in: "path" | "query" | "header" | "cookie";
  name: string;
  style: Style;
  explode: boolean;
  /** Characters that RFC 3986 reserves are sent as they are where they do no harm. */
  allowReserved?: true;
  /** The value is written as text of this type (`content` instead of `schema`). */
  mediaType?: string;
}

/** How one field of a form or multipart body is written (OpenAPI 3.1, section 4.8.15). */
export interface FieldEncoding {
  style?: Style;
  explode?: boolean;
  allowReserved?: true;
  contentType?: string;
}

/** How the body is written. */
export interface BodyPlan {
  mediaType: string;
  required: boolean;
  /** Arguments that no input names are fields of the body too. */
  open: boolean;
  /** Of an optional body: arguments that are needed as soon as one of its fields is given. */
  needs?: string[];
  /** Of a form or multipart body, by the document's names of its fields. */
  encoding?: Record<string, FieldEncoding>;
  /** Fields of a multipart body that are files, by the document's names. */
  files?: string[];
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
  body?: BodyPlan;
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
  /** JSON pointers of what the model gets of an answer; `*` stands for every entry. */
  response?: string[];
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
  /** Schema of a JSON answer; made when it is first read, and what is odd in it is then told in the catalog's diagnostics. */
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
