import { isRecord, quote } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import type { Located } from "../documents/refs.ts";
import { readContent } from "./content-3.ts";
import type { Parameter, Reading } from "./dialect.ts";
import type { RawParameter } from "./parts.ts";
import { STYLES } from "./styles-3.ts";

/** A parameter of OpenAPI 3 in the form of all versions. */
export function toParameter(
  { value, at }: RawParameter,
  reading: Reading,
): Parameter {
  const place = value.in === "querystring" ? "query" : value.in;
  const where = place as Parameter["in"];
  const schema = readSchema({ value, at }, reading);
  const { description } = value;
  return {
    name: value.name,
    in: where,
    required: value["required"] === true || where === "path",
    ...(typeof description === "string" ? { description } : {}),
    deprecated: value["deprecated"] === true,
    examples: readExamples({ value, at }, reading),
    schema: schema.located,
    wire: {
      ...readStyle({ value, at }, where, reading),
      ...(schema.mediaType === undefined
        ? {}
        : { mediaType: schema.mediaType }),
    },
  };
}

/** `schema`, or that of the one media type in `content`, or in a slip the parameter itself, as in Swagger 2. */
function readSchema(
  { value, at }: RawParameter,
  reading: Reading,
): { located: Located; mediaType?: string } {
  if (value["schema"] !== undefined)
    return { located: { value: value["schema"], at: `${at}/schema` } };
  const [first] = isRecord(value["content"])
    ? readContent(value["content"], `${at}/content`, reading)
    : [];
  if (first) return { located: first[1].schema, mediaType: first[0] };
  const { type, format, items, enum: choices, pattern } = value;
  const slip = { type, format, items, enum: choices, pattern };
  const said = Object.entries(slip).filter(([, each]) => each !== undefined);
  return { located: { value: Object.fromEntries(said), at } };
}

function readStyle(
  { value, at }: RawParameter,
  place: Parameter["in"],
  { report }: Reading,
): Parameter["wire"] {
  if (value.in === "querystring")
    return { style: "querystring", explode: true };
  const [usual, ...others] = STYLES[place];
  const given = value["style"];
  const style = [usual, ...others].find((each) => each === given) ?? usual;
  if (given !== undefined && given !== style)
    report({
      rule: "unknown-style",
      severity: "warning",
      message: `a ${place} parameter has no style ${quote(given)}, ${style} is used`,
      pointer: `${at}/style`,
    });
  const { explode } = value;
  return {
    style,
    explode:
      typeof explode === "boolean"
        ? explode
        : style === "form" || style === "cookie",
    ...(value["allowReserved"] === true ? { allowReserved: true } : {}),
  };
}

/** `example` or `examples`; those that are a file elsewhere say nothing here. */
function readExamples(
  { value, at }: RawParameter,
  { resolver }: Reading,
): unknown[] {
  if (value["example"] !== undefined) return [value["example"]];
  const examples = isRecord(value["examples"]) ? value["examples"] : {};
  return Object.entries(examples)
    .map(
      ([name, example]) =>
        resolver.resolve(example, `${at}/examples/${escapePart(name)}`).value,
    )
    .flatMap((example) =>
      isRecord(example) && example["value"] !== undefined
        ? [example["value"]]
        : [],
    );
}
