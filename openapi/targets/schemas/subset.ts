import { isRecord } from "../../json.ts";
import type { JsonSchema } from "../../types.ts";
import { joinBranches, reduceBranches } from "./alternatives.ts";
import { sortWords } from "./dialect.ts";
import type { Dialect } from "./dialect.ts";
import { expand, where } from "./expand.ts";
import type { Option, Pen, Place } from "./expand.ts";
import { without } from "./fold.ts";
import { createResolve } from "./scope.ts";
import { tell } from "../words.ts";

export interface Simplified {
  schema: JsonSchema;
  /** What the model cannot say there. */
  losses: string[];
  /** Limits that nothing on the platform knows. */
  limits: string[];
}

const DEFINITIONS: ReadonlySet<string> = new Set(["$defs"]);
// Levels to try, so that schemas which reach each other stay within MAX_SIZE schemas.
const DEPTHS = [12, 8, 6, 5, 4, 3, 2, 1];
const MAX_SIZE = 1000;

/** A tool's parameters in a platform's dialect, with every reference read in place as deep as its size allows. */
export function simplify(schema: JsonSchema, dialect: Dialect): Simplified {
  const resolve = createResolve(schema);
  for (const maxDepth of DEPTHS) {
    const pen: Pen = {
      dialect,
      resolve,
      maxDepth,
      maxSize: maxDepth === 1 ? Infinity : MAX_SIZE,
      size: 0,
      losses: new Set(),
      limits: new Set(),
    };
    const place = { path: "", depth: 0, trail: [], isRequired: true };
    const written = write(without(schema, DEFINITIONS), place, pen);
    if (pen.size <= pen.maxSize) {
      return {
        schema: written,
        losses: [...pen.losses],
        limits: [...pen.limits],
      };
    }
  }
  throw new RangeError("unreachable: the last depth has no bound");
}

function write(schema: unknown, place: Place, pen: Pen): JsonSchema {
  if (pen.size > pen.maxSize) return {};
  const { options, nullable, notes } = expand(schema, place, pen, new Set());
  pen.size += Math.max(options.length - 1, 0);
  const { dialect } = pen;
  if (nullable && dialect.nulls === "none")
    pen.limits.add(`null at ${where(place)}`);
  const chosen = spellOut(
    dialect.unions === "none" ? reduce(options, place, pen) : options,
    place,
    pen,
  );
  const [first, ...others] = chosen;
  if (first === undefined) {
    pen.losses.add(`no value fits ${where(place)}`);
    return { type: "string", description: "null" };
  }
  if (others.length === 0) {
    const branch = { ...first.branch, ...notes };
    return writeBranch(branch, nullable, { ...place, trail: first.trail }, pen);
  }
  const branches = chosen.map(({ branch, trail }) =>
    writeBranch(branch, false, { ...place, trail }, pen),
  );
  const description = tell(notes["description"] ?? notes["title"], {});
  return joinBranches(branches, description, nullable, dialect);
}

/** One option for all, where a platform has no word for alternatives. */
function reduce(options: Option[], place: Place, pen: Pen): Option[] {
  const [first, ...others] = options;
  if (first === undefined || others.length === 0) return options;
  const { branch, isExact } = reduceBranches(
    options.map((each) => each.branch),
  );
  if (!isExact) pen.losses.add(`alternatives at ${where(place)}`);
  return [{ ...first, branch }];
}

/** Any value, in the platform's words for it. */
function spellOut(options: Option[], place: Place, pen: Pen): Option[] {
  return options.flatMap((option) => {
    if (option.branch["type"] !== undefined) return [option];
    const words = pen.dialect.anything;
    if (words.every((word) => word["type"] !== undefined))
      pen.losses.add(`any value at ${where(place)}`);
    return words.map((word) => ({
      ...option,
      branch: { ...option.branch, ...word },
    }));
  });
}

