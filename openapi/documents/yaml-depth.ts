/** An opening bracket or a compact list entry: what YAML can nest within a line. */
const OPENING = /[[{]|(?:^|\s)[-?](?=\s)/;
const QUOTED = /"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'/g;
const COMMENT = /(^|\s)#.*$/;
const TEXT_BLOCK = /(^|\s)[|>][-+\d]*\s*$/;

/**
 * Whether a YAML text nests deeper than a limit, by brackets, compact entries or
 * indentation; brackets in quotes, comments and blocks of text are none. It is
 * asked before a reader that recurses.
 */
export function isTooDeep(text: string, limit: number): boolean {
  const indents: number[] = [];
  let brackets = 0;
  let textFrom = Infinity;
  for (const [line, indent = ""] of text.matchAll(/^( *)[^\s].*/gm)) {
    if (indent.length > textFrom) continue;
    const code =
      OPENING.test(line) || TEXT_BLOCK.test(line) ? strip(line) : line;
    textFrom = TEXT_BLOCK.test(code) ? indent.length : Infinity;
    if (code.trim() === "") continue;
    while ((indents.at(-1) ?? -1) >= indent.length) indents.pop();
    indents.push(indent.length);
    const compact = code.match(/(?:^|\s)[-?](?=\s)/g)?.length ?? 0;
    for (const bracket of code.match(/[[\]{}]/g) ?? []) {
      brackets = Math.max(0, brackets + (/[[{]/.test(bracket) ? 1 : -1));
      if (brackets > limit) return true;
    }
    if (indents.length + compact > limit) return true;
  }
  return false;
}

function strip(line: string): string {
  return line.replaceAll(QUOTED, "").replace(COMMENT, "");
}
