import { isUtf8 } from "node:buffer";
import { hasBom } from "./bom.ts";

// What a text that spells one of the keys must contain. `constructor` counts only
// with a `prototype` in it; the escapes are those of _ e o p r t y.
const SUSPECT = /__proto__|prototype|\\u00(?:5[fF]|6[5fF]|7[0249])/;

/**
 * The arguments of a tool call, from a body whose signature is right: a signed
 * one can still be no JSON, or carry keys that pollute a prototype when merged.
 *
 * Own `__proto__` keys are left out at every depth, and `constructor` where its
 * value is an object with an own `prototype`.
 * @param body  exact bytes; strict UTF-8, one leading BOM is skipped (RFC 8259, section 8.1)
 * @returns     `{}` for an empty body, undefined for what is no JSON object
 */
export function parseArguments(
  body: Buffer,
): Record<string, unknown> | undefined {
  if (body.length === 0) return {};
  if (!isUtf8(body)) return undefined;
  const text = body.toString("utf8", hasBom(body) ? 3 : 0);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // the refusal is the caller's answer; the parser's words quote the body
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return undefined;
  // One search spares nearly every body the walk.
  if (mayPollute(text)) removePollution(value);
  return value as Record<string, unknown>;
}

/** Two plain searches first: they are a tenth of the pattern's price, and nearly every text fails both. */
function mayPollute(text: string): boolean {
  return (
    (text.includes("proto") || text.includes("\\u00")) && SUSPECT.test(text)
  );
}

/** A loop, because a body of 1 MiB can be 500,000 deep. */
function removePollution(root: object): void {
  const open: object[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Object.hasOwn(node, "__proto__"))
      Reflect.deleteProperty(node, "__proto__");
    if (hasPrototype(ownConstructor(node)))
      Reflect.deleteProperty(node, "constructor");
    for (const child of Object.values(node) as unknown[]) {
      if (typeof child === "object" && child !== null) open.push(child);
    }
  }
}

function ownConstructor(node: object): unknown {
  return Object.hasOwn(node, "constructor") ? node.constructor : undefined;
}

function hasPrototype(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, "prototype")
  );
}
