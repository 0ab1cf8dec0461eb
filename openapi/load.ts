import { readFile } from "node:fs/promises";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from "yaml";
import type { Document, Node } from "yaml";
import { DocumentError } from "./errors.ts";

/** A document and the way back from a JSON pointer to its line. */
export interface LoadedDocument {
  root: { [key: string]: unknown };
  file?: string;
  /** Line (from 1) of a JSON pointer's nearest known ancestor. */
  lineOf(pointer: string): number | undefined;
}

/**
 * Reads an OpenAPI document: JSON or YAML.
 * @param source  file path, parsed document, or (only when `remote`) an http(s) URL
 * @throws DocumentError when there is no document at all
 */
export async function loadDocument(
  source: string | object,
  options: { remote: boolean },
): Promise<LoadedDocument> {
  if (typeof source !== "string") {
    return { root: asDocument(source, "document"), lineOf: () => undefined };
  }
  const text = await readSource(source, options.remote);
  // JSON.parse is many times faster; the tree that knows lines is made when a line is asked for.
  const json = parseJson(text);
  let tree: { parsed: Document; lines: LineCounter } | undefined;
  const root =
    json === undefined ? (tree = parseTree(text, source)).parsed.toJS() : json;
  return {
    root: asDocument(root, source),
    file: source,
    lineOf(pointer) {
      tree ??= parseTree(text, source);
      const offset = offsetOf(tree.parsed, pointer);
      return offset === undefined ? undefined : tree.lines.linePos(offset).line;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // then it may be YAML, or its fault is told with a line
  }
}

function parseTree(text: string, source: string) {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines });
  const [fault] = parsed.errors;
  if (!fault) return { parsed, lines };
  throw new DocumentError(source, `not JSON or YAML: ${fault.message}`, {
    cause: fault,
  });
}

async function readSource(source: string, remote: boolean): Promise<string> {
  const isUrl = /^https?:\/\//i.test(source);
  if (isUrl && !remote) {
    throw new DocumentError(
      source,
      "a remote document is read only with { remote: true }",
    );
  }
  try {
    if (!isUrl) return await readFile(source, "utf8");
    const response = await fetch(source);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.text();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DocumentError(source, `cannot be read: ${why}`, { cause });
  }
}

function asDocument(value: unknown, source: string): LoadedDocument["root"] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DocumentError(source, "is not an OpenAPI document (no object)");
  }
  return value as LoadedDocument["root"];
}

/** Walks the YAML tree along the pointer as far as it goes. */
function offsetOf(parsed: Document, pointer: string): number | undefined {
  let node = parsed.contents as Node | null;
  let offset = node?.range?.[0];
  for (const part of pointer.split("/").slice(1).map(unescapePart)) {
    if (isAlias(node)) node = node.resolve(parsed) ?? null;
    if (isMap(node)) {
      const pair = node.items.find(
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

/** RFC 6901, section 4; in a URI fragment parts may be percent-encoded too (section 6). */
export function unescapePart(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

export function escapePart(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
