import { compile } from "../../../openapi/index.ts";
import type { Catalog, JsonSchema, Tool } from "../../../openapi/index.ts";

export const CODE = { type: "string", maxLength: 10 };

/** What a schema becomes as the field `it` of a body, beside components of its document. */
export async function convert(
  version: string,
  schema: unknown,
  schemas: object = { Code: CODE },
): Promise<{ it: unknown; defs: unknown; tool: Tool; catalog: Catalog }> {
  const catalog = await compile(
    toDocument(
      version,
      { type: "object", properties: { it: schema } },
      schemas,
    ),
  );
  const tool = catalog.tools[0] as Tool;
  const { properties, $defs } = tool.parameters;
  return { it: (properties as JsonSchema)["it"], defs: $defs, tool, catalog };
}

/** A document whose `POST /a` has a body of this schema. */
export function toDocument(
  version: string,
  schema: unknown,
  schemas: object = {},
): object {
  const info = { title: "T", version: "1" };
  const responses = { 200: { description: "OK" } };
  if (version === "2.0")
    return {
      swagger: "2.0",
      info,
      definitions: schemas,
      paths: {
        "/a": {
          post: {
            operationId: "a",
            parameters: [{ name: "b", in: "body", required: true, schema }],
            responses,
          },
        },
      },
    };
  return {
    openapi: `${version}.0`,
    info,
    components: { schemas },
    paths: {
      "/a": {
        post: {
          operationId: "a",
          requestBody: {
            required: true,
            content: { "application/json": { schema } },
          },
          responses,
        },
      },
    },
  };
}

export function ref(version: string, name: string): { $ref: string } {
  return {
    $ref:
      version === "2.0"
        ? `#/definitions/${name}`
        : `#/components/schemas/${name}`,
  };
}
