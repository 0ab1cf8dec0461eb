import type { Body, MediaType, RawOperation } from "../dialects/dialect.ts";
import { foldObject, isReadOnly } from "./fold.ts";
import type { Folding } from "./fold.ts";
import type { FoldedObject } from "./join.ts";
import { isRecord } from "../json.ts";
import { isFile, withContentTypes } from "./form-fields.ts";
import { isForm, isJson, isMultipart, isRange, isText } from "../media-type.ts";
import type { Located, Resolver } from "../documents/refs.ts";
import type { SchemaSource } from "../schemas/schema.ts";
import type { FieldEncoding, Report } from "../types.ts";

/** One argument of the body: a property, or with name null the whole. */
interface BodyField {
  name: string | null;
  schema: SchemaSource;
  required: boolean;
}

/** A request body as arguments. */
export interface BodyFields {
  mediaType?: string;
  required: boolean;
  fields: BodyField[];
  /** What is said of further properties, if anything: a schema, true, or false where none is allowed. */
  rest?: Located | undefined;
  /** Of an optional body: the fields that it needs once it is there. */
  needs: string[];
  encoding: Map<string, FieldEncoding>;
  files: string[];
  /** Sets of fields of which the document wants one, in words. */
  hint?: string;
}

const NO_BODY: BodyFields = {
  required: false,
  fields: [],
  needs: [],
  encoding: new Map(),
  files: [],
};
/** Root words that a tool's arguments have no place for beside those of parameters. */
const LOST_WORDS = [
  "not",
  "if",
  "dependentSchemas",
  "dependentRequired",
  "minProperties",
  "maxProperties",
  "propertyNames",
  "patternProperties",
  "unevaluatedProperties",
];

export function readFields(
  body: Body | undefined,
  operation: RawOperation,
  context: Folding,
): BodyFields {
  const chosen = chooseType(body);
  if (!body || !chosen) return NO_BODY;
  const [mediaType, { schema, encoding }] = chosen;
  const plan = { mediaType, required: body.required };
  // Of any type but text an object is written as JSON, as in `applicationjson;v=1`.
  const object = isText(mediaType) ? undefined : foldObject(schema, context);
  const isEmpty = object?.rest?.value === false && object.properties.size === 0;
  if (!object || (object.properties.size === 0 && !isEmpty)) {
    const whole = isText(mediaType)
      ? toTextSchema(mediaType, schema, operation, context)
      : { value: schema.value ?? {}, at: schema.at };
    return {
      ...NO_BODY,
      ...plan,
      fields: [{ name: null, schema: whole, required: body.required }],
    };
  }
  reportLost(schema, operation, context);
  const fields = listFields(object, schema, context.resolver);
  const hint = describeChoices(object);
  return {
    ...plan,
    rest: object.rest,
    fields: fields.map((field) => ({
      ...field,
      required: body.required && field.required,
    })),
    needs: body.required
      ? []
      : fields.flatMap(({ name, required }) => (required ? [name] : [])),
    encoding: isMultipart(mediaType)
      ? withContentTypes(fields, encoding, context.resolver)
      : encoding,
    files: isMultipart(mediaType)
      ? fields.flatMap(({ name, schema: source }) =>
          isFile(source, context.resolver, encoding.get(name)) ? [name] : [],
        )
      : [],
    ...(hint === undefined ? {} : { hint }),
  };
}

/** JSON says most, then what a form can say; a type without a schema says nothing. */
function chooseType(body: Body | undefined): [string, MediaType] | undefined {
  const types = [...(body?.content ?? [])];
  const ranks = [
    (type: string) => /^application\/json\s*(;|$)/i.test(type),
    (type: string) => isJson(type) && !isRange(type),
    isJson,
    isForm,
    isMultipart,
    isText,
  ];
  for (const hasRank of ranks) {
    const found = types.find(
      ([type, { schema }]) => hasRank(type) && schema.value !== undefined,
    );
    if (found) return found;
  }
  return types.find(([type]) => isJson(type)) ?? types[0];
}

function listFields(
  { properties, required }: FoldedObject,
  { at }: Located,
  resolver: Resolver,
): (BodyField & { name: string })[] {
  const declared = [...properties]
    .filter(([, property]) => !isReadOnly(property, resolver))
    .map(([name, schema]) => ({ name, schema, required: required.has(name) }));
  // What is required has to be sent, whether or not the document says what it is.
  const undeclared = [...required]
    .filter((name) => !properties.has(name))
    .map((name) => ({ name, schema: { value: {}, at }, required: true }));
  return [...declared, ...undeclared];
}

/** "card_number and cvc, or iban": what a root oneOf says, for which a tool's arguments have no other place. */
function describeChoices({ choices }: FoldedObject): string | undefined {
  const sets = [
    ...new Set(
      choices
        .filter((keys) => keys.length > 0)
        .map((keys) => keys.join(" and ")),
    ),
  ];
  return sets.length < 2 ? undefined : `Needs ${sets.join(", or ")}.`;
}

/** What is sent as text is given as text, XML that the document describes as an object too. */
function toTextSchema(
  mediaType: string,
  schema: Located,
  { method, path }: RawOperation,
  { report, resolver }: { report: Report; resolver: Resolver },
): Located {
  const { value } = resolver.resolve(schema.value, schema.at);
  if (!isRecord(value) || Object.keys(value).length === 0)
    return { value: { type: "string" }, at: schema.at };
  if (!["object", "array", undefined].includes(value["type"] as string))
    return schema;
  report({
    rule: "body-as-text",
    severity: "info",
    message: `a ${mediaType} body is one argument, a text`,
    pointer: schema.at,
    operation: `${method} ${path}`,
  });
  return {
    // 2020-12 validation, section 8: a text that holds something structured.
    value: {
      type: "string",
      description: `The whole body as ${mediaType} text.`,
      contentMediaType: mediaType,
      contentSchema: schema.value,
    },
    at: schema.at,
  };
}

function reportLost(
  schema: Located,
  { method, path }: RawOperation,
  { report, resolver }: { report: Report; resolver: Resolver },
): void {
  const { value, at } = resolver.resolve(schema.value, schema.at);
  const lost = LOST_WORDS.filter(
    (word) => isRecord(value) && value[word] !== undefined,
  );
  if (lost.length > 0)
    report({
      rule: "body-rule-not-checked",
      severity: "info",
      message: `${lost.join(", ")} at the root of the body: left to the server`,
      pointer: at,
      operation: `${method} ${path}`,
    });
}
