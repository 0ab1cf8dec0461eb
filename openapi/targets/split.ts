import { isRecord } from "../json.ts";
import { isForm, isJson } from "../media-type.ts";
import type { JsonSchema, Tool, ToolInput } from "../types.ts";
import type { Dialect } from "./schemas/dialect.ts";
import { toFindings } from "./findings.ts";
import { needsGateway, toGateway, toServer } from "./route.ts";
import { simplify } from "./schemas/subset.ts";
import type { EmitOptions, Finding } from "./target.ts";

/** What a platform with typed path, query and body can place. */
export interface SplitRules {
  platform: string;
  dialect: Dialect;
  pathTypes: readonly string[];
  queryTypes: readonly string[];
  takesForms: boolean;
}

export interface Split {
  request: {
    url: string;
    method: string;
    path_params_schema?: JsonSchema;
    query_params_schema?: JsonSchema;
    request_body_schema?: JsonSchema;
    content_type?: string;
  };
  findings: Finding[];
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const BODY_METHODS = ["POST", "PUT", "PATCH"];
const LITERALS = ["string", "integer", "number", "boolean"];
// What every model's API takes as a property's name; a platform has no map from another to the wire's.
const WIRE_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * An operation as a request with its arguments in place. What cannot be placed
 * is the gateway's if there is one; else it is left out where it is optional.
 */
export function split(
  tool: Tool,
  options: EmitOptions,
  rules: SplitRules,
): Split | Finding {
  const simplified = simplify(tool.parameters, rules.dialect);
  const { properties, required } = simplified.schema;
  const schemas = isRecord(properties) ? properties : {};
  const needed: unknown[] = Array.isArray(required) ? required : [];
  const isWhole = canSendBody(tool, schemas, rules);
  const skipped = tool.inputs.filter((input) =>
    input.in === "body"
      ? !isWhole
      : !canPlace(input, tool, schemas[input.key], rules),
  );
  const canSkip = skipped.every(
    ({ key, in: place }) => place !== "body" && !needed.includes(key),
  );
  const isSayable =
    METHODS.includes(tool.operation.method) && hasAllPlaces(tool) && canSkip;
  const findings = toFindings(simplified);
  if (options.gateway !== undefined && (!isSayable || skipped.length > 0)) {
    const { url, method } = toGateway(tool, options.gateway);
    return {
      request: { url, method, request_body_schema: simplified.schema },
      findings,
    };
  }
  if (!isSayable)
    return needsGateway(
      rules.platform,
      "plain path and query values and one object as a body, and this tool needs more",
    );
  const route = toServer(tool, options);
  if ("rule" in route) return route;
  const placed = tool.inputs.filter((input) => !skipped.includes(input));
  return {
    request: {
      url: renamePlaces(route.url, placed),
      method: route.method,
      ...toSchemas(tool, placed, schemas, needed),
    },
    findings: [
      ...findings,
      ...toFindings({
        losses: skipped.map(
          ({ in: place, key }) => `the ${place} value ${key}`,
        ),
        limits: [],
      }),
    ],
  };
}

function toSchemas(
  tool: Tool,
  placed: ToolInput[],
  schemas: JsonSchema,
  needed: unknown[],
): Partial<Split["request"]> {
  const of = (place: ToolInput["in"]) =>
    placed.filter((input) => input.in === place);
  const [path, query, body] = [of("path"), of("query"), of("body")];
  const named = (inputs: ToolInput[]) =>
    Object.fromEntries(
      inputs.map(({ key, name }) => [name ?? key, schemas[key]]),
    );
  const withRequired = (inputs: ToolInput[]) => {
    const names = inputs
      .filter(({ key }) => needed.includes(key))
      .map(({ name }) => name);
    return {
      properties: named(inputs),
      ...(names.length > 0 ? { required: names } : {}),
    };
  };
  const isFormBody =
    body.length > 0 &&
    !isJson(tool.request.body?.mediaType ?? "application/json");
  return {
    ...(path.length > 0
      ? {
          path_params_schema: Object.fromEntries(
            path.map(({ key }) => [key, schemas[key]]),
          ),
        }
      : {}),
    ...(query.length > 0 ? { query_params_schema: withRequired(query) } : {}),
    ...(body.length > 0
      ? {
          request_body_schema: {
            type: "object",
            description: "The body of the request.",
            ...withRequired(body),
          },
        }
      : {}),
    ...(isFormBody
      ? { content_type: "application/x-www-form-urlencoded" }
      : {}),
  };
}

/** A plain value, written the plain way, under the wire's own name. */
function canPlace(
  { in: place, key, name }: ToolInput,
  tool: Tool,
  schema: unknown,
  rules: SplitRules,
): boolean {
  if (place !== "path" && place !== "query") return false;
  const plan = tool.request.parameters.find((each) => each.key === key);
  const types = place === "path" ? rules.pathTypes : rules.queryTypes;
  const style = place === "path" ? "simple" : "form";
  return (
    isRecord(schema) &&
    types.includes(String(schema["type"])) &&
    (plan === undefined || plan.style === style) &&
    (place === "path" || WIRE_NAME.test(name ?? ""))
  );
}

function canSendBody(
  tool: Tool,
  schemas: JsonSchema,
  rules: SplitRules,
): boolean {
  const inputs = tool.inputs.filter((input) => input.in === "body");
  const { body } = tool.request;
  const isPlain = inputs.every(({ key }) => {
    const schema = schemas[key];
    return isRecord(schema) && LITERALS.includes(String(schema["type"]));
  });
  return (
    BODY_METHODS.includes(tool.operation.method) &&
    inputs.every(({ name }) => name !== null && WIRE_NAME.test(name)) &&
    (body === undefined ||
      isJson(body.mediaType) ||
      (rules.takesForms && isForm(body.mediaType) && isPlain))
  );
}

/** Every place in the path has its argument. */
function hasAllPlaces({ operation, inputs }: Tool): boolean {
  return [...operation.path.matchAll(/\{([^{}]*)\}/g)].every(([, name]) =>
    inputs.some((input) => input.in === "path" && input.name === name),
  );
}

/** Places in the address are called by the argument's key. */
function renamePlaces(url: string, inputs: ToolInput[]): string {
  const keys = new Map(
    inputs.flatMap(({ in: place, key, name }) =>
      place === "path" ? [[name, key] as const] : [],
    ),
  );
  return url.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
    const key = keys.get(name);
    return key === undefined ? whole : `{${key}}`;
  });
}
