import { isRecord } from "../json.ts";
import { LIST, MAP, ONE } from "./keywords.ts";
import { resolveLocal } from "./local-ref.ts";
import type { JsonSchema } from "../types.ts";

/** A schema of a tool's parameters and where an argument for it stands. */
export interface Place {
  schema: JsonSchema;
  /** How many property names lead to it: 0 is the root, 1 an argument of the tool. */
  depth: number;
  /** As a person writes it: `order.lines[].amount`; empty for the root. */
  path: string;
}

// Words whose schemas judge entries of a list, not the list itself.
const OF_ENTRIES = ["items", "contains", "prefixItems"];
// Words whose schemas judge the same value as the schema that has them.
const IN_PLACE = ["allOf", "anyOf", "oneOf", "if", "then", "else", "not"];

/**
 * Every schema that the parameters reach, once, at its shallowest place, in
 * order of depth. `$ref`s are followed, so a cycle ends by itself.
 * @param only  follows a property only when this says so
 */
export function listPlaces(
  parameters: JsonSchema,
  only: (holder: JsonSchema, key: string) => boolean = () => true,
): Place[] {
  const found = new Set<JsonSchema>();
  const places: Place[] = [];
  let level: Place[] = [{ schema: parameters, depth: 0, path: "" }];
  while (level.length > 0) {
    const next: Place[] = [];
    for (const place of level) {
      if (found.has(place.schema)) continue;
      found.add(place.schema);
      places.push(place);
      level.push(...listSameDepth(place, parameters)); // and the loop takes them up
      const properties = asRecord(place.schema["properties"]);
      for (const [key, schema] of Object.entries(properties)) {
        if (!isRecord(schema) || !only(place.schema, key)) continue;
        const path = place.path === "" ? key : `${place.path}.${key}`;
        next.push({ schema, depth: place.depth + 1, path });
      }
    }
    level = next;
  }
  return places;
}

function listSameDepth(
  { schema, depth, path }: Place,
  root: JsonSchema,
): Place[] {
  const target = refTarget(schema, root);
  const places = target ? [{ schema: target, depth, path }] : [];
  for (const [word, value] of Object.entries(schema)) {
    const at = OF_ENTRIES.includes(word) ? `${path}[]` : path;
    const schemas =
      ONE.includes(word) || LIST.includes(word)
        ? [value].flat()
        : MAP.includes(word) && word !== "properties"
          ? Object.values(asRecord(value))
          : [];
    for (const each of schemas)
      if (isRecord(each)) places.push({ schema: each, depth, path: at });
  }
  return places;
}

/** The schemas that judge the same value as this one, itself included. */
export function listInPlace(
  schema: JsonSchema,
  root: JsonSchema,
): Set<JsonSchema> {
  const found = new Set([schema]);
  for (const each of found) {
    const target = refTarget(each, root);
    if (target) found.add(target);
    const schemas = [
      ...IN_PLACE.flatMap((word) => each[word] ?? []),
      ...Object.values(asRecord(each["dependentSchemas"])),
    ];
    for (const entry of schemas) if (isRecord(entry)) found.add(entry);
  }
  return found;
}

/** The schema that a `$ref` names inside the tool. */
export function refTarget(
  schema: JsonSchema,
  root: JsonSchema,
): JsonSchema | undefined {
  const ref = schema["$ref"];
  const target = typeof ref === "string" ? resolveLocal(root, ref) : undefined;
  return isRecord(target) ? target : undefined;
}

export function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** The names that a list of names holds; none for anything else. */
export function asNames(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((name) => typeof name === "string")
    : [];
}
