import { hasBom } from "../bodies/bom.ts";
import { canonicalForms } from "../bodies/canonical.ts";

/** How JSON differs from what a sender with sorted keys and no white space writes. */
export interface Canonical {
  isCanonical: boolean;
  difference?: Difference;
}

/** Where a body first leaves its canonical form. Quotes the body, so it is for a terminal and for no log. */
interface Difference {
  /** In bytes, from 0. */
  offset: number;
  /** What stands there, with \xNN for all but visible ASCII; empty at the end of the body. */
  found: string;
  /** The same of the canonical form. */
  expected: string;
}

const EXCERPT_BYTES = 16;
// Raw UTF-8 written as \uXXXX: two bytes become six, four become twelve.
const LONGEST_ESCAPE = 6;

/**
 * Of the forms that a body may have, the one that stays equal longest is taken
 * for the one that was meant. Undefined for what is no JSON.
 *
 * Numbers are compared as `canonicalForms` writes them, so 1.0 is not canonical.
 */
export function compareCanonical(body: Buffer): Canonical | undefined {
  const value = parseJson(body);
  if (value === undefined) return undefined;
  let difference: Difference | undefined;
  for (const form of canonicalForms(value, {
    maxBytes: body.length * LONGEST_ESCAPE,
  })) {
    if (form.equals(body)) return { isCanonical: true };
    let offset = 0;
    while (offset < body.length && body[offset] === form[offset]) offset++;
    if (!difference || offset > difference.offset)
      difference = {
        offset,
        found: excerpt(body, offset),
        expected: excerpt(form, offset),
      };
  }
  return { isCanonical: false, ...(difference ? { difference } : {}) };
}

/** Undefined for what is no JSON, which has no such value; a BOM is skipped. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8", hasBom(body) ? 3 : 0));
  } catch {
    return undefined; // no JSON is an answer here; the parser's words quote the body
  }
}

function excerpt(bytes: Buffer, offset: number): string {
  return bytes
    .subarray(offset, offset + EXCERPT_BYTES)
    .toString("latin1")
    .replaceAll(
      /[^\x20-\x7e]/g,
      (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
}
