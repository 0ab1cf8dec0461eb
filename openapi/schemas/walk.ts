import type { JsonSchema } from "../types.ts";
import type { References } from "./definitions.ts";

/** One conversion: inside which schemas it is, how much it has read, and what it refers to. */
export interface Walk {
  inside: Map<object, string>;
  /** Where each schema with schemas in it was met first. */
  met: Map<object, string>;
  nodes: number;
  /** References that were written out in place. */
  writtenOut: number;
  references: References;
  /** The place of the definition that is made, if it is one. */
  owner?: string;
}

/** Where in the value a schema stands. */
export interface Position {
  /** It has to fit the very value that the conversion began with, not a part of it. */
  isInPlace: boolean;
  /** Names of properties that another part of the same allOf takes out. */
  unwanted: ReadonlySet<string>;
}

export type Convert = (
  schema: unknown,
  at: string,
  walk: Walk,
  position: Position,
) => JsonSchema;

const NONE: ReadonlySet<string> = new Set();
export const START: Position = { isInPlace: true, unwanted: NONE };
export const BELOW: Position = { isInPlace: false, unwanted: NONE };

export function begin(references: References, owner?: string): Walk {
  return {
    references,
    ...(owner === undefined ? {} : { owner }),
    inside: new Map(),
    met: new Map(),
    nodes: 0,
    writtenOut: 0,
  };
}
