import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { compile, emit, targetNames } from "../../../openapi/index.ts";
import type { Catalog, Tool } from "../../../openapi/index.ts";

type Schema = Record<string, unknown>;

function document(schema: unknown, more: object = {}): Schema {
  return {
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: {
      "/a": {
        post: {
          operationId: "a",
          requestBody: {
            required: true,
            content: { "application/json": { schema } },
          },
        },
      },
      "/b": { get: { operationId: "other" } },
    },
    ...more,
  };
}

const oneField = (field: unknown, more: object = {}) =>
  document(
    { type: "object", properties: { it: field, kept: { type: "string" } } },
    more,
  );

function components(schemas: Record<string, unknown>): object {
  return { components: { schemas } };
}

const to = (name: string) => ({ $ref: `#/components/schemas/${name}` });

async function write(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "limits-")), name);
  await writeFile(file, text);
  return file;
}

/** Compiles before the runner gives up; nothing that is said of it is a stack that ran over. */
async function compileInTime(source: string | object): Promise<Catalog> {
  const catalog = await compile(source);
  expect(JSON.stringify(catalog.diagnostics)).not.toMatch(
    /call stack|recursion/i,
  );
  expect(catalog.diagnostics.map(({ rule }) => rule)).not.toContain(
    "operation-failed",
  );
  return catalog;
}

function nest(depth: number, wrap: (inner: Schema) => Schema): Schema {
  let schema: Schema = { type: "string" };
  for (let level = 0; level < depth; level++) schema = wrap(schema);
  return schema;
}

/** s0 leads to s1, that to s2, and the last is an object with the field `end`. */
function chain(
  length: number,
  link: (next: Schema) => Schema,
): Record<string, unknown> {
  const links = Array.from({ length }, (_, index): [string, Schema] => [
    `s${index}`,
    link(to(`s${index + 1}`)),
  ]);
  return Object.fromEntries([
    ...links,
    [`s${length}`, { type: "object", properties: { end: { type: "string" } } }],
  ]);
}

function expectUsable({ tools }: Catalog, names = ["a", "other"]): void {
  expect(tools.map(({ name }) => name)).toEqual(names);
  for (const { parameters } of tools)
    expect(() =>
      new Ajv2020({ strict: false, logger: false }).compile(parameters),
    ).not.toThrow();
}

