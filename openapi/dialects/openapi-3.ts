import { isRecord } from "../json.ts";
import { isJson } from "../media-type.ts";
import { escapePart } from "../documents/pointer.ts";
import type { SecurityScheme } from "../types.ts";
import { readContent } from "./content-3.ts";
import type { Dialect } from "./dialect.ts";
import { toParameter } from "./parameter-3.ts";
import { findSuccess, listParameters } from "./parts.ts";

const PLACES = ["path", "query", "header", "cookie", "querystring"];

/** OpenAPI 3.0, 3.1 and 3.2. */
export const openapi3: Dialect = {
  readParameters(operation, reading) {
    const { parameters } = reading;
    return listParameters(operation, reading, PLACES).map((raw) => {
      const known = parameters.get(raw.value) ?? toParameter(raw, reading);
      parameters.set(raw.value, known);
      return known;
    });
  },

  readBody({ object, at }, reading) {
    const body = reading.resolver.resolve(
      object["requestBody"],
      `${at}/requestBody`,
    );
    if (!isRecord(body.value) || !isRecord(body.value["content"]))
      return undefined;
    return {
      required: body.value["required"] === true,
      content: readContent(
        body.value["content"],
        `${body.at}/content`,
        reading,
      ),
    };
  },

  readOutput(operation, reading) {
    const response = findSuccess(operation, reading);
    const content = response?.value["content"];
    if (!response || !isRecord(content)) return undefined;
    const media = [...readContent(content, `${response.at}/content`, reading)];
    const json = media.find(([type]) => isJson(type))?.[1].schema;
    return json?.value === undefined ? undefined : json;
  },

  readServers(operation, { documents, servers: known }) {
    const servers =
      operation?.object["servers"] ??
      operation?.items.findLast(({ value }) => value["servers"] !== undefined)
        ?.value["servers"] ??
      documents.root["servers"];
    if (!Array.isArray(servers)) return [];
    const urls =
      known.get(servers) ??
      servers.flatMap((server) => toUrls(server, documents.url));
    known.set(servers, urls);
    return urls;
  },

  readSchemes({ documents: { root }, resolver, report }) {
    const components = isRecord(root["components"]) ? root["components"] : {};
    const schemes = isRecord(components["securitySchemes"])
      ? components["securitySchemes"]
      : {};
    const known = new Map<string, SecurityScheme>();
    for (const [name, entry] of Object.entries(schemes)) {
      const { value, at } = resolver.resolve(
        entry,
        `#/components/securitySchemes/${escapePart(name)}`,
      );
      const scheme = toScheme(value);
      if (scheme) known.set(name, scheme);
      else
        report({
          rule: "unknown-security-scheme",
          severity: "warning",
          message:
            "expected apiKey, http bearer or basic, oauth2 or openIdConnect",
          pointer: at,
        });
    }
    return Object.fromEntries(known);
  },
};

/** A server's URL, its variables' defaults filled in; one that is relative is so to the document (OpenAPI 3.1, section 4.8.5). */
function toUrls(server: unknown, document: URL | undefined): string[] {
  if (!isRecord(server) || typeof server["url"] !== "string") return [];
  const variables = isRecord(server["variables"]) ? server["variables"] : {};
  const url = server["url"].replaceAll(
    /\{([^}]+)\}/g,
    (whole, name: string) => {
      const variable = Object.hasOwn(variables, name)
        ? variables[name]
        : undefined;
      if (!isRecord(variable)) return whole;
      const { default: usual, enum: choices } = variable;
      const value: unknown =
        usual ?? (Array.isArray(choices) ? choices[0] : undefined);
      return ["string", "number"].includes(typeof value)
        ? String(value)
        : whole;
    },
  );
  const isKnown = document?.protocol.startsWith("http") === true;
  return [
    isKnown && URL.canParse(url, document?.href) && !URL.canParse(url)
      ? new URL(url, document).href
      : url,
  ];
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
