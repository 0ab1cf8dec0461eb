import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { findSchemeFaults, findSecretFaults } from "./signing-faults.ts";
import { readVariables } from "./variables.ts";
import type { Environment } from "./variables.ts";

export type { Environment } from "./variables.ts";

/** All variables of design.md section 3 that this version knows, parsed once. */
export interface Config {
  port: number;
  host: string;
  publicUrl?: string;
  /** Reachable by others than this machine: secrets are a must. */
  isPublic: boolean;
  /** The first signs, all verify. Empty: none is set. */
  toolSecrets: string[];
  /** Names of shipped schemes: the first signs, all verify. */
  toolSchemes: string[];
  /** Static headers sent with and required of tool calls. */
  toolHeaders: Record<string, string>;
  twilioAuthTokens: string[];
  anthropicApiKey?: string;
  anthropicBaseUrl?: string;
  model: string;
  agentConfig?: string;
  databaseUrl: string;
  businessConfig?: string;
  toolsSpec?: string;
  toolsBaseUrl?: string;
  toolTimeoutMs: number;
  modelStallMs: number;
  fillerAfterMs: number;
  /** Empty: the bundled jokes only. */
  jokeApiUrl: string;
  /** Tool calls of one phone call, and of one phone number; 0: as many as come. */
  callRatePerMinute: number;
  /** By the name of the security scheme, or of the header; the gateway sends them to its upstream. */
  upstreamCredentials: Record<string, string>;
  /** Lets others than this machine look at metrics and console. */
  consoleToken?: string;
  logLevel: (typeof LOG_LEVELS)[number];
}

/** What a verb opens to others, and so needs secrets for when it is public. */
export type Hosted = "tools" | "relay";

const LOG_LEVELS = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
  "silent",
] as const;
/** What an Authorization header can carry; a token opens calls to strangers, so none that can be guessed. */
const CONSOLE_TOKEN = /^[\x21-\x7e]{16,}$/;
const JOKE_API = "https://v2.jokeapi.dev/joke/Programming?safe-mode";

/**
 * Reads all variables; pure.
 * @throws VerbError that names every bad variable at once
 */
export function parseConfig(env: Environment, hosted: Hosted[] = []): Config {
  const faults: string[] = [];
  const fault = (name: string, expected: string) =>
    void faults.push(`${name}: expected ${expected}`);
  const { text, integer, url, list, pairs } = readVariables(env, fault);

  const host = text("HOST") ?? "127.0.0.1";
  const publicUrl = url("PUBLIC_URL", ["https:"]);
  const isPublic =
    publicUrl !== undefined ||
    !/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);
  const toolSecrets = list("TOOL_SECRETS");
  const twilioAuthTokens = list("TWILIO_AUTH_TOKEN");
  if (isPublic && hosted.includes("tools") && toolSecrets.length === 0) {
    faults.push(
      "TOOL_SECRETS: a public address needs at least one secret, or anybody could call the tools",
    );
  }
  if (isPublic && hosted.includes("relay") && twilioAuthTokens.length === 0) {
    faults.push(
      "TWILIO_AUTH_TOKEN: a public address needs it, or anybody could call the agent",
    );
  }
  const toolSchemes = new Set(list("TOOL_SCHEME"));
  if (toolSchemes.size === 0) toolSchemes.add("thunderphone");
  const schemeFaults = findSchemeFaults([...toolSchemes]);
  const secretFaults = findSecretFaults(
    [...toolSchemes],
    toolSecrets,
    hosted.includes("tools") ? "takes calls" : "signs",
  );
  faults.push(
    ...schemeFaults.map((each) => `TOOL_SCHEME: ${each}`),
    ...secretFaults.map((each) => `TOOL_SECRETS: ${each}`),
  );
  const databaseUrl = text("DATABASE_URL") ?? "sqlite:data/appointments.db";
  if (!isDatabaseUrl(databaseUrl))
    fault(
      "DATABASE_URL",
      "sqlite:PATH, sqlite::memory: or postgres://user:password@host/database",
    );
  const consoleToken = text("CONSOLE_TOKEN");
  if (consoleToken !== undefined && !CONSOLE_TOKEN.test(consoleToken))
    fault(
      "CONSOLE_TOKEN",
      "at least 16 characters without blanks (openssl rand -hex 16 makes one)",
    );
  const logLevel = LOG_LEVELS.find(
    (level) => level === (text("LOG_LEVEL") ?? "info"),
  );
  if (!logLevel)
    fault(
      "LOG_LEVEL",
      `one of ${LOG_LEVELS.join(", ")}, received "${text("LOG_LEVEL")}"`,
    );

  const config: Config = {
    port: integer("PORT", 8080, 0, 65_535),
    host,
    isPublic,
    toolSecrets,
    toolSchemes: [...toolSchemes],
    toolHeaders: pairs("TOOL_HEADERS", text("TOOL_HEADERS")),
    twilioAuthTokens,
    model: text("MODEL") ?? "claude-haiku-5-5",
    databaseUrl,
    toolTimeoutMs: integer("TOOL_TIMEOUT_MS", 8000, 1, 600_000),
    modelStallMs: integer("MODEL_STALL_MS", 5000, 1, 600_000),
    fillerAfterMs: integer("FILLER_AFTER_MS", 700, 1, 600_000),
    jokeApiUrl:
      env["JOKE_API_URL"]?.trim() === ""
        ? ""
        : (url("JOKE_API_URL", ["https:", "http:"]) ?? JOKE_API),
    callRatePerMinute: integer("CALL_RATE_PER_MINUTE", 30, 0, 10_000),
    upstreamCredentials: pairs(
      "UPSTREAM_CREDENTIALS",
      text("UPSTREAM_CREDENTIALS"),
    ),
    logLevel: logLevel ?? "info",
    ...present("consoleToken", consoleToken),
    ...present("publicUrl", publicUrl?.replace(/\/+$/, "")),
    ...present("anthropicApiKey", text("ANTHROPIC_API_KEY")),
    ...present(
      "anthropicBaseUrl",
      url("ANTHROPIC_BASE_URL", ["https:", "http:"]),
    ),
    ...present("agentConfig", text("AGENT_CONFIG")),
    ...present("businessConfig", text("BUSINESS_CONFIG")),
    ...present("toolsSpec", text("TOOLS_SPEC")),
    ...present("toolsBaseUrl", url("TOOLS_BASE_URL", ["https:", "http:"])),
  };
  if (faults.length > 0) {
    throw new VerbError(
      EXIT.usage,
      `bad configuration:\n${faults.map((each) => `  ${each}`).join("\n")}`,
    );
  }
  return config;
}

/** Flags beat variables, variables beat the `.env` file beside. */
export function readEnvironment(io: Io, flags: Environment = {}): Environment {
  const given = Object.entries(flags).filter(
    ([, value]) => value !== undefined,
  );
  return { ...readEnvFile(io.cwd), ...io.env, ...Object.fromEntries(given) };
}

function readEnvFile(cwd: string): Environment {
  const file = join(cwd, ".env");
  if (!existsSync(file)) return {};
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new VerbError(EXIT.usage, `.env cannot be read: ${String(cause)}`, {
      cause,
    });
  }
}

/** What follows is the driver's to judge; it may hold a password, so it is never shown. */
function isDatabaseUrl(value: string): boolean {
  if (value.startsWith("sqlite:")) return value.length > "sqlite:".length;
  return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value);
}

function present<K extends string, V>(
  key: K,
  value: V | undefined,
): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}
