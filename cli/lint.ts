import { lint as lintDocument } from "../openapi/index.ts";
import type { Diagnostic } from "../openapi/index.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { printDiagnostics, printJson } from "./print.ts";
import { createProgress } from "./progress.ts";
import { toSarif, toWorkflowCommands } from "./report.ts";
import { toOptions, withWords } from "./select.ts";
import type { SelectionFlags } from "./select.ts";
import { openSource } from "./source.ts";

const FORMATS = ["text", "json", "github", "sarif"] as const;
type Format = (typeof FORMATS)[number];

export interface LintFlags extends SelectionFlags {
  format?: string;
  json?: boolean;
}

/** `lint SPEC`: what a reader should know about the document; exit 1 for more than an `info`. */
export async function lint(
  io: Io,
  spec: string,
  flags: LintFlags,
): Promise<number> {
  const format = parseFormat(flags);
  const source = await openSource(io, spec);
  const progress = createProgress(io, `reading ${source.name}`, {
    isLarge: source.isLarge === true,
  });
  let diagnostics: Diagnostic[];
  try {
    diagnostics = await withWords(() =>
      lintDocument(source.document, {
        ...toOptions(flags, source),
        onProgress: progress.onProgress,
      }),
    );
  } finally {
    progress.end();
  }
  print(io, format, diagnostics, source.file);
  if (diagnostics.some(({ rule }) => rule === "no-tools")) return EXIT.input;
  return diagnostics.some(({ severity }) => severity !== "info")
    ? EXIT.findings
    : EXIT.ok;
}

function parseFormat({ format, json }: LintFlags): Format {
  const known = FORMATS.find((name) => name === format);
  if (format !== undefined && !known)
    throw new VerbError(
      EXIT.usage,
      `--format: expected one of ${FORMATS.join(", ")}, received "${format}"`,
    );
  return known ?? (json ? "json" : "text");
}

function print(
  io: Io,
  format: Format,
  diagnostics: Diagnostic[],
  file: string | undefined,
): void {
  switch (format) {
    case "text":
      return printDiagnostics(io.stdout, diagnostics);
    case "json":
      return printJson(io, { diagnostics });
    case "github":
      io.stdout.write(toWorkflowCommands(diagnostics, { cwd: io.cwd, file }));
      return;
    case "sarif":
      return printJson(io, toSarif(diagnostics, { cwd: io.cwd, file }));
    default:
      return format satisfies never;
  }
}
