import type { CallTool, Catalog, Tool, ToolResult } from "../openapi/index.ts";
import type { ModelReply } from "./claude.ts";
import type { ToolOutcome, ToolUse } from "./state.ts";

const MAX_RESULT_CHARACTERS = 8000;
// The caller of a tool keeps its own limit; this one holds when it does not.
const GRACE_MS = 500;

/** What the session needs to know of the tools that a reply calls. */
export function toUses(
  calls: ModelReply["calls"],
  catalog: Catalog,
): ToolUse[] {
  const tools = new Map(catalog.tools.map((tool) => [tool.name, tool]));
  return calls.map(({ id, name, input, json }) => {
    const tool = tools.get(name);
    return {
      id,
      name,
      input: input ?? {},
      onInterrupt: tool?.policy.onInterrupt ?? "cancel",
      filler: tool?.policy.filler ?? [],
      ...faultOf(tool, name, input, json, tools),
    };
  });
}

function faultOf(
  tool: Tool | undefined,
  name: string,
  input: object | undefined,
  json: string,
  tools: ReadonlyMap<string, Tool>,
): { fault: string } | object {
  if (!tool)
    return {
      fault: `There is no tool ${name}. The tools are: ${[...tools.keys()].join(", ")}.`,
    };
  if (input === undefined)
    return {
      fault: `The arguments were not a JSON object: ${json.slice(0, 200)}`,
    };
  return {};
}

/** Carries out one call; it always comes to an outcome in words for the model, in time. */
export async function runTool(
  callTool: CallTool,
  use: ToolUse,
  call: { callId: string; signal: AbortSignal; timeoutMs: number },
): Promise<ToolOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ToolResult>((resolve) => {
    timer = setTimeout(() => resolve(TOO_LATE), call.timeoutMs + GRACE_MS);
  });
  try {
    const { callId, signal } = call;
    const request = {
      name: use.name,
      arguments: use.input,
      callId,
      toolUseId: use.id,
      signal,
    };
    return toOutcome(await Promise.race([callTool(request), late]));
  } catch {
    return { content: "The tool failed.", isError: true };
  } finally {
    clearTimeout(timer);
  }
}

const TOO_LATE: ToolResult = {
  ok: false,
  code: "timeout",
  message: "The tool did not answer in time.",
};

function toOutcome(result: ToolResult): ToolOutcome {
  if (!result.ok) return { content: result.message, isError: true };
  const { data, status } = result;
  if (data === null || data === "") {
    // "No content" is an answer (RFC 9110, section 15.3.5); nothing where something was promised is a fault.
    if (status === 204 || status === 205)
      return {
        content: "Done. There is no further information.",
        isError: false,
      };
    return {
      content: `The service answered with status ${status} but said nothing.`,
      isError: true,
    };
  }
  const text = typeof data === "string" ? data : JSON.stringify(data);
  if (text.length <= MAX_RESULT_CHARACTERS)
    return { content: text, isError: false };
  return {
    content: `${text.slice(0, MAX_RESULT_CHARACTERS)} [cut: the answer is longer]`,
    isError: false,
  };
}
