import { escapePart } from "../documents/pointer.ts";
import { refOf } from "../documents/refs.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import { isRecord } from "../json.ts";
import type { JsonSchema, Report } from "../types.ts";
import type { References } from "./definitions.ts";
import { isChoice, markBranches } from "./discriminator.ts";
import { ANNOTATIONS, describeFault, IN_PLACE, KEYWORDS } from "./keywords.ts";
import { listMarked } from "./marks.ts";
import { allowNull, isNullable, modernize, toPlain } from "./modernize.ts";
import { isNested, isPossible, listRequired, setOwn } from "./parts.ts";
import { toUnicodePattern } from "./patterns.ts";
import { createReferences } from "./references.ts";
import type { Subtypes } from "./subtypes.ts";
import { BELOW, begin, START } from "./walk.ts";
import type { Position, Walk } from "./walk.ts";

export type Direction = "request" | "response";

/** A schema, or several that hold together or by choice, as folding a body leaves them. */
export type SchemaSource =
  Located | { word: "allOf" | "anyOf"; parts: SchemaSource[] };

export type SchemaConverter = ReturnType<typeof createSchemaConverter>;

// Above any honest schema, below what recursion takes of the stack.
const MAX_DEPTH = 200;
// A schema whose parts are shared can be a hundred lines long, and endless when written out.
const MAX_NODES = 100_000;

/**
 * Turns a document's schemas into JSON Schema 2020-12. What a `$ref` leads to is
 * converted once for the whole document, and stands in the `$defs` of each tool
 * that reaches it; so recursion ends by itself.
 */
