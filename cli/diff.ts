import { diffCatalogs } from "../openapi/index.ts";
import type { Catalog, Change } from "../openapi/index.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { printDigest, printJson } from "./print.ts";
import { compileSpec } from "./select.ts";
import type { SelectionFlags } from "./select.ts";

export interface DiffFlags extends SelectionFlags {
  json?: boolean;
}

/** `diff OLD NEW`: what changed for who calls the tools; exit 1 when something breaks. */
export async function diff(
  io: Io,
  old: string,
  fresh: string,
  flags: DiffFlags,
): Promise<number> {
  if (old === "-" && fresh === "-")
    throw new VerbError(EXIT.usage, "only one of the documents can be stdin");
  const differences = diffCatalogs(
    await readCatalog(io, old, flags),
    await readCatalog(io, fresh, flags),
  );
  const { breaking, compatible } = differences;
  if (flags.json) printJson(io, differences);
  else {
    for (const change of breaking) io.stdout.write(toLine("breaking", change));
    for (const change of compatible)
      io.stdout.write(toLine("compatible", change));
  }
  return breaking.length > 0 ? EXIT.findings : EXIT.ok;
}

/** @throws VerbError when there is nothing to compare; a document that is wrong would look like tools taken away */
async function readCatalog(
  io: Io,
  spec: string,
  flags: DiffFlags,
): Promise<Catalog> {
  const { catalog } = await compileSpec(io, spec, flags);
  const errors = catalog.diagnostics.filter(
    ({ severity }) => severity === "error",
  );
  printDigest(io.stderr, errors);
  if (catalog.tools.length === 0)
    throw new VerbError(EXIT.input, `${spec} yields no tool`);
  return catalog;
}

function toLine(kind: string, { tool, path, rule, message }: Change): string {
  return `${kind} ${rule} ${tool}${path === "" ? "" : ` ${path}`}: ${message}\n`;
}
