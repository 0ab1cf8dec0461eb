/** A business file that cannot be used; every fault is named by its path. */
export class BusinessError extends Error {
  readonly code = "ERR_BUSINESS";
  readonly faults: string[];
  constructor(faults: string[], options?: ErrorOptions) {
    super(`the business file cannot be used: ${faults.join("; ")}`, options);
    this.name = "BusinessError";
    this.faults = faults;
  }
}

/** The database cannot be opened or did not do what it was asked. */
export class StoreError extends Error {
  readonly code = "ERR_STORE";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
  }
}
