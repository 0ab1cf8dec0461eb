import type { Parameter } from "../dialects/dialect.ts";
import { isRecord } from "../json.ts";
import type { References } from "../schemas/definitions.ts";
import { toPlain } from "../schemas/modernize.ts";
import type { JsonSchema, ToolInput } from "../types.ts";
import type { BodyFields } from "./body.ts";
import type { Context } from "./context.ts";

/** The schema of a tool's arguments: its parameters and the fields of its body. */
export function toParameters(
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
