import { isRecord, quote } from "../json.ts";
import { isJson } from "../media-type.ts";
import { escapePart } from "../documents/pointer.ts";
import type { Located } from "../documents/refs.ts";
import type { FieldEncoding, SecurityScheme, Style } from "../types.ts";
import type { Body, Dialect, Parameter, Reading } from "./dialect.ts";
import { findSuccess, listParameters } from "./parts.ts";
import type { RawParameter } from "./parts.ts";

const PLACES = ["path", "query", "header", "cookie", "querystring"];
/** Which styles a place has (OpenAPI 3.2, section 4.12.2.2); the first is its default. */
const STYLES: Record<Parameter["in"], [Style, ...Style[]]> = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
  cookie: ["form", "cookie"],
};

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

  readServers(operation, { documents }) {
    const servers =
      operation?.object["servers"] ??
      operation?.items.findLast(({ value }) => value["servers"] !== undefined)
        ?.value["servers"] ??
      documents.root["servers"];
    return Array.isArray(servers)
      ? servers.flatMap((server) => toUrls(server, documents.url))
      : [];
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

function toParameter({ value, at }: RawParameter, reading: Reading): Parameter {
  const place = value.in === "querystring" ? "query" : value.in;
  const where = place as Parameter["in"];
  const schema = readSchema({ value, at }, reading);
  const { description } = value;
  return {
    name: value.name,
    in: where,
    required: value["required"] === true || where === "path",
    ...(typeof description === "string" ? { description } : {}),
    deprecated: value["deprecated"] === true,
    examples: readExamples({ value, at }, reading),
    schema: schema.located,
    wire: {
      ...readStyle({ value, at }, where, reading),
      ...(schema.mediaType === undefined
        ? {}
        : { mediaType: schema.mediaType }),
    },
  };
}

/** `schema`, or that of the one media type in `content`, or in a slip the parameter itself, as in Swagger 2. */
function readSchema(
  { value, at }: RawParameter,
  reading: Reading,
): { located: Located; mediaType?: string } {
  if (value["schema"] !== undefined)
    return { located: { value: value["schema"], at: `${at}/schema` } };
  const [first] = isRecord(value["content"])
    ? readContent(value["content"], `${at}/content`, reading)
    : [];
  if (first) return { located: first[1].schema, mediaType: first[0] };
  const { type, format, items, enum: choices, pattern } = value;
  const slip = { type, format, items, enum: choices, pattern };
  const said = Object.entries(slip).filter(([, each]) => each !== undefined);
  return { located: { value: Object.fromEntries(said), at } };
}

function readStyle(
  { value, at }: RawParameter,
  place: Parameter["in"],
  { report }: Reading,
): Parameter["wire"] {
  if (value.in === "querystring")
    return { style: "querystring", explode: true };
  const [usual, ...others] = STYLES[place];
  const given = value["style"];
  const style = [usual, ...others].find((each) => each === given) ?? usual;
  if (given !== undefined && given !== style)
    report({
      rule: "unknown-style",
      severity: "warning",
      message: `a ${place} parameter has no style ${quote(given)}, ${style} is used`,
      pointer: `${at}/style`,
    });
  const { explode } = value;
  return {
    style,
    explode:
      typeof explode === "boolean"
        ? explode
        : style === "form" || style === "cookie",
    ...(value["allowReserved"] === true ? { allowReserved: true } : {}),
  };
}

function readContent(
  content: Record<string, unknown>,
  at: string,
  { resolver }: Reading,
): Body["content"] {
  return new Map(
    Object.entries(content).map(([type, entry]) => {
      const media = resolver.resolve(entry, `${at}/${escapePart(type)}`);
      const object = isRecord(media.value) ? media.value : {};
      return [
        type,
        {
          schema: { value: object["schema"], at: `${media.at}/schema` },
          encoding: readEncoding(object["encoding"]),
        },
      ];
    }),
  );
}

function readEncoding(encoding: unknown): Map<string, FieldEncoding> {
  if (!isRecord(encoding)) return new Map();
  const styles = STYLES.query;
  return new Map(
    Object.entries(encoding)
      .filter((entry): entry is [string, Record<string, unknown>] =>
        isRecord(entry[1]),
      )
      .map(([name, { style, explode, allowReserved, contentType }]) => {
        const known = styles.find((each) => each === style);
        return [
          name,
          {
            ...(known === undefined ? {} : { style: known }),
            ...(typeof explode === "boolean" ? { explode } : {}),
            ...(allowReserved === true ? { allowReserved } : {}),
            ...(typeof contentType === "string" ? { contentType } : {}),
          },
        ];
      }),
  );
}

/** `example` or `examples`; those that are a file elsewhere say nothing here. */
function readExamples(
  { value, at }: RawParameter,
  { resolver }: Reading,
): unknown[] {
  if (value["example"] !== undefined) return [value["example"]];
  const examples = isRecord(value["examples"]) ? value["examples"] : {};
  return Object.entries(examples)
    .map(
      ([name, example]) =>
        resolver.resolve(example, `${at}/examples/${escapePart(name)}`).value,
    )
    .flatMap((example) =>
      isRecord(example) && example["value"] !== undefined
        ? [example["value"]]
        : [],
    );
}

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
