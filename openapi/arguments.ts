import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isRecord } from "./json.ts";
import { repairArguments } from "./repair.ts";
import type { Repair, Tool } from "./types.ts";

/** One thing wrong with a model's arguments. */
export interface Problem {
  /** Dotted path, e.g. `customer.phones[0]`; empty for the whole. */
  path: string;
  expected: string;
  received: string;
}

export type CheckedArguments =
  | { ok: true; arguments: Record<string, unknown>; repairs: Repair[] }
  | { ok: false; problems: Problem[]; message: string };

const ajv = addFormats.default(
  new Ajv2020({
    strict: false,
    allErrors: true,
    ownProperties: true, // a field named toString is not there because every object has one
    verbose: true,
    logger: false,
  }),
);
const MAX_DEPTH = 100;
const validators = new WeakMap<Tool, ValidateFunction>();

/**
 * Checks a model's arguments against the tool's schema.
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
  const given = args === undefined || args === null ? {} : args;
  if (isTooDeep(given))
    return refuse(tool, [
      { path: "", expected: `at most ${MAX_DEPTH} levels`, received: "more" },
    ]);
  const { value, repairs } = repairArguments(
    tool,
    given,
    options.repair ?? !tool.destructive,
  );
  const validate = validatorOf(tool);
  if (validate(value))
    return { ok: true, arguments: value as Record<string, unknown>, repairs };
  return refuse(tool, (validate.errors ?? []).map(toProblem));
}

function refuse(tool: Tool, problems: Problem[]): CheckedArguments {
  const words = problems.map(
    ({ path, expected, received }) =>
      `${path || "arguments"}: expected ${expected}, received ${received}`,
  );
  return {
    ok: false,
    problems,
    message: `Invalid arguments for ${tool.name}: ${words.join("; ")}.`,
  };
}

/** What recurses over arguments, JSON.stringify among it, would end in a stack overflow. */
function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values(each) : [],
    );
  }
  return false;
}

function validatorOf(tool: Tool): ValidateFunction {
  const known = validators.get(tool);
  if (known) return known;
  const validate = compileSchema(tool);
  validators.set(tool, validate);
  return validate;
}

/** A schema that ajv cannot read checks nothing; the server behind still does. */
function compileSchema(tool: Tool): ValidateFunction {
  try {
    const validate = ajv.compile(tool.parameters);
    ajv.removeSchema(tool.parameters); // its cache would keep every tool for ever
    return validate;
  } catch {
    return ajv.compile({ type: "object" });
  }
}

function toProblem(error: ErrorObject): Problem {
  const path = toPath(error.instancePath);
  const { params, parentSchema } = error;
  switch (error.keyword) {
    case "required": {
      const key = String(params["missingProperty"]);
      const schema = isRecord(parentSchema?.["properties"])
        ? parentSchema["properties"][key]
        : undefined;
      const type =
        isRecord(schema) && typeof schema["type"] === "string"
          ? schema["type"]
          : "a value";
      return {
        path: path === "" ? key : `${path}.${key}`,
        expected: `${type} (required)`,
        received: "nothing",
      };
    }
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      const known = isRecord(parentSchema?.["properties"])
        ? Object.keys(parentSchema["properties"])
        : [];
      return {
        path: path === "" ? key : `${path}.${key}`,
        expected:
          known.length > 0 ? `only ${known.join(", ")}` : "no arguments",
        received: show(isRecord(error.data) ? error.data[key] : undefined),
      };
    }
    case "type":
      return {
        path,
        expected: String(params["type"]),
        received: show(error.data),
      };
    case "enum":
      return {
        path,
        expected: `one of ${JSON.stringify(params["allowedValues"])}`,
        received: show(error.data),
      };
    default:
      return {
        path,
        expected: (error.message ?? error.keyword).replace(/^must (be )?/, ""),
        received: show(error.data),
      };
  }
}

/** "/customer/phones/0" as "customer.phones[0]". */
function toPath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce(
      (path, part) =>
        /^\d+$/.test(part)
          ? `${path}[${part}]`
          : path === ""
            ? part
            : `${path}.${part}`,
      "",
    );
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const kind =
    value === null ? "" : Array.isArray(value) ? "array " : `${typeof value} `;
  const text = JSON.stringify(value) ?? "";
  return `${kind}${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
