import type { Operation } from "./operations.ts";
import { isRecord } from "./json.ts";
import type { Located, Resolver } from "./refs.ts";
import { foldObject } from "./fold.ts";
import type { Report } from "./types.ts";

/** A request body as arguments: one field per property, or one field with name null for the whole. */
export interface BodyFields {
  mediaType?: string;
  required: boolean;
  /** What is said of further properties, if anything: a schema, true, or false where none is allowed. */
  rest?: Located | undefined;
  fields: {
    name: string | null;
    schema: unknown;
    pointer: string;
    required: boolean;
  }[];
}

const NO_BODY: BodyFields = { required: false, fields: [] };

export function readBody(
  operation: Operation,
  resolver: Resolver,
  report: Report,
): BodyFields {
  const at = `${operation.pointer}/requestBody`;
  const body = resolver.resolve(operation.object.requestBody, at);
  if (!isRecord(body.value) || !isRecord(body.value["content"])) return NO_BODY;
  const content = body.value["content"];
  const mediaType = preferredType(Object.keys(content));
  if (mediaType === undefined) return NO_BODY;
  const required = body.value["required"] === true;
  const media = content[mediaType];
  const schema = isRecord(media) ? media["schema"] : undefined;
  const pointer = `${body.pointer}/content/${mediaType.replaceAll("/", "~1")}/schema`;
  if (!isJson(mediaType) && !isForm(mediaType)) {
    report({
      rule: "body-type",
      severity: "warning",
      message: `a ${mediaType} body is sent as text`,
      pointer,
      operation: `${operation.method} ${operation.path}`,
    });
  }
  const object = foldObject(schema, pointer, resolver);
  const isEmpty = object?.rest?.value === false && object.properties.size === 0;
  if (!isEmpty && (!object || object.properties.size === 0)) {
    return {
      mediaType,
      required,
      fields: [{ name: null, schema: schema ?? {}, pointer, required }],
    };
  }
  return {
    mediaType,
    required,
    rest: object?.rest,
    fields: [...(object?.properties ?? [])]
      .filter(
        ([, property]) =>
          !isReadOnly(resolver.resolve(property.value, property.pointer).value),
      )
      .map(([name, property]) => ({
        name,
        schema: property.value,
        pointer: property.pointer,
        required: required && object?.required.has(name) === true,
      })),
  };
}

/** JSON says most; then what a form can say. */
function preferredType(types: string[]): string | undefined {
  return types.find(isJson) ?? types.find(isForm) ?? types[0];
}

export function isJson(mediaType: string): boolean {
  return (
    /^application\/([a-z0-9.+-]*\+)?json\s*(;|$)/i.test(mediaType) ||
    mediaType === "*/*"
  );
}

export function isForm(mediaType: string): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(mediaType);
}

function isReadOnly(schema: unknown): boolean {
  return isRecord(schema) && schema["readOnly"] === true;
}
