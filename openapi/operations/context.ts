import type { Dialect, Parameter, Reading } from "../dialects/dialect.ts";
import type { Located } from "../documents/refs.ts";
import type { References } from "../schemas/definitions.ts";
import type { SchemaConverter } from "../schemas/schema.ts";
import type { Subtypes } from "../schemas/subtypes.ts";
import type { JsonSchema, RequestPlan } from "../types.ts";

/** What all operations of one document share while they become tools. */
export interface Context extends Reading {
  dialect: Dialect;
  subtypes: Subtypes;
  requests: SchemaConverter;
  responses: SchemaConverter;
  schemes: RequestPlan["schemes"];
  checkAnswer: (schema: Located) => void;
  /** What a parameter is as an argument, for all operations that use it. */
  arguments: WeakMap<Parameter, { schema: JsonSchema; references: References }>;
  showHeaders: boolean;
  server?: string;
}