export function createSchemaConverter(
  resolver: Resolver,
  subtypes: Subtypes,
  report: Report,
  options: { direction: Direction; isDraft4: boolean },
) {
  const mark = options.direction === "request" ? "readOnly" : "writeOnly";
  const references = createReferences({ resolver, subtypes, report }, convert);

  function convert(
    schema: unknown,
    at: string,
    walk: Walk,
    position: Position,
  ): JsonSchema {
    if (schema === false) return { not: {} };
    if (!isRecord(schema)) return {};
    const { inside } = walk;
    walk.nodes += 1;
    if (inside.size > MAX_DEPTH || walk.nodes > MAX_NODES) {
      report({
        rule: "schema-too-large",
        severity: "error",
        message: `more than ${inside.size > MAX_DEPTH ? `${MAX_DEPTH} levels` : `${MAX_NODES} parts`} without a $ref, cut here`,
        pointer: at,
      });
      return {};
    }
    // Objects of a program, or of YAML's anchors, can be shared, and form a circle, without any $ref.
    if (position.isInPlace && inside.has(schema)) return {};
    const before = inside.get(schema) ?? walk.met.get(schema);
    if (before !== undefined)
      return references.referTo({ value: schema, at: before }, walk);
    if (isNested(schema)) walk.met.set(schema, at);
    inside.set(schema, at);
    const result =
      refOf(schema) === undefined
        ? convertObject(schema, at, walk, position)
        : convertReference(schema, at, walk, position);
    inside.delete(schema);
    return isNullable(schema) ? allowNull(result) : result;
  }

  function convertReference(
    schema: JsonSchema,
    at: string,
    walk: Walk,
    position: Position,
    asBase = false,
  ): JsonSchema {
    const said = convertSiblings(schema, at, walk, position);
    const target = resolver.resolve(schema, at);
    if (target.isBroken) return said;
    const how = { position, asBase };
    const { schema: meant, isWrittenOut } = references.mean(
      target,
      at,
      walk,
      how,
    );
    if (!isWrittenOut || Object.keys(said).length === 0)
      return { ...said, ...meant };
    const { allOf: beside = [], ...others } = said;
    return { ...others, allOf: [...(beside as JsonSchema[]), meant] };
  }

  function convertSiblings(
    schema: JsonSchema,
    at: string,
    walk: Walk,
    position: Position,
  ): JsonSchema {
    const siblings = Object.entries(schema).filter(
      ([word]) =>
        word !== "$ref" &&
        word !== "$dynamicRef" &&
        (!options.isDraft4 || ANNOTATIONS.has(word)),
    );
    return siblings.length === 0
      ? {}
      : convertObject(Object.fromEntries(siblings), at, walk, position);
  }

  function convertObject(
    source: JsonSchema,
    at: string,
    walk: Walk,
    position: Position,
  ): JsonSchema {
    const result: JsonSchema = {};
    const schema = modernize(source);
    const unwanted = listUnwanted(schema, at, position);
    for (const word of Object.keys(schema)) {
      const keyword = KEYWORDS.get(word);
      if (!keyword) continue;
      const value = schema[word];
      if (!keyword.fits(value)) {
        reportFault(
          `${at}/${word}`,
          `${word}: ${describeFault(keyword, value)}`,
        );
      } else if (keyword.holds === "data") {
        const plain =
          word === "pattern" ? toUnicodePattern(value) : toPlain(value);
        if (plain !== undefined) result[word] = plain;
      } else {
        const below = IN_PLACE.has(word) && position.isInPlace ? START : BELOW;
        const place = { word, unwanted, position: below };
        result[word] = convertParts(value, `${at}/${word}`, walk, place);
      }
    }
    const listed = listRequired(schema, result["required"], unwanted);
    const required = listed.filter((key) => isPossible(key, result));
    if (required.length < listed.length)
      reportFault(
        `${at}/required`,
        "required: a name that this closed object has no field for",
      );
    if (required.length > 0) result["required"] = required;
    else delete result["required"];
    const choice = isChoice(source)
      ? subtypes.read({ value: source, at })
      : undefined;
    return choice
      ? markBranches({ value: source, at }, result, choice, resolver)
      : result;
  }

  /** The schema, list or map of schemas that stands under a keyword. */
  function convertParts(
    value: unknown,
    at: string,
    walk: Walk,
    {
      word,
      unwanted,
      position,
    }: { word: string; unwanted: ReadonlySet<string>; position: Position },
  ): unknown {
    switch (KEYWORDS.get(word)?.holds) {
      case "list":
        return (value as unknown[]).map((entry, index) => {
          const here = `${at}/${index}`;
          if (word !== "allOf") return convert(entry, here, walk, position);
          // What extends a base has that base, not every other form of it.
          return isRecord(entry) && refOf(entry) !== undefined
            ? convertReference(entry, here, walk, position, true)
            : convert(entry, here, walk, { ...position, unwanted });
        });
      case "map":
        return convertMap(value as JsonSchema, at, walk, {
          word,
          unwanted,
          position,
        });
      default:
        return typeof value === "boolean"
          ? value
          : convert(value, at, walk, position);
    }
  }

  function convertMap(
    map: JsonSchema,
    at: string,
    walk: Walk,
    {
      word,
      unwanted,
      position,
    }: { word: string; unwanted: ReadonlySet<string>; position: Position },
  ): JsonSchema {
    const result: JsonSchema = {};
    for (const key of Object.keys(map)) {
      if (word === "properties" && unwanted.has(key)) continue;
      const here = `${at}/${escapePart(key)}`;
      const name = word === "patternProperties" ? toUnicodePattern(key) : key;
      if (name === undefined)
        reportFault(here, `${word}: ${key} is no regular expression`);
      else setOwn(result, name, convert(map[key], here, walk, position));
    }
    return result;
  }

  function reportFault(at: string, fault: string): void {
    report({
      rule: "invalid-keyword",
      severity: "warning",
      message: `${fault}, left out`,
      pointer: at,
    });
  }

  /** `readOnly` has no business in a request, `writeOnly` none in an answer (OpenAPI 3.1, section 4.8.24). */
  function listUnwanted(
    schema: JsonSchema,
    at: string,
    { unwanted }: Position,
  ): ReadonlySet<string> {
    if (schema["properties"] === undefined && schema["allOf"] === undefined)
      return unwanted;
    const marked = listMarked(mark, { value: schema, at }, resolver);
    return marked.length === 0 ? unwanted : new Set([...unwanted, ...marked]);
  }

  function convertSource(source: SchemaSource, found: References): JsonSchema {
    if ("word" in source)
      return {
        [source.word]: source.parts.map((part) => convertSource(part, found)),
      };
    return convert(source.value, source.at, begin(found), START);
  }

  return {
    /** The schema in 2020-12; the names of what it refers to are added to `found`. */
    convert: convertSource,
    /** `$defs` for these references and for all that they refer to in turn. */
    definitionsOf: (found: References) => references.collect(found),
  };
}
