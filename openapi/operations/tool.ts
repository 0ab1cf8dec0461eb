import { readSecurity } from "./security.ts";
import { readFields } from "./body.ts";
import type { BodyFields } from "./body.ts";
import type {
  Dialect,
  Parameter,
  RawOperation,
  Reading,
} from "../dialects/dialect.ts";
import { readExtensions } from "./extensions.ts";
import { assignKeys } from "./inputs.ts";
import { isRecord } from "../json.ts";
import { toPlain } from "../schemas/modernize.ts";
import { listArguments } from "./parameters.ts";
import { toPolicy } from "./policy.ts";
import type { Located } from "../documents/refs.ts";
import type { References } from "../schemas/definitions.ts";
import type { SchemaConverter } from "../schemas/schema.ts";
import type { Subtypes } from "../schemas/subtypes.ts";
import type {
  BodyPlan,
  JsonSchema,
  RequestPlan,
  Tool,
  ToolInput,
} from "../types.ts";

/** What all operations of one document share while they become tools. */
export interface Context extends Reading {
  dialect: Dialect;
  subtypes: Subtypes;
  requests: SchemaConverter;
  responses: SchemaConverter;
  schemes: RequestPlan["schemes"];
  checkAnswer: (schema: Located) => void;
  /** What a parameter is as an argument, for all operations that use it. */
  arguments: WeakMap<Parameter, { schema: JsonSchema; references: References }>;
  showHeaders: boolean;
  server?: string;
}

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
  const isRead = ["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"].includes(method);
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

function toRequestPlan(
  operation: RawOperation,
  { parameters, credentials }: ReturnType<typeof listArguments>,
  body: BodyFields,
  inputs: ToolInput[],
  context: Context,
): RequestPlan {
  const { dialect, server, schemes } = context;
  const plan = toBodyPlan(body, inputs);
  return {
    servers:
      server === undefined ? dialect.readServers(operation, context) : [server],
    parameters: parameters.map(({ name, in: place, wire }, index) => ({
      key: (inputs[index] as ToolInput).key,
      in: place,
      name,
      ...wire,
    })),
    ...(plan === undefined ? {} : { body: plan }),
    ...readSecurity(
      operation.object["security"] ?? context.documents.root["security"],
      schemes,
      credentials,
    ),
  };
}

function toBodyPlan(
  { mediaType, required, rest, needs, fields, encoding, files }: BodyFields,
  inputs: ToolInput[],
): BodyPlan | undefined {
  if (mediaType === undefined) return undefined;
  const keyOf = (name: string) =>
    inputs.find((input) => input.in === "body" && input.name === name)?.key;
  const known = fields.flatMap(({ name }): [string, object][] => {
    const own = name === null ? undefined : encoding.get(name);
    return name !== null && own ? [[name, own]] : [];
  });
  return {
    mediaType,
    required,
    open: rest !== undefined && rest.value !== false,
    ...(needs.length > 0
      ? { needs: needs.flatMap((name) => keyOf(name) ?? []) }
      : {}),
    ...(known.length > 0 ? { encoding: Object.fromEntries(known) } : {}),
    ...(files.length > 0 ? { files } : {}),
  };
}

function toParameters(
  shown: Parameter[],
  { fields, rest }: BodyFields,
  inputs: ToolInput[],
  context: Context,
): JsonSchema {
  const { requests } = context;
  const references: References = new Set();
  const schemas = [
    ...shown.map((parameter) => toArgument(parameter, references, context)),
    ...fields.map(({ schema }) => requests.convert(schema, references)),
  ];
  const isRequired = [...shown, ...fields].map(({ required }) => required);
  const keys = inputs.map(({ key }) => key);
  const required = keys.filter((_, index) => isRequired[index]);
  const further = isRecord(rest?.value)
    ? requests.convert(rest, references)
    : rest?.value;
  const defs = requests.definitionsOf(references);
  return {
    type: "object",
    properties: Object.fromEntries(
      keys.map((key, index) => [key, schemas[index]]),
    ),
    ...(required.length > 0 ? { required } : {}),
    ...(further === undefined ? {} : { additionalProperties: further }),
    ...(Object.keys(defs).length > 0 ? { $defs: defs } : {}),
  };
}

function toArgument(
  parameter: Parameter,
  references: References,
  { requests, arguments: known }: Context,
): JsonSchema {
  const own: References = new Set();
  const argument = known.get(parameter) ?? {
    schema: annotate(requests.convert(parameter.schema, own), parameter),
    references: own,
  };
  known.set(parameter, argument);
  for (const name of argument.references) references.add(name);
  return argument.schema;
}

function annotate(
  schema: JsonSchema,
  { description, deprecated, examples }: Parameter,
): JsonSchema {
  const given = examples.map(toPlain).filter((each) => each !== undefined);
  return {
    ...schema,
    ...(description === undefined ? {} : { description }),
    ...(deprecated ? { deprecated } : {}),
    // A parameter's examples replace its schema's (OpenAPI 3.1, section 4.8.12).
    ...(given.length > 0 ? { examples: given } : {}),
  };
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
