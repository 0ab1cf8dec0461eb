import { RequestError } from "../errors.ts";
import { canonicalJson, isRecord, quote } from "../json.ts";
import type { TextEncoding } from "./percent.ts";
import type { Style } from "../types.ts";

type Pair = [name: string, value: string];
interface Manner {
  style: Style;
  explode: boolean;
}

const DELIMITERS: ReadonlyMap<Style, string> = new Map([
  ["spaceDelimited", " "],
  ["pipeDelimited", "|"],
  ["tabDelimited", "\t"],
]);

/** A value taken apart. */
type Parts =
  | { of: "scalar"; text: string }
  | { of: "list"; texts: string[] }
  | { of: "object"; fields: Pair[] };

/** Text as it is, all else as JSON. */
export function toText(value: unknown): string {
  return typeof value === "string" ? value : canonicalJson(value);
}

/** The styles without `name=value` pairs: simple, label, matrix (OpenAPI 3.1, section 4.8.12.5). Undefined where there is nothing to write. */
export function toStyledText(
  name: string,
  value: unknown,
  { style, explode }: Manner,
  encode: TextEncoding,
): string | undefined {
  const parts = toParts(value);
  if (!parts) return undefined;
  if (style === "matrix") return toMatrix(name, parts, explode, encode);
  if (style === "label") {
    if (explode) refuseDelimiter(name, parts, ".", encode);
    return `.${join(parts, explode ? "." : ",", explode, encode)}`;
  }
  const delimiter = DELIMITERS.get(style) ?? ","; // Swagger 2 has the others here too
  refuseDelimiter(name, parts, delimiter, encode);
  return join(
    parts,
    delimiter === "," ? "," : encode.name(delimiter),
    explode,
    encode,
  );
}

/** The styles that name their values: form, its delimited kin, deepObject and cookie. */
export function toPairs(
  name: string,
  value: unknown,
  { style, explode }: Manner,
  encode: TextEncoding,
): Pair[] {
  if (style === "deepObject") return toDeep(encode.name(name), value, encode);
  const parts = toParts(value);
  if (!parts) return [];
  if (explode) return toExploded(name, parts, encode);
  const delimiter = DELIMITERS.get(style);
  if (delimiter !== undefined) refuseDelimiter(name, parts, delimiter, encode);
  const written = delimiter === undefined ? "," : encode.name(delimiter);
  return [[encode.name(name), join(parts, written, false, encode)]];
}

/** What no reader could tell from the delimiter is not sent: it would be another list (OpenAPI 3.1.1, section 4.8.12.4). */
function refuseDelimiter(
  name: string,
  parts: Parts,
  delimiter: string,
  encode: TextEncoding,
): void {
  if (parts.of === "scalar") return;
  const isSame = delimiter !== "," || encode.entry(delimiter) === delimiter;
  const texts = parts.of === "list" ? parts.texts : parts.fields.flat();
  const found = texts.find((text) => isSame && text.includes(delimiter));
  if (found === undefined || (delimiter === "." && parts.of === "object"))
    return;
  throw new RequestError(
    "invalid_arguments",
    `${name}: expected texts without ${JSON.stringify(delimiter)}, which separates them, received ${quote(found)}`,
  );
}

/** Undefined for nothing at all: null and the empty list are undefined (RFC 6570, sections 2.3 and 3.2.1). */
function toParts(value: unknown): Parts | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    const texts = value.filter(isGiven).map(toText);
    return texts.length > 0 ? { of: "list", texts } : undefined;
  }
  if (!isRecord(value)) return { of: "scalar", text: toText(value) };
  const fields = Object.entries(value)
    .filter(([, field]) => isGiven(field))
    .map(([key, field]): Pair => [key, toText(field)]);
  return fields.length > 0 ? { of: "object", fields } : undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function join(
  parts: Parts,
  delimiter: string,
  explode: boolean,
  encode: TextEncoding,
): string {
  if (parts.of === "scalar") return encode.value(parts.text);
  if (parts.of === "list") return parts.texts.map(encode.entry).join(delimiter);
  return parts.fields
    .map(
      ([key, text]) =>
        `${encode.name(key)}${explode ? "=" : delimiter}${encode.entry(text)}`,
    )
    .join(delimiter);
}

function toExploded(name: string, parts: Parts, encode: TextEncoding): Pair[] {
  switch (parts.of) {
    case "scalar":
      return [[encode.name(name), encode.value(parts.text)]];
    case "list":
      return parts.texts.map((text) => [encode.name(name), encode.value(text)]);
    case "object":
      return parts.fields.map(([key, text]) => [
        encode.name(key),
        encode.value(text),
      ]);
    default:
      return parts satisfies never;
  }
}

/** An empty value has no "=" (RFC 6570, section 3.2.7). */
function toMatrix(
  name: string,
  parts: Parts,
  explode: boolean,
  encode: TextEncoding,
): string {
  const pairs: Pair[] = explode
    ? toExploded(name, parts, encode)
    : [[encode.name(name), join(parts, ",", false, encode)]];
  return pairs
    .map(([key, text]) => `;${key}${text === "" ? "" : `=${text}`}`)
    .join("");
}

/**
 * `color[R]=100`. Objects in objects, of which OpenAPI says nothing, nest on as
 * in the `qs` package; a list repeats its name, and counts where it holds objects.
 */
function toDeep(name: string, value: unknown, encode: TextEncoding): Pair[] {
  if (!isGiven(value)) return [];
  if (Array.isArray(value)) {
    const entries = value.filter(isGiven);
    const isFlat = entries.every((entry) => typeof entry !== "object");
    return entries.flatMap((entry, index) =>
      toDeep(
        isFlat ? name : `${name}${encode.name(`[${index}]`)}`,
        entry,
        encode,
      ),
    );
  }
  if (!isRecord(value)) return [[name, encode.value(toText(value))]];
  return Object.entries(value).flatMap(([key, field]) =>
    toDeep(`${name}${encode.name(`[${key}]`)}`, field, encode),
  );
}