function writeBranch(
  branch: JsonSchema,
  nullable: boolean,
  place: Place,
  pen: Pen,
): JsonSchema {
  const { dialect } = pen;
  const type = branch["type"];
  const lose = (what: string) => pen.limits.add(`${what} at ${where(place)}`);
  const { said, told } = sortWords(branch, dialect, place.isRequired, lose);
  // A list ends where its entries do, unless they are lists themselves.
  const isDeep =
    (type === "object" && place.depth >= pen.maxDepth) ||
    (type === "array" && place.depth > pen.maxDepth);
  if (isDeep) pen.losses.add(`${where(place)} is not described any deeper`);
  const structure =
    type === "object"
      ? writeObject(isDeep ? {} : branch, place, pen)
      : type === "array"
        ? { items: writeItems(branch, isDeep, place, pen) }
        : {};
  const description =
    tell(branch["description"] ?? branch["title"], told) ||
    (dialect.describesAll === true ? `The value of ${where(place)}.` : "");
  const isConstant =
    dialect.constant !== undefined && said[dialect.constant] !== undefined;
  const written: JsonSchema = {
    type: nullable && dialect.nulls === "types" ? [type, "null"] : type,
    ...(description === "" || isConstant ? {} : { description }),
    ...said,
    ...structure,
    ...(nullable && dialect.nulls === "nullable" ? { nullable: true } : {}),
  };
  if (nullable && dialect.nulls === "types" && Array.isArray(written["enum"]))
    written["enum"] = [...(written["enum"] as unknown[]), null];
  return written;
}

function writeObject(branch: JsonSchema, place: Place, pen: Pen): JsonSchema {
  const { dialect } = pen;
  const required = new Set(
    asList(branch["required"]).filter((key) => typeof key === "string"),
  );
  const written = new Map<string, JsonSchema>();
  const given = isRecord(branch["properties"])
    ? Object.entries(branch["properties"])
    : [];
  pen.size += given.length; // before any is written, so that too much is soon found
  for (const [key, value] of given) {
    const path = place.path === "" ? key : `${place.path}.${key}`;
    const isRequired = required.has(key);
    if (value === false) continue;
    if (dialect.key && !dialect.key.test(key)) {
      pen.losses.add(`${path} has a name that cannot be said`);
      if (isRequired) return writeObject({}, place, pen); // with any fields it can be given at least
      continue;
    }
    written.set(
      key,
      write(
        value,
        {
          path,
          depth: place.depth + 1,
          trail: place.trail,
          isRequired: isRequired && place.isRequired,
        },
        pen,
      ),
    );
  }
  if (branch["type"] === "object" && given.length === 0 && place.depth > 0)
    loseFields(branch["additionalProperties"], place, pen);
  const needed = [...required].filter((key) => written.has(key));
  const isBare = written.size === 0 && dialect.omitsEmpty === true;
  return {
    ...(isBare ? {} : { properties: Object.fromEntries(written) }),
    ...(needed.length > 0 ? { required: needed } : {}),
    ...writeFurther(branch["additionalProperties"], place, pen),
  };
}

/** Fields of any name. */
function writeFurther(further: unknown, place: Place, pen: Pen): JsonSchema {
  if (further === undefined) return {};
  if (!pen.dialect.keywords.has("additionalProperties")) {
    loseFields(further, place, pen);
    return {};
  }
  if (!isRecord(further)) return { additionalProperties: further };
  const inner = {
    path: place.path === "" ? "*" : `${place.path}.*`,
    depth: place.depth + 1,
    trail: place.trail,
    isRequired: false,
  };
  return { additionalProperties: write(further, inner, pen) };
}

function loseFields(further: unknown, place: Place, pen: Pen): void {
  if (further !== false && !pen.dialect.keywords.has("additionalProperties"))
    pen.losses.add(`fields of any name at ${where(place)}`);
}

/** Of a list with places, the entries of all places. */
function writeItems(
  branch: JsonSchema,
  isDeep: boolean,
  place: Place,
  pen: Pen,
): JsonSchema {
  const places = asList(branch["prefixItems"]);
  const rest = branch["items"];
  if (places.length > 0)
    pen.limits.add(`the order of entries at ${where(place)}`);
  const items =
    places.length > 0
      ? { anyOf: [...places, ...(isRecord(rest) ? [rest] : [])] }
      : rest;
  const inner = {
    path: `${place.path}[]`,
    depth: place.depth + 1,
    trail: place.trail,
    isRequired: false,
  };
  pen.size++;
  return write(isDeep ? {} : items, inner, pen);
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
