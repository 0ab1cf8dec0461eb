import { isRecord } from "../../json.ts";
import {
  at,
  fieldFaults,
  oneOfFaults,
  urlFaults,
  visitSchemas,
} from "./check.ts";

// Rules for requests with typed path, query and body, which ElevenLabs and Cartesia have in common.

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const LITERALS = ["string", "integer", "number", "boolean"];
const LITERAL_WORDS = [
  "type",
  "description",
  "enum",
  "dynamic_variable",
  "constant_value",
  "is_omitted",
  "is_system_provided",
];
const LIST_WORDS = ["type", "description", "items"];
const OBJECT_WORDS = ["type", "description", "properties", "required"];

export interface RequestRules {
  fields: readonly string[];
  protocols: readonly string[];
  pathTypes: readonly string[];
}

export function requestFaults(request: unknown, rules: RequestRules): string[] {
  const url = at(request, "url");
  const address =
    typeof url === "string" ? url.replaceAll(/\{[A-Za-z0-9_.-]+\}/g, "x") : url;
  const query = at(request, "query_params_schema");
  const body = at(request, "request_body_schema");
  return [
    ...fieldFaults("api_schema", request, rules.fields),
    ...urlFaults("url", address, rules.protocols),
    ...oneOfFaults("method", at(request, "method"), METHODS),
    ...pathFaults(url, at(request, "path_params_schema"), rules.pathTypes),
    ...(query === undefined ? [] : queryFaults(query)),
    ...(body === undefined ? [] : bodyFaults(body, at(request, "method"))),
  ];
}

function pathFaults(
  url: unknown,
  path: unknown,
  types: readonly string[],
): string[] {
  const places = [...String(url).matchAll(/\{([^{}]*)\}/g)].map(
    ([, name]) => name,
  );
  const entries = Object.entries(isRecord(path) ? path : {});
  return [
    ...places
      .filter((name) => !entries.some(([key]) => key === name))
      .map((name) => `no schema for {${name}} in url`),
    ...entries.flatMap(([key, schema]) => [
      ...(places.includes(key)
        ? []
        : [`path_params_schema: no {${key}} in url`]),
      ...literalFaults(`path_params_schema.${key}`, schema, types),
    ]),
  ];
}

function queryFaults(query: unknown): string[] {
  const properties = at(query, "properties");
  return [
    ...fieldFaults("query_params_schema", query, ["properties", "required"]),
    ...(isRecord(properties) ? [] : ["query_params_schema has no properties"]),
    ...Object.entries(isRecord(properties) ? properties : {}).flatMap(
      ([key, schema]) =>
        literalFaults(`query_params_schema.${key}`, schema, LITERALS),
    ),
    ...requiredFaults("query_params_schema", query),
  ];
}

function bodyFaults(body: unknown, method: unknown): string[] {
  const faults = oneOfFaults("the method of a body", method, [
    "POST",
    "PUT",
    "PATCH",
  ]);
  if (at(body, "type") !== "object")
    faults.push("request_body_schema is no object");
  visitSchemas(body, (schema, place) => {
    const name = `request_body_schema${place}`;
    const type = at(schema, "type");
    if (type === "object")
      faults.push(
        ...fieldFaults(name, schema, OBJECT_WORDS),
        ...requiredFaults(name, schema),
      );
    else if (type === "array") {
      faults.push(...fieldFaults(name, schema, LIST_WORDS));
      if (!isRecord(at(schema, "items")))
        faults.push(`${name}: a list without items`);
    } else faults.push(...literalFaults(name, schema, LITERALS));
  });
  return faults;
}

/** A value that the model gives by its description, or that is fixed. */
function literalFaults(
  place: string,
  schema: unknown,
  types: readonly string[],
): string[] {
  const values = at(schema, "enum") ?? [];
  const isGiven = [
    "description",
    "dynamic_variable",
    "constant_value",
    "is_omitted",
    "is_system_provided",
  ].some((word) => at(schema, word) !== undefined);
  return [
    ...fieldFaults(place, schema, LITERAL_WORDS),
    ...oneOfFaults(`${place}.type`, at(schema, "type"), types),
    ...(isGiven ? [] : [`${place} has neither a description nor a value`]),
    ...(Array.isArray(values) &&
    values.every((value) => typeof value === "string")
      ? []
      : [`${place}: enum of other values than texts`]),
  ];
}

function requiredFaults(place: string, schema: unknown): string[] {
  const required = at(schema, "required") ?? [];
  if (!Array.isArray(required)) return [`${place}: required is no list`];
  return required
    .filter((key) => at(schema, "properties", String(key)) === undefined)
    .map((key) => `${place}: ${String(key)} is required and unknown`);
}
