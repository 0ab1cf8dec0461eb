import type { HttpRequest } from "../../openapi/index.ts";

/** How a parameter is written (OpenAPI 3.1.1, section 4.8.12.2). */
export interface Wire {
  in: "path" | "query" | "header" | "cookie";
  name: string;
  style: string;
  explode: boolean;
}

interface Schema {
  type?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}

/**
 * Reads a parameter as a server would: written from OpenAPI's table of styles
 * and RFC 6570, and from nothing of ours.
 * @param around  what stands before and after a path parameter
 */
export function readParameter(
  { url, headers }: HttpRequest,
  wire: Wire,
  schema: Schema,
  around: { before: string; after: string },
): unknown {
  const { pathname, search } = new URL(url);
  const { name, style, explode } = wire;
  const pairs = search
    .slice(1)
    .split("&")
    .map((pair): [string, string] => {
      const [key = "", ...rest] = pair.split("=");
      return [decodeURIComponent(key), rest.join("=")];
    });
  switch (wire.in) {
    case "path": {
      if (
        !pathname.startsWith(around.before) ||
        !pathname.endsWith(around.after)
      )
        throw new Error(`left its place: ${pathname}`);
      const raw = pathname.slice(around.before.length, -around.after.length);
      if (raw.includes("/")) throw new Error(`left its segment: ${pathname}`);
      return readPath(raw, wire, schema);
    }
    case "query": {
      if (style === "deepObject") {
        const fields = pairs.map(([key, value]): [string, string] => [
          /\[(.*)\]$/.exec(key)?.[1] ?? "",
          value,
        ]);
        return toObject(fields, schema);
      }
      if (schema.type === "object" && explode) return toObject(pairs, schema);
      const own = pairs
        .filter(([key]) => key === name)
        .map(([, value]) => value);
      if (schema.type === "array" && explode)
        return own.map((each) => toValue(each, schema.items));
      const separator =
        { spaceDelimited: "%20", pipeDelimited: "%7C" }[style] ?? ",";
      return readList(own[0] ?? "", separator, schema);
    }
    case "header":
      return readSimple(headers[name] ?? "", explode, schema, (raw) => raw);
    case "cookie": {
      const raw = (headers["Cookie"] ?? "").slice(name.length + 1);
      return readList(raw, ",", schema);
    }
  }
}

function readPath(
  raw: string,
  { name, style, explode }: Wire,
  schema: Schema,
): unknown {
  if (style === "simple") return readSimple(raw, explode, schema);
  if (style === "label") {
    const value = raw.replace(/^\./, "");
    if (!explode || (schema.type !== "array" && schema.type !== "object"))
      return readList(value, ",", schema, explode);
    const parts = value.split(".");
    return schema.type === "array"
      ? parts.map((part) => toValue(part, schema.items))
      : toObject(mend(parts).map(toPair), schema);
  }
  const parts = raw.slice(1).split(";");
  if (schema.type === "array" && explode)
    return parts.map((part) => toValue(toPair(part)[1], schema.items));
  if (schema.type === "object" && explode)
    return toObject(parts.map(toPair), schema);
  return readList(parts.join(";").slice(name.length + 1), ",", schema);
}

/** A number's own dot is not the label's. */
function mend(parts: string[]): string[] {
  return parts.reduce<string[]>(
    (whole, part) =>
      part.includes("=")
        ? [...whole, part]
        : [...whole.slice(0, -1), `${whole.at(-1)}.${part}`],
    [],
  );
}

function readSimple(
  raw: string,
  explode: boolean,
  schema: Schema,
  decode = decodeURIComponent,
): unknown {
  if (schema.type === "object" && explode)
    return toObject(raw.split(",").map(toPair), schema, decode);
  return readList(raw, ",", schema, false, decode);
}

/** A list, an object as a list of names and values, or one value. */
function readList(
  raw: string,
  separator: string,
  schema: Schema,
  _explode = false,
  decode = decodeURIComponent,
): unknown {
  if (schema.type === "array")
    return raw
      .split(separator)
      .map((part) => toValue(part, schema.items, decode));
  if (schema.type !== "object") return toValue(raw, schema, decode);
  const parts = raw.split(separator);
  const pairs = parts.flatMap((part, index): [string, string][] =>
    index % 2 === 0 ? [[part, parts[index + 1] ?? ""]] : [],
  );
  return toObject(pairs, schema, decode);
}

function toPair(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function toObject(
  pairs: [string, string][],
  { properties }: Schema,
  decode = decodeURIComponent,
): unknown {
  return Object.fromEntries(
    pairs.map(([key, value]) => [
      decode(key),
      toValue(value, properties?.[decode(key)], decode),
    ]),
  );
}

function toValue(
  raw: string,
  schema: Schema | undefined,
  decode = decodeURIComponent,
): unknown {
  const text = decode(raw);
  if (schema?.type === "number" || schema?.type === "integer")
    return Number(text);
  if (schema?.type === "boolean") return text === "true";
  return text;
}

/** Reads a body by its own Content-Type: JSON, or with the platform's own form readers. */
export async function readBody(
  { headers, body }: HttpRequest,
  properties: Record<string, Schema>,
): Promise<unknown> {
  const type = headers["Content-Type"] ?? "";
  const bytes = Buffer.from(body ?? new Uint8Array());
  if (/json/.test(type)) return JSON.parse(bytes.toString("utf8"));
  const form = await new Response(bytes, {
    headers: { "Content-Type": type },
  }).formData();
  const names = [...new Set(form.keys())];
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => {
        const schema = properties[name];
        const texts = await Promise.all(
          form
            .getAll(name)
            .map(async (each) =>
              typeof each === "string" ? each : each.text(),
            ),
        );
        return [name, readField(texts, schema)];
      }),
    ),
  );
}

function readField(texts: string[], schema: Schema | undefined): unknown {
  const [first = ""] = texts;
  if (schema?.type === "array") return texts;
  if (schema?.type === "object") return JSON.parse(first);
  if (schema?.type === "integer") return Number(first);
  if (schema?.type === "boolean") return first === "true";
  return first;
}
