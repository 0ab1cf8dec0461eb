import { toParts } from "./pointer.ts";

/** The wanted pointers as a tree, so that one walk over the text finds them all. */
interface Wanted {
  pointers: string[];
  children: Map<string, Wanted>;
}

/**
 * Finds where values stand in a JSON text: the line (from 1) of each pointer's
 * key or entry, else of its nearest ancestor. What nobody asks for is skipped
 * and not parsed: documents of 13 MB are usual, and a syntax tree of one is not.
 * @param text  valid JSON
 */
export function findJsonLines(
  text: string,
  pointers: Iterable<string>,
): Map<string, number> {
  const offsets = new Map<string, number>();
  const wanted = toTree(pointers);
  walk(text, skipSpace(text, 0), wanted, offsets);
  return toLines(text, offsets);
}

function toTree(pointers: Iterable<string>): Wanted {
  const root: Wanted = { pointers: [], children: new Map() };
  for (const pointer of pointers) {
    let node = root;
    for (const part of toParts(pointer)) {
      const child = node.children.get(part) ?? {
        pointers: [],
        children: new Map(),
      };
      node.children.set(part, child);
      node = child;
    }
    node.pointers.push(pointer);
  }
  return root;
}

/** Notes the offsets of what is wanted of the value at `start`, and returns where that value ends. */
function walk(
  text: string,
  start: number,
  wanted: Wanted,
  offsets: Map<string, number>,
): number {
  if (text[start] !== "{" && text[start] !== "[") {
    note(wanted, start, offsets);
    return skipValue(text, start);
  }
  note(wanted, start, offsets);
  if (wanted.children.size === 0) return skipValue(text, start);
  const isObject = text[start] === "{";
  let at = skipSpace(text, start + 1);
  for (let index = 0; text[at] !== "}" && text[at] !== "]"; index++) {
    const begin = at;
    let key = String(index);
    if (isObject) {
      at = skipValue(text, at);
      key = JSON.parse(text.slice(begin, at)) as string;
      at = skipSpace(text, skipSpace(text, at) + 1); // over the colon
    }
    const child = wanted.children.get(key);
    if (child) {
      at = walk(text, at, child, offsets);
      note(child, begin, offsets, "only itself");
    } else {
      at = skipValue(text, at);
    }
    at = skipSpace(text, at);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return at + 1;
}

/** Whatever is not found further down stands, as far as anyone can tell, here. */
function note(
  wanted: Wanted,
  offset: number,
  offsets: Map<string, number>,
  whom: "all below" | "only itself" = "all below",
): void {
  const nodes = [wanted];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    for (const pointer of node.pointers) offsets.set(pointer, offset);
    if (whom === "all below") nodes.push(...node.children.values());
  }
}

const STRUCTURE = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g;
const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,\]}]+/y;
const SPACE = /\s*/y;

function skipSpace(text: string, start: number): number {
  SPACE.lastIndex = start;
  SPACE.test(text);
  return SPACE.lastIndex;
}

function skipValue(text: string, start: number): number {
  if (text[start] !== "{" && text[start] !== "[") {
    SCALAR.lastIndex = start;
    return SCALAR.test(text) ? SCALAR.lastIndex : text.length;
  }
  STRUCTURE.lastIndex = start;
  let depth = 0;
  for (let found = STRUCTURE.exec(text); found; found = STRUCTURE.exec(text)) {
    const [token] = found;
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (depth === 0) break;
  }
  return STRUCTURE.lastIndex || text.length;
}

function toLines(
  text: string,
  offsets: Map<string, number>,
): Map<string, number> {
  const sorted = [...offsets].sort(([, a], [, b]) => a - b);
  let line = 1;
  let next = text.indexOf("\n");
  return new Map(
    sorted.map(([pointer, offset]) => {
      while (next !== -1 && next < offset) {
        line += 1;
        next = text.indexOf("\n", next + 1);
      }
      return [pointer, line];
    }),
  );
}
