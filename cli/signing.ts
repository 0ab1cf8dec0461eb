import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseConfig, readEnvironment } from "./config.ts";
import { EXIT, readAll, VerbError } from "./io.ts";
import type { Io } from "./io.ts";

export interface SigningFlags {
  secretFile?: string;
}

/** Secrets from TOOL_SECRETS or a file: never from the command line, which others can list. */
export async function readSecrets(
  io: Io,
  flags: SigningFlags,
): Promise<{ scheme: string; secrets: [string, ...string[]] }> {
  const config = parseConfig(readEnvironment(io));
  const fromFile =
    flags.secretFile === undefined
      ? undefined
      : await readSecretFile(io, flags.secretFile);
  const [first, ...others] = fromFile ?? config.toolSecrets;
  if (first === undefined) {
    throw new VerbError(
      EXIT.usage,
      "no secret: set TOOL_SECRETS, or give --secret-file",
    );
  }
  return { scheme: config.toolScheme, secrets: [first, ...others] };
}

/** The exact bytes of a file, or of stdin; a terminal is not waited for. */
export async function readBody(
  io: Io,
  file: string | undefined,
): Promise<Buffer> {
  if (file !== undefined && file !== "-") return readFileOf(io, file);
  if ("isTTY" in io.stdin && io.stdin.isTTY === true) {
    throw new VerbError(
      EXIT.usage,
      "no body: give a file, or pipe the body to stdin",
    );
  }
  return readAll(io.stdin);
}

async function readSecretFile(io: Io, file: string): Promise<string[]> {
  const text = (await readFileOf(io, file))
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (text.trim() === "")
    throw new VerbError(EXIT.usage, `--secret-file ${file} is empty`);
  return [text];
}

async function readFileOf(io: Io, file: string): Promise<Buffer> {
  try {
    return await readFile(resolve(io.cwd, file));
  } catch (cause) {
    throw new VerbError(
      EXIT.input,
      `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
