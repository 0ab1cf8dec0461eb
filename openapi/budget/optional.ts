import { isRecord } from "../json.ts";
import {
  asNames,
  asRecord,
  listInPlace,
  listPlaces,
  refTarget,
} from "../schemas/places.ts";
import type { JsonSchema, Tool } from "../types.ts";

/** A field that a call may leave out: a property of one schema. */
export interface OptionalField {
  holder: JsonSchema;
  key: string;
  depth: number;
  path: string;
}

/**
 * The fields of a tool's parameters that nothing requires, in the order in
 * which a budget gives them up: deepest first, and of one depth the largest.
 */
export function listOptionalFields(
  tool: Tool,
  parameters: JsonSchema,
): OptionalField[] {
  const { required, frozen } = findRequired(tool, parameters);
  const fields = listPlaces(parameters).flatMap(({ schema, depth, path }) => {
    if (frozen.has(schema)) return [];
    const needed = required.get(schema);
    return Object.entries(asRecord(schema["properties"]))
      .filter(
        ([key, value]) =>
          !needed?.some((names) => names.has(key)) && !isConstant(value),
      )
      .map(([key, value]) => ({
        holder: schema,
        key,
        depth: depth + 1,
        path: path === "" ? key : `${path}.${key}`,
        size: JSON.stringify(value).length,
      }));
  });
  const ordered = fields
    .toReversed() // of one size, the last in the document goes first
    .sort((a, b) => b.depth - a.depth || b.size - a.size);
  return keepAtLeast(ordered);
}

/** A property with one value tells the branches of a choice apart. */
function isConstant(schema: unknown): boolean {
  return isRecord(schema) && Object.hasOwn(schema, "const");
}

/** `minProperties` stays satisfiable. */
function keepAtLeast(fields: OptionalField[]): OptionalField[] {
  const left = new Map<JsonSchema, number>();
  return fields.filter(({ holder }) => {
    const count =
      left.get(holder) ?? Object.keys(asRecord(holder["properties"])).length;
    const least = Number(holder["minProperties"] ?? 0);
    if (count <= least) return false;
    left.set(holder, count - 1);
    return true;
  });
}

/**
 * The names that each schema's properties may not lose: what it requires
 * itself, and what any schema requires that judges the same value.
 */
function findRequired(tool: Tool, parameters: JsonSchema) {
  const required = new Map<JsonSchema, Set<string>[]>([
    [parameters, [new Set(tool.request.body?.needs)]],
  ]);
  const frozen = new Set<JsonSchema>();
  const covered = new Set<JsonSchema>(); // by a larger group, which requires all that theirs does
  for (const { schema } of listPlaces(parameters)) {
    freezeConditions(schema, parameters, frozen);
    const entry = (isBare(schema) && refTarget(schema, parameters)) || schema;
    if (covered.has(entry)) continue;
    const group = listInPlace(entry, parameters);
    const names = new Set([...group].flatMap(listNames));
    for (const each of group) {
      covered.add(each);
      if (names.size === 0 || !isRecord(each["properties"])) continue;
      const sets = required.get(each) ?? [];
      sets.push(names);
      required.set(each, sets);
    }
  }
  return { required, frozen };
}

/** A condition with fewer properties is another condition. */
function freezeConditions(
  schema: JsonSchema,
  root: JsonSchema,
  frozen: Set<JsonSchema>,
): void {
  for (const word of ["not", "if"]) {
    const condition = schema[word];
    if (!isRecord(condition) || frozen.has(condition)) continue;
    frozen.add(condition);
    const within = listPlaces({ ...condition, $defs: root["$defs"] });
    for (const each of within) frozen.add(each.schema);
  }
}

function isBare(schema: JsonSchema): boolean {
  return [
    "allOf",
    "anyOf",
    "oneOf",
    "required",
    "dependentRequired",
    "properties",
  ].every((word) => schema[word] === undefined);
}

function listNames(schema: JsonSchema): string[] {
  return [
    ...asNames(schema["required"]),
    ...Object.values(asRecord(schema["dependentRequired"])).flatMap(asNames),
  ];
}