describe("ten thousand levels", () => {
  const DEPTH = 10_000;
  const wraps: [string, (inner: Schema) => Schema][] = [
    ["properties", (inner) => ({ type: "object", properties: { a: inner } })],
    ["items", (inner) => ({ type: "array", items: inner })],
    [
      "additionalProperties",
      (inner) => ({ type: "object", additionalProperties: inner }),
    ],
    ["allOf", (inner) => ({ allOf: [inner] })],
    ["anyOf", (inner) => ({ anyOf: [inner, { type: "null" }] })],
    ["oneOf", (inner) => ({ oneOf: [inner] })],
    ["not", (inner) => ({ not: inner })],
  ];

  test.each(wraps)(
    "of %s in a field are cut, and said to be",
    async (_, wrap) => {
      const catalog = await compileInTime(oneField(nest(DEPTH, wrap)));
      expectUsable(catalog);
      expect(catalog.tools[0]?.inputs.map(({ name }) => name)).toEqual([
        "it",
        "kept",
      ]);
      expect(catalog.diagnostics.map(({ rule }) => rule)).toContain(
        "schema-too-large",
      );
    },
  );

  test.each(wraps)(
    "of %s at the root of a body cost no operation",
    async (_, wrap) => {
      const catalog = await compileInTime(document(nest(DEPTH, wrap)));
      expectUsable(catalog);
      expect(catalog.diagnostics.map(({ rule }) => rule)).toContain(
        "schema-too-large",
      );
    },
  );

  test("in a JSON file are told with their line", async () => {
    // JSON.stringify would itself need the stack.
    const open = '{"type":"object","properties":{"a":\n'.repeat(DEPTH);
    const text = JSON.stringify(oneField("HERE")).replace(
      '"HERE"',
      `${open}{}${"}}".repeat(DEPTH)}`,
    );
    const file = await write("deep.json", text);
    const catalog = await compileInTime(file);
    expectUsable(catalog);
    const [finding] = catalog.diagnostics;
    expect(finding).toMatchObject({ rule: "schema-too-large", file });
    const levels = finding?.pointer.split("/properties/a").length ?? 0;
    expect(finding?.line).toBe(levels - 1);
  });

  test.each<[string, (depth: number) => string]>([
    ["flow maps", (depth) => `x: ${"{a: ".repeat(depth)}1${"}".repeat(depth)}`],
    ["flow lists", (depth) => `x: ${"[".repeat(depth)}${"]".repeat(depth)}`],
    [
      "both, over lines",
      (depth) => `x: ${"[\n {a: ".repeat(depth)}1${"}]".repeat(depth)}`,
    ],
    ["lists on one line", (depth) => `x:\n  ${"- ".repeat(depth)}a`],
    ["keys on one line", (depth) => `x:\n  ${"? ".repeat(depth)}a`],
    ["lists and keys on one line", (depth) => `x:\n  ${"- ? ".repeat(depth)}a`],
    [
      "block maps",
      (depth) =>
        [
          "x:",
          ...Array.from(
            { length: depth },
            (_, level) => `${" ".repeat(level + 1)}a:`,
          ),
        ].join("\n"),
    ],
    [
      "block lists",
      (depth) =>
        [
          "x:",
          ...Array.from(
            { length: depth },
            (_, level) => `${" ".repeat(level + 1)}-`,
          ),
        ].join("\n"),
    ],
    ["brackets that nobody closes", (depth) => `x: ${"[".repeat(depth)}`],
    [
      "tags and anchors",
      (depth) => `x: ${"!a &b [".repeat(depth)}${"]".repeat(depth)}`,
    ],
  ])("of YAML's %s are handled or refused in words", async (_, body) => {
    const head =
      "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: { /a: { get: { operationId: a } } }\n";
    const deep = await compile(
      await write("deep.yaml", head + body(DEPTH)),
    ).then(
      ({ tools }) => `${tools.length} tools`,
      (error: unknown) => String(error),
    );
    expect(deep).toMatch(
      /^1 tools$|DocumentError.*nested deeper than \d+ levels/,
    );
    // What honest documents have is read, other than brackets left open.
    if (!body(2).endsWith("[")) {
      const { tools } = await compile(
        await write("flat.yaml", head + body(60)),
      );
      expect(tools).toHaveLength(1);
    }
  });

  test("brackets and indentation inside of texts are no levels", async () => {
    const brackets = "[{(".repeat(2000);
    const text = [
      "openapi: 3.1.0",
      "info: { title: T, version: '1' }",
      "paths:",
      "  /a:",
      "    get:",
      "      operationId: a",
      `      summary: "${brackets}"`,
      "      description: |",
      ...Array.from(
        { length: 700 },
        (_, level) => `        ${" ".repeat(level)}- a: [`,
      ),
      `      # ${brackets}`,
    ].join("\n");
    const { tools } = await compileInTime(await write("texts.yaml", text));
    expect(tools[0]?.description).toContain(brackets);
  });
});

describe("ten thousand references in a row", () => {
  test("of nothing else are followed", async () => {
    const catalog = await compileInTime(
      oneField(to("s0"), components(chain(10_000, (next) => next))),
    );
    expectUsable(catalog);
    expect(catalog.diagnostics).toEqual([]);
    expect(JSON.stringify(catalog.tools[0]?.parameters)).toContain('"end"');
    expect(JSON.stringify(catalog.tools[0]).length).toBeLessThan(5000);
  });

  test("of nothing else, in a circle, are said to be one", async () => {
    const { s10000: _, ...links } = chain(10_000, (next) => next);
    const catalog = await compileInTime(
      oneField(to("s0"), components({ ...links, s10000: to("s5000") })),
    );
    expectUsable(catalog);
    expect(catalog.diagnostics).toMatchObject([{ rule: "circular-ref" }]);
  });

  test.each<[string, (next: Schema) => Schema]>([
    ["allOf", (next) => ({ allOf: [next] })],
    ["anyOf", (next) => ({ anyOf: [next, { type: "null" }] })],
  ])("of %s cost no operation, in a field or at the root", async (_, link) => {
    const more = components(chain(10_000, link));
    for (const source of [oneField(to("s0"), more), document(to("s0"), more)]) {
      const { tools } = await compileInTime(source);
      expect(tools.map(({ name }) => name)).toEqual(["a", "other"]);
    }
  });

  test("of a hundred levels of allOf at the root keep the last one's field", async () => {
    const more = components(chain(100, (next) => ({ allOf: [next] })));
    const { tools, diagnostics } = await compileInTime(
      document(to("s0"), more),
    );
    expect(tools[0]?.inputs.map(({ name }) => name)).toEqual(["end"]);
    expect(diagnostics).toEqual([]);
  });

  test("through the middle of each other cost no operation", async () => {
    const links = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `s${index}`,
        { $ref: `#/components/schemas/s${index + 1}/properties/a` },
      ]),
    );
    expectUsable(await compileInTime(oneField(to("s0"), components(links))));
  });

  test("of properties are carried along or cut", async () => {
    const more = components(
      chain(10_000, (next) => ({ type: "object", properties: { next } })),
    );
    const { tools } = await compileInTime(oneField(to("s0"), more));
    expect(tools).toHaveLength(2);
  });
});

