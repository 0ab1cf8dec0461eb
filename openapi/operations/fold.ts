import { isChoice } from "../schemas/discriminator.ts";
import { isRecord } from "../json.ts";
import { isMarked } from "../schemas/marks.ts";
import { escapePart } from "../documents/pointer.ts";
import { join } from "./join.ts";
import type { FoldedObject, Word } from "./join.ts";
import { lastPart } from "../documents/refs.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import type { SchemaSource } from "../schemas/schema.ts";
import type { Subtypes } from "../schemas/subtypes.ts";
import type { Report } from "../types.ts";

export interface Folding {
  report: Report;
  resolver: Resolver;
  subtypes: Subtypes;
}

/** An object; no object; or nothing that says which, as `{}` or a list of required names. */
type Folded = FoldedObject | "other" | "open";

const COMPOUND = [
  "allOf",
  "oneOf",
  "anyOf",
  "then",
  "else",
  "dependentSchemas",
  "discriminator",
];
/** Above any honest document: what doubles at every level, or goes on for ever, ends here. */
const MAX_VISITS = 5000;
const MAX_DEPTH = 200;

/**
 * Reads a body's schema as one object: its properties and which are required.
 * `allOf` is joined; of `oneOf` and `anyOf` every branch's field is kept (in all
 * its forms), and required is what all branches require. Undefined when it is no
 * object, or in one of its branches something else.
 */
export function foldObject(
  schema: Located,
  folding: Folding,
): FoldedObject | undefined {
  const visits = { left: MAX_VISITS, isCut: false };
  const folded = fold(schema, { ...folding, visits, trail: [], asBase: false });
  if (visits.isCut)
    folding.report({
      rule: "schema-too-large",
      severity: "error",
      message: `more than ${MAX_DEPTH} levels or ${MAX_VISITS} schemas of allOf, oneOf and anyOf; fields beyond are missing`,
      pointer: schema.at,
    });
  return typeof folded === "string" ? undefined : folded;
}

interface Walk extends Folding {
  visits: { left: number; isCut: boolean };
  /** Where this came from, so that a schema which contains itself ends. */
  trail: object[];
  /** What extends a base has that base, not every other form of it. */
  asBase: boolean;
}

function fold(schema: Located, walk: Walk): Folded {
  const { resolver, trail, visits } = walk;
  const { value, at } = resolver.resolve(schema.value, schema.at);
  visits.left -= 1;
  if (!isRecord(value) || trail.includes(value)) return "open";
  if (visits.left < 0 || trail.length > MAX_DEPTH) {
    visits.isCut = true;
    return "open";
  }
  const own = readOwn(value, at, resolver);
  const types = [value["type"] ?? []].flat();
  let isObject = types.includes("object") || isRecord(value["properties"]);
  if (types.length > 0 && !types.includes("object")) return "other";
  // Most bodies are one plain object.
  if (isObject && !COMPOUND.some((word) => value[word] !== undefined))
    return own;
  for (const [word, branches] of listBranches({ value, at }, walk)) {
    const folded = branches
      .filter((branch) => !isNull(branch, resolver))
      .map((branch) =>
        fold(branch, {
          ...walk,
          trail: [...trail, value],
          asBase: word === "allOf",
        }),
      );
    if (folded.includes("other")) return "other";
    const objects = folded.map((each) =>
      typeof each === "string" ? undefined : each,
    );
    isObject ||= objects.some((each) => each?.properties.size);
    join(own, objects, word);
  }
  markProperty(own, { value, at }, walk);
  const isBare =
    !isObject && own.required.size === 0 && own.choices.length === 0;
  return isBare ? "open" : own;
}

/** The words that tell the forms of a choice apart, where the property does not say them itself. */
function markProperty(
  own: FoldedObject,
  schema: Located,
  { subtypes, resolver, asBase }: Walk,
): void {
  const choice = asBase ? undefined : subtypes.read(schema);
  if (!choice || choice.subtypes.size === 0) return;
  const { property } = choice;
  const known = own.properties.get(property) ?? { value: {}, at: schema.at };
  if ("word" in known) return;
  const { value } = resolver.resolve(known.value, known.at);
  const isOpenText =
    isRecord(value) &&
    [undefined, "string"].includes(value["type"] as string | undefined) &&
    value["enum"] === undefined &&
    value["const"] === undefined;
  if (!isOpenText) return;
  const values = [...choice.subtypes.values()].flatMap((form) => form.values);
  // The base of an inheritance is a form too, by its own name.
  const names = isChoice(schema.value)
    ? values
    : [...values, lastPart(schema.at)];
  own.properties.set(property, {
    value: { ...value, type: "string", enum: [...new Set(names)] },
    at: known.at,
  });
}

