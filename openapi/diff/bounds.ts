import type { Tell } from "./change.ts";
import type { Flat } from "./flat.ts";

// Lower bounds, and for each the upper one.
const BOUNDS = [
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
  ["minProperties", "maxProperties"],
  ["minimum", "maximum"],
] as const;

/** Compares how large and how long values may be. */
export function compareBounds(
  old: Flat,
  fresh: Flat,
  path: string,
  tell: Tell,
): void {
  for (const [least, most] of BOUNDS) {
    compareBound(least, lower(old, least), lower(fresh, least), path, tell);
    compareBound(most, upper(old, most), upper(fresh, most), path, tell);
  }
  const before = Number(old.words["multipleOf"] ?? 0);
  const after = Number(fresh.words["multipleOf"] ?? 0);
  if (before !== after) {
    const isWider = after === 0 || (before !== 0 && before % after === 0);
    tellBound(
      isWider,
      "multipleOf",
      before || "free",
      after || "free",
      path,
      tell,
    );
  }
  const isUnique = fresh.words["uniqueItems"] === true;
  if (isUnique !== (old.words["uniqueItems"] === true))
    tellBound(!isUnique, "uniqueItems", !isUnique, isUnique, path, tell);
}

/** Larger is tighter; a bound that is excluded itself is a hair tighter. */
interface Bound {
  tightness: number;
  isExclusive: boolean;
  text: string;
}

function lower({ words }: Flat, word: string): Bound {
  return tightest(
    words[word],
    word === "minimum" ? words["exclusiveMinimum"] : undefined,
    1,
  );
}

function upper({ words }: Flat, word: string): Bound {
  return tightest(
    words[word],
    word === "maximum" ? words["exclusiveMaximum"] : undefined,
    -1,
  );
}

function tightest(value: unknown, exclusive: unknown, sign: 1 | -1): Bound {
  const bounds = [
    { value, isExclusive: false },
    { value: exclusive, isExclusive: true },
  ].flatMap(({ value: bound, isExclusive }) =>
    typeof bound === "number"
      ? [
          {
            tightness: sign * bound,
            isExclusive,
            text: `${isExclusive ? "beyond " : ""}${bound}`,
          },
        ]
      : [],
  );
  return bounds.reduce(
    (best, bound) => (isTighter(bound, best) ? bound : best),
    { tightness: -Infinity, isExclusive: false, text: "free" },
  );
}

function isTighter(one: Bound, other: Bound): boolean {
  return (
    one.tightness > other.tightness ||
    (one.tightness === other.tightness && one.isExclusive && !other.isExclusive)
  );
}

function compareBound(
  word: string,
  old: Bound,
  fresh: Bound,
  path: string,
  tell: Tell,
): void {
  if (isTighter(fresh, old))
    tellBound(false, word, old.text, fresh.text, path, tell);
  else if (isTighter(old, fresh))
    tellBound(true, word, old.text, fresh.text, path, tell);
}

function tellBound(
  isWider: boolean,
  word: string,
  before: unknown,
  after: unknown,
  path: string,
  tell: Tell,
): void {
  tell(
    isWider ? "compatible" : "breaking",
    isWider ? "bounds-loosened" : "bounds-tightened",
    path,
    `${word} was ${String(before)}, is ${String(after)}`,
  );
}
