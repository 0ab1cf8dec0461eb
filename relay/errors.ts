/** An agent file that cannot be used; every fault is named by its path. */
export class AgentError extends Error {
  readonly code = "ERR_AGENT";
  readonly faults: string[];
  constructor(faults: string[], options?: ErrorOptions) {
    super(`the agent file cannot be used: ${faults.join("; ")}`, options);
    this.name = "AgentError";
    this.faults = faults;
  }
}

/** The model's stream did not come to its end. */
export class ModelError extends Error {
  readonly code = "ERR_MODEL";
  readonly reason: "stalled" | "dropped";
  constructor(reason: ModelError["reason"], message: string) {
    super(message);
    this.name = "ModelError";
    this.reason = reason;
  }
}
