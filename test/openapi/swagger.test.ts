import { describe, expect, test } from "@jest/globals";
import { compile, toHttpRequest } from "../../openapi/index.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";

/** A Swagger 2.0 document with one operation, `POST /a` unless the path says otherwise. */
function swagger(
  operation: object,
  {
    path = "/a",
    method = "post",
    ...more
  }: { path?: string; method?: string; [word: string]: unknown } = {},
): Promise<Catalog> {
  return compile({
    swagger: "2.0",
    info: { title: "T", version: "1" },
    host: "api.example.com",
    ...more,
    paths: { [path]: { [method]: { operationId: "a", ...operation } } },
  });
}

async function tool(...given: Parameters<typeof swagger>): Promise<Tool> {
  const { tools } = await swagger(...given);
  expect(tools).toHaveLength(1);
  return tools[0] as Tool;
}

const strings = { type: "array", items: { type: "string" } };

describe("servers", () => {
  test.each([
    [
      "host and basePath",
      { basePath: "/v1", schemes: ["https"] },
      ["https://api.example.com/v1"],
    ],
    ["no scheme", {}, ["https://api.example.com"]],
    [
      "https before http",
      { schemes: ["http", "https"] },
      ["https://api.example.com", "http://api.example.com"],
    ],
    [
      "web sockets, which no tool call speaks",
      { schemes: ["wss", "ws", "http"] },
      ["http://api.example.com"],
    ],
    [
      "a basePath that is just a slash",
      { basePath: "/" },
      ["https://api.example.com"],
    ],
    [
      "a basePath without its slash",
      { basePath: "v1" },
      ["https://api.example.com/v1"],
    ],
    ["schemes but no host", { host: undefined, schemes: ["https"] }, []],
    [
      "no host but a basePath",
      { host: undefined, schemes: ["https"], basePath: "/v1" },
      ["/v1"],
    ],
    [
      "a host with a port",
      { host: "localhost:8080", schemes: ["http"] },
      ["http://localhost:8080"],
    ],
  ])("from %s", async (_, more, servers) => {
    expect((await tool({}, more)).request.servers).toEqual(servers);
  });

  test("an operation's own schemes win", async () => {
    const { request } = await tool(
      { schemes: ["http"] },
      { schemes: ["https"] },
    );
    expect(request.servers).toEqual(["http://api.example.com"]);
  });
});

describe("collectionFormat", () => {
  test.each([
    [undefined, "form", false, "a=1,2"],
    ["csv", "form", false, "a=1,2"],
    ["ssv", "spaceDelimited", false, "a=1%202"],
    ["tsv", "tabDelimited", false, "a=1%092"],
    ["pipes", "pipeDelimited", false, "a=1%7C2"],
    ["multi", "form", true, "a=1&a=2"],
  ])("%s is the style %s", async (collectionFormat, style, explode, query) => {
    const one = await tool(
      {
        parameters: [
          {
            name: "a",
            in: "query",
            ...strings,
            ...(collectionFormat ? { collectionFormat } : {}),
          },
        ],
      },
      { method: "get" },
    );
    expect(one.request.parameters).toEqual([
      { key: "a", in: "query", name: "a", style, explode },
    ]);
    expect(one.parameters["properties"]).toEqual({ a: strings });
    const { url } = toHttpRequest(one, { a: ["1", "2"] });
    expect(url).toBe(`https://api.example.com/a?${query}`);
  });

  test.each([
    ["path", "/a/{a}"],
    ["header", "/a"],
  ])("of a %s has no form to repeat", async (place, path) => {
    const { request } = await tool(
      {
        parameters: [
          {
            name: "a",
            in: place,
            required: true,
            ...strings,
            collectionFormat: "multi",
          },
        ],
      },
      { path },
    );
    expect(request.parameters).toEqual([
      { key: "a", in: place, name: "a", style: "simple", explode: false },
    ]);
  });
});

