import { quote } from "../json.ts";
import type { RawOperation } from "../dialects/dialect.ts";
import type { Report, Tool, ToolPolicy } from "../types.ts";

const MOST = { timeoutMs: 600_000, maxCalls: 1000 };

/** What `x-tool` says of a call of the tool; a limit that is none is reported and not taken. */
export function toPolicy(
  { at }: RawOperation,
  said: Record<string, unknown>,
  effect: Tool["effect"],
  report: Report,
): ToolPolicy {
  function count(word: "timeoutMs" | "maxCalls"): number | undefined {
    const value = said[word];
    if (value === undefined) return undefined;
    if (
      Number.isInteger(value) &&
      Number(value) >= 1 &&
      Number(value) <= MOST[word]
    )
      return Number(value);
    report({
      rule: "invalid-x-tool",
      severity: "warning",
      message: `${word}: expected a whole number from 1 to ${MOST[word]}, received ${quote(value)}`,
      pointer: `${at}/x-tool/${word}`,
    });
    return undefined;
  }
  const timeoutMs = count("timeoutMs");
  const maxCalls = count("maxCalls");
  const { onInterrupt, response } = said;
  const isPointers =
    Array.isArray(response) &&
    response.every((each) => /^(\/|$)/.test(String(each)));
  if (response !== undefined && !isPointers)
    report({
      rule: "invalid-x-tool",
      severity: "warning",
      message: `response: expected a list of JSON pointers, received ${quote(response)}`,
      pointer: `${at}/x-tool/response`,
    });
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(Array.isArray(said["filler"])
      ? { filler: said["filler"].map(String) }
      : {}),
    onInterrupt:
      onInterrupt === "cancel" || onInterrupt === "finish"
        ? onInterrupt
        : effect === "read"
          ? "cancel"
          : "finish",
    confirm: said["confirm"] === true,
    ...(maxCalls === undefined ? {} : { maxCalls }),
    ...(isPointers ? { response: response.map(String) } : {}),
  };
}
