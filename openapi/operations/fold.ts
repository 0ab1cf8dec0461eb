import { isChoice } from "../schemas/discriminator.ts";
import { isRecord } from "../json.ts";
import { isMarked } from "../schemas/marks.ts";
import { escapePart } from "../documents/pointer.ts";
import { isCompound, isNull, listBranches } from "./branches.ts";
import type { Origin } from "./branches.ts";
import { join } from "./join.ts";
import type { FoldedObject } from "./join.ts";
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

interface Walk extends Folding, Origin {
  visits: { left: number; isCut: boolean };
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
  if (isObject && !isCompound(value)) return own;
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
