import { describeNode } from "./expectation.ts";
import { isRecord } from "../json.ts";
import { createJudge } from "./judge.ts";
import type { Judge } from "./judge.ts";
import { findExcess, measure } from "./measure.ts";
import type { Measures } from "./measure.ts";
import { toPath } from "./path.ts";
import { dropNulls } from "./nulls.ts";
import { listProblems, MAX_PROBLEMS, toMessage } from "./problems.ts";
import type { Problem } from "./problems.ts";
import { isEmptyOptional } from "./drop.ts";
import { mendInside } from "./repair.ts";
import type { Workshop } from "./workshop.ts";
import { readerOf } from "./shape.ts";
import type { ShapeReader } from "./shape.ts";
import { show } from "./show.ts";
import { toForm } from "./spelling.ts";
import type { Repair, Tool } from "../types.ts";
import { unwrapArguments } from "./unwrap.ts";
import type { Expected } from "./unwrap.ts";

export type { Problem };

export type CheckedArguments =
  | { ok: true; arguments: Record<string, unknown>; repairs: Repair[] }
  | { ok: false; problems: Problem[]; message: string };

/**
 * Checks a model's arguments against the tool's schema. Never throws, and never
 * writes into what it is given.
 *
 * A null of an optional field that may not be null is dropped and is no repair:
 * strict forms of a definition depend on it.
 * @param options.repair  mend what models get wrong and list it (default: not for destructive tools)
 * @returns the arguments to send, or one short text that a model can act on
 */
export function checkArguments(
  tool: Tool,
  args: unknown,
  options: { repair?: boolean } = {},
): CheckedArguments {
  const repair = options.repair ?? !tool.destructive;
  const given = args ?? {};
  const excess = excessOf(given, new Map());
  if (excess) return refuse(tool, [excess]);
  const reader = readerOf(tool.parameters);
  const opened = repair
    ? unwrapArguments(given, expectedOf(tool, reader))
    : { value: given, repairs: [] };
  const measures: Measures = new Map();
  const found = excessOf(opened.value, measures);
  if (found) return refuse(tool, [found]);
  return judge(tool, reader, opened, { repair, measures });
}

