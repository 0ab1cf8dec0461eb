import type { CallTool, Catalog } from "../openapi/index.ts";
import type { Agent } from "./agent.ts";
import type { ModelClient } from "./claude.ts";

/** Takes events with facts; never words, names or numbers of a caller. */
export interface Log {
  info(event: string, fields: object): void;
  warn(event: string, fields: object): void;
  error(event: string, fields: object): void;
}

/** How long a caller waits for what, in milliseconds. */
export interface Limits {
  toolTimeoutMs: number;
  /** Longest silence between two events of the model's stream. */
  modelStallMs: number;
  /** Silence while a tool runs until something is said. */
  fillerAfterMs: number;
  fillerAgainMs: number;
  /** From one key to the next; then the keys are told to the model. */
  keysAfterMs: number;
  /** From the socket's opening to its setup frame. */
  setupWithinMs: number;
  /** How long the other end may take to agree that the call is over. */
  hangUpWithinMs: number;
}

/** What all calls of one relay share. */
export interface Switchboard {
  agent: Agent;
  catalog: Catalog;
  callTool: CallTool;
  client: ModelClient;
  model: string;
  definitions: object[];
  limits: Limits;
  /** Tool calls that run, also those whose caller has hung up. */
  running: Set<Promise<void>>;
  now: () => Date;
  log: Log;
}
