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

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)); // UTF-8 keeps code-point order
}
