const MAX_WORD = 1000;

/**
 * What all spellings of a name have in common: customerName, customer-name and
 * Customer Name are one. Empty for a name of signs alone.
 */
export function toForm(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, "").toLowerCase();
}

/** Names by their form. */
export function indexForms(names: Iterable<string>): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const name of new Set(names)) {
    const form = toForm(name);
    if (form !== "") index.set(form, [...(index.get(form) ?? []), name]);
  }
  return index;
}

// What separates words, not the minus of a number: "in-progress", not "-1" or "1-2".
const SEPARATOR =
  /(?<=\p{L})[\s_-]+(?=[\p{L}\p{N}])|(?<=\p{N})[\s_-]+(?=\p{L})/gu;

/** The one word that is meant by another spelling of it, if exactly one is. */
export function findWord(text: string, words: string[]): string | undefined {
  if (text.length > MAX_WORD) return undefined;
  const asked = text.trim().toLowerCase();
  const same = words.filter((word) => word.toLowerCase() === asked);
  if (same.length > 0) return same.length === 1 ? same[0] : undefined;
  const join = (word: string) =>
    word.trim().replaceAll(SEPARATOR, "").toLowerCase();
  const like = words.filter((word) => join(word) === join(text));
  return like.length === 1 ? like[0] : undefined;
}
