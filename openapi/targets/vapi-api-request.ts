import { isRecord } from "../json.ts";
import {
  at,
  fieldFaults,
  headerFaults,
  keywordFaults,
  nameFaults,
  oneOfFaults,
  textFaults,
  urlFaults,
  visitSchemas,
  show,
} from "./checks/check.ts";
import type { Dialect } from "./schemas/dialect.ts";
import { toFindings } from "./findings.ts";
import { toRoute } from "./route.ts";
import { simplify } from "./schemas/subset.ts";
import type { Target } from "./target.ts";

// JsonSchema and CreateApiRequestToolDto of @vapi-ai/server-sdk 2.0.1 (read November 2026)
const KEYWORDS: ReadonlySet<string> = new Set([
  "type",
  "items",
  "properties",
  "description",
  "pattern",
  "format",
  "required",
  "enum",
  "title",
]);
const FORMATS: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);
const TYPES = ["string", "number", "integer", "boolean", "array", "object"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const dialect: Dialect = {
  keywords: KEYWORDS,
  formats: FORMATS,
  unions: "none",
  nulls: "none",
  textEnums: true,
  anything: [{ type: "string" }],
};

/**
 * Vapi's API request tools: https://docs.vapi.ai/tools/api-request/configuration
 * (read November 2026). The body is the model's, and is the bare arguments; path
 * and query take no values of the model.
 */
export const vapiApiRequest: Target = {
  names: { maxLength: 40 },

  emit({ tool, name, options }) {
    const route = toRoute(tool, options, "Vapi", METHODS);
    if ("rule" in route) return route;
    const simplified = simplify(tool.parameters, dialect);
    const definition = {
      type: "apiRequest",
      name,
      description: tool.description,
      ...route,
      ...(tool.inputs.length === 0 && route.method === "GET"
        ? {}
        : { body: simplified.schema }),
      ...(options.headers === undefined
        ? {}
        : { headers: toHeaders(options.headers) }),
      ...(tool.policy.timeoutMs === undefined
        ? {}
        : { timeoutSeconds: Math.ceil(tool.policy.timeoutMs / 1000) }),
    };
    return { definition, findings: toFindings(simplified) };
  },

  check(definition) {
    const { headers, body } = definition as {
      headers?: unknown;
      body?: unknown;
    }; // both are looked at below
    return [
      ...fieldFaults("the tool", definition, [
        "type",
        "name",
        "description",
        "url",
        "method",
        "body",
        "headers",
        "parameters",
        "timeoutSeconds",
        "credentialId",
        "backoffPlan",
        "variableExtractionPlan",
        "messages",
      ]),
      ...oneOfFaults("type", at(definition, "type"), ["apiRequest"]),
      ...nameFaults(at(definition, "name"), /^[a-zA-Z0-9_-]{1,40}$/),
      ...textFaults("description", at(definition, "description"), 0, Infinity),
      ...urlFaults("url", at(definition, "url")), // Liquid, so a brace is a template
      ...oneOfFaults("method", at(definition, "method"), METHODS),
      ...(body === undefined ? [] : bodyFaults(body)),
      ...(headers === undefined ? [] : headerSchemaFaults(headers)),
      ...timeoutFaults(at(definition, "timeoutSeconds")),
    ];
  },
};

/** A header "configured with a value" is never the model's. */
function toHeaders(headers: Record<string, string>): object {
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        { type: "string", value },
      ]),
    ),
  };
}

function headerSchemaFaults(headers: unknown): string[] {
  const properties = at(headers, "properties");
  const values = Object.entries(isRecord(properties) ? properties : {}).map(
    ([name, schema]) => [name, at(schema, "value")],
  );
  return [
    ...oneOfFaults("headers.type", at(headers, "type"), ["object"]),
    ...headerFaults(Object.fromEntries(values)),
  ];
}

function bodyFaults(body: unknown): string[] {
  const faults = keywordFaults("body", body, KEYWORDS);
  if (at(body, "type") !== "object")
    faults.push("the root of body is no object");
  visitSchemas(body, (schema, place) => {
    if (!isRecord(schema)) return;
    const { type, format, enum: values = [], items, properties } = schema;
    if (!TYPES.includes(String(type)))
      faults.push(`body${place}: type ${show(type)}`);
    if (format !== undefined && !FORMATS.has(format))
      faults.push(`body${place}: format ${show(format)}`);
    if ([values].flat().some((value) => typeof value !== "string"))
      faults.push(`body${place}: enum of other values than texts`);
    if (type === "array" && !isRecord(items))
      faults.push(`body${place}: a list without items`);
    if (type === "object" && !isRecord(properties))
      faults.push(`body${place}: an object without properties`);
  });
  return faults;
}

function timeoutFaults(seconds: unknown): string[] {
  return seconds === undefined || (typeof seconds === "number" && seconds > 0)
    ? []
    : [`timeoutSeconds ${show(seconds)} is no time`];
}
