import { createHash } from "node:crypto";

export interface LimiterOptions {
  /** How many each key may take within any 60 seconds; 0: as many as come. */
  perMinute: number;
  now: () => Date;
  /** Keys that are remembered; beyond it the one that was quiet for longest is forgotten (default 10,000). */
  maxKeys?: number;
}

export interface Limiter {
  /** @returns false when the key has had its share; a refused try costs nothing */
  take(key: string): boolean;
}

const WINDOW_MS = 60_000;
/** Keys are strangers' texts; a longer one is remembered by its hash. */
const MAX_KEY_CHARACTERS = 64;

/**
 * Counts by an exact sliding window. Memory is bounded by maxKeys x perMinute instants.
 * @throws TypeError when a bound is no whole number
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { perMinute, now, maxKeys = 10_000 } = options;
  if (!Number.isSafeInteger(perMinute) || perMinute < 0)
    throw new TypeError("perMinute: give a whole number, 0 for no limit");
  if (!Number.isSafeInteger(maxKeys) || maxKeys < 1)
    throw new TypeError("maxKeys: give a whole number from 1");
  /** Oldest instant first; the key that was used last is the last. */
  const takenByKey = new Map<string, number[]>();

  return {
    take(name) {
      if (perMinute === 0) return true;
      const key =
        name.length <= MAX_KEY_CHARACTERS
          ? name
          : createHash("sha256").update(name).digest("base64");
      const at = now().getTime();
      // A clock that was put back leaves instants of the future behind, which would lock the key.
      const taken = (takenByKey.get(key) ?? []).filter(
        (each) => each <= at && at - each < WINDOW_MS,
      );
      const isFree = taken.length < perMinute;
      if (isFree) taken.push(at);
      takenByKey.delete(key);
      takenByKey.set(key, taken);
      const [oldest] = takenByKey.keys();
      if (takenByKey.size > maxKeys && oldest !== undefined)
        takenByKey.delete(oldest);
      return isFree;
    },
  };
}
