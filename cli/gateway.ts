import { createGateway, gatewayPlatforms } from "../endpoints/index.ts";
import type { GatewayPlatform } from "../endpoints/index.ts";
import { memoryReplayStore } from "../middleware/index.ts";
import type { Catalog } from "../openapi/index.ts";
import { parseConfig, readEnvironment } from "./config.ts";
import type { Config, Environment } from "./config.ts";
import { parseUrl } from "./flags.ts";
import { guard } from "./guard.ts";
import { listen, serveUntilSignal } from "./host.ts";
import type { Hosted } from "./host.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { printDigest } from "./print.ts";
import { compileSpec } from "./select.ts";
import type { SelectionFlags } from "./select.ts";
import { isUrl } from "./source.ts";
import { suggest } from "./suggest.ts";
import { openThunderPhone } from "./thunderphone.ts";

export interface GatewayFlags extends SelectionFlags {
  upstream?: string;
  platform: string;
  host?: string;
  port?: string;
}

/** What the flags, the variables and the document say together. */
interface Order {
  config: Config;
  catalog: Catalog;
  upstream: string;
  platform: GatewayPlatform;
}

/** Answers that repeats get, and calls that have ended; in memory, so for one process. */
const MAX_ENTRIES = 10_000;

/** `gateway SPEC`: any API's operations as signed tool endpoints in front of it. */
export async function gateway(
  io: Io,
  spec: string,
  flags: GatewayFlags,
): Promise<number> {
  const platform = parsePlatform(flags.platform);
  parseUrl("--upstream", flags.upstream);
  const config = readConfig(io, flags, platform);
  const { catalog } = await compileSpec(io, spec, flags);
  printDigest(io.stderr, catalog.diagnostics);
  if (catalog.tools.length === 0)
    throw new VerbError(EXIT.input, `${spec} yields no tool`);
  const upstream = flags.upstream ?? findServer(catalog);
  tellCredentials(io, config, catalog);
  const log = createLog(io.stderr, config.logLevel);
  const order = { config, catalog, upstream, platform };
  const host = await listen(config, (url) => openGateway(order, log, url), {
    log,
  });
  return serveUntilSignal(host, io);
}

function parsePlatform(name: string): GatewayPlatform {
  const names = Object.keys(gatewayPlatforms) as GatewayPlatform[];
  const platform = names.find((each) => each === name);
  if (platform !== undefined) return platform;
  const meant = suggest(name, names);
  throw usage(
    `--platform: expected one of ${names.join(", ")}, received "${name}"${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

/** A platform signs as it signs, so its scheme needs no naming. */
function readConfig(
  io: Io,
  { host, port }: GatewayFlags,
  platform: GatewayPlatform,
): Config {
  const env: Environment = readEnvironment(io, { HOST: host, PORT: port });
  const isNamed = env["TOOL_SCHEME"]?.trim();
  const config = parseConfig(
    platform === "bare" || isNamed ? env : { ...env, TOOL_SCHEME: platform },
    ["tools"],
  );
  if (config.toolSecrets.length > 0) return config;
  if (Object.keys(config.toolHeaders).length > 0)
    throw usage(
      "TOOL_HEADERS: without TOOL_SECRETS the tools are open and no header is asked for",
    );
  io.stderr.write(
    "TOOL_SECRETS is not set: anybody on this machine can call the tools, with the credentials that are set here.\n",
  );
  return config;
}

function findServer({ servers }: Catalog): string {
  const server = servers.find((each) => isUrl(each) && !each.includes("{"));
  if (server !== undefined) return server;
  throw usage(
    "--upstream: the document names no absolute server; give the URL of the API",
  );
}

/** A misspelt name would show as refused calls only. */
function tellCredentials(io: Io, config: Config, { tools }: Catalog): void {
  const asked = new Set(
    tools.flatMap(({ request }) => Object.keys(request.schemes)),
  );
  const given = Object.keys(config.upstreamCredentials);
  const schemes = new Map(
    tools.flatMap(({ request }) => Object.entries(request.schemes)),
  );
  for (const [name, secret] of Object.entries(config.upstreamCredentials)) {
    const wrong = /\p{Cc}/u.test(secret)
      ? "holds a control character"
      : schemes.get(name)?.type === "basic" && !secret.includes(":")
        ? "is of HTTP basic: expected user:password"
        : undefined;
    if (wrong !== undefined)
      throw usage(`UPSTREAM_CREDENTIALS: ${name} ${wrong}`);
  }
  const listed = [...asked].join(", ") || "none";
  for (const name of given.filter((each) => !asked.has(each)))
    io.stderr.write(
      `UPSTREAM_CREDENTIALS: no operation asks for ${name}; the document's schemes: ${listed}\n`,
    );
  const missing = tools.filter(
    ({ request: { security } }) =>
      security.length > 0 &&
      !security.some((names) => names.every((name) => given.includes(name))),
  );
  if (missing.length > 0)
    io.stderr.write(
      `${missing.length} of ${tools.length} tools need a credential that UPSTREAM_CREDENTIALS does not set (schemes: ${listed})\n`,
    );
}

async function openGateway(
  { config, catalog, upstream, platform }: Order,
  log: Log,
  url: string,
): Promise<Hosted> {
  const store = memoryReplayStore({ maxEntries: MAX_ENTRIES });
  const metrics = createMetrics(
    catalog.tools.map(({ name }) => name),
    config.consoleToken,
  );
  const { onAnswered, onRefused } = metrics;
  // The others read their tools in an envelope that ThunderPhone does not write.
  const phone =
    platform === "bare"
      ? await openThunderPhone(config, log, {
          catalog,
          tools: { gateway: config.publicUrl ?? url },
          store,
          onRefused,
          ...(config.agentConfig === undefined
            ? { prompt: toPrompt(catalog) }
            : {}),
        })
      : undefined;
  const tools = makeGateway({
    catalog,
    upstream,
    platform,
    verify:
      config.toolSecrets.length > 0
        ? [
            guard(config, log, {
              maxBodyBytes: gatewayPlatforms[platform].maxBodyBytes,
              onRefused,
              ...(phone === undefined ? {} : { replay: phone.window }),
            }),
          ]
        : "none",
    credentials: config.upstreamCredentials,
    timeoutMs: config.toolTimeoutMs,
    replay: { store },
    callRatePerMinute: config.callRatePerMinute,
    log,
    onAnswered,
  });
  return {
    routers: [
      metrics.router,
      ...(phone === undefined ? [] : [phone.router]),
      tools,
    ],
  };
}

function makeGateway(options: Parameters<typeof createGateway>[0]) {
  try {
    return createGateway(options);
  } catch (cause) {
    // All other options are right by now; this one is a person's.
    if (cause instanceof TypeError) throw usage(`--${cause.message}`, cause);
    throw cause;
  }
}

/** Until AGENT_CONFIG says more. */
function toPrompt({ title }: Catalog): string {
  return [
    `You speak with a caller on the telephone, for ${title || "a service"}. Everything you write is read out by a voice.`,
    "Speak in short, plain sentences. Use the tools for everything that they can tell or do, and never invent what they did not say.",
    "Before you change or order anything, say what you are about to do and wait for a yes. When a tool refuses, say why in your own words.",
  ].join("\n\n");
}

function usage(message: string, cause?: unknown): VerbError {
  return new VerbError(EXIT.usage, message, { cause });
}
