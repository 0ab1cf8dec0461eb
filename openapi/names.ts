import { createHash } from "node:crypto";

const MAX_LENGTH = 64; // Anthropic's and OpenAI's bound on tool names and Gemini's on parameter names

/** Makes `^[A-Za-z_][A-Za-z0-9_]{0,63}$` of any text; the same text gives the same name. */
export function toIdentifier(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9_]/g, "_") || "_";
  const led = /^[0-9]/.test(safe) ? `_${safe}` : safe;
  return led.length <= MAX_LENGTH ? led : withHash(led, text);
}

/**
 * Names that collide, case ignored, each get a hash of their identity, so no
 * name depends on the order or on unrelated neighbours.
 */
export function separate(
  wanted: { name: string; identity: string }[],
): string[] {
  const count = new Map<string, number>();
  for (const { name } of wanted) {
    const key = name.toLowerCase();
    count.set(key, (count.get(key) ?? 0) + 1);
  }
  return wanted.map(({ name, identity }) =>
    count.get(name.toLowerCase()) === 1 ? name : withHash(name, identity),
  );
}

function withHash(name: string, identity: string): string {
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  return `${name.slice(0, MAX_LENGTH - 9)}_${hash}`;
}
