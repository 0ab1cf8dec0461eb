import { isWide } from "./flat.ts";
import type { Flat } from "./flat.ts";
import { covers, listTypes } from "./values.ts";
import { canonicalJson } from "../json.ts";

/**
 * Finds for each old branch of a choice the new one that stands for it: the
 * one of the same name, then one that takes the same types. A branch that goes
 * without a successor is no loss where another one takes all of its type.
 */
export function matchAlternatives(old: Flat[], fresh: Flat[]) {
  const left = new Set(fresh);
  const pairs: [Flat, Flat][] = [];
  const open = takePairs(
    old,
    left,
    pairs,
    (one, other) => keyOf(one) === keyOf(other),
  );
  const unmatched = takePairs(open, left, pairs, (one, other) => {
    const types = listTypes(other);
    return listTypes(one).every((type) => covers(types, type));
  });
  return {
    pairs,
    removed: unmatched.filter(
      (one) =>
        !fresh.some(
          (other) =>
            isWide(other) &&
            listTypes(one).every((type) => covers(listTypes(other), type)),
        ),
    ),
    added: [...left],
  };
}

/** @returns the old ones that found none */
function takePairs(
  old: Flat[],
  left: Set<Flat>,
  pairs: [Flat, Flat][],
  isSame: (old: Flat, fresh: Flat) => boolean,
): Flat[] {
  return old.filter((one) => {
    for (const other of left) {
      if (!isSame(one, other)) continue;
      left.delete(other);
      pairs.push([one, other]);
      return false;
    }
    return true;
  });
}

/** What names a branch: the values that tell it apart, else its title, else its types and fields. */
function keyOf(flat: Flat): string {
  const marks = [...flat.properties]
    .filter(([, schema]) => Object.hasOwn(schema, "const"))
    .map(([key, schema]) => `${key}=${canonicalJson(schema["const"])}`);
  if (marks.length > 0) return marks.sort().join();
  const { title } = flat.words;
  if (typeof title === "string") return `title ${title}`;
  return canonicalJson([
    listTypes(flat),
    [...flat.properties.keys()].sort(),
    flat.words["const"] ?? null,
  ]);
}
