import { afterEach, describe, expect, test } from "@jest/globals";
import {
  checkArguments,
  compile,
  createCaller,
  lint,
  toHttpRequest,
} from "../../openapi/index.ts";
import type { Tool } from "../../openapi/index.ts";
import { closeServers, startServer } from "../support/server.ts";
import { createTool } from "./arguments-tool.ts";

afterEach(closeServers);

const THEN = "then"; // an object that has it as a literal looks like a promise
const withWord = (schema: object, word: string, value: object) => ({
  ...schema,
  if: { required: ["k"] },
  [word]: value,
});

// What testers who knew only the contract found, and what else is of its kind.

async function compileBody(
  schema: object,
  more: { required?: boolean; mediaType?: string; schemas?: object } = {},
): Promise<Tool> {
  const { required = true, mediaType = "application/json", schemas } = more;
  const { tools } = await compile({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    servers: [{ url: "https://api.example.com" }],
    paths: {
      "/a": {
        post: {
          operationId: "a",
          requestBody: { required, content: { [mediaType]: { schema } } },
        },
      },
    },
    components: { schemas: schemas ?? {} },
  });
  return tools[0] as Tool;
}

describe("nulls of a strict form", () => {
  const open = (...keys: string[]) => ({
    type: "object",
    properties: Object.fromEntries(
      keys.map((key) => [key, { type: "string" }]),
    ),
  });
  const choice = { anyOf: [open("a", "b"), open("c", "d")] };
  const cases: [string, object, unknown, unknown][] = [
    ["beside an open branch", choice, { a: "1", b: null }, { a: "1" }],
    ["in a list", { type: "array", items: choice }, [{ c: null }], [{}]],
    [
      "beside allOf",
      { allOf: [open("a")], ...choice },
      { a: "1", d: null },
      { a: "1" },
    ],
    [
      "under a condition",
      withWord(open("k"), THEN, open("b")),
      { k: "x", b: null },
      { k: "x" },
    ],
    [
      "in an object of an object",
      { ...open("a"), properties: { o: choice } },
      { o: { a: null, b: "2" } },
      { o: { b: "2" } },
    ],
  ];
  test.each(cases)("%s are left out", async (_, schema, given, sent) => {
    const v = schema;
    const tool = await compileBody({ type: "object", properties: { v } });
    for (const repair of [true, false])
      expect(checkArguments(tool, { v: given }, { repair })).toEqual({
        ok: true,
        arguments: { v: sent },
        repairs: [],
      });
  });

  test("stay where a branch takes them, where nobody declares them, and where they are required", async () => {
    const nullable = { properties: { b: { type: ["string", "null"] } } };
    const v = { type: "object", anyOf: [open("a", "b"), nullable] };
    const tool = await compileBody({ type: "object", properties: { v } });
    for (const given of [{ b: null }, { z: null }])
      expect(checkArguments(tool, { v: given })).toMatchObject({
        arguments: { v: given },
      });
    const needed = createTool({
      properties: { a: { type: "string" } },
      required: ["a"],
    });
    expect(checkArguments(needed, { a: null })).toMatchObject({ ok: false });
  });
});

describe("a body that is one argument", () => {
  const map = { type: "object", additionalProperties: { type: "integer" } };
  test.each([
    [map, { x: 1 }, { x: 1 }],
    [map, { arguments: { x: 1 } }, { x: 1 }],
    [map, '{"x":1}', { x: 1 }],
    [{ type: "object" }, { x: "y" }, { x: "y" }],
    [{ type: "array", items: { type: "integer" } }, [1, 2], [1, 2]],
  ])("%j takes %j as itself", async (schema, given, body) => {
    for (const required of [true, false]) {
      const tool = await compileBody(schema, { required });
      const result = checkArguments(tool, given);
      expect(result).toMatchObject({ ok: true, arguments: { body } });
      expect(result.ok && result.repairs.map(({ rule }) => rule)).toContain(
        "whole-body",
      );
    }
  });

  test("is not thrown away: a write of which nothing is left is refused", async () => {
    const schema = { type: "object", properties: { s: { type: "string" } } };
    const tool = await compileBody(schema, { required: false });
    expect(checkArguments(tool, { data: { s: "x" } })).toMatchObject({
      arguments: { s: "x" },
    });
    expect(checkArguments(tool, { data: { other: "x" } })).toMatchObject({
      ok: false,
      problems: [{ path: "data", expected: "only s" }],
    });
    expect(checkArguments(tool, { other: 1 })).toMatchObject({ ok: true });
  });

  test("a wrapper of an open body is opened where it holds nothing but arguments", async () => {
    const tool = await compileBody({
      type: "object",
      properties: { a: { type: "integer" } },
      additionalProperties: true,
    });
    expect(checkArguments(tool, { arguments: { a: 1 } })).toMatchObject({
      arguments: { a: 1 },
    });
    const other = { arguments: { b: 1 } };
    expect(checkArguments(tool, other)).toMatchObject({ arguments: other });
  });

  test("of a media type that says JSON goes before one that says nothing", async () => {
    const { tools } = await compile({
      openapi: "3.0.0",
      info: { title: "T", version: "1" },
      paths: {
        "/a": {
          post: {
            requestBody: {
              content: {
                "*/*": { schema: { type: "string", format: "binary" } },
                "application/create.extended+json": {
                  schema: { properties: { content: { type: "string" } } },
                },
              },
            },
          },
        },
      },
    });
    expect(tools[0]?.inputs).toEqual([
      { key: "content", in: "body", name: "content" },
    ]);
  });

  test("a text that was cut off is told so", () => {
    const tool = createTool({
      properties: { a: { type: "integer" }, b: { type: "boolean" } },
    });
    expect(checkArguments(tool, '{"a":1')).toMatchObject({
      problems: [{ expected: "object, as JSON that is whole and not cut off" }],
    });
    expect(checkArguments(tool, '{"b":true')).toMatchObject({
      arguments: { b: true },
    });
  });
});

