import { isRecord } from "./json.ts";
import type { Located, Resolver } from "./refs.ts";

/** A body's schema read as one object. */
export interface FoldedObject {
  properties: Map<string, Located>;
  required: Set<string>;
  /** What the schema says of further properties: false closes it, a schema or true opens it. */
  rest: Located | undefined;
}

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
  const own = readOwn(value, at);
  let isObject = value["type"] === "object" || isRecord(value["properties"]);
  for (const word of ["allOf", "oneOf", "anyOf"] as const) {
    if (!Array.isArray(value[word])) continue;
    const branches = value[word].map((branch, index) =>
      fold(branch, `${at}/${word}/${index}`, resolver, [...trail, at]),
    );
    isObject ||= branches.some((branch) => branch !== undefined);
    joinProperties(own, branches, word);
    joinRequired(own, branches, word);
    own.rest ??= joinRest(branches, word);
  }
  return isObject ? own : undefined;
}

function readOwn(schema: Record<string, unknown>, at: string): FoldedObject {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const rest = schema["additionalProperties"];
  return {
    properties: new Map(
      Object.entries(properties).map(([key, value]) => [
        key,
        { value, pointer: `${at}/properties/${key}` },
      ]),
    ),
    required: new Set(
      Array.isArray(schema["required"]) ? schema["required"].map(String) : [],
    ),
    rest:
      rest === undefined
        ? undefined
        : { value: rest, pointer: `${at}/additionalProperties` },
  };
}

type Branches = (FoldedObject | undefined)[];
type Word = "allOf" | "oneOf" | "anyOf";

/** A field of several branches is all of them or one of them; one of the schema itself has to hold besides. */
function joinProperties(
  own: FoldedObject,
  branches: Branches,
  word: Word,
): void {
  const found = new Map<string, Located[]>();
  for (const [key, property] of branches.flatMap((branch) => [
    ...(branch?.properties ?? []),
  ])) {
    found.set(key, [...(found.get(key) ?? []), property]);
  }
  for (const [key, variants] of found) {
    const joined = combine(variants, word === "allOf" ? "allOf" : "anyOf");
    const known = own.properties.get(key);
    own.properties.set(key, known ? combine([known, joined], "allOf") : joined);
  }
}

function combine(variants: Located[], word: "allOf" | "anyOf"): Located {
  const distinct = [
    ...new Map(
      variants.map((variant) => [JSON.stringify(variant.value), variant]),
    ).values(),
  ];
  const [first] = distinct as [Located, ...Located[]];
  return distinct.length === 1
    ? first
    : {
        value: { [word]: distinct.map(({ value }) => value) },
        pointer: first.pointer,
      };
}

function joinRequired(own: FoldedObject, branches: Branches, word: Word): void {
  const required = branches.map(
    (branch) => branch?.required ?? new Set<string>(),
  );
  for (const key of required.flatMap((keys) => [...keys])) {
    if (word === "allOf" || required.every((keys) => keys.has(key)))
      own.required.add(key);
  }
}

/** A choice is closed only when each of its branches is. */
function joinRest(branches: Branches, word: Word): Located | undefined {
  const rests = branches.map((branch) => branch?.rest);
  const isClosed = (rest: Located | undefined) => rest?.value === false;
  if (word === "allOf" || rests.every(isClosed))
    return rests.find((rest) => rest !== undefined);
  return rests.find((rest) => rest !== undefined && !isClosed(rest));
}
