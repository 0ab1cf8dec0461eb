import { StoreError } from "../errors.ts";
import type { Result, Session, Value, Work } from "./database.ts";

/** A driver's two ways to run a statement whose values were checked. */
export interface Statements {
  run(sql: string, values: Value[]): Promise<number>;
  all(sql: string, values: Value[]): Promise<unknown[]>;
}

/**
 * Runs a work with a session that ends with it: a statement that came later
 * would be part of somebody else's transaction. A work that swallows the failure
 * of a statement fails all the same: PostgreSQL keeps nothing after one.
 * @throws StoreError when it takes longer than `withinMs`; what the work throws as it is
 */
export async function runWork<T>(
  work: Work<T>,
  statements: Statements,
  withinMs: number,
): Promise<Result<T>> {
  let isOver = false;
  let swallowed: { fault: unknown } | undefined;
  async function execute<R>(
    sql: string,
    values: Value[],
    use: () => Promise<R>,
  ): Promise<R> {
    if (isOver) throw new StoreError("the transaction is over");
    try {
      checkValues(sql, values);
      return await use();
    } catch (fault) {
      swallowed ??= { fault };
      throw fault;
    }
  }
  const session: Session = {
    run: (sql, values = []) =>
      execute(sql, values, () => statements.run(sql, values)),
    all: async <Row>(sql: string, values: Value[] = []) =>
      (await execute(sql, values, () => statements.all(sql, values))) as Row[],
  };
  try {
    const result = await within(work(session), withinMs);
    if (swallowed) throw swallowed.fault;
    return result;
  } finally {
    isOver = true;
  }
}

async function within<T>(promise: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StoreError(`a transaction took longer than ${withinMs} ms`));
    }, withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Refuses what an engine would keep as something else. libsql takes a wrong
 * number of values, binds NaN, cuts text at a NUL and ends the process for a
 * boolean (research/appointments.md 3.1); PostgreSQL has no NUL and no fraction
 * in a BIGINT; above 2^53 a number is not the one that was meant.
 */
export function checkValues(sql: string, values: readonly unknown[]): void {
  const wanted = countPlaceholders(sql);
  if (wanted !== values.length) {
    throw new StoreError(
      `expected ${wanted} values, received ${values.length}`,
    );
  }
  for (const value of values) {
    const isValue =
      value === null ||
      (typeof value === "string"
        ? !value.includes("\0")
        : Number.isSafeInteger(value));
    if (!isValue) {
      throw new StoreError(
        typeof value === "string"
          ? "cannot store text with a NUL character"
          : `cannot store a ${typeof value} that is no integer below 2^53`,
      );
    }
  }
}

/** Texts whose placeholders are counted; the store has fewer. */
const MAX_COUNTED = 500;
const counted = new Map<string, number>();

function countPlaceholders(sql: string): number {
  let count = counted.get(sql);
  if (count === undefined) {
    count = new Set(sql.match(/\$\d+/g)).size;
    if (counted.size >= MAX_COUNTED) counted.clear();
    counted.set(sql, count);
  }
  return count;
}
