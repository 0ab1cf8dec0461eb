import { isRecord } from "./json.ts";
import type { Resolver } from "./refs.ts";

/**
 * Reads a body's schema as one object: its properties and which are required.
 * `allOf` is joined; of `oneOf` and `anyOf` every branch's field is kept (in all
 * its forms), and required is what all branches require. Undefined when it is no object.
 */
export function foldObject(
  schema: unknown,
  pointer: string,
  resolver: Resolver,
): FoldedObject | undefined {
  return fold(schema, pointer, resolver, []);
}

/** @param trail  where this came from, so that a schema which contains itself ends */
function fold(
  schema: unknown,
  pointer: string,
  resolver: Resolver,
  trail: string[],
): FoldedObject | undefined {
  const { value, pointer: at } = resolver.resolve(schema, pointer);
  if (!isRecord(value) || trail.includes(at)) return undefined;
  const own: FoldedObject = {
    properties: new Map(
      Object.entries(
        isRecord(value["properties"]) ? value["properties"] : {},
      ).map(([key, property]) => [
        key,
        { value: property, pointer: `${at}/properties/${key}` },
      ]),
    ),
    required: new Set(
      Array.isArray(value["required"]) ? value["required"].map(String) : [],
    ),
    rest: value["additionalProperties"],
  };
  let isObject = value["type"] === "object" || isRecord(value["properties"]);
  for (const word of ["allOf", "oneOf", "anyOf"]) {
    if (!Array.isArray(value[word])) continue;
    const branches = value[word].map((branch, index) =>
      fold(branch, `${at}/${word}/${index}`, resolver, [...trail, at]),
    );
    isObject ||= branches.some((branch) => branch !== undefined);
    for (const branch of branches) join(own, branch, word === "allOf");
    const required = branches.map(
      (branch) => branch?.required ?? new Set<string>(),
    );
    for (const key of required.flatMap((keys) => [...keys])) {
      if (word === "allOf" || required.every((keys) => keys.has(key)))
        own.required.add(key);
    }
  }
  return isObject ? own : undefined;
}

/** Adds a branch's fields; one that two branches describe may be either, or has to be both. */
function join(
  own: FoldedObject,
  branch: FoldedObject | undefined,
  isBoth: boolean,
): void {
  own.rest ??= branch?.rest;
  for (const [key, property] of branch?.properties ?? []) {
    const known = own.properties.get(key);
    const isSame =
      known === undefined ||
      JSON.stringify(known.value) === JSON.stringify(property.value);
    const value = isSame
      ? property.value
      : { [isBoth ? "allOf" : "anyOf"]: [known.value, property.value] };
    own.properties.set(key, { value, pointer: property.pointer });
  }
}

export interface FoldedObject {
  properties: Map<string, { value: unknown; pointer: string }>;
  required: Set<string>;
  /** The schema's own `additionalProperties`: false closes it, a schema or true opens it. */
  rest: unknown;
}