function listBranches(
  { value, at }: Located<Record<string, unknown>>,
  { subtypes, resolver, asBase, trail }: Walk,
): [Word, Located[]][] {
  const found = (["allOf", "oneOf", "anyOf"] as const).flatMap(
    (word): [Word, Located[]][] => {
      const list = value[word];
      return Array.isArray(list)
        ? [
            [
              word,
              list.map((branch: unknown, index) => ({
                value: branch,
                at: `${at}/${word}/${index}`,
              })),
            ],
          ]
        : [];
    },
  );
  const conditional = listConditional({ value, at });
  if (conditional.length > 0)
    found.push(["anyOf", [...conditional, { value: {}, at }]]);
  // One of its own forms extends it: the other forms are none of its business.
  const isOwnBase = ([word, branches]: [Word, Located[]]) =>
    asBase &&
    word !== "allOf" &&
    branches.some((branch) =>
      trail.some(
        (each) => each === resolver.resolve(branch.value, branch.at).value,
      ),
    );
  if (asBase) return found.filter((each) => !isOwnBase(each));
  if (isChoice(value)) return found;
  const forms = [...(subtypes.read({ value, at })?.subtypes.values() ?? [])];
  // The base itself is a form too, and asks for none of their fields.
  return forms.length === 0
    ? found
    : [
        ...found,
        ["anyOf", [...forms.map(({ schema }) => schema), { value: {}, at }]],
      ];
}

/** What holds under a condition: its fields may be given, and nobody here knows when they must. */
function listConditional({
  value,
  at,
}: Located<Record<string, unknown>>): Located[] {
  const dependent = isRecord(value["dependentSchemas"])
    ? Object.entries(value["dependentSchemas"])
    : [];
  return [
    ...["then", "else"]
      .filter((word) => isRecord(value[word]))
      .map((word) => ({ value: value[word], at: `${at}/${word}` })),
    ...dependent.map(([key, schema]) => ({
      value: schema,
      at: `${at}/dependentSchemas/${escapePart(key)}`,
    })),
  ];
}

function readOwn(
  schema: Record<string, unknown>,
  at: string,
  resolver: Resolver,
): FoldedObject {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const rest = schema["additionalProperties"];
  const patterns = schema["patternProperties"];
  const isPatterned = isRecord(patterns) && Object.keys(patterns).length > 0;
  const located = Object.entries(properties).map(
    ([key, value]): [string, Located] => [
      key,
      { value, at: `${at}/properties/${escapePart(key)}` },
    ],
  );
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const readOnly = located.filter(([, each]) => isReadOnly(each, resolver));
  return {
    properties: new Map(located),
    required: new Set(
      [
        ...required.map(String),
        // Draft 3 says it at the property itself.
        ...Object.keys(properties).filter((key) => {
          const property = properties[key];
          return isRecord(property) && property["required"] === true;
        }),
      ].filter((key) => !readOnly.some(([name]) => name === key)),
    ),
    rest: isPatterned
      ? { value: true, at: `${at}/patternProperties` }
      : rest === undefined
        ? undefined
        : { value: rest, at: `${at}/additionalProperties` },
    choices: [],
  };
}

/** Whether a property is the server's to fill in (OpenAPI 3.1, section 4.8.24). */
export function isReadOnly(
  property: SchemaSource,
  resolver: Resolver,
): boolean {
  if ("word" in property) {
    const isPart = (part: SchemaSource) => isReadOnly(part, resolver);
    return property.word === "allOf"
      ? property.parts.some(isPart)
      : property.parts.every(isPart);
  }
  return isMarked("readOnly", property, resolver);
}

/** A body that is not there needs no branch. */
function isNull(branch: Located, resolver: Resolver): boolean {
  const { value } = resolver.resolve(branch.value, branch.at);
  if (!isRecord(value)) return false;
  const { type, enum: choices } = value;
  return (
    type === "null" ||
    (type === undefined &&
      Array.isArray(choices) &&
      choices.every((choice) => choice === null))
  );
}
