import { refOf, toPlace } from "../documents/refs.ts";
import type { Located } from "../documents/refs.ts";
import type { SchemaSource } from "../schemas/schema.ts";

/** A body's schema read as one object. */
export interface FoldedObject {
  properties: Map<string, SchemaSource>;
  required: Set<string>;
  /** What the schema says of further properties: false closes it, a schema or true opens it. */
  rest: Located | undefined;
  /** Of a choice: what each branch requires beyond the others, for people to read. */
  choices: string[][];
}

export type Word = "allOf" | "oneOf" | "anyOf";

type Branches = (FoldedObject | undefined)[];

/** Adds to a schema's own fields those of its allOf, oneOf or anyOf. */
export function join(own: FoldedObject, branches: Branches, word: Word): void {
  joinProperties(own, branches, word);
  joinRequired(own, branches, word);
  own.rest ??= joinRest(branches, word);
}

/** A field of several branches is all of them or one of them; one of the schema itself has to hold besides. */
function joinProperties(
  own: FoldedObject,
  branches: Branches,
  word: Word,
): void {
  const found = new Map<string, SchemaSource[]>();
  for (const branch of branches)
    for (const [key, property] of branch?.properties ?? [])
      found.set(key, [...(found.get(key) ?? []), property]);
  for (const [key, variants] of found) {
    const joined = combine(variants, word === "allOf" ? "allOf" : "anyOf");
    const known = own.properties.get(key);
    own.properties.set(key, known ? combine([known, joined], "allOf") : joined);
  }
}

function combine(
  variants: SchemaSource[],
  word: "allOf" | "anyOf",
): SchemaSource {
  const flat = variants.flatMap((variant) =>
    "word" in variant && variant.word === word ? variant.parts : [variant],
  );
  const [only, ...others] = flat;
  if (only && others.length === 0) return only;
  const distinct = [
    ...new Map(flat.map((each) => [toKey(each), each])).values(),
  ];
  const [first] = distinct as [SchemaSource, ...SchemaSource[]];
  return distinct.length === 1 ? first : { word, parts: distinct };
}

/** Schemas with the same key say the same. */
function toKey(source: SchemaSource): string {
  if ("word" in source)
    return `${source.word} ${source.parts.map(toKey).join(" ")}`;
  const { id } = toPlace(source.at);
  const ref = refOf(source.value);
  try {
    return `${id} ${ref === undefined ? "" : "$ref"} ${JSON.stringify(source.value)}`;
  } catch {
    return source.at; // it contains itself
  }
}

function joinRequired(own: FoldedObject, branches: Branches, word: Word): void {
  const required = branches.map(
    (branch) => branch?.required ?? new Set<string>(),
  );
  const all = new Set(required.flatMap((keys) => [...keys]));
  const shared = [...all].filter(
    (key) => word === "allOf" || required.every((keys) => keys.has(key)),
  );
  for (const key of shared) own.required.add(key);
  for (const branch of branches) own.choices.push(...(branch?.choices ?? []));
  if (word === "allOf" || shared.length === all.size) return;
  own.choices.push(
    ...required.map((keys) => [...keys].filter((key) => !shared.includes(key))),
  );
}

/** A choice is closed only when each of its branches is. */
function joinRest(branches: Branches, word: Word): Located | undefined {
  const rests = branches.map((branch) => branch?.rest);
  const isClosed = (rest: Located | undefined) => rest?.value === false;
  if (word === "allOf" || rests.every(isClosed))
    return rests.find((rest) => rest !== undefined);
  return rests.find((rest) => rest !== undefined && !isClosed(rest));
}
