import { isRecord } from "../json.ts";
import type { RequestPlan, SecurityScheme } from "../types.ts";

/**
 * Who may call: alternatives, each a list of schemes of which all are needed; an
 * empty list allows anyone. Only the schemes that the operation names are carried along.
 * @param credentials  headers that the operation wants beside, each a scheme of its own
 */
export function readSecurity(
  security: unknown,
  schemes: Record<string, SecurityScheme>,
  credentials: string[],
): Pick<RequestPlan, "security" | "schemes"> {
  const stated = Array.isArray(security)
    ? security.filter(isRecord).map((entry) => Object.keys(entry))
    : [];
  const headers = new Map<string, SecurityScheme>(
    credentials.map((name) => [name, { type: "apiKey", in: "header", name }]),
  );
  const alternatives =
    headers.size === 0
      ? stated
      : [
          ...(stated.length > 0 ? stated : [[]]).map((names) => [
            ...names,
            ...headers.keys(),
          ]),
          ...stated,
        ];
  const named = new Set(alternatives.flat());
  return {
    security: alternatives,
    schemes: Object.fromEntries([
      ...Object.entries(schemes).filter(([name]) => named.has(name)),
      ...headers,
    ]),
  };
}
