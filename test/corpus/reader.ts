import { readBody } from "./fields.ts";
import type { Mark, ReadBody } from "./fields.ts";
import { at, createFollow, isJson, listAt } from "./references.ts";
import type { Follow, Json, Place } from "./references.ts";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"];

/** One operation as an independent reader of the document sees it. */
export interface Read {
  /** In capitals. */
  method: string;
  path: string;
  /** By place and name: `query page`. */
  parameters: Map<string, Mark>;
  /** By media type; Swagger 2 has one body for all its types, under "". */
  bodies: Map<string, ReadBody>;
}

/** Lists what a document offers, by the rules of Swagger 2.0 and OpenAPI 3.0 to 3.2. Webhooks and callbacks are calls to the client. */
export function readOperations(root: Place & { value: Json }): Read[] {
  const follow = createFollow(root);
  const version = String(root.value["openapi"] ?? root.value["swagger"]);
  const methods = [...METHODS, "trace"].concat(
    version.startsWith("3.2") ? "query" : [],
  );
  const credentials = readCredentials(root, follow);
  const paths = at(root, "paths");
  if (!isJson(paths.value)) return [];
  return Object.keys(paths.value)
    .filter((path) => !path.startsWith("x-"))
    .flatMap((path) => {
      const item = follow(at(paths, path));
      return methods
        .filter((method) => isJson(at(item, method).value))
        .map((method) => {
          const operation = at(item, method);
          const listed = readParameters([item, operation], follow);
          return {
            method: method.toUpperCase(),
            path,
            parameters: markParameters(path, listed, credentials),
            bodies: version.startsWith("2")
              ? readSwaggerBody(listed, follow)
              : readBodies(operation, follow, version),
          };
        });
    });
}

/** The operation's own parameter replaces its path's of the same place and name. */
function readParameters(levels: Place[], follow: Follow): Map<string, Place> {
  const parameters = new Map<string, Place>();
  for (const level of levels)
    for (const entry of listAt(level, "parameters").map(follow)) {
      if (!isJson(entry.value) || typeof entry.value["name"] !== "string")
        continue;
      parameters.set(
        `${String(entry.value["in"])} ${entry.value["name"]}`,
        entry,
      );
    }
  return parameters;
}

function markParameters(
  path: string,
  listed: Map<string, Place>,
  credentials: Set<string>,
): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const key of listed.keys()) {
    const [place = ""] = key.split(" ", 1);
    if (place === "body" || place === "formData") continue;
    const isInPath = path.includes(`{${key.slice("path ".length)}}`);
    const isNeeded = place === "query" || (place === "path" && isInPath);
    marks.set(key, isNeeded ? "needed" : "open");
    if (credentials.has(sameCase(key))) marks.set(key, "denied");
  }
  // Without a value for each name in braces there is no address to call. A query
  // has no place in a path; where one stands there, its names are read both ways.
  const [pathOnly = "", query = ""] = path.split("?", 2);
  for (const name of namesIn(pathOnly)) marks.set(`path ${name}`, "needed");
  for (const name of namesIn(query)) marks.set(`path ${name}`, "open");
  return marks;
}

function namesIn(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name);
}

/** Places and names of API keys: a model never sees them. */
function readCredentials(root: Place, follow: Follow): Set<string> {
  const lists = [
    at(root, "securityDefinitions"),
    at(at(root, "components"), "securitySchemes"),
  ];
  const keys = lists.flatMap((list) =>
    Object.keys(isJson(list.value) ? list.value : {}).flatMap((name) => {
      const { value } = follow(at(list, name));
      return isJson(value) && value["type"] === "apiKey"
        ? [sameCase(`${String(value["in"])} ${String(value["name"])}`)]
        : [];
    }),
  );
  return new Set(keys);
}

function sameCase(key: string): string {
  return key.startsWith("header ") ? key.toLowerCase() : key;
}

function readSwaggerBody(
  listed: Map<string, Place>,
  follow: Follow,
): Map<string, ReadBody> {
  const fields = new Map<string, object>();
  for (const [key, place] of listed) {
    if (key.startsWith("body "))
      return new Map([["", readBody(at(place, "schema"), follow, true)]]);
    if (key.startsWith("formData "))
      fields.set(key.slice("formData ".length), {});
  }
  if (fields.size === 0) return new Map();
  const form = {
    type: "object",
    properties: Object.fromEntries(fields),
    additionalProperties: false,
  };
  return new Map([["", readBody({ file: "", value: form }, follow, true)]]);
}

function readBodies(
  operation: Place,
  follow: Follow,
  version: string,
): Map<string, ReadBody> {
  const content = at(follow(at(operation, "requestBody")), "content");
  const types = Object.keys(isJson(content.value) ? content.value : {});
  return new Map(
    types.map((type) => {
      const schema = at(follow(at(content, type)), "schema");
      return [type, readBody(schema, follow, version.startsWith("3.0"))];
    }),
  );
}
