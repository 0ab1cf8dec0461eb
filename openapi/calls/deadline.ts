export type Ended<T> =
  { ended: "done"; value: T } | { ended: "timeout" } | { ended: "aborted" };

const MAX_TIMER_MS = 2 ** 31 - 1; // what a timer of Node can count; beyond it fires at once

/**
 * Does work that ends at a limit or with the outer signal, also when the work
 * itself does not listen. Afterwards no timer runs and no listener is left.
 */
export function withDeadline<T>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Ended<T>> {
  if (outer?.aborted) return Promise.resolve({ ended: "aborted" });
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const clear = () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", onAbort);
    };
    const stop = (ended: "timeout" | "aborted") => {
      clear();
      resolve({ ended });
      controller.abort();
    };
    const onAbort = () => stop("aborted");
    const timer = setTimeout(
      () => stop("timeout"),
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    outer?.addEventListener("abort", onAbort);
    work(controller.signal).then(
      (value) => {
        clear();
        resolve({ ended: "done", value });
      },
      (error: unknown) => {
        clear();
        reject(error as Error);
      },
    );
  });
}
