import { isRecord } from "../json.ts";
import type { Documents } from "./load.ts";
import { escapePart, toParts, unescapePart } from "./pointer.ts";
import type { Report } from "../types.ts";

/** A value and where it stands: `<file id>#<JSON pointer>`, the root document's id being empty. */
export interface Located<T = unknown> {
  value: T;
  at: string;
}

/** What a `$ref` leads to; `isBroken` when that is nothing, and the value is `{}`. */
export interface Resolved extends Located {
  isBroken?: true;
}

export type Resolver = ReturnType<typeof createResolver>;

/** How often the way to one `$ref` may lead through another. */
const MAX_DETOURS = 50;

/**
 * Follows `$ref`s within and between files, lazily and without ever throwing: a
 * dangling or circular one is reported once and reads as `{}`.
 */
export function createResolver(documents: Documents, report: Report) {
  const reported = new Set<string>();
  const found = new Map<string, Located | undefined>();
  const anchors = new Map<string, Map<string, Located>>();
  const targets = new Map<string, Map<string, Located | string>>();
  let named: Map<string, Located> | undefined;

  function fail(rule: string, at: string, ref: string, why: string): Resolved {
    if (!reported.has(`${rule} ${at}`)) {
      reported.add(`${rule} ${at}`);
      report({
        rule,
        severity: "error",
        message: `$ref ${ref} ${why}`,
        pointer: at,
      });
    }
    return { value: {}, at, isBroken: true };
  }

  let detours = 0;

  /** The value that a URL fragment names in a file, `$ref`s on the way followed. */
  function lookUp(id: string, fragment: string): Located | undefined {
    const file = documents.files.get(id);
    if (!file?.isReadable) return undefined;
    if (fragment !== "" && !fragment.startsWith("/"))
      return (
        anchorsOf(id, file.value).get(fragment) ?? lookUp(id, `/${fragment}`) // "#components/..." is a slip seen in real documents
      );
    let here: Located = { value: file.value, at: `${id}#` };
    for (const part of fragment.split("/").slice(1)) {
      const key = unescapePart(decode(part));
      if (refOf(here.value) !== undefined && !hasKey(here.value, key)) {
        detours += 1;
        const target =
          detours > MAX_DETOURS ? undefined : resolve(here.value, here.at);
        detours -= 1;
        if (!target || target.isBroken) return undefined;
        here = target;
      }
      if (!hasKey(here.value, key)) return undefined;
      here = {
        value: here.value[key],
        at: `${here.at}/${escapePart(key)}`,
      };
    }
    return here;
  }

  function anchorsOf(id: string, root: unknown): Map<string, Located> {
    const known = anchors.get(id) ?? findAnchors(root, id);
    anchors.set(id, known);
    return known;
  }

  /** A schema by its `$id` (2020-12 core, section 8.2.1). */
  function namedOf(id: string): Located | undefined {
    named ??= new Map(
      [...documents.files].flatMap(([file, each]) =>
        each.isReadable ? [...findAnchors(each.value, file, ["$id"])] : [],
      ),
    );
    return named.get(id);
  }

  /** Where a reference from a place leads, or why nowhere; of each file's references once. */
  function target(ref: string, at: string): Located | string {
    const from = at.slice(0, at.indexOf("#"));
    const known = targets.get(from) ?? new Map<string, Located | string>();
    targets.set(from, known);
    const found = known.get(ref) ?? follow(ref, from);
    known.set(ref, found);
    return found;
  }

  function follow(ref: string, from: string): Located | string {
    const [path, fragment] = split(ref);
    const id = path === "" ? from : documents.idOf(from, path);
    const file = documents.files.get(id);
    if (!file?.isReadable) {
      const named = namedOf(path);
      if (named && fragment === "") return named;
      return file ? `cannot be followed: ${file.reason}` : "points at nothing";
    }
    const key = `${id}#${fragment}`;
    if (!found.has(key)) {
      found.set(key, undefined); // while it is looked up, it leads nowhere
      found.set(key, lookUp(id, fragment));
    }
    return found.get(key) ?? "points at nothing";
  }

  /** The value itself, or what its chain of `$ref`s ends in. */
  function resolve(value: unknown, at: string): Resolved {
    const ref = refOf(value);
    if (ref === undefined) return { value, at };
    // Nearly all chains have one link, and a document has ten thousands of them.
    const next = target(ref, at);
    return typeof next === "string" || refOf(next.value) !== undefined
      ? followChain(value, at)
      : next;
  }

  function followChain(value: unknown, at: string): Resolved {
    let here: Located = { value, at };
    const seen = new Set<string>();
    while (!seen.has(here.at)) {
      const ref = refOf(here.value);
      if (ref === undefined) return here;
      seen.add(here.at);
      const next = target(ref, here.at);
      if (typeof next === "string")
        return fail(
          split(ref)[0] === "" ? "dangling-ref" : "external-ref",
          here.at,
          ref,
          next,
        );
      here = next;
    }
    return fail("circular-ref", at, refOf(value) ?? "", "refers to itself");
  }

  return { resolve };
}

/** A `$dynamicRef` is read as the `$ref` that it is where nobody redefines its anchor (2020-12 core, section 8.2.3.2). */
export function refOf(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const ref = Object.hasOwn(value, "$ref") ? value["$ref"] : undefined;
  const found = ref ?? value["$dynamicRef"];
  return typeof found === "string" ? found : undefined;
}

function hasKey(value: unknown, key: string): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && Object.hasOwn(value, key)
  );
}

function split(ref: string): [string, string] {
  const hash = ref.indexOf("#");
  return hash === -1 ? [ref, ""] : [ref.slice(0, hash), ref.slice(hash + 1)];
}

/** `$anchor` and `$dynamicAnchor` of a file (JSON Schema 2020-12, section 8.2.2), by name. */
function findAnchors(
  root: unknown,
  id: string,
  words = ["$anchor", "$dynamicAnchor"],
): Map<string, Located> {
  const found = new Map<string, Located>();
  const seen = new Set<unknown>();
  const open: Located[] = [{ value: root, at: `${id}#` }];
  for (let each = open.pop(); each; each = open.pop()) {
    const { value, at } = each;
    if (typeof value !== "object" || value === null || seen.has(value))
      continue;
    seen.add(value);
    for (const [key, child] of Object.entries(value)) {
      if (words.includes(key) && typeof child === "string")
        found.set(child, each);
      open.push({ value: child, at: `${at}/${escapePart(key)}` });
    }
  }
  return found;
}

/** In a URI fragment the parts of a pointer may be percent-encoded (RFC 6901, section 6). */
function decode(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray "%" is part of the name
  }
}

/** A location's file id and pointer. */
export function toPlace(at: string): { id: string; pointer: string } {
  const [id, pointer] = split(at);
  return { id, pointer };
}

/** The last key of a location's pointer. */
export function lastPart(at: string): string {
  return toParts(toPlace(at).pointer).at(-1) ?? "";
}
