/**
 * How much of what was sent to be spoken the caller has heard.
 *
 * Twilio reports each clause it has played, and at an interruption only the
 * current fragment, not the answer from its start. So the played clauses are
 * walked first and the fragment is looked for behind them: the same words
 * earlier in the answer do not count. White space and marks are not compared,
 * because the voice reads a text of its own making.
 * @returns a length in characters of `spoken`
 */
export function heardLength(
  spoken: string,
  played: readonly string[],
  fragment: string,
): number {
  const base = played.reduce(
    (from, clause) => findEnd(spoken, clause, from) ?? from,
    0,
  );
  if (fragment.trim() === "") return base;
  // Some senders report all since the start instead of the fragment.
  const whole = matchEnd(spoken, fragment, 0);
  if (whole !== undefined && whole > base) return whole;
  return findEnd(spoken, fragment, base) ?? base;
}

function findEnd(
  spoken: string,
  text: string,
  from: number,
): number | undefined {
  for (let start = from; start < spoken.length; start++) {
    const isInsideWord =
      start > from &&
      isWord(signAt(spoken, start - 1)) &&
      isWord(signAt(spoken, start));
    const end = isInsideWord ? undefined : matchEnd(spoken, text, start);
    if (end !== undefined) return end;
  }
  return undefined;
}

/** Where `text` ends when it stands in `spoken` at `start`; only letters and digits are compared. */
function matchEnd(
  spoken: string,
  text: string,
  start: number,
): number | undefined {
  let at = start;
  for (const sign of text) {
    if (!isWord(sign)) continue;
    while (at < spoken.length && !isWord(signAt(spoken, at)))
      at += signAt(spoken, at).length;
    const heard = signAt(spoken, at);
    if (heard.toLowerCase() !== sign.toLowerCase()) return undefined;
    at += heard.length;
  }
  // The mark that ended the fragment was heard with it.
  while (
    /[^\p{L}\p{N}\s]$/u.test(text.trimEnd()) &&
    /[^\p{L}\p{N}\s]/u.test(signAt(spoken, at))
  ) {
    at += signAt(spoken, at).length;
  }
  return at;
}

/** The whole character at a place, also where it takes two code units; "" behind the end. */
function signAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}

function isWord(sign: string): boolean {
  return /[\p{L}\p{N}]/u.test(sign);
}
