import type {
  Dialect,
  Parameter,
  RawOperation,
  Reading,
} from "../dialects/dialect.ts";
import type { SecurityScheme } from "../types.ts";

/** Headers of these names are the caller's own (OpenAPI 3.1, section 4.8.12). */
const RESERVED = ["accept", "content-type", "authorization"];
/** Names that carry a credential also where the document declares no security scheme. */
const CREDENTIALS =
  /^(proxy-authorization|cookie|(x-)?(api|auth|access|session|csrf|xsrf)-?(key|token|secret|password)|x-(token|secret|password))$/i;

interface Visibility extends Reading {
  dialect: Dialect;
  schemes: Record<string, SecurityScheme>;
  showHeaders: boolean;
}

/**
 * An operation's parameters as a model sees them, and the names of those
 * headers which carry a credential: a credential is never the model's to fill in.
 */
export function listArguments(
  operation: RawOperation,
  context: Visibility,
): { parameters: Parameter[]; credentials: string[] } {
  const all = alignWithPath(
    operation,
    context.dialect.readParameters(operation, context),
    context,
  );
  const open = all.filter((parameter) => !isScheme(parameter, context));
  const isCredential = ({ in: place, name }: Parameter) =>
    place === "header" && CREDENTIALS.test(name);
  return {
    parameters: open.filter(
      (parameter) =>
        parameter.in !== "header" ||
        (context.showHeaders &&
          !isCredential(parameter) &&
          !RESERVED.includes(parameter.name.toLowerCase())),
    ),
    credentials: open.filter(isCredential).map(({ name }) => name),
  };
}

/** Whether a security scheme of the document fills it in. */
function isScheme(
  { in: place, name }: Parameter,
  { schemes }: Visibility,
): boolean {
  return Object.values(schemes).some(
    (scheme) =>
      scheme.type === "apiKey" &&
      scheme.in === place &&
      (place === "header"
        ? scheme.name.toLowerCase() === name.toLowerCase()
        : scheme.name === name),
  );
}

/** Every placeholder of the path gets a parameter, declared or not; a path parameter without one is nobody's to require. */
function alignWithPath(
  { method, path, at }: RawOperation,
  parameters: Parameter[],
  { report }: Reading,
): Parameter[] {
  const operation = `${method} ${path}`;
  const inPath = parameters.filter((each) => each.in === "path");
  const places = [...path.matchAll(/\{([^{}]+)\}/g)].map(
    ([, name]) => name as string,
  );
  if (
    places.length === inPath.length &&
    inPath.every(({ name }) => places.includes(name))
  )
    return parameters;
  const declared = parameters.map((parameter) => {
    if (parameter.in !== "path" || places.includes(parameter.name))
      return parameter;
    report({
      rule: "unused-path-parameter",
      severity: "warning",
      message: `the path has no {${parameter.name}}, so this argument goes nowhere`,
      pointer: parameter.schema.at,
      operation,
    });
    return { ...parameter, required: false };
  });
  const missing = [...new Set(places)].filter(
    (name) => !inPath.some((each) => each.name === name),
  );
  return [
    ...missing.map((name): Parameter => {
      report({
        rule: "undeclared-path-parameter",
        severity: "warning",
        message: `{${name}} in the path is no parameter of the operation; taken as a text`,
        pointer: at,
        operation,
      });
      return {
        name,
        in: "path",
        required: true,
        deprecated: false,
        examples: [],
        schema: { value: { type: "string" }, at },
        wire: { style: "simple", explode: false },
      };
    }),
    ...declared,
  ];
}
