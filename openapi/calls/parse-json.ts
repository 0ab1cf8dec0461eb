/** Texts, which are left as they are, and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Only these can be numbers that do not fit: anything else is parsed once. */
const SUSPECT = /\d{16}|\d[eE]/;
/** So many digits survive a double in any order of magnitude (IEEE 754: DBL_DIG). */
const SURE_DIGITS = 15;

/**
 * Parses JSON without changing what it says: an integer beyond 2^53, or a number
 * out of a double's range, comes as the text that was written, since ids that
 * differ in a digit are somebody else's (RFC 8259, section 6).
 * @throws SyntaxError when it is no JSON
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!SUSPECT.test(text)) return value;
  // It is valid, so every quotation mark has its partner and one pass is enough.
  const kept = text.replaceAll(TOKEN, (token) =>
    token.startsWith('"') || isKept(token) ? token : `"${token}"`,
  );
  return JSON.parse(kept) as unknown;
}

function isKept(token: string): boolean {
  const size = Math.abs(Number(token));
  const [mantissa = ""] = token.split(/[eE]/);
  if (size === 0) return !/[1-9]/.test(mantissa); // too small for a double
  if (size <= Number.MAX_SAFE_INTEGER) return true;
  const digits = mantissa.replaceAll(/\D/g, "").length;
  return Number.isFinite(size) && mantissa !== token && digits <= SURE_DIGITS;
}
