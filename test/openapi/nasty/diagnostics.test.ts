import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { compile } from "../../../openapi/index.ts";
import type { Catalog, Diagnostic } from "../../../openapi/index.ts";

const body = (schema: unknown) => ({
  requestBody: { content: { "application/json": { schema } } },
});
const field = (schema: unknown) =>
  body({ type: "object", properties: { here: schema } });
const IN_FIELD =
  "/paths/~1a/post/requestBody/content/application~1json/schema/properties/here";

/** One fault each, in `POST /a`; the pointer's last key is on the line, once in the whole file, as `here` or `spot`. */
const CASES: {
  claim: string;
  operation: unknown;
  more?: object;
  path?: string;
  expected: Pick<Diagnostic, "rule" | "severity" | "pointer">;
  /** The key (or value) that stands on the line. */
  on: string;
}[] = [
  {
    claim: "a dangling reference",
    operation: field({ $ref: "#/components/schemas/Gone" }),
    expected: { rule: "dangling-ref", severity: "error", pointer: IN_FIELD },
    on: "here",
  },
  {
    claim: "a reference that is a circle",
    operation: field({ $ref: "#/components/schemas/spot" }),
    more: {
      components: {
        schemas: {
          spot: { $ref: "#/components/schemas/other" },
          other: { $ref: "#/components/schemas/spot" },
        },
      },
    },
    expected: { rule: "circular-ref", severity: "error", pointer: IN_FIELD },
    on: "here",
  },
  {
    claim: "a file that is not there",
    operation: field({ $ref: "./no-such-file.yaml#/A" }),
    expected: { rule: "external-ref", severity: "error", pointer: IN_FIELD },
    on: "here",
  },
  {
    claim: "a remote document that nobody asked for",
    operation: field({ $ref: "https://127.0.0.1:1/a.yaml#/A" }),
    expected: { rule: "external-ref", severity: "error", pointer: IN_FIELD },
    on: "here",
  },
  {
    claim: "a keyword that is none",
    operation: field({ type: "string", minLength: -1 }),
    expected: {
      rule: "invalid-keyword",
      severity: "warning",
      pointer: `${IN_FIELD}/minLength`,
    },
    on: "minLength",
  },
  {
    claim: "a regular expression of another language",
    operation: field({ type: "string", pattern: "(?i)a" }),
    expected: {
      rule: "invalid-keyword",
      severity: "warning",
      pointer: `${IN_FIELD}/pattern`,
    },
    on: "pattern",
  },
  {
    claim: "a path parameter that nobody declares",
    path: "/a/{spot}",
    operation: {},
    expected: {
      rule: "undeclared-path-parameter",
      severity: "warning",
      pointer: "/paths/~1a~1{spot}/post",
    },
    on: "post",
  },
  {
    claim: "a path parameter that the path has no place for",
    operation: {
      parameters: [{ name: "nowhere", in: "path", required: true, schema: {} }],
    },
    expected: {
      rule: "unused-path-parameter",
      severity: "warning",
      pointer: "/paths/~1a/post/parameters/0/schema",
    },
    on: "schema",
  },
  {
    claim: "a parameter without a place",
    operation: { parameters: [{ in: "nowhere" }] },
    expected: {
      rule: "invalid-parameter",
      severity: "error",
      pointer: "/paths/~1a/post/parameters/0",
    },
    on: "in",
  },
  {
    claim: "a style that its place has not",
    operation: {
      parameters: [{ name: "q", in: "query", style: "matrix", schema: {} }],
    },
    expected: {
      rule: "unknown-style",
      severity: "warning",
      pointer: "/paths/~1a/post/parameters/0/style",
    },
    on: "style",
  },
  {
    claim: "a security scheme of an unknown kind",
    operation: {},
    more: { components: { securitySchemes: { spot: { type: "magic" } } } },
    expected: {
      rule: "unknown-security-scheme",
      severity: "warning",
      pointer: "/components/securitySchemes/spot",
    },
    on: "spot",
  },
  {
    claim: "an operation that is no object",
    operation: 7,
    expected: {
      rule: "invalid-operation",
      severity: "error",
      pointer: "/paths/~1a/post",
    },
    on: "post",
  },
  {
    claim: "a path without its slash",
    path: "spot",
    operation: {},
    expected: {
      rule: "invalid-path",
      severity: "error",
      pointer: "/paths/spot",
    },
    on: "spot",
  },
  {
    claim: "a limit of x-tool that is none",
    operation: { "x-tool": { timeoutMs: -1 } },
    expected: {
      rule: "invalid-x-tool",
      severity: "warning",
      pointer: "/paths/~1a/post/x-tool/timeoutMs",
    },
    on: "timeoutMs",
  },
  {
    claim: "a body of XML, which is written as text",
    operation: {
      requestBody: {
        content: { "application/xml": { schema: { type: "object" } } },
      },
    },
    expected: {
      rule: "body-as-text",
      severity: "info",
      pointer: "/paths/~1a/post/requestBody/content/application~1xml/schema",
    },
    on: "schema",
  },
];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "faults-"));
});

