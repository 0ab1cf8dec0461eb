import { createHash } from "node:crypto";
import type { NameRule } from "./target.ts";

/**
 * The platform's name for each of the catalog's. A name that fits stays; any
 * other ends in a hash of itself, so it depends on no neighbour and no order.
 */
export function fitNames(
  names: readonly string[],
  rule: NameRule,
): Map<string, string> {
  const fitted = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    if (fits(name, rule)) keep(name, name);
  }
  for (const name of names) {
    if (fitted.has(name)) continue;
    let identity = name;
    while (taken.has(shorten(name, identity, rule).toLowerCase())) {
      identity += "#"; // another tool really has that name
    }
    keep(name, shorten(name, identity, rule));
  }
  return fitted;

  function keep(name: string, emitted: string): void {
    fitted.set(name, emitted);
    taken.add(emitted.toLowerCase());
  }
}

function fits(name: string, rule: NameRule): boolean {
  return (
    name.length <= (rule.maxLength ?? Infinity) &&
    (rule.startsWithLetter !== true || !name.startsWith("_")) &&
    rule.reserved?.has(name.toLowerCase()) !== true
  );
}

function shorten(name: string, identity: string, rule: NameRule): string {
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  const led =
    rule.startsWithLetter === true && name.startsWith("_") ? `t${name}` : name;
  return `${led.slice(0, (rule.maxLength ?? 64) - 9)}_${hash}`;
}
