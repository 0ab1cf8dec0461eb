/** What may be bound to a statement; a driver may do worse than throw for anything else. */
export type Value = string | number | null;

/** Statements of one transaction, in portable SQL with `$1`, `$2` for values. */
export interface Session {
  /** @returns how many rows were changed */
  run(sql: string, values?: Value[]): Promise<number>;
  all<Row>(sql: string, values?: Value[]): Promise<Row[]>;
}

/** What a transaction came to: kept, or rolled back as if it had never run. */
export interface Result<T> {
  commit: boolean;
  value: T;
}

export type Work<T> = (session: Session) => Promise<Result<T>>;

export interface TransactionOptions {
  /** How long it may wait for others, and how long one statement may take. Default: what a caller on the phone can bear. */
  patienceMs?: number;
}

/** The little that the store asks of an engine. */
export interface Database {
  /**
   * Runs the work in one transaction that may write from its first statement.
   * What it returns decides whether the transaction is kept; an error rolls it back.
   * The work may run again when it lost against another one, so it must do
   * nothing but ask its session, which ends with it.
   * @throws StoreError when the engine fails; what the work throws as it is
   */
  transaction<T>(work: Work<T>, options?: TransactionOptions): Promise<T>;
  /** Reads outside a transaction. */
  all<Row>(sql: string, values?: Value[]): Promise<Row[]>;
  /**
   * Milliseconds to add to this process's clock to get the database's, by which
   * all processes judge what has expired (research/appointments.md 3.6).
   */
  readonly clockOffsetMs: number;
  /** Transactions run one after another: what one has read stays true until its end. */
  readonly isSerial: boolean;
  close(): Promise<void>;
}
