/** How much a value holds, read once for all that follows. */
export interface Measure {
  /** Levels of lists and objects; infinite where a value contains itself. */
  depth: number;
  /** All values in it, each counted as often as it occurs. */
  count: number;
  /** Files: bytes that a program put in the place of a text. */
  hasBytes: boolean;
}

export const MAX_DEPTH = 100;
/** Above it a check ends at the first problem, since each may have a million. */
export const HEAVY = 100_000;
const MAX_COUNT = 3_000_000;

const LEAF: Measure = { depth: 0, count: 1, hasBytes: false };
const BYTES: Measure = { ...LEAF, hasBytes: true };
const ENDLESS: Measure = { depth: Infinity, count: 1, hasBytes: false };

export type Measures = Map<object, Measure>;

/** What recurses over a value, JSON.stringify among it, may only see what `findExcess` allows. */
export function measure(
  value: unknown,
  known: Measures = new Map(),
  level = 0,
): Measure {
  if (typeof value !== "object" || value === null) return LEAF;
  if (ArrayBuffer.isView(value)) return BYTES;
  if (level > MAX_DEPTH) return ENDLESS;
  const seen = known.get(value);
  if (seen) return seen;
  let [depth, count, hasBytes] = [0, 1, false];
  for (const entry of Object.values(value) as unknown[]) {
    const inner = measure(entry, known, level + 1);
    depth = Math.max(depth, inner.depth);
    count += inner.count;
    hasBytes ||= inner.hasBytes;
  }
  const result = { depth: depth + 1, count, hasBytes };
  known.set(value, result);
  return result;
}

/** In words what is too much about arguments, if anything. */
export function findExcess({ depth, count }: Measure): string | undefined {
  if (depth > MAX_DEPTH) return `at most ${MAX_DEPTH} levels`;
  return count > MAX_COUNT ? `at most ${MAX_COUNT} values` : undefined;
}
