/** Stands where something was left out. */
const MARK = "…";
const MARK_BYTES = 5; // with its quotation marks
const MARKER_BYTES = 32; // "… and 1000000 more", with a comma or a key before it
/** A list shows so many of its entries before they are given more room. */
const SHOWN = 3;

/** The smallest size that something can be cut to. */
export const MIN_BYTES = 256;

/**
 * Cuts an answer to a size, so that a voice agent is not read a phone book.
 * What lies deepest goes first: long texts end in "…", long lists say how many
 * entries are left out, and a note at the top says that it was cut. Small
 * facts and `speech` stay.
 * @param maxBytes  of the JSON in UTF-8; at least MIN_BYTES
 * @returns the answer itself when it fits, else a new one
 */
export function cutToSize(
  body: Record<string, unknown>,
  maxBytes: number,
): Record<string, unknown> {
  if (sizeOf(body) <= maxBytes) return body;
  const { speech, ...facts } = body;
  let key = "cut";
  while (Object.hasOwn(facts, key)) key = `_${key}`;
  const told = {
    [key]: `Too long to be told whole; what is left out is marked with ${MARK}`,
    ...(typeof speech === "string"
      ? { speech: cutText(speech, Math.floor(maxBytes / 3)) }
      : {}),
  };
  return { ...cutObject(facts, maxBytes - sizeOf(told)), ...told };
}

export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The value in at most so many bytes, which are at least MARK_BYTES. */
function cut(value: unknown, bytes: number): unknown {
  if (sizeOf(value) <= bytes) return value;
  if (typeof value === "string") return cutText(value, bytes);
  if (typeof value !== "object" || value === null) return MARK;
  if (bytes < 2 + MARKER_BYTES) return MARK;
  return Array.isArray(value)
    ? cutList(value, bytes)
    : cutObject(value as Record<string, unknown>, bytes);
}

/** By characters, never through one. */
function cutText(text: string, bytes: number): string {
  if (sizeOf(text) <= bytes) return text;
  let [kept, left] = ["", bytes - MARK_BYTES];
  for (const character of text) {
    left -= sizeOf(character) - 2; // without its quotation marks
    if (left < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}${MARK}`;
}

/** The first entries, each cut so far that some others have room too. */
function cutList(list: readonly unknown[], bytes: number): unknown[] {
  let left = bytes - 2 - MARKER_BYTES;
  const room = Math.floor(left / Math.min(SHOWN, list.length)) - 1;
  const kept: unknown[] = [];
  for (const entry of list) {
    const shown = cut(entry, Math.max(MARK_BYTES, room));
    left -= sizeOf(shown) + 1;
    if (left < 0) break;
    kept.push(shown);
  }
  const more = list.length - kept.length;
  return more > 0 ? [...kept, `${MARK} and ${more} more`] : kept;
}

/** All fields as far as their names have room; the small ones whole, the large ones share the rest. */
function cutObject(
  object: Record<string, unknown>,
  bytes: number,
): Record<string, unknown> {
  let left = bytes - 2 - MARKER_BYTES;
  const fields: { key: string; value: unknown; bytes: number }[] = [];
  const entries = Object.entries(object);
  for (const [key, value] of entries) {
    const name = sizeOf(key) + 2; // colon and comma
    if (left < name + MARK_BYTES) break;
    left -= name + MARK_BYTES;
    fields.push({ key, value, bytes: sizeOf(value) });
  }
  left += fields.length * MARK_BYTES; // was kept for their values
  const values = new Map<string, unknown>();
  const bySize = fields.toSorted((one, other) => one.bytes - other.bytes);
  for (const [index, { key, value }] of bySize.entries()) {
    const shown = cut(value, Math.floor(left / (bySize.length - index)));
    left -= sizeOf(shown);
    values.set(key, shown);
  }
  const more = entries.length - fields.length;
  return Object.fromEntries([
    ...fields.map(({ key }): [string, unknown] => [key, values.get(key)]),
    ...(more > 0 ? [[MARK, `and ${more} more`] as [string, unknown]] : []),
  ]);
}
