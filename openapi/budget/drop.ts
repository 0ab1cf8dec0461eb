import { isRecord } from "../json.ts";
import type { OptionalField } from "./optional.ts";
import { asRecord, listPlaces } from "../schemas/places.ts";
import type { BodyPlan, JsonSchema, Tool } from "../types.ts";

/**
 * Drops fields from the parameters in hand, in their order, as few as it takes;
 * a schema of `$defs` that nothing refers to any more goes with them.
 * @param isEnough  whether the parameters are small enough as they are now
 * @returns paths of the fields that are gone
 */
export function dropFewest(
  parameters: JsonSchema,
  fields: OptionalField[],
  isEnough: () => boolean,
): string[] {
  const before = new Map(
    fields.map(({ holder }) => [holder, asRecord(holder["properties"])]),
  );
  const defs = asRecord(parameters["$defs"]);
  function drop(count: number): boolean {
    const gone = new Map<JsonSchema, Set<string>>();
    for (const { holder, key } of fields.slice(0, count))
      gone.set(holder, (gone.get(holder) ?? new Set()).add(key));
    for (const [holder, properties] of before)
      holder["properties"] = without(properties, gone.get(holder));
    keepReached(parameters, defs);
    return isEnough();
  }
  // Whole depths first, because what is left of a tool without its depths is soon measured.
  const depths = fields.flatMap(({ depth }, index) =>
    depth === fields[index + 1]?.depth ? [] : [index + 1],
  );
  const depth = findFirst(0, depths.length, (index) =>
    drop(depths[index] ?? 0),
  );
  const least = findFirst(
    depths[depth - 1] ?? 0,
    depths[depth] ?? fields.length,
    drop,
  );
  drop(least);
  return fields.slice(0, least).map(({ path }) => path);
}

/** The first number of a range that is enough, else its end; more is never less. */
function findFirst(
  from: number,
  to: number,
  isEnough: (number: number) => boolean,
): number {
  let least = from;
  let most = to;
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (isEnough(middle)) most = middle;
    else least = middle + 1;
  }
  return least;
}

function without(
  record: Record<string, unknown>,
  keys: Set<string> | undefined,
): Record<string, unknown> {
  if (!keys) return record;
  return Object.fromEntries(
    Object.entries(record).filter(([key]) => !keys.has(key)),
  );
}

function keepReached(
  parameters: JsonSchema,
  defs: Record<string, unknown>,
): void {
  if (Object.keys(defs).length === 0) return;
  parameters["$defs"] = defs;
  const reached = new Set(listPlaces(parameters).map(({ schema }) => schema));
  const kept = Object.entries(defs).filter(
    ([, schema]) => !isRecord(schema) || reached.has(schema),
  );
  if (kept.length > 0) parameters["$defs"] = Object.fromEntries(kept);
  else delete parameters["$defs"];
}

/** The tool with other parameters: its inputs and its request say nothing of arguments that are gone. */
export function forgetArguments(
  tool: Tool,
  changed: Pick<Tool, "description" | "parameters">,
): Tool {
  const { description, parameters } = changed;
  const before = asRecord(tool.parameters["properties"]);
  const after = asRecord(parameters["properties"]);
  const gone = new Map(
    tool.inputs
      .filter(
        ({ key }) => Object.hasOwn(before, key) && !Object.hasOwn(after, key),
      )
      .map((input) => [input.key, input]),
  );
  const { body, ...request } = tool.request;
  const names = [...gone.values()]
    .filter((input) => input.in === "body")
    .map(({ name }) => name);
  return {
    ...tool,
    description,
    parameters,
    inputs: tool.inputs.filter(({ key }) => !gone.has(key)),
    request: {
      ...request,
      parameters: request.parameters.filter(({ key }) => !gone.has(key)),
      // A body that is one argument goes with it.
      ...(body === undefined || names.includes(null)
        ? {}
        : { body: withoutFields(body, new Set(names)) }),
    },
  };
}

function withoutFields(body: BodyPlan, names: Set<string | null>): BodyPlan {
  const { encoding, files, ...rest } = body;
  const kept = Object.entries(encoding ?? {}).filter(
    ([name]) => !names.has(name),
  );
  return {
    ...rest,
    ...(encoding === undefined ? {} : { encoding: Object.fromEntries(kept) }),
    ...(files === undefined
      ? {}
      : { files: files.filter((name) => !names.has(name)) }),
  };
}
