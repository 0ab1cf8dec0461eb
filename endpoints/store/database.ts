/** What may be bound to a statement; a driver may do worse than throw for anything else. */
export type Value = string | number | null;

/** Statements of one transaction, in portable SQL with `$1`, `$2` for values. */
export interface Session {
  /** @returns how many rows were changed */
  run(sql: string, values?: Value[]): Promise<number>;
  all<Row>(sql: string, values?: Value[]): Promise<Row[]>;
}

/** The little that the store asks of an engine. */
export interface Database {
  /**
   * Runs the work in one transaction that may write from its first statement.
   * What it returns decides whether the transaction is kept; an error rolls it back.
   */
  transaction<T>(
    work: (session: Session) => Promise<{ commit: boolean; value: T }>,
  ): Promise<T>;
  /** Reads outside a transaction. */
  all<Row>(sql: string, values?: Value[]): Promise<Row[]>;
  close(): Promise<void>;
}