const WRITERS: Record<string, (document: object) => string> = {
  yaml: (document) => stringify(document, { lineWidth: 0 }),
  json: (document) => JSON.stringify(document, null, 2),
  "one-line.json": (document) => JSON.stringify(document),
};

/** The line (from 1) on which a key stands; the key is there once. */
function lineOf(text: string, key: string): number {
  const lines = text.split("\n");
  const found = lines.flatMap((line, index) =>
    new RegExp(`(^|[\\s"{,-])${key}"?:`).test(line) ? [index + 1] : [],
  );
  expect(found).toHaveLength(1);
  return found[0] as number;
}

describe.each(Object.keys(WRITERS))("in %s, names file and line of", (kind) => {
  test.each(CASES)("$claim", async (each) => {
    const { operation, more, path = "/a", expected, on } = each;
    const document = {
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: { [path]: { post: operation } },
      ...more,
    };
    const text = (WRITERS[kind] as (value: object) => string)(document);
    const file = join(folder, `${CASES.indexOf(each)}.${kind}`);
    await writeFile(file, text);
    const { diagnostics } = await compile(file);
    expect(diagnostics).toMatchObject([
      { ...expected, file, message: expect.any(String) },
    ]);
    // An entry of a list begins at its brace, in JSON one line above its first key.
    const isEntry = /\/\d+$/.test(expected.pointer) && kind === "json";
    const line = lineOf(text, on) - (isEntry ? 1 : 0);
    expect(diagnostics[0]?.line).toBe(line);
  });
});

async function compileText(name: string, text: string): Promise<Catalog> {
  const file = join(folder, name);
  await writeFile(file, text);
  return compile(file);
}

