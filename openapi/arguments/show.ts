const MAX_LENGTH = 60;
const MAX_ENTRIES = 10;

/** A value for a refusal: its kind and as much of it as one can take in. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "function";
  const text = write(value, MAX_LENGTH);
  const short =
    text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  if (value === null) return short;
  return `${Array.isArray(value) ? "array" : typeof value} ${short}`;
}

/** JSON, of anything and without reading more of it than is shown. */
function write(value: unknown, room: number): string {
  if (room <= 0) return "…";
  if (typeof value === "string")
    return JSON.stringify(value.slice(0, room + 1));
  if (typeof value !== "object" || value === null)
    return typeof value === "function" ? "function" : String(value);
  if (ArrayBuffer.isView(value)) return `file of ${value.byteLength} bytes`;
  const isList = Array.isArray(value);
  const parts: string[] = [];
  let left = room;
  for (const [key, entry] of Object.entries(value).slice(0, MAX_ENTRIES)) {
    const part = `${isList ? "" : `${JSON.stringify(key.slice(0, room))}:`}${write(entry, left)}`;
    parts.push(part);
    left -= part.length;
    if (left <= 0) break;
  }
  return isList ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
}