describe("formData", () => {
  const name = {
    name: "name",
    in: "formData",
    type: "string",
    required: true,
    description: "who",
  };
  const file = { name: "file", in: "formData", type: "file" };

  test.each([
    [
      "no file, nothing consumed",
      [name],
      {},
      "application/x-www-form-urlencoded",
    ],
    [
      "no file, while the document consumes JSON",
      [name],
      { consumes: ["application/json"] },
      "application/x-www-form-urlencoded",
    ],
    [
      "no file, while multipart is consumed",
      [name],
      { consumes: ["multipart/form-data"] },
      "multipart/form-data",
    ],
    ["a file", [name, file], {}, "multipart/form-data"],
    [
      "a file, whatever is consumed",
      [name, file],
      { consumes: ["application/x-www-form-urlencoded"] },
      "multipart/form-data",
    ],
  ])("with %s", async (_, parameters, more, mediaType) => {
    const one = await tool({ parameters }, more);
    expect(one.request.body).toMatchObject({ mediaType, required: true });
    expect(one.request.body?.files).toEqual(
      parameters.includes(file as never) ? ["file"] : undefined,
    );
    expect(one.parameters).toMatchObject({
      properties: { name: { type: "string", description: "who" } },
      required: ["name"],
    });
    expect(one.inputs.every((input) => input.in === "body")).toBe(true);
  });

  test("has the words of its schema in 2020-12, and its lists in their format", async () => {
    const one = await tool({
      parameters: [
        {
          name: "age",
          in: "formData",
          type: "integer",
          minimum: 0,
          exclusiveMinimum: true,
          "x-nullable": true,
        },
        { name: "tags", in: "formData", ...strings, collectionFormat: "multi" },
        {
          name: "codes",
          in: "formData",
          ...strings,
          collectionFormat: "pipes",
        },
      ],
    });
    expect(one.parameters).toEqual({
      type: "object",
      properties: {
        age: { type: ["integer", "null"], exclusiveMinimum: 0 },
        tags: strings,
        codes: strings,
      },
    });
    expect(one.request.body?.encoding).toEqual({
      tags: { style: "form", explode: true },
      codes: { style: "pipeDelimited", explode: false },
    });
    const { body } = toHttpRequest(one, {
      age: 1,
      tags: ["a", "b"],
      codes: ["c", "d"],
    });
    expect(Buffer.from(body as Uint8Array).toString()).toBe(
      "age=1&tags=a&tags=b&codes=c%7Cd",
    );
  });

  test("may be called as an inherited name", async () => {
    const one = await tool({
      parameters: [
        { ...name, name: "__proto__" },
        { ...name, name: "constructor" },
      ],
    });
    expect(one.inputs).toEqual([
      { key: "__proto__", in: "body", name: "__proto__" },
      { key: "constructor", in: "body", name: "constructor" },
    ]);
    expect(one.parameters["required"]).toEqual(["__proto__", "constructor"]);
  });
});

describe("a body", () => {
  const schema = {
    type: "object",
    required: ["a"],
    properties: { a: { type: "string" } },
  };

  test.each([
    ["nothing consumed", {}, "application/json"],
    [
      "JSON among others",
      { consumes: ["application/xml", "application/json"] },
      "application/json",
    ],
    [
      "vendor JSON among others",
      { consumes: ["application/xml", "application/vnd.a+json"] },
      "application/vnd.a+json",
    ],
    [
      "JSON with a parameter",
      { consumes: ["application/json; charset=utf-8"] },
      "application/json; charset=utf-8",
    ],
    ["an empty list", { consumes: [] }, "application/json"],
  ])("with %s", async (_, more, mediaType) => {
    const one = await tool(
      {
        parameters: [{ name: "whatever", in: "body", required: true, schema }],
      },
      more,
    );
    expect(one.request.body).toMatchObject({ mediaType, required: true });
    expect(one.inputs).toEqual([{ key: "a", in: "body", name: "a" }]);
    expect(one.parameters["required"]).toEqual(["a"]);
  });

  test("an operation's own consumes wins", async () => {
    const one = await tool(
      {
        consumes: ["application/x-www-form-urlencoded"],
        parameters: [{ name: "b", in: "body", required: true, schema }],
      },
      { consumes: ["application/json"] },
    );
    expect(one.request.body?.mediaType).toBe(
      "application/x-www-form-urlencoded",
    );
  });

  test("that is optional asks for its fields as soon as there is one", async () => {
    const one = await tool({ parameters: [{ name: "b", in: "body", schema }] });
    expect(one.parameters["required"]).toBeUndefined();
    expect(one.request.body).toMatchObject({ required: false, needs: ["a"] });
  });

  test("without a schema is one argument", async () => {
    const one = await tool({
      parameters: [{ name: "b", in: "body", required: true }],
    });
    expect(one.inputs).toEqual([{ key: "body", in: "body", name: null }]);
    expect(one.parameters).toEqual({
      type: "object",
      properties: { body: {} },
      required: ["body"],
    });
  });
});