describe("a document that is odd as a file", () => {
  const HEAD = ["openapi: 3.1.0", "info: { title: T, version: '1' }", "paths:"];

  test("may have a key twice: the last one counts, and is told with its line", async () => {
    const { tools, diagnostics } = await compileText(
      "twice.yaml",
      [
        ...HEAD,
        "  /a:",
        "    get: { operationId: first }",
        "    get: { operationId: last }",
      ].join("\n"),
    );
    expect(tools.map(({ name }) => name)).toEqual(["last"]);
    expect(diagnostics).toMatchObject([
      {
        rule: "duplicate-key",
        severity: "warning",
        pointer: "/paths/~1a/get",
        line: 6,
      },
    ]);
  });

  test("may have a key twice in JSON, where the last one counts too", async () => {
    const { tools } = await compileText(
      "twice.json",
      '{"openapi":"3.1.0","paths":{"/a":{"get":{"operationId":"first"},"get":{"operationId":"last"}}}}',
    );
    expect(tools.map(({ name }) => name)).toEqual(["last"]);
  });

  test.each([
    ["bom.yaml", [...HEAD, "  /a: { get: { operationId: a } }"].join("\n")],
    [
      "bom.json",
      '{"openapi":"3.1.0","paths":{"/a":{"get":{"operationId":"a"}}}}',
    ],
    [
      "crlf.yaml",
      [...HEAD, "  /a:", "    get: { operationId: a }"].join("\r\n"),
    ],
    [
      "directive.yaml",
      [
        "%YAML 1.2",
        "---",
        ...HEAD,
        "  /a: { get: { operationId: a } }",
        "...",
      ].join("\n"),
    ],
    [
      "old.yaml",
      ["%YAML 1.1", "---", ...HEAD, "  /a: { get: { operationId: a } }"].join(
        "\n",
      ),
    ],
    [
      "tabs.json",
      '{\t"openapi": "3.1.0",\r\n\t"paths": {"/a": {"get": {"operationId": "a"}}}}\n\n',
    ],
    [
      "comma.json",
      '{"openapi":"3.1.0", // a comment is no JSON\n"paths":{"/a":{"get":{"operationId":"a"}}}}'.replace(
        /\/\/.*\n/,
        "\n",
      ),
    ],
  ])(
    "may begin with a byte order mark or end its lines in another way: %s",
    async (name, text) => {
      const { tools } = await compileText(name, `\uFEFF${text}`);
      expect(tools.map((tool) => tool.name)).toEqual(["a"]);
    },
  );

  test("keeps dates, words such as yes and sixty-based numbers as they are in JSON", async () => {
    const { tools } = await compileText(
      "dates.yaml",
      [
        ...HEAD,
        "  /a:",
        "    get:",
        "      operationId: 2026-11-21",
        "      tags: [yes, 12:30:00]",
        "      parameters:",
        "        - { name: on, in: query, schema: { type: string, default: 2026-11-21T10:00:00Z, enum: [2026-11-21T10:00:00Z, off] } }",
      ].join("\n"),
    );
    expect(tools[0]).toMatchObject({
      name: "_2026_11_21",
      operation: { id: "2026-11-21", tags: ["yes", "12:30:00"] },
      parameters: {
        properties: {
          on: {
            default: "2026-11-21T10:00:00Z",
            enum: ["2026-11-21T10:00:00Z", "off"],
          },
        },
      },
    });
  });

  test("may be a parsed object with dates in it", async () => {
    const when = new Date("2026-11-21T10:00:00Z");
    const catalog = await compile({
      openapi: "3.1.0",
      paths: {
        "/a": {
          get: {
            operationId: "a",
            parameters: [
              {
                name: "q",
                in: "query",
                schema: { default: when, examples: [when] },
              },
              {
                name: "r",
                in: "query",
                example: when,
                schema: { type: "string" },
              },
            ],
          },
        },
      },
    });
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
    expect(catalog.tools[0]?.parameters["properties"]).toEqual({
      q: { default: when.toISOString(), examples: [when.toISOString()] },
      r: { type: "string", examples: [when.toISOString()] },
    });
  });

  test.each([
    ["no paths", { openapi: "3.1.0", info: { title: "T", version: "1" } }, []],
    [
      "paths that are null",
      { openapi: "3.1.0", paths: null },
      ["invalid-paths"],
    ],
    [
      "paths that are a list",
      { openapi: "3.1.0", paths: [] },
      ["invalid-paths"],
    ],
    ["no version", { paths: {} }, ["unsupported-version"]],
    [
      "a version of the future",
      { openapi: "4.0.0", paths: {} },
      ["unsupported-version"],
    ],
    ["Swagger 1", { swaggerVersion: "1.2", apis: [] }, ["unsupported-version"]],
    ["only webhooks", { openapi: "3.1.0", webhooks: { a: { post: {} } } }, []],
    ["nothing", {}, ["unsupported-version"]],
  ])("may have %s: no tools, and the reason", async (_, document, rules) => {
    const { tools, diagnostics } = await compile(document);
    expect(tools).toEqual([]);
    expect(diagnostics.map(({ rule }) => rule)).toEqual(rules);
  });

  test.each(["3.0", "3.0.4", "3.1", "3.1.2", "3.2.0", 3.1])(
    "may say that it is OpenAPI %s",
    async (openapi) => {
      const { tools } = await compile({
        openapi,
        paths: { "/a": { get: {} } },
      });
      expect(tools).toHaveLength(1);
    },
  );

  test.each([
    ["empty.yaml", ""],
    ["text.yaml", "just a text"],
    ["list.yaml", "- openapi: 3.1.0"],
    ["broken.json", '{"openapi": "3.1.0", "paths": {'],
    ["broken.yaml", "openapi: 3.1.0\npaths: {a: [}\n"],
    ["tab.yaml", "openapi: 3.1.0\npaths:\n\t/a: {}\n"],
    ["null.json", "null"],
    ["binary.yaml", "\u0000\u0001\u0002"],
    ["twodocuments.yaml", "openapi: 3.1.0\n---\nopenapi: 3.1.0\n"],
  ])(
    "is refused in words when there is no document in it: %s",
    async (name, text) => {
      await expect(compileText(name, text)).rejects.toMatchObject({
        name: "DocumentError",
        code: "ERR_DOCUMENT",
        message: expect.stringContaining(name),
      });
    },
  );

  test("is refused in words when it is not there", async () => {
    await expect(compile(join(folder, "nothing.yaml"))).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
    });
    await expect(compile(folder)).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
    });
  });

  test("names the line of what is broken", async () => {
    await expect(
      compileText("line.yaml", "openapi: 3.1.0\npaths:\n  /a: [\n"),
    ).rejects.toThrow(/line [34]/);
    await expect(
      compileText("line.json", '{\n"openapi": "3.1.0",\n"paths": {,}\n}'),
    ).rejects.toThrow(/line 3/);
  });
});
