/** The known word that an unknown one was probably meant to be. */
export function suggest(
  word: string,
  known: readonly string[],
): string | undefined {
  const [best] = known
    .map((each) => ({ each, distance: distance(word.toLowerCase(), each) }))
    .filter(
      ({ each, distance: edits }) =>
        edits <= Math.max(1, Math.floor(each.length / 3)) ||
        (word.length >= 3 && each.startsWith(word.toLowerCase())),
    )
    .sort((a, b) => a.distance - b.distance);
  return best?.each;
}

/** Levenshtein's: how many letters to add, drop or change. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split("").entries()) {
    const next = [index + 1];
    for (const [column, against] of other.split("").entries()) {
      next.push(
        Math.min(
          (next[column] as number) + 1,
          (row[column + 1] as number) + 1,
          (row[column] as number) + (letter === against ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
