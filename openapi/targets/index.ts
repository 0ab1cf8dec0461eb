import { escapePart } from "../documents/pointer.ts";
import type { Catalog, Diagnostic, Tool } from "../types.ts";
import { anthropic } from "./anthropic.ts";
import { anthropicStrict } from "./anthropic-strict.ts";
import { bland } from "./bland.ts";
import { cartesia } from "./cartesia.ts";
import { elevenlabs } from "./elevenlabs.ts";
import { gemini } from "./gemini.ts";
import { mcp } from "./mcp.ts";
import { fitNames } from "./names.ts";
import { openai } from "./openai.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openaiStrict } from "./openai-strict.ts";
import { retell } from "./retell.ts";
import type { EmitOptions, Finding, Order, Target } from "./target.ts";
import { thunderphone } from "./thunderphone.ts";
import { thunderphoneIntegration } from "./thunderphone-integration.ts";
import { vapi } from "./vapi.ts";
import { vapiApiRequest } from "./vapi-api-request.ts";

/** Every platform that `emit` writes for: a new one is a file and a line here. */
const targets = {
  anthropic,
  "anthropic-strict": anthropicStrict,
  openai,
  "openai-responses": openaiResponses,
  "openai-strict": openaiStrict,
  gemini,
  mcp,
  thunderphone,
  "thunderphone-integration": thunderphoneIntegration,
  vapi,
  "vapi-api-request": vapiApiRequest,
  retell,
  elevenlabs,
  bland,
  cartesia,
} satisfies Record<string, Target>;

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
  const platform: Target = targets[target];
  const tools: object[] = [];
  const diagnostics: Diagnostic[] = [];
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const fitted = fitNames(
    catalog.tools.map((tool) => tool.name),
    platform.names ?? {},
  );
  for (const tool of catalog.tools) {
    const name = fitted.get(tool.name) ?? tool.name;
    const order = { tool, name, options, earlier: tools };
    const { definition, findings } = write(platform, target, order, taken);
    for (const finding of findings) diagnostics.push(locate(finding, tool));
    if (definition === undefined) continue;
    tools.push(definition);
    taken.add(name.toLowerCase());
    names.set(name, tool.name);
  }
  return { tools, diagnostics, names: Object.fromEntries(names) };
}

/** One tool's definition if the platform can say it and its checker finds nothing. */
function write(
  platform: Target,
  target: TargetName,
  order: Order,
  taken: ReadonlySet<string>,
): { definition?: object; findings: Finding[] } {
  const fault = (message: string): Finding => ({
    rule: `${target}-rule`,
    severity: "error",
    message,
  });
  if (taken.has(order.name.toLowerCase()))
    return { findings: [fault(`the name ${order.name} is taken`)] };
  try {
    const draft = platform.emit(order);
    if (!("definition" in draft)) return { findings: [draft] };
    const faults = platform.check(draft.definition).map(fault);
    return faults.length > 0 ? { findings: faults } : draft;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack's end
    return { findings: [fault("the schema is nested too deeply")] };
  }
}

function locate(finding: Finding, tool: Tool): Diagnostic {
  const { method, path } = tool.operation;
  return {
    ...finding,
    message: `${tool.name}: ${finding.message}`,
    pointer: `/paths/${escapePart(path)}/${method.toLowerCase()}`,
    operation: `${method} ${path}`,
  };
}
