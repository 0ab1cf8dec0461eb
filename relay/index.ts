export { bundledAgent, parseAgent } from "./agent.ts";
export type { Agent, Phrases } from "./agent.ts";
export { openModel } from "./claude.ts";
export type { ModelClient, ModelOptions } from "./claude.ts";
export type { Limits, Log } from "./board.ts";
export { AgentError, ModelError } from "./errors.ts";
export { createOfflineModel } from "./offline-model.ts";
export { createRelay } from "./server.ts";
export type { Relay, RelayOptions } from "./server.ts";
