import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import type { Document, Node } from "yaml";
import type { ParsedText } from "./parsed-text.ts";
import { isTooDeep } from "./yaml-depth.ts";
import { escapePart, toParts } from "./pointer.ts";

const MAX_NESTING = 500;
/** Far above what honest documents use; the YAML reader's guard against exponential aliases. */
const MAX_ALIASES = 100_000;

/**
 * Reads YAML 1.2 with merge keys.
 * @throws Error with a line in its message for what is none
 */
export function parseYaml(text: string): ParsedText {
  // The reader recurses, and near the end of the stack it would take the process with it.
  if (isTooDeep(text, MAX_NESTING))
    throw new Error(`nested deeper than ${MAX_NESTING} levels`);
  const lines = new LineCounter();
  const tree = parseDocument(text, {
    merge: true,
    // Whatever a directive or tag asks for: a date stays the text that it is in JSON.
    schema: "core",
    resolveKnownTags: false,
    lineCounter: lines,
    logLevel: "error",
  });
  const fatal = tree.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (fatal) throw fatal;
  const lineAt = (offset: number) => lines.linePos(offset).line;
  return {
    value: tree.toJS({ maxAliasCount: MAX_ALIASES }),
    faults: listDuplicates(tree).map(({ pointer, offset }) => ({
      message: "this key is there twice, the last one counts",
      pointer,
      line: lineAt(offset),
    })),
    linesOf: (pointers) =>
      new Map(
        [...pointers].map((pointer) => [
          pointer,
          lineAt(offsetOf(tree, pointer)),
        ]),
      ),
  };
}

/** The keys that YAML's reader complains of, and where they are. */
function listDuplicates(tree: Document): { pointer: string; offset: number }[] {
  const offsets = new Set(tree.errors.map(({ pos: [offset] }) => offset));
  const found: { pointer: string; offset: number }[] = [];
  if (offsets.size === 0) return found;
  visit(tree, {
    Pair(_, { key }, path) {
      const offset = isScalar(key) ? key.range?.[0] : undefined;
      if (offset === undefined || !offsets.has(offset)) return;
      const parts = [...path, { key }].flatMap((node, index) => {
        if (typeof node === "object" && "key" in node && isScalar(node.key))
          return [String(node.key.value)];
        const inner = path[index + 1] as Node | undefined;
        return isSeq(node) && inner ? [String(node.items.indexOf(inner))] : [];
      });
      const pointer = parts.map((part) => `/${escapePart(part)}`).join("");
      found.push({ pointer, offset });
    },
  });
  return found;
}

/** Walks the tree along the pointer as far as it goes. */
function offsetOf(tree: Document, pointer: string): number {
  let node = tree.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const part of toParts(pointer)) {
    if (isAlias(node)) node = node.resolve(tree) ?? null;
    if (isMap(node)) {
      const pair = node.items.findLast(
        ({ key }) => isScalar(key) && String(key.value) === part,
      );
      if (!pair) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = (node.items[Number(part)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
