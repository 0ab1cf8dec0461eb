import type { JsonSchema, Repair } from "../types.ts";
import type { Judge } from "./judge.ts";
import type { ShapeReader } from "./shape.ts";

/** What one set of arguments is mended with. */
export interface Workshop {
  judge: Judge;
  reader: ShapeReader;
  /** Off, nulls of optional fields are dropped and no more. */
  repair: boolean;
  root: JsonSchema;
  /** Arguments that nothing names go nowhere, though they are legal. */
  ignoresUnknown: boolean;
  /** Further names of the arguments, by the form of the document's own spelling. */
  aliases: Map<string, string[]>;
  /** What was tried already: branches share what is below them. */
  tried: Map<unknown, Map<unknown, Tried>>;
}

export interface Tried {
  at: string;
  mended: Mended;
}

export interface Mended {
  value: unknown;
  repairs: Repair[];
}
