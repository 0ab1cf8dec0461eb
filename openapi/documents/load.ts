import { readFile, stat } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DocumentError } from "../errors.ts";
import { isRecord } from "../json.ts";
import { parseText } from "./parse.ts";
import type { ParsedText } from "./parsed-text.ts";

const FETCH_TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
const FILES_AT_ONCE = 32;
/** Above any real document (DigitalOcean has 2,906 files): who answers every request with a new part would keep us busy for ever. */
const MAX_FILES = 20_000;
const MAX_REMOTE_FILES = 1_000;

/** A `$ref` that does not stay in its file; walking a value of 13 MB just to find none would cost more than compiling it. */
const FOREIGN_REFERENCE = /\$ref["']?\s*:\s*["']?[^#"'\s]/;

/** One file of a document, or why there is nothing to read in it. */
export type DocumentFile =
  | ({ isReadable: true; references: string[] } & ParsedText)
  | { isReadable: false; reason: string };

/** A document with all the files that its `$ref`s lead to. */
export interface Documents {
  root: { [key: string]: unknown };
  /** Where the root document was read, if it was. */
  url?: URL;
  /** By id: "" is the root, others are told relative to it, so that no id depends on the machine. */
  files: Map<string, DocumentFile>;
  /** The id of the file that a `$ref` without its fragment names, seen from a file. */
  idOf: (from: string, reference: string) => string;
  /** How a person calls that file. */
  nameOf: (id: string) => string | undefined;
}

/**
 * Reads an OpenAPI document, JSON or YAML, and every file that it refers to.
 * A file that cannot be read is told where something refers to it.
 * @param given  file path or URL, parsed document, or (only when `remote`) an http(s) URL
 * @throws DocumentError when there is no document at all
 */
export async function loadDocuments(
  given: string | URL | object,
  { remote }: { remote: boolean },
): Promise<Documents> {
  const source = given instanceof URL ? given.href : given;
  const url = typeof source === "string" ? toUrl(source) : undefined;
  const files = new Map<string, DocumentFile>();
  const documents: Documents = {
    root: {},
    ...(url === undefined ? {} : { url }),
    files,
    idOf: (from, reference) => toId(url, from, reference),
    nameOf(id) {
      if (id === "") return typeof source === "string" ? source : undefined;
      return typeof source === "string" && !/^[a-z]+:/i.test(id)
        ? join(dirname(source), decode(id))
        : id;
    },
  };
  const first: DocumentFile = url
    ? await readUrl(url, remote)
    : {
        isReadable: true,
        value: source,
        references: listReferences(source),
        faults: [],
        linesOf: () => new Map(),
      };
  const name = documents.nameOf("") ?? "document";
  if (!first.isReadable) throw new DocumentError(name, first.reason);
  if (!isRecord(first.value))
    throw new DocumentError(name, "is not an OpenAPI document (no object)");
  documents.root = first.value;
  files.set("", first);
  await readReferences(documents, remote);
  return documents;
}

/** Reads what is referred to, then what that refers to, until there is nothing new. */
async function readReferences(
  { files, url: root, idOf }: Documents,
  remote: boolean,
): Promise<void> {
  let batch = [""];
  while (batch.length > 0) {
    const found = batch.flatMap((from) => {
      const file = files.get(from);
      return file?.isReadable
        ? file.references.map((reference) => idOf(from, reference))
        : [];
    });
    batch = [...new Set(found)].filter((id) => !files.has(id));
    const isFull =
      files.size + batch.length > (remote ? MAX_REMOTE_FILES : MAX_FILES);
    if (isFull)
      for (const id of batch.splice(0))
        files.set(id, fail("the document has too many files"));
    for (let start = 0; start < batch.length; start += FILES_AT_ONCE) {
      const some = batch.slice(start, start + FILES_AT_ONCE);
      const read = await Promise.all(
        some.map((id) => readId(id, { root, remote })),
      );
      some.forEach((id, index) => files.set(id, read[index] as DocumentFile));
    }
  }
}

/** The files that a value's `$ref`s name. Without recursion, because a stranger decides the depth. */
function listReferences(value: unknown): string[] {
  const found = new Set<string>();
  const seen = new Set<object>();
  const open = [value];
  for (let each = open.pop(); open.length > 0 || each; each = open.pop()) {
    if (typeof each !== "object" || each === null || seen.has(each)) continue;
    seen.add(each);
    const reference: unknown = (each as Record<string, unknown>)["$ref"];
    if (typeof reference === "string" && !reference.startsWith("#"))
      found.add(reference.split("#")[0] as string);
    for (const child of Object.values(each))
      if (typeof child === "object" && child !== null) open.push(child);
  }
  return [...found];
}

function toUrl(source: string): URL {
  return /^(https?|file):\/\//i.test(source)
    ? new URL(source)
    : pathToFileURL(resolve(source));
}

/** An id that names no file says why instead. */
const NO_PLACE = "!a relative path, but the document has no place";
const NOT_LOCAL = "!only a local file may refer to local files";

function toId(root: URL | undefined, from: string, reference: string): string {
  const base = resolveUrl(root, from);
  const url = resolveUrl(base, reference);
  if (!url) return NO_PLACE;
  if (url.protocol === "file:" && base?.protocol !== "file:") return NOT_LOCAL;
  if (!root || root.protocol !== url.protocol || root.host !== url.host)
    return url.href;
  if (root.href === url.href) return "";
  return (
    posix.relative(posix.dirname(root.pathname), url.pathname) + url.search
  );
}

function resolveUrl(base: URL | undefined, reference: string): URL | undefined {
  return URL.canParse(reference, base?.href)
    ? new URL(reference, base)
    : undefined;
}

/** A device or pipe that a stranger's `$ref` names might never end. */
async function refuseEndless(path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error("it is no file");
  if (found.size > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} bytes`);
}

async function readId(
  id: string,
  { root, remote }: { root: URL | undefined; remote: boolean },
): Promise<DocumentFile> {
  const url = id.startsWith("!") ? undefined : resolveUrl(root, id);
  if (!url) return fail(id.slice(1));
  try {
    if (url.protocol === "file:") await refuseEndless(fileURLToPath(url));
  } catch (cause) {
    return fail(`cannot be read: ${toWords(cause)}`);
  }
  return readUrl(url, remote);
}

async function readUrl(url: URL, remote: boolean): Promise<DocumentFile> {
  const isRemote = /^https?:$/.test(url.protocol);
  if (isRemote && !remote)
    return fail("the network is read only when asked for (remote: true)");
  if (!isRemote && url.protocol !== "file:")
    return fail(`a ${url.protocol} address is not read from here`);
  let text: string;
  try {
    text = isRemote
      ? await fetchText(url)
      : await readFile(fileURLToPath(url), "utf8");
  } catch (cause) {
    return fail(`cannot be read: ${toWords(cause)}`);
  }
  try {
    const parsed = await parseText(text);
    const references = FOREIGN_REFERENCE.test(text)
      ? listReferences(parsed.value)
      : [];
    return { isReadable: true, references, ...parsed };
  } catch (cause) {
    return fail(`not JSON or YAML: ${toWords(cause)}`);
  }
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function fail(reason: string): DocumentFile {
  return { isReadable: false, reason };
}

function toWords(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function fetchText(url: URL): Promise<string> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
