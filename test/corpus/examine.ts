import { compile, emit } from "../../openapi/index.ts";
import { compare } from "./completeness.ts";
import type { Mark } from "./fields.ts";
import { listCatalogFaults, listToolFaults } from "./faults.ts";
import { readOperations } from "./reader.ts";
import { openDocument } from "./references.ts";

/** What one document came to. */
export interface Findings {
  operations: number;
  tools: number;
  /** Path and query parameters, and writable fields of bodies, that the reading asks for. */
  parameters: number;
  fields: number;
  /** What a validator, a platform or a reader of the catalog would refuse. */
  faults: string[];
  /** Operations of which the tools say less, or other things, than the document. */
  lossy: number;
  losses: string[];
  /** Of the definitions for Anthropic, as JSON. */
  characters: number;
  largest: number;
  milliseconds: number;
}

// A second compilation costs as much as the first, so the big ones are spared it.
const TWICE_BELOW_MS = 300;

/** Compiles one document, checks the tools, and compares them with an independent reading. */
export async function examine(file: string): Promise<Findings> {
  const start = performance.now();
  const catalog = await compile(file);
  const milliseconds = performance.now() - start;
  const reads = readOperations(openDocument(file));
  const losses = compare(reads, catalog);
  const lengths = emit(catalog, "anthropic").tools.map(
    (tool) => JSON.stringify(tool).length,
  );
  const isStable =
    milliseconds >= TWICE_BELOW_MS ||
    JSON.stringify(await compile(file)) === JSON.stringify(catalog);
  return {
    operations: reads.length,
    tools: catalog.tools.length,
    parameters: countNeeded(reads.map(({ parameters }) => parameters)),
    fields: countNeeded(
      reads.flatMap(({ bodies }) =>
        [...bodies.values()].slice(0, 1).map(({ fields }) => fields),
      ),
    ),
    faults: [
      ...catalog.tools.flatMap((tool) =>
        listToolFaults(tool).map((fault) => `${tool.name}: ${fault}`),
      ),
      ...listCatalogFaults(catalog),
      ...(isStable ? [] : ["compiled twice, the catalog is another one"]),
    ],
    lossy: new Set(losses.map(({ operation }) => operation)).size,
    losses: losses.map(({ operation, what }) => `${operation}: ${what}`),
    characters: lengths.reduce((sum, length) => sum + length, 0),
    largest: Math.max(0, ...lengths),
    milliseconds,
  };
}

function countNeeded(lists: Map<string, Mark>[]): number {
  return lists
    .flatMap((marks) => [...marks.values()])
    .filter((mark) => mark === "needed").length;
}
