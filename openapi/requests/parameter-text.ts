import { RequestError } from "../errors.ts";
import { toForm } from "./form.ts";
import { TRANSPORT_HEADERS, isHeaderValue } from "./header-fields.ts";
import { canonicalJson, isRecord } from "../json.ts";
import { isForm, isJson } from "../media-type.ts";
import {
  COOKIE,
  PATH_RESERVED,
  PERCENT,
  PLAIN,
  QUERY_RESERVED,
  encodeText,
  isToken,
  toCookieName,
} from "./percent.ts";
import { toPairs, toStyledText, toText } from "./styles.ts";
import type { ParameterPlan } from "../types.ts";

/** Undefined where the value is nothing, which a path cannot have. */
export function toPathText(
  plan: ParameterPlan,
  value: unknown,
): string | undefined {
  if (plan.mediaType !== undefined)
    return isMissing(value)
      ? undefined
      : encodeText(toContentText(plan.mediaType, value));
  const encode = plan.allowReserved ? PATH_RESERVED : PERCENT;
  return toStyledText(plan.name, value, plan, encode);
}

/** `name=value` texts for the query. */
export function toQuery(plan: ParameterPlan, value: unknown): string[] {
  if (isMissing(value)) return [];
  if (plan.style === "querystring") return toWholeQuery(plan, value);
  if (plan.mediaType !== undefined) {
    const text = toContentText(plan.mediaType, value);
    return [`${encodeText(plan.name)}=${encodeText(text)}`];
  }
  const encode = plan.allowReserved ? QUERY_RESERVED : PERCENT;
  return toPairs(plan.name, value, plan, encode).map(
    ([name, text]) => `${name}=${text}`,
  );
}

/** Header values are not percent-encoded (OpenAPI 3.2, appendix D). */
export function toHeaders(
  plan: ParameterPlan,
  value: unknown,
): [name: string, value: string][] {
  const { name, mediaType } = plan;
  if (TRANSPORT_HEADERS.has(name.toLowerCase()) || isMissing(value)) return [];
  if (!isToken(name))
    throw new RequestError(
      "unsupported_request",
      `${plan.key}: ${JSON.stringify(name)} cannot be the name of a header`,
    );
  const text =
    mediaType === undefined
      ? toStyledText(name, value, plan, PLAIN)
      : isJson(mediaType)
        ? toAsciiJson(value)
        : toContentText(mediaType, value);
  if (text === undefined) return [];
  if (!isHeaderValue(text))
    throw new RequestError(
      "invalid_arguments",
      `${name}: a header value cannot have line breaks, control characters or letters beyond Latin-1`,
    );
  return [[name, text]];
}

/**
 * `name=value` texts for the Cookie header. An exploded list or object is
 * several cookies: RFC 6570's "&" would be part of a value there (OpenAPI 3.2, appendix D).
 */
export function toCookies(plan: ParameterPlan, value: unknown): string[] {
  if (isMissing(value)) return [];
  if (plan.mediaType !== undefined) {
    const text = toContentText(plan.mediaType, value);
    return [`${toCookieName(plan.name)}=${encodeText(text)}`];
  }
  const encode =
    plan.style === "cookie" ? COOKIE : { ...PERCENT, name: toCookieName };
  return toPairs(plan.name, value, plan, encode).map(
    ([name, text]) => `${name}=${text}`,
  );
}

/** A value as text of a media type. */
function toContentText(mediaType: string, value: unknown): string {
  if (isJson(mediaType)) return canonicalJson(value);
  return isForm(mediaType) && isRecord(value) ? toForm(value) : toText(value);
}

/** One parameter is the whole query (OpenAPI 3.2, section 4.12.2.1). */
function toWholeQuery(plan: ParameterPlan, value: unknown): string[] {
  const { mediaType = "application/x-www-form-urlencoded" } = plan;
  const text = !isForm(mediaType)
    ? encodeText(toContentText(mediaType, value))
    : isRecord(value)
      ? toForm(value)
      : new URLSearchParams(toText(value)).toString();
  return text === "" ? [] : [text];
}

function toAsciiJson(value: unknown): string {
  return canonicalJson(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}
