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

const MAX_NESTING = 500;
const DEEP_FLOW = /(?:[[{][^[\]{}]*){500}|(?:- ){500}/;
/** Far above what honest documents use; the YAML reader's guard against exponential aliases. */
const MAX_ALIASES = 100_000;

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
  if (json === undefined) {
    const tree = parseTree(text, source);
    return {
      root: asDocument(toValue(tree, source), source),
      file: source,
      lineOf: (pointer) => lineIn(tree, pointer),
    };
  }
  let tree: Tree | "none" | undefined;
  return {
    root: asDocument(json, source),
    file: source,
    lineOf(pointer) {
      tree ??= depthOf(json) > MAX_NESTING ? "none" : parseLines(text, source);
      return tree === "none" ? undefined : lineIn(tree, pointer);
    },
  };
}

/** The tree of a text that JSON has read already; what YAML does not take has no lines. */
function parseLines(text: string, source: string): Tree | "none" {
  try {
    return parseTree(text, source, { uniqueKeys: false });
  } catch {
    return "none";
  }
}

function lineIn({ parsed, lines }: Tree, pointer: string): number | undefined {
  const offset = offsetOf(parsed, pointer);
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // then it may be YAML, or its fault is told with a line
  }
}

/** Without recursion, because that is what it guards. */
function depthOf(value: unknown): number {
  let level = [value];
  let depth = 0;
  while (level.length > 0 && depth <= MAX_NESTING) {
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values(each) : [],
    );
    depth += 1;
  }
  return depth;
}

interface Tree {
  parsed: Document;
  lines: LineCounter;
}

/** @throws DocumentError for what is no YAML, or too deep for its reader */
function parseTree(
  text: string,
  source: string,
  options: { uniqueKeys?: boolean } = {},
): Tree {
  // The reader recurses, and near the end of the stack it would take the process with it.
  if (DEEP_FLOW.test(text))
    throw new DocumentError(
      source,
      `is nested deeper than ${MAX_NESTING} levels`,
    );
  const lines = new LineCounter();
  let parsed: Document;
  try {
    parsed = parseDocument(text, {
      merge: true,
      ...options,
      lineCounter: lines,
    });
  } catch (cause) {
    throw unreadable(source, cause);
  }
  const [fault] = parsed.errors;
  if (fault) throw unreadable(source, fault);
  return { parsed, lines };
}

function toValue({ parsed }: Tree, source: string): unknown {
  try {
    return parsed.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw unreadable(source, cause);
  }
}

function unreadable(source: string, cause: unknown): DocumentError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DocumentError(source, `not JSON or YAML: ${why}`, { cause });
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
    return (
      isUrl ? await fetchText(source) : await readFile(source, "utf8")
    ).replace(/^\uFEFF/, "");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DocumentError(source, `cannot be read: ${why}`, { cause });
  }
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
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
