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
    const end = matchEnd(spoken, text, start);
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
  for (const letter of text.toLowerCase().match(WORD_CHARACTERS) ?? []) {
    while (at < spoken.length && !IS_WORD.test(spoken.charAt(at))) at++;
    if (spoken.slice(at, at + letter.length).toLowerCase() !== letter)
      return undefined;
    at += letter.length;
  }
  // The mark that ended the fragment was heard with it.
  const endsInMark = /[^\p{L}\p{N}\s]$/u.test(text.trimEnd());
  while (endsInMark && /[^\p{L}\p{N}\s]/u.test(spoken.charAt(at))) at++;
  return at;
}

const WORD_CHARACTERS = /[\p{L}\p{N}]/gu;
/** A lone surrogate counts too: it is half of a letter. */
const IS_WORD = /[\p{L}\p{N}\uD800-\uDFFF]/u;
