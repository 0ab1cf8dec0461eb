import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { appointmentsDocument, compile } from "../openapi/index.ts";
import type { Catalog } from "../openapi/index.ts";

/** Written by `npm run build`; source has none, and compiles the document. */
const built = new URL("./appointments.catalog.json", import.meta.url);

let catalog: Promise<Catalog> | undefined;

/** The bundled document's tools, once for all who ask: a start has no time to compile them. */
export function compileAppointments(): Promise<Catalog> {
  return (catalog ??= readFile(built, "utf8").then(
    (text) => JSON.parse(text) as Catalog, // plain JSON, and our own
    () => compile(fileURLToPath(appointmentsDocument)),
  ));
}