describe("schemas", () => {
  test.each(["then", "else", "dependentSchemas"])(
    "fields under %s are arguments",
    async (word) => {
      const z = { properties: { z: { type: "string" } } };
      const tool = await compileBody({
        type: "object",
        properties: { a: { type: "integer" } },
        if: { required: ["a"] },
        [word]: word === "dependentSchemas" ? { a: z } : z,
      });
      expect(tool.inputs.map(({ name }) => name)).toEqual(["a", "z"]);
      expect(tool.parameters["required"]).toBeUndefined();
    },
  );

  test.each([3, 6, 12])(
    "a clique of %i schemas that all extend each other ends",
    async (count) => {
      const refs = Array.from({ length: count }, (_, index) => ({
        $ref: `#/components/schemas/C${index}`,
      }));
      const schemas = Object.fromEntries(
        refs.map((__, index) => [
          `C${index}`,
          {
            allOf: [
              { type: "object", properties: { [`p${index}`]: {} } },
              ...refs,
            ],
          },
        ]),
      );
      const field = await compileBody(
        { type: "object", properties: { q: refs[0] } },
        { schemas },
      );
      expect(JSON.stringify(field.parameters)).toContain(`p${count - 1}`);
      const root = await compileBody(refs[0] as object, { schemas });
      expect(root.inputs).toHaveLength(count);
    },
  );

  test("Azure's own word for a form's value goes before the form's name", async () => {
    const Step = {
      type: "object",
      required: ["type"],
      properties: { type: { type: "string" } },
      discriminator: {
        propertyName: "type",
        mapping: { DockerStep: "#/components/schemas/DockerStep" },
      },
    };
    const DockerStep = {
      "x-ms-discriminator-value": "Docker",
      allOf: [{ $ref: "#/components/schemas/Step" }],
    };
    const tool = await compileBody(
      { $ref: "#/components/schemas/Step" },
      { schemas: { Step, DockerStep } },
    );
    expect(tool.parameters["properties"]).toMatchObject({
      type: { enum: ["Docker", "Step"] },
    });
  });

  test("a closed object does not ask for what it does not take", async () => {
    const inner = {
      type: "object",
      additionalProperties: false,
      required: ["gone", "a"],
      properties: { a: { type: "string" } },
    };
    const tool = await compileBody({
      type: "object",
      properties: { inner },
    });
    expect(checkArguments(tool, { inner: { a: "x" } })).toMatchObject({
      ok: true,
    });
    expect(checkArguments(tool, { inner: {} })).toMatchObject({ ok: false });
  });

  test("a version that YAML reads as a number is a text", async () => {
    const { version } = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: 1.5 },
      paths: {},
    });
    expect(version).toBe("1.5");
  });

  test("a pattern that names nothing is told, a list that is none refused", async () => {
    const document = {
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: { "/a": { get: { operationId: "a" } } },
    };
    const { tools, diagnostics } = await compile(document, {
      include: ["get /a", "nobody"],
    });
    expect(tools).toHaveLength(1);
    expect(diagnostics).toMatchObject(
      [{ rule: "unmatched-pattern", message: /^include: .* nobody/ }].map(
        (each) => ({
          ...each,
          message: expect.stringMatching(each.message) as unknown,
        }),
      ),
    );
    await expect(
      compile(document, { include: "a" as unknown as string[] }),
    ).rejects.toThrow("include: expected a list");
    await expect(
      compile(document, { budget: "x" as unknown as number }),
    ).rejects.toThrow("budget: expected a number");
  });
});

