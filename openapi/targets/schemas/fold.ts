import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";
import { ANNOTATIONS } from "./scope.ts";
import type { Resolve } from "./scope.ts";

/** Takes what a platform will not be told; `isLoss` where the model then cannot say something. */
export type Lose = (what: string, isLoss?: boolean) => void;

/**
 * One schema without `allOf`, and without a `$ref` that has limits beside it:
 * such a reference is read in place. A `$ref` with at most annotations stays.
 */
export function fold(
  schema: unknown,
  resolve: Resolve,
  lose: Lose,
  read = new Set<string>(),
): JsonSchema {
  if (schema === true || schema === undefined) return {};
  if (!isRecord(schema)) return { not: {} };
  const { allOf, $ref, ...own } = schema;
  const parts: unknown[] = Array.isArray(allOf) ? allOf : [];
  if (typeof $ref === "string") parts.unshift({ $ref });
  if (parts.length === 0) return own;
  const limits = without(own, ANNOTATIONS);
  if (parts.length === 1 && Object.keys(limits).length === 0) {
    const [part] = parts;
    if (isRecord(part) && Object.keys(part).join() === "$ref")
      return { ...own, ...part };
    return { ...fold(part, resolve, lose, read), ...own };
  }
  return parts
    .map((part) => open(part, resolve, lose, read))
    .reduce((all, part) => merge(all, part, lose), own);
}

/** A schema with its reference read in place; what is read a second time adds nothing. */
function open(
  schema: unknown,
  resolve: Resolve,
  lose: Lose,
  read: Set<string>,
): JsonSchema {
  const folded = fold(schema, resolve, lose, read);
  const { $ref, ...own } = folded;
  if (typeof $ref !== "string") return folded;
  if (read.has($ref)) return own;
  read.add($ref);
  return { ...open(resolve($ref) ?? {}, resolve, lose, read), ...own };
}

/** Both schemas hold. What two of one word mean together is said where one word can say it. */
function merge(one: JsonSchema, other: JsonSchema, lose: Lose): JsonSchema {
  const merged = new Map(Object.entries(one));
  for (const [word, value] of Object.entries(other)) {
    const given = merged.get(word);
    if (given === undefined) merged.set(word, value);
    else if (!ANNOTATIONS.has(word) && given !== value)
      mergeWord(merged, word, given, value, lose);
  }
  return Object.fromEntries(merged);
}

function mergeWord(
  merged: Map<string, unknown>,
  word: string,
  one: unknown,
  other: unknown,
  lose: Lose,
): void {
  const put = (value: unknown) => void merged.set(word, value);
  switch (word) {
    case "properties":
    case "patternProperties":
    case "$defs":
      return put(mergeProperties(one, other));
    case "required":
      return put([...new Set([one, other].flat())]);
    case "type":
      return put(commonTypes(one, other) ?? one);
    case "enum":
      return put(commonValues(one, other) ?? one);
    case "additionalProperties":
      return put(
        one === false || other === false ? false : stricter(one, other),
      );
    case "items":
      return put({ allOf: [one, other] });
    case "minimum":
    case "exclusiveMinimum":
    case "minLength":
    case "minItems":
    case "minProperties":
      return put(Math.max(Number(one), Number(other)));
    case "maximum":
    case "exclusiveMaximum":
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return put(Math.min(Number(one), Number(other)));
    case "anyOf":
    case "oneOf": {
      const free = ["anyOf", "oneOf"].find((each) => !merged.has(each));
      if (free !== undefined) return void merged.set(free, other);
      return lose("a further choice", true);
    }
    default:
      if (JSON.stringify(one) !== JSON.stringify(other))
        lose(`a second ${word}`);
  }
}

function mergeProperties(one: unknown, other: unknown): unknown {
  const merged = new Map(Object.entries(isRecord(one) ? one : {}));
  for (const [key, value] of Object.entries(isRecord(other) ? other : {})) {
    const given = merged.get(key);
    merged.set(
      key,
      given === undefined || sameText(given, value)
        ? value
        : { allOf: [given, value] },
    );
  }
  return Object.fromEntries(merged);
}

function sameText(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function commonTypes(one: unknown, other: unknown): unknown {
  const others = [other].flat();
  const common = [one]
    .flat()
    .flatMap((type) =>
      others.includes(type)
        ? [type]
        : type === "number" && others.includes("integer")
          ? ["integer"]
          : type === "integer" && others.includes("number")
            ? ["integer"]
            : [],
    );
  return common.length > 0 ? [...new Set(common)] : undefined;
}

function commonValues(one: unknown, other: unknown): unknown[] | undefined {
  if (!Array.isArray(one) || !Array.isArray(other)) return undefined;
  const known = new Set(other.map((value) => JSON.stringify(value)));
  const common = one.filter((value: unknown) =>
    known.has(JSON.stringify(value)),
  );
  return common.length > 0 ? common : undefined;
}

/** A schema says more than true. */
function stricter(one: unknown, other: unknown): unknown {
  return isRecord(one) && Object.keys(one).length > 0 ? one : other;
}

/** A schema without some of its words. */
export function without(
  schema: JsonSchema,
  words: ReadonlySet<string>,
): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([word]) => !words.has(word)),
  );
}
