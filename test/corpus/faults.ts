import { isDeepStrictEqual } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { emit, targetNames } from "../../openapi/index.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";
import { listSchemas, pointsSomewhere } from "./schemas.ts";

const GATEWAY = "https://gateway.example.com";
const SERVER = "https://api.example.com";

/** Words of OpenAPI's dialects that a JSON Schema 2020-12 of arguments has no use for. */
const FOREIGN = [
  "nullable",
  "example",
  "discriminator",
  "xml",
  "externalDocs",
  "readOnly",
  "collectionFormat",
  "allowEmptyValue",
  "definitions",
  "id",
  "$recursiveAnchor",
  "$recursiveRef",
];

const ajv = addFormats.default(
  new Ajv2020({ strict: false, logger: false, allErrors: false }),
);

/** What is wrong with a tool taken by itself, whatever document it comes from. */
export function listToolFaults(tool: Tool): string[] {
  const { parameters } = tool;
  return [
    ...listNameFaults(tool),
    ...listRootFaults(tool),
    ...listSchemas(parameters).flatMap(({ schema, where }) => [
      ...Object.keys(schema)
        .filter((word) => FOREIGN.includes(word) || word.startsWith("x-"))
        .map((word) => `${where}: ${word} is no word of JSON Schema 2020-12`),
      ...(schema["type"] === "file" ? [`${where}: type file`] : []),
    ]),
    ...listReferenceFaults(parameters, "parameters"),
    ...listReferenceFaults(tool.output ?? {}, "output"),
    ...compileFaults(parameters),
    ...(ajv.validateSchema(tool.output ?? {}) === true
      ? []
      : [`output: ${ajv.errorsText()}`]),
  ];
}

function listNameFaults({ name, inputs, parameters }: Tool): string[] {
  const keys = Object.keys(parameters["properties"] ?? {});
  const unfit = [name, ...keys].filter(
    (word) => !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(word),
  );
  const given = inputs.map(({ key }) => key).sort();
  return [
    ...unfit.map((word) => `${JSON.stringify(word)} is no name`),
    ...(isDeepStrictEqual(given, keys.sort())
      ? []
      : [`inputs ${given.join()} are not properties ${keys.join()}`]),
  ];
}

function listRootFaults({ parameters }: Tool): string[] {
  const words = ["oneOf", "anyOf", "allOf", "not", "enum", "$ref"].filter(
    (word) => Object.hasOwn(parameters, word),
  );
  return [
    ...words.map((word) => `${word} at the root`),
    ...(parameters["type"] === "object" ? [] : ["the root is no object"]),
  ];
}

function listReferenceFaults(root: object, what: string): string[] {
  return listSchemas(root).flatMap(({ schema, where }) => {
    const { $ref } = schema;
    if ($ref === undefined || pointsSomewhere(root, $ref)) return [];
    return [`${what}${where}: ${JSON.stringify($ref)} leads nowhere`];
  });
}

function compileFaults(schema: object): string[] {
  try {
    ajv.compile(schema);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    ajv.removeSchema(schema);
  }
}

/** What is wrong with a catalog: as data, in its names, and at each target. */
export function listCatalogFaults(catalog: Catalog): string[] {
  const names = new Set(catalog.tools.map(({ name }) => name.toLowerCase()));
  const copy: unknown = JSON.parse(JSON.stringify(catalog));
  return [
    ...(names.size === catalog.tools.length ? [] : ["two tools share a name"]),
    ...(isDeepStrictEqual(copy, catalog)
      ? []
      : ["the catalog changes when it is stored and read back"]),
    ...targetNames.flatMap((target) => {
      const { tools, names, diagnostics } = emit(catalog, target, {
        server: SERVER,
        gateway: GATEWAY,
        headers: {},
      });
      const broken = diagnostics
        .filter(
          ({ severity, rule }) =>
            severity === "error" || rule === `${target}-rule`,
        )
        .map(({ rule, message }) => `${target}: ${rule}: ${message}`);
      const emitted = new Set(Object.keys(names).map((n) => n.toLowerCase()));
      return [
        ...broken,
        ...(tools.length === catalog.tools.length
          ? []
          : [
              `${target}: ${tools.length} of ${catalog.tools.length} tools are emitted`,
            ]),
        ...(emitted.size === tools.length
          ? []
          : [`${target}: two emitted tools share a name`]),
      ];
    }),
  ];
}
