import type { ErrorObject } from "ajv/dist/2020.js";
import { isRecord } from "../json.ts";
import { HEAVY, measure } from "./measure.ts";
import type { Measures } from "./measure.ts";
import { propertiesOf } from "./shape.ts";
import type { Node } from "./shape.ts";
import type { JsonSchema } from "../types.ts";
import { createValidator } from "./validator.ts";
import type { Validator } from "./validator.ts";

/** Says what fits, for one set of arguments. */
export interface Judge {
  /** All that is wrong with the arguments as a whole. */
  errorsOf(args: unknown): ErrorObject[];
  /** False too once `isSpent`: then nothing more is known. */
  fits(node: Node, value: unknown): boolean;
  isSpent(): boolean;
}

/** Values that may be looked at to mend one set of arguments: some tens of milliseconds. */
const EFFORT = 200_000;
const CHARACTERS_PER_VALUE = 500;

export function createJudge(
  root: JsonSchema,
  args: unknown,
  measures: Measures,
): Judge {
  const size = measure(args, measures);
  const validator = createValidator(root, size.count > HEAVY);
  const quick = createValidator(root, true);
  const toChecked = size.hasBytes ? toPlain : (value: unknown) => value;
  let left = EFFORT;

  function errorsOf(value: unknown): ErrorObject[] {
    const { schema, rest } = splitPrototype(root, toChecked(value));
    return [
      ...validator.errorsOf(schema, rest),
      ...prototypeErrors(root, toChecked(value), validator),
    ];
  }

  function fits(node: Node, value: unknown): boolean {
    const text = typeof value === "string" ? value.length : 0;
    left -= measure(value, measures).count + text / CHARACTERS_PER_VALUE;
    if (left < 0) return false;
    const checked = toChecked(value);
    return node.every((schema) =>
      isRecord(schema)
        ? quick.errorsOf(schema, checked).length === 0
        : schema !== false,
    );
  }

  return { errorsOf, fits, isSpent: () => left < 0 };
}

/** Files as the text that JSON would have for them. */
function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value))
    return Buffer.from(
      value.buffer,
      value.byteOffset,
      value.byteLength,
    ).toString("base64");
  if (Array.isArray(value)) return value.map(toPlain);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, toPlain(entry)]),
  );
}

// ajv looks at no property of this name, so it is checked beside it.
const PROTOTYPE = "__proto__";
const withoutPrototype = new WeakMap<JsonSchema, JsonSchema>();

function splitPrototype(root: JsonSchema, value: unknown) {
  if (!Object.hasOwn(propertiesOf(root), PROTOTYPE))
    return { schema: root, rest: value };
  let schema = withoutPrototype.get(root);
  if (!schema) {
    const isOther = (name: unknown) => name !== PROTOTYPE;
    const { required } = root;
    schema = Array.isArray(required)
      ? { ...root, required: required.filter(isOther) }
      : { ...root };
    withoutPrototype.set(root, schema);
  }
  if (!isRecord(value)) return { schema, rest: value };
  const entries = Object.entries(value).filter(([key]) => key !== PROTOTYPE);
  return { schema, rest: Object.fromEntries(entries) };
}

function prototypeErrors(
  root: JsonSchema,
  value: unknown,
  validator: Validator,
): ErrorObject[] {
  const properties = propertiesOf(root);
  if (!Object.hasOwn(properties, PROTOTYPE) || !isRecord(value)) return [];
  const schema = properties[PROTOTYPE];
  if (Object.hasOwn(value, PROTOTYPE))
    return isRecord(schema)
      ? validator.errorsOf(schema, value[PROTOTYPE]).map((error) => ({
          ...error,
          instancePath: `/${PROTOTYPE}${error.instancePath}`,
        }))
      : [];
  const { required } = root;
  if (!Array.isArray(required) || !required.includes(PROTOTYPE)) return [];
  return [
    {
      keyword: "required",
      instancePath: "",
      schemaPath: "#/required",
      params: { missingProperty: PROTOTYPE },
      parentSchema: root,
      data: value,
    },
  ];
}
