import type { Resolver } from "../documents/refs.ts";
import { isRecord } from "../json.ts";
import { isJson, isText, OCTET_STREAM } from "../media-type.ts";
import type { SchemaSource } from "../schemas/schema.ts";
import type { FieldEncoding } from "../types.ts";

/** What a field says of its own content is its part's type, where `encoding` says nothing (OpenAPI 3.1.1, section 4.8.15.1). */
export function withContentTypes(
  fields: { name: string; schema: SchemaSource }[],
  encoding: Map<string, FieldEncoding>,
  resolver: Resolver,
): Map<string, FieldEncoding> {
  const all = new Map(encoding);
  for (const { name, schema } of fields) {
    if ("word" in schema || encoding.get(name)?.contentType !== undefined)
      continue;
    const { value } = resolver.resolve(schema.value, schema.at);
    const type = isRecord(value) ? value["contentMediaType"] : undefined;
    // Bytes of no type in particular may say their own.
    if (typeof type === "string" && type !== OCTET_STREAM)
      all.set(name, { ...encoding.get(name), contentType: type });
  }
  return all;
}

/** A binary string is a file: OpenAPI 3.0's `format: binary`, 3.1's `contentMediaType` without encoding. */
export function isFile(
  source: SchemaSource,
  resolver: Resolver,
  encoding: FieldEncoding | undefined,
): boolean {
  if ("word" in source)
    return source.parts.some((part) => isFile(part, resolver, encoding));
  const { value, at } = resolver.resolve(source.value, source.at);
  if (!isRecord(value)) return false;
  if (value["type"] === "array" && isRecord(value["items"]))
    return isFile(
      { value: value["items"], at: `${at}/items` },
      resolver,
      encoding,
    );
  const isBytes =
    value["format"] === "binary" ||
    value["type"] === "file" ||
    (typeof value["contentMediaType"] === "string" &&
      value["contentEncoding"] === undefined &&
      !isJson(value["contentMediaType"]) &&
      !isText(value["contentMediaType"]));
  const isAny =
    value["type"] === undefined && value["properties"] === undefined;
  const { contentType } = encoding ?? {};
  const saysBytes =
    contentType !== undefined &&
    /^(image|audio|video|application)\//i.test(contentType) &&
    !isJson(contentType);
  return isBytes || (isAny && saysBytes);
}