describe("what doubles at every level", () => {
  test("by references is converted once", async () => {
    const more = components(
      chain(60, (next) => ({
        type: "object",
        properties: { a: next, b: next },
      })),
    );
    const catalog = await compileInTime(oneField(to("s0"), more));
    expectUsable(catalog);
    expect(JSON.stringify(catalog.tools[0]).length).toBeLessThan(20_000);
    expect(catalog.diagnostics).toEqual([]);
  });

  test.each<[string, (next: Schema) => Schema]>([
    ["allOf", (next) => ({ allOf: [next, next] })],
    ["oneOf", (next) => ({ oneOf: [next, { ...next }] })],
  ])("by %s at the root keeps the field at its end", async (_, link) => {
    const { tools } = await compileInTime(
      document(to("s0"), components(chain(40, link))),
    );
    expect(tools[0]?.inputs.map(({ name }) => name)).toContain("end");
  });

  test("by objects that a program shares costs no operation", async () => {
    const shared = nest(60, (inner) => ({
      type: "object",
      properties: { a: inner, b: inner },
    }));
    const { tools } = await compileInTime(oneField(shared));
    expect(tools.map(({ name }) => name)).toEqual(["a", "other"]);
    expect(JSON.stringify(tools[0]).length).toBeLessThan(10_000_000);
  });

  test.each([
    ["lists", (name: string) => `[${Array(10).fill(name).join(", ")}]`],
    ["maps", (name: string) => `{ l: ${name}, r: ${name}, m: ${name} }`],
    [
      "schemas",
      (name: string) =>
        `{ type: object, properties: { a: ${name}, b: ${name}, c: ${name} } }`,
    ],
  ])("by YAML's aliases of %s is refused in words", async (_, wrap) => {
    const lines = Array.from(
      { length: 20 },
      (__, level) => `x-${level + 1}: &x${level + 1} ${wrap(`*x${level}`)}`,
    );
    const text = [
      "openapi: 3.1.0",
      "x-0: &x0 { a: 1 }",
      ...lines,
      "paths: { /a: { post: { requestBody: { content: { application/json: { schema: *x20 } } } } } }",
    ].join("\n");
    await expect(compile(await write("bomb.yaml", text))).rejects.toMatchObject(
      { code: "ERR_DOCUMENT", message: expect.stringMatching(/alias/i) },
    );
  });

  test("an anchor that many use is no bomb", async () => {
    const uses = Array.from(
      { length: 3000 },
      (_, index) =>
        `  /p${index}: { get: { operationId: op${index}, parameters: *shared } }`,
    );
    const text = [
      "openapi: 3.1.0",
      "x-shared: &shared [{ name: page, in: query, schema: { type: integer } }, { name: q, in: query, schema: { type: string } }]",
      "paths:",
      ...uses,
    ].join("\n");
    const { tools } = await compileInTime(await write("anchors.yaml", text));
    expect(tools).toHaveLength(3000);
    expect(tools[2999]?.inputs).toHaveLength(2);
  });
});

