import { isRecord } from "../json.ts";
import { MAX_DEPTH } from "./measure.ts";
import type { Node, ShapeReader } from "./shape.ts";

/** Words under which a field may be declared that the value need not have. */
const CONDITIONAL = ["then", "else"];

/**
 * Leaves out the nulls of optional fields that may not be null, at every depth:
 * strict forms of a definition have no other way to leave a field out. A branch
 * of a choice that takes any field would let such a null pass.
 */
export function dropNulls(
  reader: ShapeReader,
  node: Node,
  value: unknown,
  depth = 0,
): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH)
    return value;
  if (ArrayBuffer.isView(value) || !hasNull(value, depth)) return value;
  const candidates = listCandidates(reader, node);
  if (Array.isArray(value)) {
    const entries = candidates.flatMap((part) => [
      ...(Array.isArray(part["prefixItems"]) ? part["prefixItems"] : []),
      ...(part["items"] === undefined ? [] : [part["items"]]),
    ]);
    return value.map((entry) => dropNulls(reader, entries, entry, depth + 1));
  }
  const { parts } = reader.shapeOf(node);
  const isRequired = (key: string) =>
    parts.some(
      (part) =>
        Array.isArray(part["required"]) && part["required"].includes(key),
    );
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]): [string, unknown][] => {
      const declared = candidates.flatMap((part) => {
        const properties = part["properties"];
        return isRecord(properties) && Object.hasOwn(properties, key)
          ? [properties[key]]
          : [];
      });
      const isStrictNull =
        entry === null &&
        declared.length > 0 &&
        !isRequired(key) &&
        !declared.some((schema) => reader.typesOf([schema]).has("null"));
      return isStrictNull
        ? []
        : [[key, dropNulls(reader, declared, entry, depth + 1)]];
    }),
  );
}

/** All schemas that may say something of a value: those that hold, those of choices, and those under conditions. */
function listCandidates(
  reader: ShapeReader,
  node: Node,
): Record<string, unknown>[] {
  const found = new Set<Record<string, unknown>>();
  const open: unknown[] = [...node];
  const seen = new Set<unknown>();
  while (open.length > 0) {
    const each = open.pop();
    if (each === undefined || seen.has(each)) continue;
    seen.add(each);
    const { parts, choices } = reader.shapeOf([each]);
    for (const part of parts) {
      found.add(part);
      for (const word of CONDITIONAL) open.push(part[word]);
    }
    open.push(...choices.flat());
  }
  return [...found];
}

function hasNull(value: unknown, depth: number): boolean {
  if (value === null) return true;
  if (typeof value !== "object" || ArrayBuffer.isView(value)) return false;
  return (
    depth <= MAX_DEPTH &&
    Object.values(value).some((entry) => hasNull(entry, depth + 1))
  );
}
