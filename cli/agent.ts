import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AgentError, bundledAgent, parseAgent } from "../relay/index.ts";
import type { Agent } from "../relay/index.ts";
import { EXIT, VerbError } from "./io.ts";

/**
 * The agent of AGENT_CONFIG, else the bundled one.
 * @throws VerbError that names every fault
 */
export async function readAgent(file: string | undefined): Promise<Agent> {
  const path = file ?? fileURLToPath(bundledAgent);
  try {
    return parseAgent(await readFile(path, "utf8"));
  } catch (error) {
    const why =
      error instanceof AgentError ? error.faults.join("\n  ") : String(error);
    throw new VerbError(EXIT.usage, `AGENT_CONFIG ${path}:\n  ${why}`, {
      cause: error,
    });
  }
}