describe("a program's objects that contain themselves", () => {
  const own = (): Schema & { properties: Schema } => ({
    type: "object",
    properties: { a: { type: "string" } },
  });
  const makers: [string, () => Schema][] = [
    [
      "properties",
      () => {
        const schema = own();
        schema.properties["self"] = schema;
        return schema;
      },
    ],
    [
      "items",
      () => {
        const schema = own();
        schema.properties["list"] = { type: "array", items: schema };
        return schema;
      },
    ],
    [
      "additionalProperties",
      () => {
        const schema = own();
        schema["additionalProperties"] = schema;
        return schema;
      },
    ],
    [
      "allOf",
      () => {
        const schema: Schema = own();
        schema["allOf"] = [schema];
        return schema;
      },
    ],
    [
      "oneOf",
      () => {
        const schema: Schema = own();
        schema["oneOf"] = [schema, { type: "object" }];
        return schema;
      },
    ],
    [
      "allOf of another",
      () => {
        const schema: Schema = own();
        schema["allOf"] = [{ properties: { b: {} }, allOf: [schema] }];
        return schema;
      },
    ],
    [
      "example, default and enum",
      () => {
        const schema: Schema = own();
        Object.assign(schema, {
          example: schema,
          default: schema,
          enum: [schema, "a"],
        });
        return schema;
      },
    ],
    [
      "required, type and description",
      () => {
        const schema: Schema = own();
        Object.assign(schema, {
          required: [schema],
          type: ["object", schema],
          description: schema,
          "x-own": schema,
        });
        return schema;
      },
    ],
  ];
  const places = makers.flatMap(([where, make]) => [
    { where, source: () => document(make()), place: "at the root" },
    { where, source: () => oneField(make()), place: "in a field" },
  ]);

  test.each(places)(
    "by $where, $place, cost no operation and give plain JSON",
    async ({ source }) => {
      const catalog = await compileInTime(source());
      expectUsable(catalog);
      expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
      const validate = new Ajv2020({ strict: false, logger: false }).compile(
        (catalog.tools[0] as Tool).parameters,
      );
      expect(() => validate({ it: { a: "x" }, a: "x" })).not.toThrow();
    },
  );

  test("in operations, parameters, answers and the document itself do as little", async () => {
    const parameter: Schema = {
      name: "q",
      in: "query",
      schema: { type: "string" },
    };
    Object.assign(parameter, {
      example: parameter,
      examples: { a: { value: parameter } },
    });
    const operation: Schema = { operationId: "a", parameters: [parameter] };
    const list: unknown[] = [];
    list.push(list);
    Object.assign(operation, {
      "x-tool": { filler: [operation], maxCalls: operation, timeoutMs: list },
      tags: list,
      responses: { 200: { content: { "application/json": operation } } },
    });
    const source = document({});
    Object.assign(source, {
      paths: {
        "/a": { post: operation, get: list, put: { parameters: list } },
      },
      components: source,
      servers: [source],
      security: list,
      info: source,
    });
    const catalog = await compileInTime(source);
    expectUsable(catalog, ["a", "put_a"]);
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
    expect(catalog.diagnostics.map(({ rule }) => rule)).toContain(
      "invalid-operation",
    );
  });

  test("and what JSON has no word for is left out or written as text", async () => {
    const schema = {
      type: "object",
      properties: {
        big: { type: "integer", maximum: 10n, example: 10n, minLength: 10n },
        none: { type: "string", default: undefined, enum: [undefined, "a"] },
        code: { type: "string", example: () => 1, default: Symbol("a") },
        map: { type: "object", example: new Map([["a", 1]]) },
        when: { type: "string", example: new Date(0), default: new Date(NaN) },
        number: {
          type: "number",
          enum: [NaN, 1],
          example: -0,
          const: Infinity,
        },
      },
    };
    const catalog = await compileInTime(document(schema));
    expectUsable(catalog);
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
    expect(catalog.tools[0]?.inputs.map(({ name }) => name)).toEqual(
      Object.keys(schema.properties),
    );
  });
});

