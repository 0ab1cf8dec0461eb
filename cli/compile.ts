import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  compile as compileDocument,
  DocumentError,
  emit,
  targetNames,
} from "../openapi/index.ts";
import type { TargetName } from "../openapi/index.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { hasErrors, printDiagnostics } from "./print.ts";

export interface CompileFlags {
  target: string;
  server?: string;
  gateway?: string;
  header: string[];
  include: string[];
  exclude: string[];
  output?: string;
  json?: boolean;
}

/** `compile SPEC`: prints `{"tools":[...]}` for one target; what could not be said is told on stderr. */
export async function compile(
  io: Io,
  spec: string,
  flags: CompileFlags,
): Promise<number> {
  const target = targetNames.find((name) => name === flags.target);
  if (!target) {
    throw new VerbError(
      EXIT.usage,
      `--target: expected one of ${targetNames.join(", ")}, received "${flags.target}"`,
    );
  }
  const { tools, diagnostics, names } = await emitFor(
    target,
    resolveSpec(io, spec),
    flags,
  );
  if (!flags.json) printDiagnostics(io.stderr, diagnostics);
  if (tools.length === 0)
    throw new VerbError(EXIT.input, `${spec} yields no tool for ${target}`);
  const result = flags.json ? { tools, names, diagnostics } : { tools };
  const text = `${JSON.stringify(result, undefined, 2)}\n`;
  if (flags.output === undefined || flags.output === "-") io.stdout.write(text);
  else await writeOutput(resolve(io.cwd, flags.output), text);
  return hasErrors(diagnostics) ? EXIT.findings : EXIT.ok;
}

async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VerbError(
      EXIT.usage,
      `--output: ${file} cannot be written: ${why}`,
      { cause },
    );
  }
}

async function emitFor(
  target: TargetName,
  source: string,
  flags: CompileFlags,
) {
  const { server, gateway } = flags;
  const headers = parseHeaders(flags.header);
  for (const [name, value] of Object.entries({
    "--server": server,
    "--gateway": gateway,
  })) {
    if (value !== undefined && !/^https?:\/\/./.test(value)) {
      throw new VerbError(
        EXIT.usage,
        `${name}: expected an http or https URL, received "${value}"`,
      );
    }
  }
  try {
    const catalog = await compileDocument(source, {
      include: flags.include,
      exclude: flags.exclude,
      remote: isUrl(source), // naming it is asking for it
    });
    const emitted = emit(catalog, target, {
      headers,
      ...(server === undefined ? {} : { server }),
      ...(gateway === undefined ? {} : { gateway }),
    });
    return {
      ...emitted,
      diagnostics: [...catalog.diagnostics, ...emitted.diagnostics],
    };
  } catch (error) {
    if (error instanceof DocumentError)
      throw new VerbError(EXIT.input, error.message, { cause: error });
    throw error;
  }
}

export function resolveSpec(io: Io, spec: string): string {
  return isUrl(spec) ? spec : resolve(io.cwd, spec);
}

function isUrl(spec: string): boolean {
  return /^https?:\/\//.test(spec);
}

export function parseHeaders(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([^\s:]+)\s*:\s*(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new VerbError(
        EXIT.usage,
        `--header: expected "Name: value", received "${line}"`,
      );
    }),
  );
}
