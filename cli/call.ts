import { randomUUID } from "node:crypto";
import { readSignedPlaces } from "../middleware/index.ts";
import type { ToolResult } from "../openapi/index.ts";
import { parseConfig, readEnvironment } from "./config.ts";
import type { Config } from "./config.ts";
import { EXIT, readAll, VerbError } from "./io.ts";
import type { ExitCode, Io } from "./io.ts";
import { printJson } from "./print.ts";
import { openCaller, readCatalog } from "./tools.ts";

export interface CallFlags {
  arg: string[];
  data?: string;
  url?: string;
  spec?: string;
  callId?: string;
  key?: string;
  json?: boolean;
}

/** `call TOOL`: one signed tool call, as the relay makes it; prints the answer. */
export async function call(
  io: Io,
  name: string,
  flags: CallFlags,
): Promise<number> {
  for (const [flag, value] of Object.entries({
    "--key": flags.key,
    "--call-id": flags.callId,
  })) {
    if (value === undefined || /^[\x21-\x7e]{1,255}$/.test(value)) continue;
    throw new VerbError(
      EXIT.usage,
      `${flag}: expected up to 255 visible ASCII characters`,
    );
  }
  const config = parseConfig(
    readEnvironment(io, { TOOLS_SPEC: flags.spec, TOOLS_BASE_URL: flags.url }),
  );
  const { callId = `cli-${randomUUID()}`, key = randomUUID() } = flags;
  checkSignable(config, callId, key);
  const catalog = await readCatalog(config.toolsSpec);
  const callTool = openCaller(config, catalog, config.toolsBaseUrl);
  const result = await callTool({
    name,
    arguments: await readArguments(io, flags),
    callId,
    toolUseId: key,
  });
  if (result.ok && isSilent(result)) {
    io.stderr.write(
      `The service answered with status ${result.status} but said nothing.\n`,
    );
    return EXIT.network;
  }
  if (result.ok) {
    printJson(io, result.data);
    const isRefusal =
      typeof result.data === "object" &&
      result.data !== null &&
      "error" in result.data;
    return isRefusal ? EXIT.findings : EXIT.ok;
  }
  if (flags.json) printJson(io, { error: result.message, code: result.code });
  io.stderr.write(`${result.code}: ${result.message}\n`);
  return exitCodeOf(result);
}

/** Where both are one signed id, it has to be read apart again, and has 256 characters at most. */
function checkSignable(
  { toolSchemes: [name = ""], toolSecrets }: Config,
  callId: string,
  key: string,
): void {
  if (toolSecrets.length === 0 || !readSignedPlaces(name).idHeader) return;
  if (key.includes("."))
    throw new VerbError(
      EXIT.usage,
      `--key: expected no dot in it, because TOOL_SCHEME ${name} signs "<call id>.<key>"`,
    );
  if (callId.length + key.length > 255)
    throw new VerbError(
      EXIT.usage,
      `--call-id, --key: expected 255 characters together at most, because TOOL_SCHEME ${name} signs both as one id`,
    );
}

/** Nothing where something was promised is no success; "no content" is (RFC 9110, section 15.3.5). */
function isSilent({
  data,
  status,
}: Extract<ToolResult, { ok: true }>): boolean {
  return (data === null || data === "") && status !== 204 && status !== 205;
}

function exitCodeOf({
  code,
  status,
}: Extract<ToolResult, { ok: false }>): ExitCode {
  if (status === 401 || status === 403) return EXIT.signature;
  if (
    code === "unknown_tool" ||
    code === "invalid_arguments" ||
    code === "no_server"
  )
    return EXIT.usage;
  return EXIT.network;
}

async function readArguments(io: Io, flags: CallFlags): Promise<unknown> {
  const pairs = flags.arg.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
    throw new VerbError(
      EXIT.usage,
      `--arg: expected name=value, received "${pair}"`,
    );
  });
  if (flags.data === undefined) return Object.fromEntries(pairs);
  const text =
    flags.data === "-"
      ? (await readAll(io.stdin)).toString("utf8")
      : flags.data;
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null && !Array.isArray(data)
      ? { ...data, ...Object.fromEntries(pairs) }
      : data;
  } catch (cause) {
    throw new VerbError(
      EXIT.usage,
      `--data: expected JSON, received "${text.slice(0, 60)}"`,
      { cause },
    );
  }
}