describe("large schemas", () => {
  const sources: [string, object][] = [
    [
      "an enum of 1,500",
      oneField({
        type: "string",
        enum: Array.from({ length: 1500 }, (_, index) => `choice-${index}`),
      }),
    ],
    [
      "238 thousand characters",
      oneField(
        Object.fromEntries([
          ["type", "object"],
          [
            "properties",
            Object.fromEntries(
              Array.from({ length: 2000 }, (_, index) => [
                `field_${index}`,
                {
                  type: "string",
                  maxLength: index + 1,
                  description: `The field with the number ${index}, which says little that nobody would guess`,
                },
              ]),
            ),
          ],
        ]),
      ),
    ],
    [
      "fifteen levels",
      oneField(
        nest(15, (inner) => ({
          type: "object",
          required: ["a"],
          properties: { a: inner },
        })),
      ),
    ],
    [
      "three hundred arguments",
      document({
        type: "object",
        properties: Object.fromEntries(
          Array.from({ length: 300 }, (_, index) => [
            `field_${index}`,
            { type: "integer" },
          ]),
        ),
      }),
    ],
  ];

  test.each(sources)(
    "of %s are whole in the tool, and break no target's rule",
    async (_, source) => {
      const catalog = await compileInTime(source);
      expectUsable(catalog);
      expect(catalog.diagnostics).toEqual([]);
      expect(JSON.stringify(catalog.tools[0]).length).toBeGreaterThan(500);
      for (const target of targetNames) {
        const { diagnostics } = emit(catalog, target, {
          server: "https://api.example.com",
          gateway: "https://gateway.example.com",
        });
        expect([
          target,
          diagnostics.filter(({ rule }) => rule === `${target}-rule`),
        ]).toEqual([target, []]);
      }
    },
  );
});

describe("thirteen megabytes", () => {
  const COUNT = 2000;
  const SIZE = 13 * 1024 * 1024;
  const filler = "All that a person could want to know of it. ".repeat(
    Math.ceil(SIZE / COUNT / 44),
  );
  const operation = (index: number) => ({
    operationId: `get${index}`,
    summary: `Gets ${index}`,
    "x-notes": filler,
    parameters: [
      {
        name: "id",
        in: "path",
        required: true,
        schema: { $ref: `#/components/schemas/S${index}` },
      },
    ],
  });

  test("of JSON are read, and a fault at their end is told with its line", async () => {
    const paths = Object.fromEntries(
      Array.from({ length: COUNT }, (_, index) => [
        `/things/${index}/{id}`,
        { get: operation(index) },
      ]),
    );
    const schemas = Object.fromEntries(
      Array.from({ length: COUNT }, (_, index) => [
        `S${index}`,
        { type: "string", maxLength: index === COUNT - 1 ? -1 : 9 },
      ]),
    );
    const text = JSON.stringify(
      {
        openapi: "3.1.0",
        info: { title: "T", version: "1" },
        paths,
        components: { schemas },
      },
      null,
      1,
    );
    expect(text.length).toBeGreaterThan(SIZE);
    const { tools, diagnostics } = await compileInTime(
      await write("big.json", text),
    );
    expect(tools).toHaveLength(COUNT);
    const line = text
      .slice(0, text.indexOf('"maxLength": -1'))
      .split("\n").length;
    expect(diagnostics).toMatchObject([{ rule: "invalid-keyword", line }]);
  });

  test("of YAML are read, and a fault at their end is told with its line", async () => {
    const lines = [
      "openapi: 3.1.0",
      "info: { title: T, version: '1' }",
      "paths:",
    ];
    for (let index = 0; index < COUNT; index++)
      lines.push(
        `  /things/${index}/{id}:`,
        "    get:",
        `      operationId: get${index}`,
        "      x-notes: >-",
        `        ${filler}`,
        "      parameters:",
        `        - { name: id, in: path, required: true, schema: { $ref: "#/components/schemas/S${index}" } }`,
      );
    lines.push("components:", "  schemas:");
    for (let index = 0; index < COUNT; index++)
      lines.push(
        `    S${index}:`,
        "      type: string",
        `      maxLength: ${index === COUNT - 1 ? -1 : 9}`,
      );
    const text = lines.join("\n");
    expect(text.length).toBeGreaterThan(SIZE);
    const { tools, diagnostics } = await compileInTime(
      await write("big.yaml", text),
    );
    expect(tools).toHaveLength(COUNT);
    expect(diagnostics).toMatchObject([
      { rule: "invalid-keyword", line: lines.length },
    ]);
  });
});
