import { compile } from "../../openapi/index.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";
import { compare } from "./completeness.ts";
import { listCatalogFaults, listToolFaults } from "./faults.ts";
import { readOperations } from "./reader.ts";

/** Small, and with something of everything that the examination looks at. */
const DOCUMENT = {
  openapi: "3.0.3",
  info: { title: "Planted", version: "1" },
  paths: {
    "/rooms/{room}": {
      parameters: [
        {
          name: "room",
          in: "path",
          required: true,
          schema: { type: "string" },
        },
        { name: "page", in: "query", schema: { type: "integer" } },
        { name: "key", in: "query", schema: { type: "string" } },
      ],
      post: {
        operationId: "change",
        requestBody: {
          content: {
            "application/json": {
              schema: { $ref: "#/components/schemas/Room" },
            },
          },
        },
        responses: {},
      },
    },
  },
  components: {
    securitySchemes: { key: { type: "apiKey", in: "query", name: "key" } },
    schemas: {
      Door: {
        type: "object",
        properties: {
          width: { type: "number" },
          locks: {
            type: "array",
            items: { $ref: "#/components/schemas/Lock" },
          },
        },
      },
      Lock: { type: "object", properties: { code: { type: "string" } } },
      Room: {
        type: "object",
        properties: {
          // Fields, although their names are words of OpenAPI.
          nullable: { type: "boolean" },
          example: { type: "string" },
          id: { type: "string", readOnly: true },
        },
        allOf: [{ properties: { beds: { type: "integer", nullable: true } } }],
        anyOf: [
          { properties: { door: { $ref: "#/components/schemas/Door" } } },
        ],
      },
    },
  },
};

type Spoil = (tool: Tool, catalog: Catalog) => void;

const withInput =
  (place: "query" | "body", name: string): Spoil =>
  (tool) => {
    tool.inputs.push({ key: name, in: place, name });
    property(tool, name, {});
  };
const without =
  (name: string): Spoil =>
  (tool) => {
    tool.inputs = tool.inputs.filter((input) => input.name !== name);
    delete properties(tool)[name];
  };

const SPOILT: Record<string, Spoil> = {
  "a path parameter is gone": without("room"),
  "a query parameter is gone": without("page"),
  "a body field is gone": without("nullable"),
  "a field of an allOf branch is gone": without("beds"),
  "a field of an anyOf branch is gone": without("door"),
  "a field of a field is gone": (tool) =>
    property(tool, "door", { properties: { locks: lock("code") } }),
  "a field of a list's items is gone": (tool) =>
    property(tool, "door", {
      properties: { width: {}, locks: lock("colour") },
    }),
  "an argument has no schema": (tool) => delete properties(tool)["page"],
  "a parameter is made up": withInput("query", "colour"),
  "a body field is made up": withInput("body", "colour"),
  "a read-only field is offered": withInput("body", "id"),
  "a credential is offered": withInput("query", "key"),
  "the body is gone": (tool) => delete tool.request.body,
  "the tool is gone": (_, catalog) => catalog.tools.pop(),
  "a tool is there twice": (tool, catalog) =>
    catalog.tools.push({ ...tool, name: tool.name.toUpperCase() }),
  "an OpenAPI word is left deep inside": (tool) =>
    property(tool, "page", { items: { anyOf: [{ nullable: true }] } }),
  "a reference leads nowhere": (tool) =>
    property(tool, "page", { $ref: "#/$defs/Nobody" }),
  "a keyword has a wrong value": (tool) =>
    property(tool, "page", { type: "integr" }),
  "a pattern is none": (tool) => property(tool, "page", { pattern: "(" }),
  "the root has a choice": (tool) => (tool.parameters["anyOf"] = [{}]),
  "the root is a list": (tool) => (tool.parameters["type"] = "array"),
  "a name is none": (tool) => (tool.name = "change room"),
  "something is no plain JSON": (tool) =>
    property(tool, "page", { default: undefined }),
};

function lock(field: string): object {
  return { items: { properties: { [field]: {} } } };
}

function properties(tool: Tool): Record<string, unknown> {
  return tool.parameters["properties"] as Record<string, unknown>;
}

function property(tool: Tool, name: string, schema: object): void {
  properties(tool)[name] = schema;
}

/** Spoils a good catalog in every way above; whoever is not noticed is returned, and so is a false alarm. */
export async function listMissed(): Promise<string[]> {
  const reads = readOperations({ file: "", value: DOCUMENT });
  const good = await compile(DOCUMENT);
  const examine = (catalog: Catalog) => [
    ...compare(reads, catalog).map(({ what }) => what),
    ...catalog.tools.flatMap(listToolFaults),
    ...listCatalogFaults(catalog),
  ];
  const alarms = examine(good).map((what) => `false alarm: ${what}`);
  const missed = Object.entries(SPOILT).filter(([, spoil]) => {
    const catalog = structuredClone(good);
    spoil(catalog.tools[0] as Tool, catalog);
    return examine(catalog).length === alarms.length;
  });
  return [...alarms, ...missed.map(([what]) => what)];
}

export const plantedCount = Object.keys(SPOILT).length;
