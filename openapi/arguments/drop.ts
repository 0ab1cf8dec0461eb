import type { Field, ShapeReader } from "./shape.ts";
import type { Workshop } from "./workshop.ts";

/** A null of an optional field is left out without a word: strict forms have no other way to leave it out. */
export const SILENT = "";

/** An argument that a model left empty rather than out; a text that may be empty says so by `minLength: 0` or by a choice of "". */
export function isEmptyOptional(
  reader: ShapeReader,
  { node, isKnown, isRequired }: Field,
  value: unknown,
): boolean {
  return (
    value === "" &&
    isKnown &&
    !isRequired &&
    !reader.wordsOf(node).includes("") &&
    !reader.shapeOf(node).parts.some((part) => part["minLength"] === 0)
  );
}

/** The rule by which a field is left out, if it is. */
export function findDrop(
  { judge, reader, repair }: Workshop,
  field: Field,
  from: unknown,
  isUnwanted: boolean,
): string | undefined {
  const { node, isKnown, isRequired } = field;
  if (from === undefined) return SILENT; // JSON has no undefined
  if (repair && isUnwanted) return "unknown-key";
  if (isRequired || !isKnown) return undefined;
  const isEmpty =
    from === null || (typeof from === "string" && /^\s*(null)?$/.test(from));
  if (!isEmpty || judge.fits(node, from) || judge.isSpent()) return undefined;
  if (from === null) return SILENT;
  const types = reader.typesOf(node);
  const isText =
    from.trim() === "null" && (types.has("string") || types.has("null"));
  return repair && !isText ? "empty-optional" : undefined;
}
