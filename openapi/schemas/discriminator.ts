import { isRecord } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import { refOf } from "../documents/refs.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import type { Choice } from "./subtypes.ts";
import type { JsonSchema } from "../types.ts";

export function isChoice(schema: unknown): boolean {
  return (
    isRecord(schema) &&
    (Array.isArray(schema["oneOf"]) || Array.isArray(schema["anyOf"]))
  );
}

/**
 * Says in each branch of a choice what its discriminator holds: branches that
 * look alike would else exclude each other, and a model could not tell them apart.
 * @param result  the choice as converted
 */
export function markBranches(
  source: Located<JsonSchema>,
  result: JsonSchema,
  { property, subtypes }: Choice,
  resolver: Resolver,
): JsonSchema {
  const marked = { ...result };
  for (const word of ["oneOf", "anyOf"] as const) {
    const branches = source.value[word];
    const converted = result[word];
    if (!Array.isArray(branches) || !Array.isArray(converted)) continue;
    marked[word] = converted.map((branch: JsonSchema, index) => {
      if (refOf(branches[index]) === undefined) return branch;
      const { at } = resolver.resolve(
        branches[index],
        `${source.at}/${word}/${index}`,
      );
      const form = subtypes.get(at);
      return form
        ? {
            ...branch,
            ...markForm(form.schema, property, form.values, resolver),
          }
        : branch;
    });
  }
  return marked;
}

/** What a form has to say of itself; nothing, where its schema says so already. */
export function markForm(
  { value, at }: Located,
  property: string,
  values: string[],
  resolver: Resolver,
): JsonSchema {
  const properties = isRecord(value) ? value["properties"] : undefined;
  const own =
    isRecord(properties) && Object.hasOwn(properties, property)
      ? resolver.resolve(
          properties[property],
          `${at}/properties/${escapePart(property)}`,
        ).value
      : undefined;
  const isSaid =
    isRecord(own) &&
    (own["enum"] !== undefined ||
      own["const"] !== undefined ||
      (own["type"] !== undefined && own["type"] !== "string"));
  return isSaid
    ? {}
    : {
        properties: Object.fromEntries([[property, { enum: values }]]),
        required: [property],
      };
}
