import { unescapePart } from "../documents/pointer.ts";
import type { JsonSchema } from "../types.ts";

/** What a `$ref` of a tool's schema names inside it (RFC 6901, section 6); undefined where that is nothing. */
export function resolveLocal(root: JsonSchema, ref: string): unknown {
  if (!/^#(\/|$)/.test(ref)) return undefined;
  let target: unknown = root;
  for (const step of ref.split("/").slice(1)) {
    const key = unescapePart(decode(step));
    const isThere =
      typeof target === "object" &&
      target !== null &&
      Object.hasOwn(target, key);
    if (!isThere) return undefined;
    target = (target as JsonSchema)[key];
  }
  return target;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % stands for itself
  }
}
