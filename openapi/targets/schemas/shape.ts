import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";
import { isNever } from "./closed.ts";
import { fold, without } from "./fold.ts";
import type { Lose } from "./fold.ts";
import { ANNOTATIONS, follow } from "./scope.ts";
import type { Resolve } from "./scope.ts";
import { splitTypes } from "./types-of.ts";

/**
 * What a value may be, as a list: each branch has one type, or is a bare
 * reference, or is empty for any value. No branch means that no value is right.
 */
export interface Shape {
  branches: JsonSchema[];
  nullable: boolean;
  /** Title, description and the like of the whole. */
  notes: JsonSchema;
}

const MAX_BRANCHES = 50; // that are not references
const MAX_CHOICES_WITHIN = 2; // each level multiplies what stands beside the choice

const CHOICES: ReadonlySet<string> = new Set(["oneOf", "anyOf"]);

/** Reads a schema as the list of what a value may be. */
export function toShape(
  schema: unknown,
  resolve: Resolve,
  lose: Lose,
  within = 0,
): Shape {
  const folded = fold(schema, resolve, lose);
  const notes = Object.fromEntries(
    Object.entries(folded).filter(([word]) => ANNOTATIONS.has(word)),
  );
  if (typeof folded["$ref"] === "string")
    return { branches: [{ $ref: folded["$ref"] }], nullable: false, notes };
  if (isNever(folded)) return { branches: [], nullable: false, notes };
  const limits = without(folded, ANNOTATIONS);
  const choice = takeChoice(limits, resolve, lose, within);
  const { branches, nullable } = choice
    ? joinShapes(choice, resolve, lose, within)
    : splitTypes(limits, lose);
  return { branches, nullable, notes };
}

/** Null fits, also behind a reference. */
export function mayBeNull(schema: unknown, resolve: Resolve): boolean {
  const read = (each: unknown) =>
    toShape(follow(each, resolve), resolve, () => {});
  const { branches, nullable } = read(schema);
  return (
    nullable ||
    branches.some(
      (branch) => branch["$ref"] !== undefined && read(branch).nullable,
    )
  );
}

/** The branches of a choice, each with what stands beside the choice; none where it only asks for one field or the other. */
function takeChoice(
  schema: JsonSchema,
  resolve: Resolve,
  lose: Lose,
  within: number,
): unknown[] | undefined {
  const choices = [...CHOICES].filter((word) => Array.isArray(schema[word]));
  const beside = without(schema, CHOICES);
  const isAlone = Object.keys(beside).length === 0;
  const [choice, ...further] = choices
    .map((word) => schema[word] as unknown[])
    .filter((branches) => {
      const isDemand = !isAlone && branches.every(isDemandOnly);
      if (isDemand) lose("which fields are needed together");
      return !isDemand;
    });
  if (!choice) return undefined;
  if (further.length > 0) lose("a second choice", true);
  if (!isAlone && within >= MAX_CHOICES_WITHIN) {
    lose("a choice within a choice", true);
    return undefined;
  }
  return choice.map((branch) =>
    isAlone || isSaidBy(branch, beside, resolve)
      ? branch
      : { allOf: [beside, branch] },
  );
}

/** A type beside a choice adds nothing to a branch of that type, which can then stay a reference. */
function isSaidBy(
  branch: unknown,
  beside: JsonSchema,
  resolve: Resolve,
): boolean {
  const target = follow(branch, resolve);
  return (
    Object.keys(beside).join() === "type" &&
    typeof beside["type"] === "string" &&
    isRecord(target) &&
    target["type"] === beside["type"]
  );
}

/** `anyOf: [{ required: ["a"] }, { required: ["b"] }]` and its like. */
function isDemandOnly(branch: unknown): boolean {
  return (
    isRecord(branch) &&
    Object.keys(branch).every(
      (word) => ["required", "not"].includes(word) || ANNOTATIONS.has(word),
    )
  );
}

function joinShapes(
  choice: unknown[],
  resolve: Resolve,
  lose: Lose,
  within: number,
): Pick<Shape, "branches" | "nullable"> {
  const branches = new Map<string, JsonSchema>();
  let nullable = false;
  for (const each of choice) {
    const isReference = isRecord(each) && each["$ref"] !== undefined;
    if (branches.size >= MAX_BRANCHES && !isReference) {
      lose(`more than ${MAX_BRANCHES} alternatives`, true);
      break;
    }
    const shape = toShape(each, resolve, lose, within + 1);
    nullable ||= shape.nullable;
    for (const branch of shape.branches) {
      const noted = { ...branch, ...shape.notes };
      branches.set(JSON.stringify(noted), noted);
    }
  }
  return { branches: [...branches.values()], nullable };
}
