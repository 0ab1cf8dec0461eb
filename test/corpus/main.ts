import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { compile, emit, targetNames } from "../../openapi/index.ts";
import type { Tool } from "../../openapi/index.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const METHODS = [
  "get",
  "put",
  "post",
  "delete",
  "options",
  "head",
  "patch",
  "trace",
];

/**
 * Compiles the real documents named in package.json beside. Every operation of
 * an OpenAPI 3 document has to become a tool whose schema ajv takes and whose
 * definitions no target's checker faults; exit 1 otherwise.
 */
async function main(): Promise<number> {
  execFileSync("npm", ["ci", "--silent"], {
    cwd: here,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const folder = join(here, "node_modules", "@readme", "oas-examples");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json") && !file.endsWith("package.json"))
    .map((file) => join(folder, file));
  const totals = {
    files: 0,
    skipped: 0,
    operations: 0,
    tools: 0,
    broken: 0,
    characters: 0,
    largest: 0,
  };
  for (const file of files) {
    const document = JSON.parse(readFileSync(file, "utf8")) as Document;
    if (typeof document.openapi !== "string") {
      totals.skipped += 1; // Swagger 2 is not read yet
      continue;
    }
    totals.files += 1;
    const operations = countOperations(document);
    const catalog = await compile(file);
    const faults = [
      ...catalog.tools.flatMap(listFaults),
      ...targetNames.flatMap((target) =>
        emit(catalog, target, {
          gateway: "https://gateway.example.com",
        }).diagnostics.map(({ message }) => `${target}: ${message}`),
      ),
    ];
    totals.operations += operations;
    totals.tools += catalog.tools.length;
    totals.broken += faults.length;
    for (const { parameters } of catalog.tools) {
      const { length } = JSON.stringify(parameters);
      totals.characters += length;
      totals.largest = Math.max(totals.largest, length);
    }
    if (operations === catalog.tools.length && faults.length === 0) continue;
    console.log(
      `${relative(folder, file)}: ${catalog.tools.length} of ${operations} operations`,
      faults.slice(0, 3),
    );
  }
  console.log(JSON.stringify(totals));
  return totals.files > 0 &&
    totals.tools === totals.operations &&
    totals.broken === 0
    ? 0
    : 1;
}

interface Document {
  openapi?: string;
  paths?: Record<string, { $ref?: string } & Record<string, unknown>>;
}

/** An independent count: whoever compiles must not count their own work. */
function countOperations(document: Document): number {
  return Object.values(document.paths ?? {})
    .map((item) =>
      item.$ref?.startsWith("#/") ? followRef(document, item.$ref) : item,
    )
    .flatMap((item) => Object.entries(item ?? {}))
    .filter(
      ([key, value]) => METHODS.includes(key) && typeof value === "object",
    ).length;
}

function followRef(document: object, ref: string): object {
  return ref
    .slice(2)
    .split("/")
    .map((part) =>
      decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"),
    )
    .reduce<object>(
      (value, part) => (value as Record<string, object>)[part] ?? {},
      document,
    );
}

function listFaults(tool: Tool): string[] {
  try {
    new Ajv2020({ strict: false, logger: false }).compile(tool.parameters);
    return tool.parameters["type"] === "object"
      ? []
      : [`${tool.name}: root is no object`];
  } catch (error) {
    return [`${tool.name}: ${String(error)}`];
  }
}

process.exitCode = await main();
