import type { RawOperation } from "../dialects/dialect.ts";
import type { Located } from "../documents/refs.ts";
import type { References } from "../schemas/definitions.ts";
import type { Tool } from "../types.ts";
import { readFields } from "./body.ts";
import type { BodyFields } from "./body.ts";
import type { Context } from "./context.ts";
import { readExtensions } from "./extensions.ts";
import { assignKeys } from "./inputs.ts";
import { listArguments } from "./parameters.ts";
import { toPolicy } from "./policy.ts";
import { toRequestPlan } from "./request-plan.ts";
import { toParameters } from "./tool-parameters.ts";

// RFC 9110, section 9.2.1; QUERY is OpenAPI 3.2's.
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]);

/** `x-tool.name`, else operationId, else `method_path`. */
export function wantedName({ object, method, path }: RawOperation): string {
  const byPath = `${method.toLowerCase()}_${path.replaceAll(/[{}]/g, "").replace(/^\//, "")}`;
  return (
    text(readExtensions(object)["name"]) ||
    text(object["operationId"]).trim() ||
    byPath
  );
}

/** One operation as a tool: its arguments, where each goes, and how it may be called. */
export function toTool(
  name: string,
  operation: RawOperation,
  context: Context,
): Tool {
  const { object, method, path } = operation;
  const said = readExtensions(object);
  const shown = listArguments(operation, context);
  const body = readFields(
    context.dialect.readBody(operation, context),
    operation,
    context,
  );
  const inputs = assignKeys([
    ...shown.parameters.map(({ name: own, in: place }) => ({
      in: place,
      name: own,
    })),
    ...body.fields.map((field) => ({ in: "body" as const, name: field.name })),
  ]);
  const isRead = SAFE.has(method);
  const effect =
    oneOf(said["effect"], ["read", "write"]) ?? (isRead ? "read" : "write");
  const tool: Tool = {
    name,
    description: describe(operation, said, body),
    parameters: toParameters(shown.parameters, body, inputs, context),
    operation: {
      ...(typeof object["operationId"] === "string"
        ? { id: object["operationId"] }
        : {}),
      method,
      path,
      tags: Array.isArray(object["tags"]) ? object["tags"].map(String) : [],
      deprecated: object["deprecated"] === true,
    },
    inputs,
    request: toRequestPlan(operation, shown, body, inputs, context),
    effect,
    // RFC 9110, section 9.2: safe and idempotent methods.
    idempotent: flag(
      said["idempotent"],
      isRead || method === "PUT" || method === "DELETE",
    ),
    destructive: flag(said["destructive"], method === "DELETE"),
    policy: toPolicy(operation, said, effect, context.report),
  };
  const answer = context.dialect.readOutput(operation, context);
  if (answer) addOutput(tool, answer, context);
  return tool;
}

function describe(
  { object, method, path }: RawOperation,
  said: Record<string, unknown>,
  { hint }: BodyFields,
): string {
  const [summary, description] = [
    text(object["summary"]).trim(),
    text(object["description"]).trim(),
  ];
  const own =
    text(said["description"]) ||
    [summary, description === summary ? "" : description]
      .filter((part) => part !== "")
      .join("\n\n") ||
    `${method} ${path}`;
  return hint === undefined ? own : `${own}\n\n${hint}`;
}

/** The schema of the answer, made when it is first asked for and plain data from then on. */
function addOutput(
  tool: Tool,
  answer: Located,
  { responses, checkAnswer }: Context,
): void {
  checkAnswer(answer);
  const define = (how: PropertyDescriptor) =>
    Object.defineProperty(tool, "output", {
      enumerable: true,
      configurable: true,
      ...how,
    });
  define({
    get() {
      const references: References = new Set();
      const schema = responses.convert(answer, references);
      const defs = responses.definitionsOf(references);
      const value =
        Object.keys(defs).length > 0 ? { ...schema, $defs: defs } : schema;
      define({ value, writable: true });
      return value;
    },
  });
}

function oneOf<T extends string>(
  value: unknown,
  words: readonly T[],
): T | undefined {
  return words.find((word) => word === value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === "boolean" ? value : otherwise;
}
