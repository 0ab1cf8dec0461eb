import { escapePart } from "../documents/pointer.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import { isRecord } from "../json.ts";
import { isChoice } from "../schemas/discriminator.ts";
import type { Subtypes } from "../schemas/subtypes.ts";
import type { Word } from "./join.ts";

/** How a schema was come upon. */
export interface Origin {
  /** The schemas that it was found in, so that one which contains itself ends. */
  trail: object[];
  /** What extends a base has that base, not every other form of it. */
  asBase: boolean;
}

interface Scope {
  resolver: Resolver;
  subtypes: Subtypes;
}

const COMPOUND = [
  "allOf",
  "oneOf",
  "anyOf",
  "then",
  "else",
  "dependentSchemas",
  "discriminator",
];

/** Whether there is anything to fold. */
export function isCompound(schema: Record<string, unknown>): boolean {
  return COMPOUND.some((word) => schema[word] !== undefined);
}

/** What a schema says beside its own fields: what holds too, and of what one may be chosen. */
export function listBranches(
  { value, at }: Located<Record<string, unknown>>,
  { subtypes, resolver, asBase, trail }: Origin & Scope,
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

/** A body that is not there needs no branch. */
export function isNull(branch: Located, resolver: Resolver): boolean {
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
