import { createRequire } from "node:module";
import type {
  Ajv2020,
  ErrorObject,
  Options,
  ValidateFunction,
} from "ajv/dist/2020.js";
import type { SchemaCxt } from "ajv";
import { isRecord } from "../json.ts";
import { resolveLocal } from "../schemas/local-ref.ts";
import type { JsonSchema } from "../types.ts";

/** Checks one value, and parts of it, against the schemas of one tool. */
export interface Validator {
  /** All that does not fit; `schemaPath` goes through every `$ref`. */
  errorsOf(schema: JsonSchema, value: unknown): ErrorObject[];
}

/** An error with its whole way: ajv writes over what a keyword of ours says. */
type RefError = ErrorObject & { whole?: ErrorObject };

/** What the `$ref` keyword sees as `this`. */
interface Run {
  follow(ref: string, value: unknown): ErrorObject[];
}

const OPTIONS: Options = {
  strict: false,
  ownProperties: true, // a field named toString is not there because every object has one
  verbose: true,
  logger: false,
  multipleOfPrecision: 9, // 19.99 is a multiple of 0.01, though not in binary
  meta: false,
  validateSchema: false, // `compile` has left out what is no keyword
};
const MAX_ERRORS_OF_REF = 50;

/** One compiler of schemas, and what it has compiled. */
interface Compiler {
  ajv: Ajv2020;
  compiled: WeakMap<JsonSchema, ValidateFunction>;
}

type Kind = "thorough" | "hasty" | "plain";

const compilers = new Map<Kind, Compiler>();

function compilerOf(kind: Kind): Compiler {
  const known = compilers.get(kind) ?? {
    ajv: createAjv(kind),
    compiled: new WeakMap<JsonSchema, ValidateFunction>(),
  };
  compilers.set(kind, known);
  return known;
}

const unevaluated = new WeakMap<JsonSchema, boolean>();

/** Compiling a document needs no ajv, and loading ajv takes as long as compiling a small one. */
function loadAjv() {
  const require = createRequire(import.meta.url);
  return {
    ...(require("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js")),
    addFormats: (require("ajv-formats") as typeof import("ajv-formats"))
      .default,
  };
}

/**
 * An ajv whose `$ref` remembers what it was asked within one run. Otherwise a
 * choice between schemas that contain themselves doubles the work per level.
 */
function createAjv(kind: Kind): Ajv2020 {
  const { Ajv2020: Ajv, addFormats } = loadAjv();
  const allErrors = kind !== "hasty";
  if (kind === "plain")
    return addFormats.default(new Ajv({ ...OPTIONS, allErrors }));
  const ajv = new Ajv({ ...OPTIONS, allErrors, passContext: true });
  ajv.removeKeyword("$ref");
  ajv.addKeyword({
    keyword: "$ref",
    schemaType: "string",
    errors: "full",
    compile: compileRef,
  });
  return addFormats.default(ajv);
}

function compileRef(
  ref: string,
  _parent: object,
  { errSchemaPath }: SchemaCxt,
) {
  const way = `${errSchemaPath}/$ref`;
  function validate(
    this: Run,
    value: unknown,
    context?: { instancePath: string },
  ) {
    const errors = this.follow(ref, value);
    if (errors.length === 0) return true;
    const at = context?.instancePath ?? "";
    validate.errors = errors.map((error) => {
      const instancePath = `${at}${error.instancePath}`;
      const schemaPath = `${way}${error.schemaPath.slice(1)}`;
      return { ...error, whole: { ...error, instancePath, schemaPath } };
    });
    return false;
  }
  validate.errors = [] as RefError[];
  return validate;
}

/** @param isHasty  stop at the first error, where one is as good as all */
export function createValidator(root: JsonSchema, isHasty: boolean): Validator {
  const kind = usesUnevaluated(root) ? "plain" : isHasty ? "hasty" : "thorough";
  const memory = new Map<unknown, Map<unknown, ErrorObject[]>>();
  const run: Run = {
    follow(ref, value) {
      const target = resolveLocal(root, ref);
      if (!isRecord(target))
        return target === false ? errorsOf({ not: {} }, value) : [];
      const known = memory.get(target) ?? new Map<unknown, ErrorObject[]>();
      memory.set(target, known);
      const errors = known.get(value);
      if (errors) return errors;
      known.set(value, []); // a schema that is only itself refuses nothing
      const found = errorsOf(target, value).slice(0, MAX_ERRORS_OF_REF);
      known.set(value, found);
      return found;
    },
  };

  function errorsOf(schema: JsonSchema, value: unknown): ErrorObject[] {
    const validate = compile(kind, schema, root);
    if (validate.call(run as never, value)) return []; // ajv's type of `this` is its own class
    const errors: RefError[] = validate.errors ?? [];
    return errors.map((error) => error.whole ?? error);
  }

  return { errorsOf };
}

/** A schema that ajv cannot read checks nothing; the server behind still does. */
function compile(
  kind: Kind,
  schema: JsonSchema,
  root: JsonSchema,
): ValidateFunction {
  const { ajv, compiled } = compilerOf(kind);
  const known = compiled.get(schema);
  if (known) return known;
  const whole =
    kind === "plain" && schema !== root
      ? { ...schema, $defs: root["$defs"] }
      : schema;
  const validate =
    tryCompile(ajv, whole) ?? compileNothing(ajv, schema === root);
  compiled.set(schema, validate);
  return validate;
}

function tryCompile(
  ajv: Ajv2020,
  schema: JsonSchema,
): ValidateFunction | undefined {
  try {
    return ajv.compile(schema);
  } catch {
    return undefined;
  } finally {
    ajv.removeSchema(schema); // its cache would keep every tool for ever
  }
}

function compileNothing(ajv: Ajv2020, isRoot: boolean): ValidateFunction {
  return ajv.compile(isRoot ? { type: "object" } : {});
}

/** `unevaluatedProperties` has to see through a `$ref`, which ours does not let it. */
function usesUnevaluated(root: JsonSchema): boolean {
  const known = unevaluated.get(root);
  if (known !== undefined) return known;
  const found = JSON.stringify(root).includes('"unevaluated');
  unevaluated.set(root, found);
  return found;
}
