/** Keeps callers from waiting for something that is down. */
export interface Breaker {
  /** Whether to try now. After a rest one trial is let through; until it is told how that went, no other. */
  mayTry(): boolean;
  succeeded(): void;
  failed(): void;
}

/**
 * @param limits.failures  in a row, after which it rests
 */
export function createBreaker(
  limits: { failures: number; restMs: number },
  now: () => Date,
): Breaker {
  let failures = 0;
  let restUntil = Number.NEGATIVE_INFINITY;

  return {
    mayTry() {
      if (failures < limits.failures) return true;
      const at = now().getTime();
      // A clock that was put back must not make the rest longer.
      if (at < restUntil && restUntil - at <= limits.restMs) return false;
      restUntil = at + limits.restMs;
      return true;
    },
    succeeded() {
      failures = 0;
    },
    failed() {
      failures += 1;
      restUntil = now().getTime() + limits.restMs;
    },
  };
}
