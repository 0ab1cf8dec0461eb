import { readFile } from "node:fs/promises";

/** The package's version. */
export async function readVersion(): Promise<string> {
  // From cli/ as from dist/cli/, the nearest package.json above is the package's.
  for (const path of ["../package.json", "../../package.json"]) {
    const text = await readFile(new URL(path, import.meta.url), "utf8").catch(
      () => undefined,
    );
    if (text !== undefined)
      return (JSON.parse(text) as { version: string }).version;
  }
  return "unknown";
}
