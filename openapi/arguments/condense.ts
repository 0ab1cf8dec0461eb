import type { ErrorObject } from "ajv/dist/2020.js";

/** More are not looked at: nobody reads them, and each is compared with each choice. */
const MAX_ERRORS = 1000;

/**
 * Of what ajv says about each branch of a choice, keeps what helps: the errors
 * of the branch that was meant, or what the branches want together.
 */
export function condense(errors: ErrorObject[]): ErrorObject[] {
  const useful = errors.filter(({ keyword }) => keyword !== "if");
  return condenseUnions(useful.slice(0, MAX_ERRORS));
}

function condenseUnions(errors: ErrorObject[]): ErrorObject[] {
  const union = findOutermost(errors);
  if (!union) return errors;
  const inside = errors.filter((error) => isInside(error, union));
  const outside = errors.filter(
    (error) => error !== union && !inside.includes(error),
  );
  return [...condenseUnions(outside), ...condenseUnion(union, inside)];
}

function findOutermost(errors: ErrorObject[]): ErrorObject | undefined {
  return errors
    .filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf")
    .filter((union) => errors.some((error) => isInside(error, union)))
    .sort((a, b) => a.schemaPath.length - b.schemaPath.length)[0];
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  const { instancePath, schemaPath } = error;
  return (
    schemaPath.startsWith(`${union.schemaPath}/`) &&
    (instancePath === union.instancePath ||
      instancePath.startsWith(`${union.instancePath}/`))
  );
}

function condenseUnion(
  union: ErrorObject,
  inside: ErrorObject[],
): ErrorObject[] {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const index =
      error.schemaPath.slice(union.schemaPath.length + 1).split("/", 1)[0] ??
      "";
    branches.set(index, [...(branches.get(index) ?? []), error]);
  }
  const condensed = [...branches.values()].map(condenseUnions);
  const isWrongKind = (error: ErrorObject) =>
    error.instancePath === union.instancePath && WORDS.includes(error.keyword);
  const possible = condensed.filter((branch) => !branch.some(isWrongKind));
  if (possible.length === 0)
    return joinWords(condensed.map((branch) => branch.filter(isWrongKind)));
  const isMark = ({ instancePath, keyword }: ErrorObject) =>
    (keyword === "const" || keyword === "enum") &&
    /^\/[^/]*$/.test(instancePath.slice(union.instancePath.length));
  const meant = possible.filter((branch) => !branch.some(isMark));
  if (meant.length > 0) return fewest(meant);
  const marks = joinWords(possible.map((branch) => branch.filter(isMark)));
  return marks.length === 1 ? marks : fewest(possible);
}

const WORDS = ["type", "enum", "const"];

function fewest(branches: ErrorObject[][]): ErrorObject[] {
  return branches.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/** Errors of several branches as one a place: their words, and the types of branches without words. */
function joinWords(branches: ErrorObject[][]): ErrorObject[] {
  const places = new Map<string, ErrorObject>();
  for (const branch of branches) {
    for (const error of branch) {
      const isTold = branch.some(
        ({ keyword, instancePath }) =>
          keyword !== "type" && instancePath === error.instancePath,
      );
      if (error.keyword === "type" && isTold) continue;
      const known = places.get(error.instancePath);
      places.set(error.instancePath, known ? join(known, error) : error);
    }
  }
  return [...places.values()];
}

function join(one: ErrorObject, other: ErrorObject): ErrorObject {
  const types = [...new Set([...typesOf(one), ...typesOf(other)])];
  const words = [...new Set([...wordsOf(one), ...wordsOf(other)])];
  const { message: _, ...rest } = one;
  return words.length === 0
    ? { ...rest, keyword: "type", params: { type: types } }
    : {
        ...rest,
        keyword: "enum",
        params: { allowedValues: words, type: types },
      };
}

function typesOf({ params }: ErrorObject): string[] {
  return [params["type"] ?? []].flat().map(String);
}

/** The words that an error of `enum` or `const` names. */
function wordsOf({ keyword, params }: ErrorObject): unknown[] {
  if (keyword === "const") return [params["allowedValue"]];
  return keyword === "enum" ? [params["allowedValues"]].flat() : [];
}
