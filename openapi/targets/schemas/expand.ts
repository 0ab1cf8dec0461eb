import type { JsonSchema } from "../../types.ts";
import type { Dialect } from "./dialect.ts";
import type { Resolve } from "./scope.ts";
import { toShape } from "./shape.ts";

/** What is carried along while one tool's parameters are written. */
export interface Pen {
  dialect: Dialect;
  resolve: Resolve;
  maxDepth: number;
  maxSize: number;
  size: number;
  losses: Set<string>;
  limits: Set<string>;
}

/** Where in the parameters. */
export interface Place {
  path: string;
  depth: number;
  /** References that are being read in place around it. */
  trail: readonly string[];
  isRequired: boolean;
}

/** One thing that a value may be. */
export interface Option {
  branch: JsonSchema;
  trail: readonly string[];
}

const MAX_READS = 2; // of one reference within itself

/** What a value may be, with references read in place; of one value each is read once. */
export function expand(
  schema: unknown,
  place: Place,
  pen: Pen,
  read: Set<string>,
): { options: Option[]; nullable: boolean; notes: JsonSchema } {
  const lose = (what: string, isLoss = false) =>
    (isLoss ? pen.losses : pen.limits).add(`${what} at ${where(place)}`);
  const shape = toShape(schema, pen.resolve, lose);
  let { nullable, notes } = shape;
  const options = shape.branches.flatMap((branch): Option[] => {
    const { $ref, ...own } = branch;
    if (typeof $ref !== "string") return [{ branch, trail: place.trail }];
    if (read.has($ref)) return [];
    read.add($ref);
    if (place.trail.filter((ref) => ref === $ref).length >= MAX_READS) {
      pen.losses.add(`${where(place)} contains itself`);
      return [{ branch: { ...toStub($ref, pen), ...own }, trail: place.trail }];
    }
    const inner = expand(
      pen.resolve($ref) ?? {},
      { ...place, trail: [...place.trail, $ref] },
      pen,
      read,
    );
    nullable ||= inner.nullable;
    if (shape.branches.length === 1) {
      notes = { ...inner.notes, ...notes };
      return inner.options;
    }
    return inner.options.map((option) => ({
      ...option,
      branch: { ...inner.notes, ...option.branch, ...own },
    }));
  });
  const anything = options.find(({ branch }) => branch["type"] === undefined);
  return { options: anything ? [anything] : options, nullable, notes };
}

/** Stands for a value that is not described any deeper. */
function toStub(ref: string, pen: Pen): JsonSchema {
  const [branch] = toShape(pen.resolve(ref), pen.resolve, () => {}).branches;
  const type = branch?.["type"];
  return {
    type: typeof type === "string" ? type : "object",
    description: `Again ${ref.slice(ref.lastIndexOf("/") + 1)}.`,
  };
}

export function where(place: Place): string {
  return place.path === "" ? "the arguments" : place.path;
}