function judge(
  tool: Tool,
  reader: ShapeReader,
  { value, repairs: before }: { value: unknown; repairs: Repair[] },
  { repair, measures }: { repair: boolean; measures: Measures },
): CheckedArguments {
  if (!isRecord(value) || ArrayBuffer.isView(value))
    return refuse(tool, [
      {
        path: "",
        expected:
          repair && typeof value === "string" && /[{[]/.test(value)
            ? "object, as JSON that is whole and not cut off"
            : "object",
        received: show(value),
      },
    ]);
  const given = dropNulls(reader, [tool.parameters], value) as typeof value; // a record stays one
  const asked = createJudge(tool.parameters, given, measures);
  const found = asked.errorsOf(given);
  const shop = createWorkshop(tool, reader, asked, repair);
  const isRight = found.length === 0 && !(repair && hasSlip(given, shop, tool));
  const mended = isRight
    ? { value: given, repairs: [] }
    : mendInside(shop, [tool.parameters], given, []);
  const errors = mended.value === given ? found : asked.errorsOf(mended.value);
  // Whatever was sent, nothing is left of it: a call without arguments would look like a success.
  if (isLost(given, mended.value))
    return refuse(tool, unknownKeys(tool, given));
  const problems = [
    ...listProblems(errors, mended.value, reader),
    ...listNeeds(tool, reader, mended.value),
  ];
  if (problems.length > 0) return refuse(tool, problems);
  return {
    ok: true,
    arguments: mended.value as Record<string, unknown>, // as given: a record, and mended into one
    repairs: [...before, ...mended.repairs],
  };
}

function createWorkshop(
  tool: Tool,
  reader: ShapeReader,
  asked: Judge,
  repair: boolean,
): Workshop {
  const root = tool.parameters;
  return {
    judge: asked,
    reader,
    repair,
    root,
    ignoresUnknown: root["additionalProperties"] === undefined && !isOpen(tool),
    aliases: aliasesOf(tool),
    tried: new Map(),
  };
}

function isOpen(tool: Tool): boolean {
  return tool.request.body?.open === true;
}

/** A payload came, and nothing is left of it: a write without arguments would look like a success. */
function isLost(given: unknown, mended: unknown): boolean {
  return (
    isRecord(given) &&
    isRecord(mended) &&
    Object.keys(mended).length === 0 &&
    Object.values(given).some(
      (value) =>
        typeof value === "object" &&
        value !== null &&
        Object.keys(value).length > 0,
    )
  );
}

function unknownKeys(tool: Tool, given: Record<string, unknown>): Problem[] {
  const known = tool.inputs.map(({ key }) => key);
  return Object.entries(given).map(([key, value]) => ({
    path: toPath([key]),
    expected:
      known.length > 0
        ? `only ${known.slice(0, 20).join(", ")}`
        : "no arguments",
    received: show(value),
  }));
}

/** What the schema allows, and a model did not mean: an argument that goes nowhere, or an empty one. */
function hasSlip(
  given: Record<string, unknown>,
  { reader, ignoresUnknown }: Workshop,
  tool: Tool,
): boolean {
  const shape = reader.shapeOf([tool.parameters]);
  return Object.entries(given).some(([key, value]) => {
    const field = reader.fieldOf(shape, key);
    return (
      (ignoresUnknown && !field.isKnown) ||
      isEmptyOptional(reader, field, value)
    );
  });
}

function expectedOf(tool: Tool, reader: ShapeReader): Expected {
  const { required, additionalProperties: rest, properties } = tool.parameters;
  const [only, ...others] = tool.inputs;
  const whole =
    only?.name === null && others.length === 0 ? only.key : undefined;
  return {
    ...(whole === undefined
      ? {}
      : {
          whole: {
            key: whole,
            types: reader.typesOf([
              isRecord(properties) ? properties[whole] : undefined,
            ]),
          },
        }),
    toolName: tool.name,
    keys: reader.keysOf(reader.shapeOf([tool.parameters])),
    required: Array.isArray(required) ? required.map(String) : [],
    isOpen: isOpen(tool) || (rest !== undefined && rest !== false),
  };
}

/** The document's own names of arguments, such as `filter[x]` for `filter_x`. */
function aliasesOf(tool: Tool): Map<string, string[]> {
  const aliases = new Map<string, string[]>();
  for (const { key, name } of tool.inputs) {
    const form = toForm(name ?? "");
    if (form !== "") aliases.set(form, [...(aliases.get(form) ?? []), key]);
  }
  return aliases;
}

/** What no one can check: too much, endless, or not to be read at all. */
function excessOf(value: unknown, measures: Measures): Problem | undefined {
  try {
    const expected = findExcess(measure(value, measures));
    return expected === undefined
      ? undefined
      : { path: "", expected, received: "more" };
  } catch {
    return {
      path: "",
      expected: "plain data",
      received: "an object that cannot be read",
    };
  }
}

/** Fields of a body that may be left out as a whole, but not without these. */
function listNeeds(tool: Tool, reader: ShapeReader, args: unknown): Problem[] {
  const needs = tool.request.body?.needs ?? [];
  if (needs.length === 0 || !isRecord(args)) return [];
  const places = new Map(tool.inputs.map((input) => [input.key, input.in]));
  const given = Object.keys(args).filter(
    (key) =>
      args[key] !== undefined &&
      (places.get(key) ?? (isOpen(tool) ? "body" : "")) === "body",
  );
  const [first] = given;
  if (first === undefined) return [];
  const shape = reader.shapeOf([tool.parameters]);
  return needs
    .filter((key) => !given.includes(key))
    .map((key) => {
      const wanted = describeNode(reader, reader.fieldOf(shape, key).node);
      return {
        path: toPath([key]),
        expected: `${wanted} (required with ${toPath([first])})`,
        received: "nothing",
      };
    });
}

function refuse(tool: Tool, problems: Problem[]): CheckedArguments {
  return {
    ok: false,
    problems: problems.slice(0, MAX_PROBLEMS),
    message: toMessage(tool.name, problems),
  };
}
