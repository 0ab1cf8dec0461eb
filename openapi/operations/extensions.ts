import { isRecord } from "../json.ts";

/**
 * What a document says of an operation as a tool: `x-tool` (design.md section 4),
 * and below it what other tools' extensions say of the same.
 * @see https://www.speakeasy.com/docs/agent-tools/customize-tools (x-speakeasy-mcp)
 * @see https://github.com/harsha-iiiv/openapi-mcp-generator (x-mcp), both read November 2026
 */
export function readExtensions(
  object: Record<string, unknown>,
): Record<string, unknown> {
  const mcp = object["x-mcp"];
  const speakeasy = object["x-speakeasy-mcp"];
  const isHidden =
    mcp === false ||
    (isRecord(mcp) && mcp["enabled"] === false) ||
    (isRecord(speakeasy) && speakeasy["disabled"] === true);
  return {
    ...(isHidden ? { hidden: true } : {}),
    ...(object["x-openai-isConsequential"] === true ? { confirm: true } : {}),
    ...(isRecord(speakeasy) ? pick(speakeasy, ["name", "description"]) : {}),
    ...(isRecord(object["x-tool"]) ? object["x-tool"] : {}),
  };
}

function pick(
  object: Record<string, unknown>,
  words: string[],
): Record<string, unknown> {
  return Object.fromEntries(
    words
      .filter((word) => typeof object[word] === "string")
      .map((word) => [word, object[word]]),
  );
}
