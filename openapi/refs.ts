import { isRecord } from "./json.ts";
import { unescapePart } from "./load.ts";
import type { LoadedDocument } from "./load.ts";
import type { Report } from "./types.ts";

/** A value of the document and where it stands. */
export interface Located<T = unknown> {
  value: T;
  pointer: string;
}

export type Resolver = ReturnType<typeof createResolver>;

/**
 * Follows `$ref`s inside one document, lazily and without ever throwing: a
 * dangling or circular one is reported once and reads as `{}`.
 */
export function createResolver(document: LoadedDocument, report: Report) {
  const reported = new Set<string>();

  function fail(rule: string, at: string, ref: string, message: string) {
    if (!reported.has(`${rule} ${at}`)) {
      reported.add(`${rule} ${at}`);
      report({
        rule,
        severity: "error",
        message: `${message}: ${ref}`,
        pointer: at,
      });
    }
    return { value: {}, pointer: at };
  }

  return {
    /** The value itself, or what its chain of `$ref`s ends in. */
    resolve(value: unknown, pointer: string): Located {
      const seen = new Set<string>();
      let here: Located = { value, pointer };
      for (;;) {
        const ref = refOf(here.value);
        if (ref === undefined) return here;
        if (seen.has(ref)) {
          return fail("circular-ref", here.pointer, ref, "refers to itself");
        }
        seen.add(ref);
        if (!ref.startsWith("#")) {
          return fail("external-ref", here.pointer, ref, "is in another file");
        }
        const target = lookUp(document.root, ref);
        if (!target) {
          return fail("dangling-ref", here.pointer, ref, "points at nothing");
        }
        here = target;
      }
    },
  };
}

export function refOf(value: unknown): string | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, "$ref")) return undefined;
  return typeof value["$ref"] === "string" ? value["$ref"] : undefined;
}

function lookUp(root: unknown, ref: string): Located | undefined {
  // "#components/..." without its slash is a slip seen in real documents.
  const pointer =
    ref.startsWith("#/") || ref === "#" ? ref.slice(1) : `/${ref.slice(1)}`;
  let value: unknown = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = unescapePart(decode(part));
    if (typeof value !== "object" || value === null) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return { value, pointer };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray "%" is part of the name
  }
}
