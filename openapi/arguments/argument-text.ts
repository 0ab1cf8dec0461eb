import { isRecord } from "../json.ts";
import { readLooseJson } from "./loose-json.ts";

interface Read {
  to: Record<string, unknown>;
  rule: string;
}

const MAX_QUOTES = 3;
/** So many digits may be more than a double keeps (2^53 has sixteen). */
const LONG_NUMBER = /\d{16}/;

/** The object that a text says: JSON, JSON in quotes or a fence or a sentence, or cut off. */
export function readArgumentText(text: string): Read | undefined {
  let inner = text;
  for (let quotes = 0; quotes < MAX_QUOTES; quotes++) {
    const value = parse(inner);
    if (isRecord(value) && !LONG_NUMBER.test(inner))
      return { to: value, rule: "json-as-text" };
    if (typeof value !== "string") break;
    inner = value;
  }
  if (inner.trim() === "") return { to: {}, rule: "json-as-text" };
  return readNearly(inner);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // then it is read as what is nearly JSON
  }
}

function readNearly(text: string): Read | undefined {
  const body = withoutFence(text);
  const start = body.search(/[[{]/);
  const read = start < 0 ? undefined : readLooseJson(body, start);
  if (!read || !isRecord(read.value)) return undefined;
  // Two objects are two calls, and nobody knows which is meant.
  if (body.indexOf("{", read.end) >= 0) return undefined;
  // Of a text cut before its first value nothing is left to go by.
  if (read.isTruncated && Object.keys(read.value).length === 0)
    return undefined;
  const rule = read.isTruncated
    ? "truncated-json"
    : read.isLoose
      ? "loose-json"
      : "json-as-text";
  return { to: read.value, rule };
}

/** What stands in the first fence of Markdown, also one that nobody closed. */
function withoutFence(text: string): string {
  const open = /```[a-z0-9]*\s/i.exec(text);
  if (!open || text.slice(0, open.index).includes("{")) return text;
  const rest = text.slice(open.index + open[0].length);
  const close = rest.lastIndexOf("```");
  return close < 0 ? rest : rest.slice(0, close);
}
