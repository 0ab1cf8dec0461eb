import { createOfflineModel, createRelay, openModel } from "../relay/index.ts";
import { readAgent } from "./agent.ts";
import { parseConfig, readEnvironment } from "./config.ts";
import type { Config, Environment } from "./config.ts";
import { listen, serveUntilSignal } from "./host.ts";
import type { Hosted } from "./host.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { openCaller, readCatalog } from "./tools.ts";

/** `relay`: the agent on the phone on its own; its tools are elsewhere. */
export async function relay(io: Io, flags: Environment): Promise<number> {
  const config = parseConfig(readEnvironment(io, flags), ["relay"]);
  const log = createLog(io.stderr, config.logLevel);
  tellModel(config, io);
  if (config.toolSecrets.length === 0)
    io.stderr.write("TOOL_SECRETS is not set: tool calls are sent unsigned.\n");
  const host = await listen(
    config,
    () => openRelay(config, log, config.toolsBaseUrl),
    { log },
  );
  return serveUntilSignal(host, io);
}

/**
 * The relay with its model.
 * @param baseUrl  where the tools are; the document's own server when undefined
 */
export async function openRelay(
  config: Config,
  log: Log,
  baseUrl: string | undefined,
): Promise<Hosted> {
  const catalog = await readCatalog(config.toolsSpec);
  for (const { rule, message, pointer } of catalog.diagnostics) {
    log.warn("document.finding", { rule, message, pointer });
  }
  const { router, attach, close } = createRelay({
    catalog,
    callTool: openCaller(config, catalog, baseUrl),
    anthropic: openModel({
      apiKey: config.anthropicApiKey ?? "offline",
      ...(config.anthropicBaseUrl === undefined
        ? {}
        : { baseUrl: config.anthropicBaseUrl }),
      ...(config.anthropicApiKey === undefined
        ? { fetch: createOfflineModel() }
        : {}),
    }),
    model: config.model,
    agent: await readAgent(config.agentConfig),
    twilio: {
      authTokens:
        config.twilioAuthTokens.length > 0 ? config.twilioAuthTokens : "none",
      ...(config.publicUrl === undefined
        ? {}
        : { publicUrl: config.publicUrl }),
    },
    limits: {
      toolTimeoutMs: config.toolTimeoutMs,
      modelStallMs: config.modelStallMs,
      fillerAfterMs: config.fillerAfterMs,
    },
    log,
  });
  return { routers: [router], attach, hangUp: close };
}

export function tellModel(config: Config, io: Io): void {
  const words =
    config.anthropicApiKey === undefined
      ? "ANTHROPIC_API_KEY is not set: the offline model answers (rules, no network)."
      : `${config.model} answers.`;
  io.stderr.write(`${words}\n`);
}
