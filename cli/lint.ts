import { DocumentError, lint as lintDocument } from "../openapi/index.ts";
import { resolveSpec } from "./compile.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { printDiagnostics, printJson } from "./print.ts";

/** `lint SPEC`: what a reader should know about the document; exit 1 when there is anything. */
export async function lint(
  io: Io,
  spec: string,
  flags: { json?: boolean },
): Promise<number> {
  try {
    const diagnostics = await lintDocument(resolveSpec(io, spec));
    if (flags.json) printJson(io, { diagnostics });
    else printDiagnostics(io.stdout, diagnostics);
    return diagnostics.length > 0 ? EXIT.findings : EXIT.ok;
  } catch (error) {
    if (error instanceof DocumentError)
      throw new VerbError(EXIT.input, error.message, { cause: error });
    throw error;
  }
}
