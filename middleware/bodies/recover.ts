import { canonicalForms } from "./canonical.ts";
import type { SchemeConfig } from "../schemes/config.ts";
import type { ToolRequest } from "../tool-request.ts";

/**
 * What a sender may have sent, where a parser has taken the bytes: each form is
 * only a guess, and the signature decides. So a body can be refused wrongly,
 * and never accepted wrongly.
 */
export function recoverBodies(
  config: SchemeConfig,
  { body: parsed, rawBody, headers }: ToolRequest,
  maxBytes: number,
): Buffer[] {
  // Express's parsers make {} of no bytes.
  if (headers["content-length"] === "0") return [Buffer.alloc(0)];
  // A hook may have kept the bytes as text.
  if (typeof rawBody === "string") return [Buffer.from(rawBody)];
  if (typeof parsed === "string") return [Buffer.from(parsed)];
  if (config.isCanonicalJson) return canonicalForms(parsed, { maxBytes });
  const form = config.signs.has("form") ? writeForm(parsed) : undefined;
  return form === undefined ? [] : [Buffer.from(form)];
}

/** The order of fields and their escapes are not signed, so any will do. */
function writeForm(parsed: unknown): string | undefined {
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(parsed)) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof each !== "string") return undefined;
      form.append(key, each);
    }
  }
  return form.toString();
}
