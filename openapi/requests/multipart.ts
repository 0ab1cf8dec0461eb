import { createHash } from "node:crypto";
import { types } from "node:util";
import { parseDataUrl } from "./data-url.ts";
import { RequestError } from "../errors.ts";
import { mannerOf, ruleOf, valuesOf } from "./form.ts";
import { canonicalJson, isRecord } from "../json.ts";
import { chooseType, isForm, isJson, isText } from "../media-type.ts";
import { PLAIN } from "./percent.ts";
import { toPairs, toText } from "./styles.ts";
import type { BodyPlan, FieldEncoding } from "../types.ts";

interface Part {
  name: string;
  filename?: string;
  type?: string;
  bytes: Uint8Array;
}

/**
 * Writes fields as multipart/form-data (RFC 7578), a part for each value. The
 * same fields give the same bytes, which can be signed and compared.
 */
export function toMultipart(
  fields: Record<string, unknown>,
  plan: Pick<BodyPlan, "encoding" | "files">,
): { boundary: string; bytes: Uint8Array } {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    toParts(name, value, ruleOf(name, plan.encoding), {
      isFile: plan.files?.includes(name) ?? false,
    }),
  );
  const written = parts.map((part) =>
    Buffer.concat([Buffer.from(toHead(part)), part.bytes, Buffer.from("\r\n")]),
  );
  const boundary = toBoundary(Buffer.concat(written));
  return {
    boundary,
    bytes: Buffer.concat([
      ...written.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part]),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
  };
}

function toParts(
  name: string,
  value: unknown,
  rule: FieldEncoding,
  { isFile }: { isFile: boolean },
): Part[] {
  const manner = isFile ? undefined : mannerOf(rule);
  if (manner)
    return toPairs(name, value, manner, PLAIN).map(([key, text]) => ({
      name: key,
      bytes: Buffer.from(text),
    }));
  return valuesOf(value).map((each) =>
    isFile || types.isUint8Array(each) || isBytesType(rule.contentType)
      ? toFile(name, each, rule)
      : toField(name, each, rule),
  );
}

/** A part without a type is plain text (RFC 7578, section 4.4). */
function toField(name: string, value: unknown, rule: FieldEncoding): Part {
  const isObject = isRecord(value) || Array.isArray(value);
  const type =
    rule.contentType === undefined
      ? isObject
        ? "application/json"
        : undefined
      : chooseType(rule.contentType);
  const text = isJson(type ?? "") ? canonicalJson(value) : toText(value);
  return {
    name,
    ...(type === undefined ? {} : { type }),
    bytes: Buffer.from(text),
  };
}

function toFile(name: string, value: unknown, rule: FieldEncoding): Part {
  const accepted = rule.contentType ?? "";
  const file = { name, filename: name };
  if (types.isUint8Array(value))
    return { ...file, type: chooseType(accepted), bytes: value };
  if (isRecord(value) || Array.isArray(value))
    throw new RequestError(
      "invalid_arguments",
      `${name}: expected a file as text or as data:<type>;base64,<...>`,
    );
  const text = toText(value);
  const { type, bytes } = parseDataUrl(name, text) ?? {
    type: undefined,
    bytes: Buffer.from(text),
  };
  return { ...file, type: chooseType(accepted, type), bytes };
}

/** Types that only bytes have, so a field of one is a file. */
function isBytesType(contentType: string | undefined): boolean {
  const [first = ""] = contentType?.split(",") ?? [];
  return first !== "" && !isJson(first) && !isText(first) && !isForm(first);
}

function toHead({ name, filename, type }: Part): string {
  const disposition = [
    `form-data; name="${escapeName(name)}"`,
    ...(filename === undefined ? [] : [`filename="${escapeName(filename)}"`]),
  ];
  return [
    `Content-Disposition: ${disposition.join("; ")}`,
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    "\r\n",
  ].join("\r\n");
}

/** WHATWG HTML, section 4.10.22.8 (multipart form data). */
function escapeName(text: string): string {
  return text
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A")
    .replaceAll('"', "%22");
}

/** Must not occur in what it divides (RFC 2046, section 5.1.1). */
function toBoundary(content: Buffer): string {
  const hash = createHash("sha256").update(content);
  for (;;) {
    const boundary = hash.copy().digest("hex").slice(0, 32);
    if (!content.includes(boundary)) return boundary;
    hash.update(boundary);
  }
}
