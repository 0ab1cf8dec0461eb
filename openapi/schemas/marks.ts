import { isRecord } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import type { Located, Resolver } from "../documents/refs.ts";

/** Above any honest document, below what recursion takes of the stack. */
const MAX_PARTS = 200;

/**
 * Whether a property is marked `readOnly` or `writeOnly` (OpenAPI 3.1, section
 * 4.8.24): where it stands, where its `$ref` leads, or in one of its `allOf`.
 */
export function isMarked(
  mark: "readOnly" | "writeOnly",
  { value, at }: Located,
  resolver: Resolver,
  seen = new Set<unknown>(), // a circle of allOf ends too
): boolean {
  const target = resolver.resolve(value, at);
  if (
    [value, target.value].some((each) => isRecord(each) && each[mark] === true)
  )
    return true;
  return listParts(target).some(
    (part) => isNew(part.value, seen) && isMarked(mark, part, resolver, seen),
  );
}

/** Names of an object's properties that are marked so, in it or in a part of its `allOf`. */
export function listMarked(
  mark: "readOnly" | "writeOnly",
  { value, at }: Located,
  resolver: Resolver,
  seen = new Set<unknown>(),
): string[] {
  const target = resolver.resolve(value, at);
  if (!isRecord(target.value) || !isNew(target.value, seen)) return [];
  const { properties } = target.value;
  const own = Object.keys(isRecord(properties) ? properties : {}).filter(
    (key) => {
      const property = (properties as Record<string, unknown>)[key];
      if (!isRecord(property)) return false;
      if (property[mark] === true) return true;
      // Most properties end here, and a document has a hundred thousand.
      if (property["$ref"] === undefined && property["allOf"] === undefined)
        return false;
      const where = `${target.at}/properties/${escapePart(key)}`;
      return isMarked(mark, { value: property, at: where }, resolver);
    },
  );
  if (target.value["allOf"] === undefined) return own;
  return [
    ...own,
    ...listParts(target).flatMap((part) =>
      listMarked(mark, part, resolver, seen),
    ),
  ];
}

function isNew(value: unknown, seen: Set<unknown>): boolean {
  if (seen.has(value) || seen.size > MAX_PARTS) return false;
  seen.add(value);
  return true;
}

function listParts({ value, at }: Located): Located[] {
  const parts = isRecord(value) ? value["allOf"] : undefined;
  return Array.isArray(parts)
    ? parts.map((part: unknown, index) => ({
        value: part,
        at: `${at}/allOf/${index}`,
      }))
    : [];
}
