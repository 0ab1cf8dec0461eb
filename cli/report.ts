import { isAbsolute, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Diagnostic } from "../openapi/index.ts";
import { isUrl } from "./source.ts";

/** Where a report is read: paths are told from there. */
export interface Place {
  cwd: string;
  /** The document, for findings that name no file. */
  file: string | undefined;
}

// https://docs.github.com/actions/reference/workflow-commands-for-github-actions (read November 2026)
const COMMANDS = {
  error: "error",
  warning: "warning",
  info: "notice",
} as const;

/** Findings as commands of GitHub Actions, which shows them beside the lines. */
export function toWorkflowCommands(
  diagnostics: Diagnostic[],
  place: Place,
): string {
  return diagnostics
    .map((diagnostic) => {
      const file = diagnostic.file ?? place.file;
      const properties = Object.entries({
        file: file === undefined ? undefined : toRelative(file, place.cwd),
        line: diagnostic.line?.toString(),
        title: diagnostic.rule,
      })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${escapeProperty(value as string)}`);
      return `::${COMMANDS[diagnostic.severity]} ${properties.join(",")}::${escapeData(diagnostic.message)}\n`;
    })
    .join("");
}

/** As @actions/core escapes them: `packages/core/src/command.ts` of github.com/actions/toolkit. */
function escapeData(text: string): string {
  return text
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

// SARIF 2.1.0, section 3.27.10
const LEVELS = { error: "error", warning: "warning", info: "note" } as const;

/** Findings as a SARIF 2.1.0 log with one run. */
export function toSarif(diagnostics: Diagnostic[], place: Place): object {
  const rules = [...new Set(diagnostics.map(({ rule }) => rule))];
  const indexOf = new Map(rules.map((rule, index) => [rule, index]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "tool-endpoint-kit",
            rules: rules.map((id) => ({
              id,
              shortDescription: { text: id.replaceAll("-", " ") },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => ({
          ruleId: diagnostic.rule,
          ruleIndex: indexOf.get(diagnostic.rule),
          level: LEVELS[diagnostic.severity],
          message: { text: diagnostic.message },
          locations: [toLocation(diagnostic, place)],
        })),
      },
    ],
  };
}

function toLocation(diagnostic: Diagnostic, place: Place): object {
  const file = diagnostic.file ?? place.file;
  const { line, operation, pointer } = diagnostic;
  return {
    ...(file === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: toArtifact(file, place.cwd),
            // A viewer needs a line; the first one stands for the whole file.
            region: { startLine: line ?? 1 },
          },
        }),
    logicalLocations: [
      {
        fullyQualifiedName: pointer || "/",
        ...(operation === undefined ? {} : { name: operation }),
      },
    ],
  };
}

/** SARIF 2.1.0, section 3.4: a relative URI with its base, or an absolute one. */
function toArtifact(file: string, cwd: string): object {
  if (isUrl(file)) return { uri: file };
  const path = toRelative(file, cwd);
  return isAbsolute(path)
    ? { uri: pathToFileURL(path).href }
    : {
        uri: path.split("/").map(encodeURIComponent).join("/"),
        uriBaseId: "%SRCROOT%",
      };
}

/** From the working directory, with "/"; what lies outside of it stays absolute. */
function toRelative(file: string, cwd: string): string {
  if (isUrl(file)) return file;
  const path = relative(cwd, file);
  return path.startsWith("..") || isAbsolute(path)
    ? file
    : path.split(sep).join("/");
}
