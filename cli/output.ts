import { randomUUID } from "node:crypto";
import {
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { EXIT, VerbError } from "./io.ts";

/**
 * Writes a file whole or not at all: beside it first, then in its place.
 * @throws VerbError when it cannot be written
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    const target = await realpath(file).catch(() => file); // a link stays a link
    const before = await stat(target).catch(() => undefined);
    // A directory refuses, and a device or pipe is no file to put another in the place of.
    if (before && !before.isFile()) return await writeFile(target, text);
    const beside = `${target}.${randomUUID()}.tmp`;
    try {
      await writeFile(beside, text, before ? { mode: before.mode } : {});
      await rename(beside, target);
    } catch (cause) {
      await rm(beside, { force: true });
      throw cause;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VerbError(
      EXIT.usage,
      `--output: ${file} cannot be written: ${why}`,
      { cause },
    );
  }
}

/** How the definitions in a file differ from these, in words; nothing when they are the same. */
export async function compareOutput(
  file: string,
  text: string,
): Promise<string[]> {
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before === undefined) return [`${file} is not there yet`];
  const old = parse(before);
  if (old === undefined) return [`${file} is not JSON`];
  const fresh = parse(text);
  // How a formatter lays it out is no difference.
  if (JSON.stringify(old) === JSON.stringify(fresh)) return [];
  const differences = compareTools(listTools(old), listTools(fresh));
  return differences.length > 0
    ? differences
    : ["what stands beside the tools, or their order, differs"];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function compareTools(
  old: Map<string, string>,
  fresh: Map<string, string>,
): string[] {
  return [
    ...[...fresh.keys()]
      .filter((name) => !old.has(name))
      .map((name) => `${name}: added`),
    ...[...old.keys()]
      .filter((name) => !fresh.has(name))
      .map((name) => `${name}: removed`),
    ...[...fresh]
      .filter(([name, text]) => old.has(name) && old.get(name) !== text)
      .map(([name]) => `${name}: changed`),
  ];
}

function listTools(document: unknown): Map<string, string> {
  const tools: unknown = Object(document)["tools"];
  return new Map(
    (Array.isArray(tools) ? tools : []).map((tool: unknown, index) => [
      nameOf(tool) ?? `tool ${index}`,
      JSON.stringify(tool),
    ]),
  );
}

/** A definition's name, wherever its platform keeps it: the shallowest there is. */
function nameOf(tool: unknown): string | undefined {
  const level: unknown[] = [tool];
  for (const value of level) {
    if (typeof value !== "object" || value === null) continue;
    for (const word of ["name", "display_name"]) {
      const name: unknown = Object.hasOwn(value, word)
        ? (value as Record<string, unknown>)[word]
        : undefined;
      if (typeof name === "string") return name;
    }
    level.push(...Object.values(value));
  }
  return undefined;
}
