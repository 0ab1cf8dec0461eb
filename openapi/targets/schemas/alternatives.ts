import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";
import type { Dialect } from "./dialect.ts";

/**
 * One schema for what may be one thing or another, where a platform has no word
 * for that: of objects all fields, of plain values the type that says most.
 */
export function reduceBranches(branches: JsonSchema[]): {
  branch: JsonSchema;
  /** Nothing is lost. */
  isExact: boolean;
} {
  const types = branches.map((branch) => branch["type"]);
  if (types.every((type) => type === "object"))
    return { branch: joinObjects(branches), isExact: false };
  const isPlain = types.every((type) => type !== "object" && type !== "array");
  // As text anything can be said, and a number holds an integer.
  const widest = ["string", "number"].find((type) => types.includes(type));
  const type = isPlain && widest !== undefined ? widest : types[0];
  const alike = branches.filter((branch) => branch["type"] === type);
  if (!isPlain) return { branch: alike[0] ?? {}, isExact: false };
  const values = alike.flatMap((branch): unknown[] =>
    Array.isArray(branch["enum"]) ? branch["enum"] : [undefined],
  );
  const isListed =
    alike.length === branches.length && !values.includes(undefined);
  return {
    branch: { type, ...(isListed ? { enum: [...new Set(values)] } : {}) },
    isExact: isListed,
  };
}

/** One object with the fields of all; needed is what each of them needs. */
function joinObjects(branches: JsonSchema[]): JsonSchema {
  const properties = new Map<string, unknown[]>();
  for (const branch of branches) {
    const own = isRecord(branch["properties"]) ? branch["properties"] : {};
    for (const [key, value] of Object.entries(own))
      properties.set(key, [...(properties.get(key) ?? []), value]);
  }
  const [first = [], ...others] = branches.map((branch): unknown[] =>
    Array.isArray(branch["required"]) ? branch["required"] : [],
  );
  return {
    type: "object",
    properties: Object.fromEntries(
      [...properties].map(([key, values]) => [
        key,
        values.length === 1 ? values[0] : { anyOf: values },
      ]),
    ),
    required: first.filter((key) => others.every((keys) => keys.includes(key))),
  };
}

/** `anyOf`, with what is said of the whole where the dialect lets it stand. */
export function joinBranches(
  branches: JsonSchema[],
  description: string,
  nullable: boolean,
  dialect: Dialect,
): JsonSchema {
  const isNull = nullable && dialect.nulls !== "none";
  if (dialect.unions !== "alone") {
    return {
      ...(description === "" ? {} : { description }),
      anyOf: isNull ? [...branches, { type: "null" }] : branches,
    };
  }
  const [first = {}, ...others] = branches;
  const texts = [description, first["description"]].filter(
    (text) => typeof text === "string" && text !== "",
  );
  const led = {
    ...first,
    ...(texts.length > 0 ? { description: [...new Set(texts)].join(" ") } : {}),
    ...(isNull ? { nullable: true } : {}),
  };
  return { anyOf: [led, ...others] };
}
