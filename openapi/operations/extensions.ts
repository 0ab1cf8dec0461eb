import { isRecord } from "../json.ts";

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

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
  const consequential = object["x-openai-isConsequential"];
  const own = object["x-tool"];
  if ((own ?? mcp ?? speakeasy ?? consequential) === undefined) return NOTHING;
  const isHidden =
    mcp === false ||
    (isRecord(mcp) && mcp["enabled"] === false) ||
    (isRecord(speakeasy) && speakeasy["disabled"] === true);
  return {
    ...(isHidden ? { hidden: true } : {}),
    ...(consequential === true ? { confirm: true } : {}),
    ...(isRecord(speakeasy) ? pick(speakeasy, ["name", "description"]) : {}),
    ...(isRecord(own) ? own : {}),
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
