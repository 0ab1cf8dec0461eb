import { canonicalJson } from "../json.ts";
import { isJson } from "../media-type.ts";
import { FORM, FORM_RESERVED } from "./percent.ts";
import { toPairs, toText } from "./styles.ts";
import type { FieldEncoding, Style } from "../types.ts";

/** The style of a field, where its encoding asks for one (OpenAPI 3.1, section 4.8.15.1). */
export function mannerOf(
  rule: FieldEncoding,
): { style: Style; explode: boolean } | undefined {
  const { style = "form", explode = style === "form" } = rule;
  return rule.style !== undefined ||
    rule.explode !== undefined ||
    rule.allowReserved
    ? { style, explode }
    : undefined;
}

/** The rule for a field, by the document's name of it. */
export function ruleOf(
  name: string,
  encoding: Record<string, FieldEncoding> = {},
): FieldEncoding {
  return Object.hasOwn(encoding, name) ? (encoding[name] ?? {}) : {};
}

/**
 * The values of a field, one for every entry of a list: "array properties MUST
 * be handled by applying the given Encoding Object to produce one encoded value
 * per array item, each with the same name" (OpenAPI 3.1.1, section 4.8.14.1).
 */
export function valuesOf(value: unknown): unknown[] {
  return (Array.isArray(value) ? value : [value]).filter(
    (each) => each !== undefined && each !== null,
  );
}

/** Writes fields as application/x-www-form-urlencoded. A form has no null: such a field is left out. */
export function toForm(
  fields: Record<string, unknown>,
  encoding?: Record<string, FieldEncoding>,
): string {
  return Object.entries(fields)
    .flatMap(([name, value]) =>
      toFieldPairs(name, value, ruleOf(name, encoding)),
    )
    .map(([name, text]) => `${name}=${text}`)
    .join("&");
}

function toFieldPairs(
  name: string,
  value: unknown,
  rule: FieldEncoding,
): [name: string, value: string][] {
  const manner = mannerOf(rule);
  if (manner)
    return toPairs(
      name,
      value,
      manner,
      rule.allowReserved ? FORM_RESERVED : FORM,
    );
  const write = isJson(rule.contentType ?? "") ? canonicalJson : toText;
  return valuesOf(value).map((each) => [
    FORM.name(name),
    FORM.value(write(each)),
  ]);
}
