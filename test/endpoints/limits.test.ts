import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createLimiter } from "../../endpoints/http/limits.ts";

function setUp(perMinute: number, maxKeys?: number) {
  let ms = Date.UTC(2026, 2, 9, 9);
  const limiter = createLimiter({
    perMinute,
    now: () => new Date(ms),
    ...(maxKeys === undefined ? {} : { maxKeys }),
  });
  return { limiter, wait: (byMs: number) => (ms += byMs) };
}

describe("a limiter", () => {
  test("lets through what fits into any 60 seconds, and no more", () => {
    const { limiter, wait } = setUp(2);
    expect(limiter.take("a")).toBe(true);
    wait(30_000);
    expect(limiter.take("a")).toBe(true);
    wait(29_999);
    expect(limiter.take("a")).toBe(false);
    wait(1);
    expect(limiter.take("a")).toBe(true);
    expect(limiter.take("a")).toBe(false);
  });

  test("counts each key by itself", () => {
    const { limiter } = setUp(1);
    expect(["a", "b", "a", "b"].map((key) => limiter.take(key))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("0 is no limit", () => {
    const { limiter } = setUp(0);
    expect(Array.from({ length: 1000 }, () => limiter.take("a"))).not.toContain(
      false,
    );
  });

  test("holds the limit that the exact count of the last 60 seconds gives, whatever comes", () => {
    const step = fc.record({
      key: fc.constantFrom("a", "b", "constructor", "__proto__", ""),
      waitMs: fc.integer({ min: 0, max: 40_000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 80 }),
        (perMinute, steps) => {
          const { limiter, wait } = setUp(perMinute);
          const granted: { key: string; at: number }[] = [];
          for (const { key, waitMs } of steps) {
            const at = wait(waitMs);
            const recent = granted.filter(
              (each) => each.key === key && at - each.at < 60_000,
            );
            const isFree = limiter.take(key);
            expect(isFree).toBe(recent.length < perMinute);
            if (isFree) granted.push({ key, at });
          }
        },
      ),
    );
  });

  test("remembers no more keys than it may, and forgets the quietest first", () => {
    const { limiter } = setUp(1, 2);
    limiter.take("quiet");
    limiter.take("loud");
    limiter.take("new");
    expect(limiter.take("loud")).toBe(false);
    expect(limiter.take("quiet")).toBe(true);
  });

  test("a refused try keeps a key from being forgotten", () => {
    const { limiter } = setUp(1, 2);
    limiter.take("a");
    limiter.take("b");
    expect(limiter.take("a")).toBe(false);
    limiter.take("c"); // b is the quietest now
    expect(limiter.take("a")).toBe(false);
  });

  test("tells long keys apart that begin alike", () => {
    const { limiter } = setUp(1);
    const long = "x".repeat(10_000);
    expect(limiter.take(`${long}1`)).toBe(true);
    expect(limiter.take(`${long}2`)).toBe(true);
    expect(limiter.take(`${long}1`)).toBe(false);
  });

  test("a clock that is put back by an hour locks nobody out", () => {
    const { limiter, wait } = setUp(1);
    limiter.take("a");
    wait(-3_600_000);
    expect(limiter.take("a")).toBe(true);
    expect(limiter.take("a")).toBe(false);
  });

  test.each([
    { perMinute: -1 },
    { perMinute: 1.5 },
    { perMinute: Number.NaN },
    { perMinute: 1, maxKeys: 0 },
  ])("cannot be made of %p", (options) => {
    expect(() => createLimiter({ ...options, now: () => new Date() })).toThrow(
      TypeError,
    );
  });
});
