import type { Catalog, Diagnostic } from "../types.ts";
import { anthropic } from "./anthropic.ts";
import type { EmitOptions } from "./target.ts";
import { thunderphone } from "./thunderphone.ts";

/** Every platform that `emit` writes for: a new one is a file and a line here. */
const targets = { anthropic, thunderphone };

export type TargetName = keyof typeof targets;

export const targetNames = Object.keys(targets) as TargetName[];

/** Definitions of one catalog for one platform. */
export interface Emitted {
  tools: object[];
  diagnostics: Diagnostic[];
  /** Emitted name -> name in the catalog. */
  names: Record<string, string>;
}

/**
 * Writes the catalog's tools as a platform wants them. A tool that the platform
 * cannot express is left out and reported, never emitted broken.
 * @throws TypeError for an unknown target
 */
export function emit(
  catalog: Catalog,
  target: TargetName,
  options: EmitOptions = {},
): Emitted {
  if (!Object.hasOwn(targets, target)) {
    throw new TypeError(
      `unknown target ${String(target)}; expected one of ${targetNames.join(", ")}`,
    );
  }
  const { emit: write, check } = targets[target];
  const emitted: Emitted = { tools: [], diagnostics: [], names: {} };
  for (const tool of catalog.tools) {
    const { method, path } = tool.operation;
    const report = (rule: string, message: string) =>
      emitted.diagnostics.push({
        rule,
        severity: "error",
        message: `${tool.name}: ${message}`,
        pointer: `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/${method.toLowerCase()}`,
        operation: `${method} ${path}`,
      });
    const result = write(tool, options);
    if ("rule" in result) {
      report(result.rule, result.message);
      continue;
    }
    const faults = check(result.definition);
    for (const fault of faults) report(`${target}-rule`, fault);
    if (faults.length > 0) continue;
    emitted.tools.push(result.definition);
    emitted.names[tool.name] = tool.name;
  }
  return emitted;
}