describe("references", () => {
  test("to parameters, bodies and responses are followed", async () => {
    const Thing = { type: "object", properties: { id: { type: "integer" } } };
    const one = await tool(
      {
        parameters: [
          { $ref: "#/parameters/Id" },
          { $ref: "#/parameters/Body" },
        ],
        responses: { 200: { $ref: "#/responses/Thing" } },
      },
      {
        path: "/a/{id}",
        parameters: {
          Id: {
            name: "id",
            in: "path",
            required: true,
            type: "string",
            format: "uuid",
          },
          Body: {
            name: "thing",
            in: "body",
            required: true,
            schema: { $ref: "#/definitions/Thing" },
          },
        },
        responses: {
          Thing: { description: "OK", schema: { $ref: "#/definitions/Thing" } },
        },
        definitions: { Thing },
      },
    );
    expect(one.inputs).toEqual([
      { key: "id", in: "path", name: "id" },
      { key: "body_id", in: "body", name: "id" },
    ]);
    expect(one.parameters).toEqual({
      type: "object",
      properties: {
        id: { type: "string", format: "uuid" },
        body_id: { type: "integer" },
      },
      required: ["id"],
    });
    expect(one.output).toEqual({ $ref: "#/$defs/Thing", $defs: { Thing } });
  });

  test("of a path's parameters are followed, and an operation's own replaces its path's", async () => {
    const { tools } = await compile({
      swagger: "2.0",
      host: "h.example.com",
      parameters: { Page: { name: "page", in: "query", type: "integer" } },
      paths: {
        "/a": {
          parameters: [
            { $ref: "#/parameters/Page" },
            { name: "q", in: "query", type: "string" },
          ],
          get: {
            parameters: [
              {
                name: "q",
                in: "query",
                required: true,
                type: "string",
                maxLength: 3,
              },
            ],
          },
        },
      },
    });
    expect(tools[0]?.parameters).toEqual({
      type: "object",
      properties: {
        page: { type: "integer" },
        q: { type: "string", maxLength: 3 },
      },
      required: ["q"],
    });
  });
});

describe("security", () => {
  test("keys, basic and OAuth are the caller's, not the model's", async () => {
    const one = await tool(
      {
        parameters: [
          { name: "X-Key", in: "header", type: "string", required: true },
          { name: "key", in: "query", type: "string", required: true },
          { name: "X-Other", in: "header", type: "string" },
        ],
        security: [
          { header: [] },
          { query: [], user: [] },
          { oauth: ["read"] },
        ],
      },
      {
        securityDefinitions: {
          header: { type: "apiKey", in: "header", name: "x-key" },
          query: { type: "apiKey", in: "query", name: "key" },
          user: { type: "basic" },
          oauth: { type: "oauth2", flow: "implicit" },
        },
      },
    );
    expect(one.inputs).toEqual([
      { key: "X_Other", in: "header", name: "X-Other" },
    ]);
    const send = (credentials: Record<string, string>) => {
      const { url, headers } = toHttpRequest(one, {}, { credentials });
      return {
        url,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name.toLowerCase(),
            value,
          ]),
        ),
      };
    };
    expect(send({ header: "s" }).headers).toMatchObject({ "x-key": "s" });
    expect(send({ query: "s", user: "a:b" })).toMatchObject({
      url: "https://api.example.com/a?key=s",
      headers: { authorization: "Basic YTpi" },
    });
    expect(send({ oauth: "t" }).headers).toMatchObject({
      authorization: "Bearer t",
    });
    expect(send({ query: "s" }).url).toBe("https://api.example.com/a");
  });
});

test("callbacks of Swagger's time, default answers and odd words cost nothing", async () => {
  const { tools, diagnostics } = await swagger(
    {
      deprecated: true,
      produces: ["text/plain"],
      responses: {
        default: { description: "any" },
        404: { description: "none" },
      },
      "x-callbacks": { a: { post: {} } },
    },
    {
      definitions: null,
      securityDefinitions: null,
      parameters: null,
      "x-vendor": [],
    },
  );
  expect(tools).toMatchObject([{ name: "a", operation: { deprecated: true } }]);
  expect(tools[0]?.output).toBeUndefined();
  expect(diagnostics).toEqual([]);
});
