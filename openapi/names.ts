import { createHash } from "node:crypto";

const MAX_LENGTH = 64; // Anthropic's and OpenAI's bound on tool names and Gemini's on parameter names

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Makes `^[A-Za-z_][A-Za-z0-9_]{0,63}$` of any text; the same text gives the same name. */
export function toIdentifier(text: string): string {
  if (IDENTIFIER.test(text)) return text;
  const safe = text.replaceAll(/[^A-Za-z0-9_]/g, "_") || "_";
  const led = /^[0-9]/.test(safe) ? `_${safe}` : safe;
  return led.length <= MAX_LENGTH ? led : withHash(led, text);
}

/** An argument's key: as `toIdentifier`, but without the marks at the ends that only a wire needs, so `filter[x]` is `filter_x` and `$top` is `top`. */
export function toKey(text: string): string {
  if (IDENTIFIER.test(text)) return text;
  const marks = /^[^A-Za-z0-9_]+|[^A-Za-z0-9_]+$/g;
  const bare = text.replaceAll(marks, "").replaceAll(/[^A-Za-z0-9_]+/g, "_");
  return bare === "" ? withHash("", text) : toIdentifier(bare);
}

/**
 * Names that collide, case ignored, each get a hash of their identity, so no
 * name depends on the order or on unrelated neighbours. A name made so may be
 * another's own; then those get another hash.
 */
export function separate(
  wanted: { name: string; identity: string }[],
): string[] {
  let names = wanted.map(({ name }) => name);
  for (let round = 0; round < wanted.length + 1; round++) {
    const count = new Map<string, number>();
    for (const name of names)
      count.set(name.toLowerCase(), (count.get(name.toLowerCase()) ?? 0) + 1);
    if (count.size === names.length) break;
    names = names.map((name, index) => {
      if (count.get(name.toLowerCase()) === 1) return name;
      const { name: own, identity } = wanted[index] as (typeof wanted)[number];
      // Twice the same operation can only be told apart by its place.
      const salt = round === 0 ? "" : ` ${round} ${index}`;
      return withHash(own, `${identity}${salt}`);
    });
  }
  return names;
}

function withHash(name: string, identity: string): string {
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  return `${name.slice(0, MAX_LENGTH - 9)}_${hash}`;
}
