import { StoreError } from "../errors.ts";

/** What a failed statement means for its transaction. */
export type Fault = "conflict" | "lost" | "refused";

// PostgreSQL, appendix A: serialization_failure, deadlock_detected.
const CONFLICTS = new Set(["40001", "40P01"]);
// admin_shutdown, crash_shutdown, cannot_connect_now, idle timeouts: the server has hung up. Class 08 too.
const HUNG_UP = new Set(["57P01", "57P02", "57P03", "57P05", "25P03"]);

/** Tells apart what the server said about a statement from the loss of the connection. */
export function classify(error: unknown): Fault {
  const state = stateOf(error);
  if (state === undefined || state.startsWith("08") || HUNG_UP.has(state))
    return "lost";
  // CockroachDB's word for "again", also under other codes.
  const isConflict =
    CONFLICTS.has(state) || /restart transaction/.test(String(error));
  return isConflict ? "conflict" : "refused";
}

/**
 * The driver's error as the store's. PostgreSQL quotes whole rows in some fields,
 * names and phones among them, so only the text and the code are handed on.
 */
export function toStoreError(what: string, error: unknown): StoreError {
  const state = stateOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const cause = new Error(text);
  if (state !== undefined) Object.assign(cause, { code: state });
  return new StoreError(
    `${what}: ${state === undefined ? text : `SQLSTATE ${state}`}`,
    { cause },
  );
}

/** The five signs of an error the server sent; an error of the socket has none. */
function stateOf(error: unknown): string | undefined {
  const isServers =
    typeof error === "object" &&
    error !== null &&
    "severity" in error &&
    "code" in error;
  return isServers ? String(error.code) : undefined;
}
