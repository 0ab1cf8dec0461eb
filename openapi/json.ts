/** A JSON object: not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The beginning of a value's JSON, for people to read; of what has no JSON its kind. */
export function quote(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text === undefined ? typeof value : text.slice(0, 60);
  } catch {
    return typeof value; // it contains itself, or a bigint
  }
}

/** JSON with keys in code-point order at every depth and no white space: the bytes that get signed. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((entry) => canonicalJson(entry ?? null)).join(",")}]`;
  }
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(byCodePoint)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${fields.join(",")}}`;
}

/** UTF-16 puts surrogates before U+E000 to U+FFFF; code points come the other way round. */
function byCodePoint(a: string, b: string): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const left = a.codePointAt(index) as number; // both are that long
    const right = b.codePointAt(index) as number;
    if (left !== right) return left - right;
  }
  return a.length - b.length;
}
