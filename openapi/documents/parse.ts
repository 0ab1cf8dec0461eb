import { findJsonLines } from "./json-lines.ts";
import type { ParsedText } from "./parsed-text.ts";

/**
 * Reads JSON, else YAML.
 * @throws Error with a line in its message for what is neither
 */
export async function parseText(text: string): Promise<ParsedText> {
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const json = parseJson(bare);
  if (json !== undefined) {
    return {
      value: json,
      faults: [],
      linesOf: (pointers) => findJsonLines(bare, pointers),
    };
  }
  // The reader of YAML takes longer to load than most JSON documents to compile.
  const { parseYaml } = await import("./yaml-text.ts");
  return parseYaml(bare);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text); // many times faster than any reader of YAML
  } catch {
    return undefined; // then it may be YAML, or its fault is told with a line
  }
}
