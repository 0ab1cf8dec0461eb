import type { ErrorObject } from "ajv/dist/2020.js";
import { condense } from "./condense.ts";
import {
  describeError,
  describeNode,
  describeTypes,
  describeWords,
} from "./expectation.ts";
import { isRecord } from "../json.ts";
import { parsePointer, toPath } from "./path.ts";
import { propertiesOf } from "./shape.ts";
import type { ShapeReader } from "./shape.ts";
import { show } from "./show.ts";

/** One thing wrong with a model's arguments. */
export interface Problem {
  /** Dotted path, e.g. `customer.phones[0]`; empty for the whole. */
  path: string;
  expected: string;
  received: string;
}

export const MAX_PROBLEMS = 10;
const MAX_MESSAGE = 1000;
const MAX_PROBLEM = 400;
const MAX_KEYS = 20;

/** What ajv found, one problem a path, in words. */
export function listProblems(
  errors: ErrorObject[],
  args: unknown,
  reader: ShapeReader,
): Problem[] {
  const byPath = new Map<string, { problem: Problem; errors: ErrorObject[] }>();
  for (const error of condense(errors)) {
    const problem = toProblem(error, args, reader);
    const known = byPath.get(problem.path);
    if (known) known.errors.push(error);
    else byPath.set(problem.path, { problem, errors: [error] });
    if (byPath.size > 5 * MAX_PROBLEMS) break;
  }
  return [...byPath.values()].map(({ problem, errors: [first, ...others] }) => {
    const all = first ? [first, ...others] : [];
    const strongest = all.filter(
      (error) => rank(error) === Math.min(...all.map(rank)),
    );
    const words = strongest.map(
      (error) => toProblem(error, args, reader).expected,
    );
    return {
      ...problem,
      expected: [...new Set(words)].slice(0, 3).join(" and "),
    };
  });
}

/** Words say more than a type, and a limit means nothing while the type is wrong. */
function rank({ keyword }: ErrorObject): number {
  return (
    ["required", "additionalProperties", "enum", "const", "type"].indexOf(
      keyword,
    ) + 1 || 9
  );
}

function toProblem(
  error: ErrorObject,
  args: unknown,
  reader: ShapeReader,
): Problem {
  const path = parsePointer(error.instancePath, args);
  const { params, parentSchema, data } = error;
  const missing: unknown = params["missingProperty"];
  if (typeof missing === "string") {
    const schema = propertiesOf(parentSchema ?? {})[missing];
    const wanted =
      schema === undefined ? "a value" : describeNode(reader, [schema]);
    const cause =
      error.keyword === "dependentRequired"
        ? `required with ${String(params["property"])}`
        : "required";
    return {
      path: toPath([...path, missing]),
      expected: `${wanted} (${cause})`,
      received: "nothing",
    };
  }
  const extra: unknown =
    params["additionalProperty"] ??
    params["unevaluatedProperty"] ??
    params["propertyName"];
  if (typeof extra === "string")
    return {
      path: toPath([...path, extra]),
      expected:
        error.keyword === "propertyNames"
          ? describeError(error)
          : describeKeys(parentSchema),
      received: show(
        isRecord(data) && Object.hasOwn(data, extra) ? data[extra] : undefined,
      ),
    };
  return {
    path: toPath(path),
    expected: describe(error),
    received: show(data),
  };
}

function describe(error: ErrorObject): string {
  const { keyword, params } = error;
  const types = [params["type"] ?? []].flat().map(String);
  if (keyword === "type") return describeTypes(types);
  if (keyword === "const") return describeWords([params["allowedValue"]]);
  if (keyword !== "enum") return describeError(error);
  const words = describeWords([params["allowedValues"]].flat());
  return types.length > 0 ? `${describeTypes(types)} or ${words}` : words;
}

function describeKeys(schema: Record<string, unknown> | undefined): string {
  const keys = Object.keys(propertiesOf(schema ?? {}));
  if (keys.length === 0) return "no arguments";
  const more = keys.length - MAX_KEYS;
  return `only ${keys.slice(0, MAX_KEYS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** All problems in one text; what does not fit into it is counted. */
export function toMessage(toolName: string, problems: Problem[]): string {
  const head = `Invalid arguments for ${toolName}: `;
  const words: string[] = [];
  let length = head.length;
  for (const { path, expected, received } of problems.slice(0, MAX_PROBLEMS)) {
    const word = cut(
      `${cut(path, 120) || "arguments"}: expected ${expected}, received ${received}`,
      MAX_PROBLEM,
    );
    length += word.length + 2;
    if (length > MAX_MESSAGE - 20 && words.length > 0) break;
    words.push(word);
  }
  const more = problems.length - words.length;
  if (more > 0) words.push(`${more} more`);
  return `${head}${words.join("; ")}.`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
