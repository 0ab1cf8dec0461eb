import type { Simplified } from "./schemas/subset.ts";
import type { Finding } from "./target.ts";
import { shortenText } from "./words.ts";

const MAX_LISTED = 5;

/** What got lost on the way into a platform's dialect; one finding a kind and tool. */
export function toFindings({
  losses,
  limits,
}: Pick<Simplified, "losses" | "limits">): Finding[] {
  return [
    ...finding("warning", "the model cannot say all: ", losses),
    ...finding("info", "only the server checks: ", limits),
  ];
}

function finding(
  severity: "warning" | "info",
  lead: string,
  what: string[],
): Finding[] {
  if (what.length === 0) return [];
  const rest = what.length - MAX_LISTED;
  const listed = [
    ...what.slice(0, MAX_LISTED),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
  return [
    {
      rule: "schema-simplified",
      severity,
      message: `${lead}${listed.join(", ")}`,
    },
  ];
}

/** Why a tool is written without a strict form. */
export function notStrict(reasons: string[]): Finding {
  const rest = reasons.length - MAX_LISTED;
  const listed = reasons.slice(0, MAX_LISTED).join(", ");
  return {
    rule: "not-strict",
    severity: "info",
    message: `not strict: ${listed}${rest > 0 ? `, and ${rest} more` : ""}`,
  };
}

/** A description within a platform's bounds. */
export function toDescription(
  text: string,
  maxLength: number,
): { description: string; findings: Finding[] } {
  const description = shortenText(text, maxLength);
  if (description === text) return { description, findings: [] };
  return {
    description,
    findings: [
      {
        rule: "description-shortened",
        severity: "info",
        message: `the description has ${text.length} characters and is cut at ${maxLength}`,
      },
    ],
  };
}