describe("the schema of an answer", () => {
  const document = (schema: object) => ({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: {
      "/a": {
        get: {
          operationId: "a",
          summary: "Says something of use.",
          responses: {
            "200": {
              description: "fine",
              content: { "application/json": { schema } },
            },
          },
        },
      },
    },
  });

  test("is made when it is read; a reference that leads nowhere is told before", async () => {
    const { diagnostics } = await compile(document({ $ref: "#/nowhere" }));
    expect(diagnostics).toMatchObject([{ rule: "dangling-ref" }]);
    const odd = document({ type: "object", minProperties: "many" });
    const catalog = await compile(odd);
    expect(catalog.diagnostics).toEqual([]);
    const [tool] = catalog.tools;
    expect(tool?.output).toEqual({ type: "object" });
    expect(tool?.output).toBe(tool?.output);
    expect(catalog.diagnostics).toMatchObject([{ rule: "invalid-keyword" }]);
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
    expect((await lint(odd)).map(({ rule }) => rule)).toContain(
      "invalid-keyword",
    );
  });
});

describe("values that hold what separates them", () => {
  const cases: [string, string, boolean, unknown][] = [
    ["query", "pipeDelimited", false, ["a|b", "c"]],
    ["query", "spaceDelimited", false, ["a b", "c"]],
    ["path", "label", true, ["a.b"]],
    ["header", "simple", false, ["a,b", "c"]],
  ];
  test.each(cases)(
    "in %s as %s are refused",
    async (place, style, explode, value) => {
      const { tools } = await compile({
        openapi: "3.1.0",
        info: { title: "T", version: "1" },
        servers: [{ url: "https://api.example.com" }],
        paths: {
          [place === "path" ? "/{v}" : "/v"]: {
            get: {
              parameters: [
                {
                  name: "v",
                  in: place,
                  required: true,
                  style,
                  explode,
                  schema: { type: "array" },
                },
              ],
            },
          },
        },
      });
      const tool = tools[0] as Tool;
      expect(() => toHttpRequest(tool, { v: value })).toThrow(
        "which separates them",
      );
      expect(() => toHttpRequest(tool, { v: ["a", "b"] })).not.toThrow();
    },
  );

  test.each(["ssv", "tsv", "pipes"])(
    "Swagger's %s separates in a path and a header too",
    async (collectionFormat) => {
      const sign = { ssv: " ", tsv: "\t", pipes: "|" }[collectionFormat] ?? "";
      const parameter = (place: string) => ({
        name: place,
        in: place,
        required: true,
        type: "array",
        items: { type: "string" },
        collectionFormat,
      });
      const { tools } = await compile({
        swagger: "2.0",
        info: { title: "T", version: "1" },
        host: "api.example.com",
        paths: {
          "/{path}": { get: { parameters: ["path", "header"].map(parameter) } },
        },
      });
      const args = { path: ["a", "b"], header: ["c", "d"] };
      const { url, headers } = toHttpRequest(tools[0] as Tool, args);
      expect(url).toBe(`https://api.example.com/a${encodeURIComponent(sign)}b`);
      expect(headers).toMatchObject({ header: `c${sign}d` });
    },
  );
});

describe("answers", () => {
  async function callWith(status: number, type: string, body: string | Buffer) {
    const { url: baseUrl } = await startServer((_req, res) => {
      res.writeHead(status, { "content-type": type }).end(body);
    });
    const catalog = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: { "/a": { get: { operationId: "a" } } },
    });
    const call = { name: "a", arguments: {}, callId: "CA1", toolUseId: "t" };
    return createCaller({ catalog, baseUrl })(call);
  }

  const json = "application/json";
  test.each([
    [
      { detail: [{ loc: ["body", "date"], msg: "field required" }] },
      "body.date: field required",
    ],
    [{ message: ["a must be int", "b missing"] }, "a must be int; b missing"],
    [{ errors: { date: ["is bad"] } }, "date: is bad"],
    [{ errors: [{ field: "date", message: "bad" }] }, "date: bad"],
    [[{ message: "x" }], "x"],
    ["just text", "just text"],
    [{ error: "Bad", message: "no day" }, "Bad: no day"],
  ])("the words of %j reach the model", async (body, words) => {
    expect(await callWith(400, json, JSON.stringify(body))).toMatchObject({
      ok: false,
      message: `The service answered with status 400. It said: ${words}`,
    });
  });

  test("a text of 4xx is words, a page and a trace are none", async () => {
    const said = "The service answered with status";
    expect(
      await callWith(422, "text/plain", "date must be in the future"),
    ).toMatchObject({
      message: `${said} 422. It said: date must be in the future`,
    });
    expect(await callWith(404, "text/html", "<h1>No</h1>")).toMatchObject({
      message: `${said} 404.`,
    });
    expect(await callWith(500, "text/plain", "Error at x")).toMatchObject({
      message: `${said} 500.`,
    });
  });

  test("what is too deep to be written again, or no text, is a fault", async () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    expect(await callWith(200, json, deep)).toMatchObject({
      ok: false,
      code: "bad_response",
    });
    expect(
      await callWith(200, "image/png", Buffer.from([137, 80, 78, 71])),
    ).toMatchObject({
      ok: false,
      message: "The answer was image/png, which is neither JSON nor text.",
    });
  });
});
