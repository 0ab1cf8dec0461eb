/**
 * Where the replay guard and the call window keep what they have seen. Values
 * are opaque text; they hold answers, so treat the store as the answers' equal.
 */
export interface ReplayStore {
  /** Keeps value unless the key has one that has not expired; true when kept. Atomic. */
  addIfAbsent(
    key: string,
    value: string,
    ttlSeconds: number,
  ): boolean | Promise<boolean>;
  get(key: string): string | undefined | Promise<string | undefined>;
  /** Keeps value whatever was there. ttlSeconds 0 forgets the key. */
  put(key: string, value: string, ttlSeconds: number): void | Promise<void>;
}

/** @throws TypeError for what is no store */
export function requireStore(store: ReplayStore): void {
  for (const name of ["addIfAbsent", "get", "put"] as const) {
    if (typeof store?.[name] !== "function")
      throw new TypeError(
        `store: expected one with a function ${name}, such as memoryReplayStore({ maxEntries })`,
      );
  }
}

/** How many of the oldest entries one write looks at for expired ones. */
const SWEEP = 16;

/**
 * A store in this process's memory: for one process, and gone at its end.
 *
 * Bounded: where a new entry finds no room, expired ones among the oldest go,
 * else the one that was written longest ago. A delivery whose entry has gone so
 * would run again, so leave room for all that come within the guard's ttl.
 * @param options.maxEntries  an entry holds at most one answer (256 KiB)
 * @param options.now  default: a clock that only goes forward, so a jump of the wall clock expires nothing
 * @throws TypeError when maxEntries is not a whole number above 0
 */
export function memoryReplayStore(options: {
  maxEntries: number;
  now?: () => Date;
}): ReplayStore {
  const { maxEntries, now = readSteadyClock } = options;
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new TypeError(
      `maxEntries: expected a whole number above 0, received ${String(maxEntries)}`,
    );
  }
  // In order of writing: a Map lists what was set last at its end.
  const entries = new Map<string, { value: string; expiresMs: number }>();

  function read(key: string): string | undefined {
    const entry = entries.get(key);
    return entry && entry.expiresMs > now().getTime() ? entry.value : undefined;
  }

  function write(key: string, value: string, ttlSeconds: number): void {
    entries.delete(key);
    if (ttlSeconds <= 0) return;
    if (entries.size >= maxEntries) makeRoom();
    const expiresMs = now().getTime() + ttlSeconds * 1000;
    entries.set(key, { value, expiresMs });
  }

  function makeRoom(): void {
    const nowMs = now().getTime();
    let seen = 0;
    for (const [key, { expiresMs }] of entries) {
      if (expiresMs <= nowMs) entries.delete(key);
      if (++seen === SWEEP) break;
    }
    const [oldest] = entries.keys();
    if (entries.size >= maxEntries && oldest !== undefined)
      entries.delete(oldest);
  }

  return {
    addIfAbsent(key, value, ttlSeconds) {
      if (read(key) !== undefined) return false;
      write(key, value, ttlSeconds);
      return true;
    },
    get: read,
    put: write,
  };
}

function readSteadyClock(): Date {
  return new Date(performance.timeOrigin + performance.now());
}

/** How long a store may take for one answer. */
const STORE_WITHIN_MS = 2000;

/** What a store answers; rejects when it fails in any way, or takes too long. */
export function askStore<T>(work: () => T | Promise<T>): Promise<T> {
  return inTime(new Promise<T>((resolve) => resolve(work())), STORE_WITHIN_MS);
}

/** Rejects when the promise has not settled in time. */
export async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, Math.max(0, ms), new Error("took too long"));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
