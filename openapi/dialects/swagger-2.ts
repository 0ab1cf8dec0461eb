import { isRecord } from "../json.ts";
import { isForm, isJson, isMultipart } from "../media-type.ts";
import { escapePart } from "../documents/pointer.ts";
import type { Located } from "../documents/refs.ts";
import type { FieldEncoding, SecurityScheme } from "../types.ts";
import type {
  Body,
  Dialect,
  Parameter,
  RawOperation,
  Reading,
} from "./dialect.ts";
import { findSuccess, listParameters } from "./parts.ts";
import type { RawParameter } from "./parts.ts";

const PLACES = ["path", "query", "header"];
/** What a parameter says of itself; all else that it has is its schema (Swagger 2.0, Parameter Object). */
const OWN_WORDS = [
  "name",
  "in",
  "required",
  "description",
  "collectionFormat",
  "allowEmptyValue",
];

/** Swagger 2.0, now called OpenAPI 2.0: https://spec.openapis.org/oas/v2.0.html (read November 2026). */
export const swagger2: Dialect = {
  readParameters(operation, reading) {
    return listAll(operation, reading)
      .filter(({ value }) => PLACES.includes(value.in))
      .map(toParameter);
  },

  readBody(operation, reading) {
    const parameters = listAll(operation, reading);
    const types = listConsumed(operation, reading);
    const body = parameters.find(({ value }) => value.in === "body");
    if (body) {
      const schema = {
        value: body.value["schema"],
        at: `${body.at}/schema`,
      };
      return {
        required: body.value["required"] === true,
        content: new Map(
          (types.length > 0 ? types : ["application/json"]).map((type) => [
            type,
            { schema, encoding: new Map() },
          ]),
        ),
      };
    }
    const fields = parameters.filter(({ value }) => value.in === "formData");
    return fields.length === 0 ? undefined : toForm(operation, fields, types);
  },

  readOutput(operation, reading) {
    const response = findSuccess(operation, reading);
    const schema = response?.value["schema"];
    return response && schema !== undefined
      ? { value: schema, at: `${response.at}/schema` }
      : undefined;
  },

  readServers(operation, { documents: { root, url } }) {
    const remote = url?.protocol.startsWith("http") ? url : undefined;
    const host = text(root["host"]) || remote?.host || "";
    const path = `/${text(root["basePath"])}`.replace(/^\/+/, "/");
    if (host === "") return text(root["basePath"]) === "" ? [] : [path];
    const schemes = operation?.object["schemes"] ?? root["schemes"];
    const listed = Array.isArray(schemes) ? schemes.map(String) : [];
    const usable = listed.filter((scheme) => /^https?$/.test(scheme)).sort();
    const fallback = remote?.protocol.slice(0, -1) ?? "https";
    return (usable.length > 0 ? usable.reverse() : [fallback]).map(
      (scheme) => `${scheme}://${host}${path === "/" ? "" : path}`,
    );
  },

  readSchemes({ documents: { root }, resolver, report }) {
    const definitions = isRecord(root["securityDefinitions"])
      ? root["securityDefinitions"]
      : {};
    const known = new Map<string, SecurityScheme>();
    for (const [name, entry] of Object.entries(definitions)) {
      const { value, at } = resolver.resolve(
        entry,
        `#/securityDefinitions/${escapePart(name)}`,
      );
      const scheme = toScheme(value);
      if (scheme) known.set(name, scheme);
      else
        report({
          rule: "unknown-security-scheme",
          severity: "warning",
          message: "expected apiKey, basic or oauth2",
          pointer: at,
        });
    }
    return Object.fromEntries(known);
  },
};

function listAll(operation: RawOperation, reading: Reading): RawParameter[] {
  return listParameters(operation, reading, [...PLACES, "body", "formData"]);
}

function listConsumed(
  { object }: RawOperation,
  { documents }: Reading,
): string[] {
  const types = object["consumes"] ?? documents.root["consumes"];
  return Array.isArray(types) ? types.map(String) : [];
}

function toParameter({ value, at }: RawParameter): Parameter {
  const { description } = value;
  const place = value.in as Parameter["in"];
  return {
    name: value.name,
    in: place,
    required: value["required"] === true || place === "path",
    ...(typeof description === "string" ? { description } : {}),
    deprecated: false,
    examples: [],
    schema: toSchema({ value, at }),
    wire: toWire(value, place === "query" ? "form" : "simple"),
  };
}

function toSchema({ value, at }: RawParameter): Located {
  // A slip seen in real documents: a schema, as OpenAPI 3 has it.
  if (isRecord(value["schema"]))
    return { value: value["schema"], at: `${at}/schema` };
  const words = Object.entries(value).filter(
    ([word]) => !OWN_WORDS.includes(word),
  );
  return { value: Object.fromEntries(words), at };
}

/** `collectionFormat` in the words of OpenAPI 3; csv is its default. */
function toWire(
  value: Record<string, unknown>,
  plain: "form" | "simple",
): Parameter["wire"] {
  switch (value["collectionFormat"]) {
    case "ssv":
      return { style: "spaceDelimited", explode: false };
    case "tsv":
      return { style: "tabDelimited", explode: false };
    case "pipes":
      return { style: "pipeDelimited", explode: false };
    case "multi":
      return { style: plain, explode: plain === "form" };
    default:
      return { style: plain, explode: false };
  }
}

/** Form parameters as one object, the way OpenAPI 3 says it. */
function toForm(
  { at }: RawOperation,
  fields: RawParameter[],
  types: string[],
): Body {
  const hasFile = fields.some(({ value }) => value["type"] === "file");
  const usable = types.filter(
    (type) => isMultipart(type) || (isForm(type) && !hasFile) || isJson(type),
  );
  const usual = hasFile
    ? "multipart/form-data"
    : "application/x-www-form-urlencoded";
  const required = fields.filter(({ value }) => value["required"] === true);
  const schema = {
    type: "object",
    properties: Object.fromEntries(
      fields.map((field) => [
        field.value.name,
        {
          ...(toSchema(field).value as Record<string, unknown>),
          ...(typeof field.value["description"] === "string"
            ? { description: field.value["description"] }
            : {}),
        },
      ]),
    ),
    required: required.map(({ value }) => value.name),
  };
  const encoding = new Map<string, FieldEncoding>(
    fields
      .filter(({ value }) => value["type"] === "array")
      .map(({ value }) => [value.name, toWire(value, "form")]),
  );
  const form = usable.find((type) => !isJson(type)) ?? usual;
  return {
    required: required.length > 0,
    content: new Map([
      [form, { schema: { value: schema, at: `${at}/parameters` }, encoding }],
    ]),
  };
}

function toScheme(value: unknown): SecurityScheme | undefined {
  if (!isRecord(value)) return undefined;
  const { type, name, in: place } = value;
  if (type === "basic") return { type };
  if (type === "oauth2") return { type: "bearer" };
  const isApiKey = type === "apiKey" && typeof name === "string";
  return isApiKey && (place === "header" || place === "query")
    ? { type: "apiKey", in: place, name }
    : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
