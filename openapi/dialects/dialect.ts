import type { Documents } from "../documents/load.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import type {
  FieldEncoding,
  ParameterPlan,
  Report,
  SecurityScheme,
} from "../types.ts";

/** An operation as it stands in the document, with what is around it. */
export interface RawOperation {
  method: string;
  path: string;
  at: string;
  object: Record<string, unknown>;
  /** Its path item, and what stands beside a reference to that; the last one counts. */
  items: Located<Record<string, unknown>>[];
}

/** A parameter in one form, whatever the version of the document. */
export interface Parameter {
  name: string;
  in: ParameterPlan["in"];
  required: boolean;
  description?: string;
  deprecated: boolean;
  /** Values that the document gives beside the schema. */
  examples: unknown[];
  schema: Located;
  wire: Pick<
    ParameterPlan,
    "style" | "explode" | "allowReserved" | "mediaType"
  >;
}

/** A request body in one form: what may be sent, by media type. */
export interface Body {
  required: boolean;
  content: Map<string, MediaType>;
}

export interface MediaType {
  schema: Located;
  /** By the names of a form's fields. */
  encoding: Map<string, FieldEncoding>;
}

/** What reading any part of a document takes. */
export interface Reading {
  documents: Documents;
  resolver: Resolver;
  report: Report;
  /** Parameters by what they are in the document: a component is used by a hundred operations. */
  parameters: WeakMap<object, Parameter>;
  /** Addresses by the list of servers: most operations have their document's. */
  servers: WeakMap<object, string[]>;
}

/** One family of OpenAPI versions: how it says what every version has to say. */
export interface Dialect {
  readParameters(operation: RawOperation, reading: Reading): Parameter[];
  readBody(operation: RawOperation, reading: Reading): Body | undefined;
  /** The schema of a JSON answer that says the operation went well. */
  readOutput(operation: RawOperation, reading: Reading): Located | undefined;
  readServers(operation: RawOperation | undefined, reading: Reading): string[];
  readSchemes(reading: Reading): Record<string, SecurityScheme>;
}
