import type { Writable } from "node:stream";
import type { Diagnostic } from "../openapi/index.ts";
import type { Io } from "./io.ts";

/** One JSON document on stdout. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Findings as words, one a line: `file:line severity rule message`. */
export function printDiagnostics(
  stream: Writable,
  diagnostics: Diagnostic[],
): void {
  for (const { file, line, severity, rule, message, pointer } of diagnostics) {
    const place =
      file === undefined
        ? pointer
        : `${file}${line === undefined ? "" : `:${line}`}`;
    stream.write(`${place || "document"} ${severity} ${rule} ${message}\n`);
  }
}

export function hasErrors(diagnostics: Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
