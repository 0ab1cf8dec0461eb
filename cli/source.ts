import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { parse } from "yaml";
import { EXIT, readAll, VerbError } from "./io.ts";
import type { Io } from "./io.ts";

const LARGE_BYTES = 2_000_000; // YAML of that size takes a second, and nothing can be said meanwhile

const YAML_OPTIONS = {
  merge: true,
  uniqueKeys: false,
  logLevel: "error",
} as const;

/** The document that a verb was given. */
export interface Source {
  /** As the person wrote it. */
  name: string;
  /** What `compile` takes: a file, a URL, or what was read from stdin. */
  document: string | object;
  isRemote: boolean;
  /** Where it is on the disk, if it is there. */
  file?: string;
  /** Reading it takes so long that nobody should wait for the first word. */
  isLarge?: boolean;
}

/**
 * Finds the document that SPEC names: a file, a URL, or `-` for stdin.
 * @throws VerbError for what is no file with something in it
 */
export async function openSource(io: Io, spec: string): Promise<Source> {
  if (spec === "-")
    return { name: "stdin", document: await readDocument(io), isRemote: false };
  // Naming a URL is asking for it.
  if (isUrl(spec)) return { name: spec, document: spec, isRemote: true };
  const file = resolve(io.cwd, spec);
  const found = await stat(file).catch(() => undefined); // the compiler says why it cannot read it
  if (found?.isDirectory())
    throw unreadable(`${spec} is a directory; name the document in it`);
  if (found?.isFile() && found.size === 0) throw unreadable(`${spec} is empty`);
  const isLarge = found !== undefined && found.size > LARGE_BYTES;
  return { name: spec, document: file, isRemote: false, file, isLarge };
}

async function readDocument({ stdin, stderr }: Io): Promise<object> {
  if ("isTTY" in stdin && stdin.isTTY)
    stderr.write("reading the document from the terminal; Ctrl-D ends it\n");
  const text = (await readAll(stdin)).toString("utf8").replace(/^\uFEFF/, "");
  if (text.trim() === "") throw unreadable("stdin is empty");
  const value = parseText(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unreadable("stdin is not an OpenAPI document (no object)");
  return value;
}

function parseText(text: string): unknown {
  try {
    return parseJson(text) ?? parse(text, YAML_OPTIONS);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(`stdin: not JSON or YAML: ${why}`, cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // then it may be YAML
  }
}

export function isUrl(spec: string): boolean {
  return /^https?:\/\//i.test(spec);
}

function unreadable(message: string, cause?: unknown): VerbError {
  return new VerbError(EXIT.input, message, { cause });
}
