import type { Writable } from "node:stream";
import type { Diagnostic } from "../openapi/index.ts";
import type { Io } from "./io.ts";

const SHOWN_OF_A_RULE = 20;

/** One JSON document on stdout. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Findings as words, one a line: `file:line severity rule message`. */
export function printDiagnostics(
  stream: Writable,
  diagnostics: Diagnostic[],
): void {
  for (const diagnostic of diagnostics) stream.write(toLine(diagnostic));
}

/** The same, but no rule drowns the others. */
export function printDigest(stream: Writable, diagnostics: Diagnostic[]): void {
  const counts = new Map<string, number>();
  for (const diagnostic of diagnostics) {
    const count = (counts.get(diagnostic.rule) ?? 0) + 1;
    counts.set(diagnostic.rule, count);
    if (count <= SHOWN_OF_A_RULE) stream.write(toLine(diagnostic));
  }
  for (const [rule, count] of counts)
    if (count > SHOWN_OF_A_RULE)
      stream.write(
        `… and ${count - SHOWN_OF_A_RULE} more of ${rule}; --json has all\n`,
      );
}

function toLine({
  file,
  line,
  severity,
  rule,
  message,
  pointer,
}: Diagnostic): string {
  const place =
    file === undefined || line === undefined
      ? `${file ?? ""}${pointer && file ? "#" : ""}${pointer}`
      : `${file}:${line}`;
  // A text of the document's may hold line breaks; a finding is one line.
  const words = message.replaceAll(/\s*[\r\n]+\s*/g, " ");
  return `${place || "document"} ${severity} ${rule} ${words}\n`;
}

export function hasErrors(diagnostics: Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
