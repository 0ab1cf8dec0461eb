import { isRecord } from "./json.ts";
import type { Resolver } from "./refs.ts";
import type { Report, SecurityRequirement, SecurityScheme } from "./types.ts";

/** Server URLs with their variables' defaults filled in (OpenAPI 3.1, section 4.8.5). */
export function readServers(servers: unknown): string[] {
  if (!Array.isArray(servers)) return [];
  return servers.flatMap((server) => {
    if (!isRecord(server) || typeof server["url"] !== "string") return [];
    const variables = isRecord(server["variables"]) ? server["variables"] : {};
    return server["url"].replaceAll(/\{([^}]+)\}/g, (whole, name: string) => {
      const variable = Object.hasOwn(variables, name)
        ? variables[name]
        : undefined;
      const value = isRecord(variable) ? variable["default"] : undefined;
      return typeof value === "string" ? value : whole;
    });
  });
}

/** Alternatives, each a list of schemes of which all are needed; an empty list allows anyone. */
export function readSecurity(security: unknown): SecurityRequirement[] {
  return Array.isArray(security)
    ? security.filter(isRecord).map((entry) => Object.keys(entry))
    : [];
}

export function readSchemes(
  root: { [key: string]: unknown },
  resolver: Resolver,
  report: Report,
): Record<string, SecurityScheme> {
  const components = isRecord(root["components"]) ? root["components"] : {};
  const schemes = isRecord(components["securitySchemes"])
    ? components["securitySchemes"]
    : {};
  const result = new Map<string, SecurityScheme>();
  for (const [name, entry] of Object.entries(schemes)) {
    const { value, pointer } = resolver.resolve(
      entry,
      `/components/securitySchemes/${name}`,
    );
    const scheme = toScheme(value);
    if (scheme) {
      result.set(name, scheme);
    } else {
      report({
        rule: "unknown-security-scheme",
        severity: "warning",
        message:
          "expected apiKey, http bearer or basic, oauth2 or openIdConnect",
        pointer,
      });
    }
  }
  return Object.fromEntries(result);
}

function toScheme(value: unknown): SecurityScheme | undefined {
  if (!isRecord(value)) return undefined;
  const { type, name, in: place, scheme } = value;
  if (type === "apiKey" && typeof name === "string") {
    if (place === "header" || place === "query" || place === "cookie")
      return { type, in: place, name };
  }
  if (type === "http" && String(scheme).toLowerCase() === "basic")
    return { type: "basic" };
  if (type === "http" && String(scheme).toLowerCase() === "bearer")
    return { type: "bearer" };
  // Their flows end in a bearer token, which the caller brings (RFC 6750).
  if (type === "oauth2" || type === "openIdConnect") return { type: "bearer" };
  return undefined;
}
