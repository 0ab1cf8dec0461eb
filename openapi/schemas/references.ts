import { isRecord } from "../json.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import type { JsonSchema, Report } from "../types.ts";
import { createCircles } from "./circles.ts";
import { createDefinitions, toName } from "./definitions.ts";
import type { References } from "./definitions.ts";
import { isChoice, markForm } from "./discriminator.ts";
import type { Choice, Subtypes } from "./subtypes.ts";
import { begin, START } from "./walk.ts";
import type { Convert, Position, Walk } from "./walk.ts";

/** Schemas that all have to fit each other would have no end when written out. */
const MAX_WRITTEN_OUT = 300;

/** What a `$ref` becomes: a reference to a definition, or the schema itself, written out here. */
export interface Meaning {
  schema: JsonSchema;
  isWrittenOut: boolean;
}

/** Makes the definitions of one document's tools, and the references to them. */
export function createReferences(
  {
    resolver,
    subtypes,
    report,
  }: { resolver: Resolver; subtypes: Subtypes; report: Report },
  convert: Convert,
) {
  const definitions = createDefinitions();
  const circles = createCircles(resolver);

  function referTo({ value, at }: Located, walk: Walk): JsonSchema {
    return definitions.refer(at, toName(at), walk.references, (references) =>
      convert(value, at, begin(references, at), START),
    );
  }

  /** Any form of a polymorphic schema; for one of its forms, what it has in common with the others. */
  function referToForm(
    target: Located,
    walk: Walk,
    asBase: boolean,
  ): JsonSchema {
    const { value, at } = target;
    if (isRecord(value) && isOwnBase(target, walk, asBase)) {
      const { oneOf: _, anyOf: __, discriminator: ___, ...base } = value;
      const own = `${at}?base`;
      return definitions.refer(
        own,
        toName(own),
        walk.references,
        (references) => convert(base, at, begin(references, own), START),
      );
    }
    const choice =
      asBase || isChoice(value) ? undefined : subtypes.read(target);
    if (!choice || choice.subtypes.size === 0) return referTo(target, walk);
    const any = `${at}?any`;
    return definitions.refer(any, toName(any), walk.references, (references) =>
      convertSubtypes(target, choice, begin(references, any)),
    );
  }

  /** Any of a base's forms, the base itself among them. */
  function convertSubtypes(
    base: Located,
    choice: Choice,
    walk: Walk,
  ): JsonSchema {
    const forms = [...choice.subtypes.values()].map(({ schema, values }) => ({
      ...referTo(schema, walk),
      ...markForm(schema, choice.property, values, resolver),
    }));
    return { anyOf: [...forms, referTo(base, walk)] };
  }

  /** Whether a schema extends a choice of which it is itself a form. */
  function isOwnBase(
    target: Located,
    { owner }: Walk,
    asBase: boolean,
  ): boolean {
    return (
      asBase && subtypes.listForms(target).some((form) => form.at === owner)
    );
  }

  function reportCircle(at: string): void {
    report({
      rule: "circular-ref",
      severity: "warning",
      message:
        "more schemas than can be written out have to fit each other, by $ref, allOf or their like; this one is left out",
      pointer: at,
    });
  }

  return {
    referTo,

    /**
     * What a `$ref` at a place means. Where it leads back to a schema that the
     * value has to fit already, it says nothing new; each schema of such a
     * circle is written out from its own view, so that none depends on who came
     * first.
     * @param asBase  it stands in an allOf: what extends a base has that base, not every other form of it
     */
    mean(
      target: Located,
      at: string,
      walk: Walk,
      { position, asBase }: { position: Position; asBase: boolean },
    ): Meaning {
      const isCircle =
        position.isInPlace &&
        walk.owner !== undefined &&
        circles.leadsBack(target, walk.owner);
      if (!isCircle || isOwnBase(target, walk, asBase))
        return {
          schema: referToForm(target, walk, asBase),
          isWrittenOut: false,
        };
      if (walk.inside.has(target.value as object))
        return { schema: {}, isWrittenOut: false };
      walk.writtenOut += 1;
      if (walk.writtenOut > MAX_WRITTEN_OUT) {
        reportCircle(at);
        return { schema: {}, isWrittenOut: false };
      }
      return {
        schema: convert(target.value, target.at, walk, position),
        isWrittenOut: true,
      };
    },

    collect: (found: References) => definitions.collect(found),
  };
}
