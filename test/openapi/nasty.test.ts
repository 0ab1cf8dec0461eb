import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { compile, emit, targetNames } from "../../openapi/index.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";
import { compare } from "../corpus/completeness.ts";
import { listToolFaults } from "../corpus/faults.ts";
import { readOperations } from "../corpus/reader.ts";
import { openDocument } from "../corpus/references.ts";

/** Operations that the independent reader does not know, and where it reads otherwise. */
const READ_OTHERWISE: Record<string, string[]> = {
  "nasty.yaml": [
    // Fields of schemas that extend the body's by allOf: it does not know of discriminators.
    "POST /bodies/discriminator/inherited: made up: body doors",
    "POST /bodies/discriminator/inherited: made up: body load",
    "DELETE /refs/item/siblings: no operation",
  ],
  "nasty-3.0.yaml": [],
  "nasty-3.2.yaml": [
    "GET /querystring: made up: query query",
    "COPY /search: no operation",
  ],
  "nasty-2.0.yaml": [
    "POST /animals: made up: body lives",
    "POST /animals: made up: body mane",
  ],
};

const ajv = addFormats.default(new Ajv2020({ strict: false, logger: false }));

function pathOf(name: string): string {
  return fileURLToPath(new URL(`nasty/${name}`, import.meta.url));
}

function identify({ operation: { method, path } }: Tool): string {
  return `${method} ${path}`;
}

function byOperation({ tools }: Catalog): Map<string, string> {
  return new Map(tools.map((tool) => [identify(tool), JSON.stringify(tool)]));
}

type Paths = Record<string, Record<string, unknown>>;

describe.each(Object.keys(READ_OTHERWISE))("%s", (name) => {
  const file = pathOf(name);
  const reads = readOperations(openDocument(file));
  const raw = parse(readFileSync(file, "utf8")) as { paths: Paths };
  const compiled = compile(file);

  test("has a tool for every operation, and for nothing else", async () => {
    const { tools } = await compiled;
    const extra = (READ_OTHERWISE[name] ?? [])
      .filter((line) => line.endsWith(": no operation"))
      .map((line) => line.slice(0, -": no operation".length));
    expect(tools.map(identify).sort()).toEqual(
      [
        ...reads.map(({ method, path }) => `${method} ${path}`),
        ...extra,
      ].sort(),
    );
    expect(tools.map((tool) => tool.operation.id)).not.toContain("calledBack");
    expect(tools.map((tool) => tool.operation.id)).not.toContain(
      "thingCreatedWebhook",
    );
  });

  test("gives tools that are sound by themselves", async () => {
    const faults = (await compiled).tools.flatMap((tool) =>
      listToolFaults(tool).map((fault) => `${tool.name}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  test("gives schemas that ajv compiles, and that end when they are applied", async () => {
    const bad: string[] = [];
    for (const { name: tool, parameters, output } of (await compiled).tools)
      for (const [what, schema] of Object.entries({ parameters, output }))
        try {
          const validate = ajv.compile(schema ?? true);
          for (const value of listValues(parameters)) validate(value);
        } catch (error) {
          bad.push(`${tool} ${what}: ${String(error)}`);
        }
    expect(bad).toEqual([]);
  });

  test("gives names that differ by more than their case", async () => {
    const names = (await compiled).tools.map((tool) => tool.name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  test("has every parameter and every writable field of an independent reading", async () => {
    const losses = compare(reads, await compiled).map(
      ({ operation, what }) => `${operation}: ${what}`,
    );
    expect(losses.sort()).toEqual([...(READ_OTHERWISE[name] ?? [])].sort());
  });

  test.each(targetNames)("breaks no rule of %s", async (target) => {
    const catalog = await compiled;
    const { tools, diagnostics, names } = emit(catalog, target, {
      server: "https://api.example.com",
      gateway: "https://gateway.example.com",
    });
    expect(diagnostics.filter(({ rule }) => rule === `${target}-rule`)).toEqual(
      [],
    );
    expect(tools).toHaveLength(catalog.tools.length);
    expect(Object.values(names).sort()).toEqual(
      catalog.tools.map((tool) => tool.name).sort(),
    );
    expect(JSON.parse(JSON.stringify(tools))).toEqual(tools);
  });

  test("compiles to the same bytes twice", async () => {
    expect(JSON.stringify(await compile(file))).toBe(
      JSON.stringify(await compiled),
    );
  });

  test("is the same when stored and read back", async () => {
    const catalog = await compiled;
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
  });

  test("keeps every tool as it is when an unrelated operation comes before or after", async () => {
    const before = byOperation(await compile(raw));
    const unrelated = {
      get: { operationId: "unrelated", responses: { 200: {} } },
    };
    for (const paths of [
      { "/0": unrelated, ...raw.paths },
      { ...raw.paths, "/zzz": unrelated },
    ]) {
      const after = byOperation(await compile({ ...raw, paths }));
      expect(after.size).toBe(before.size + 1);
      for (const [operation, tool] of before)
        expect([operation, after.get(operation)]).toEqual([operation, tool]);
    }
  });

  test("does not write into the document that it is given", async () => {
    const bytes = JSON.stringify(raw);
    await compile(raw);
    expect(JSON.stringify(raw)).toBe(bytes);
  });
});

/** Values that lead a validator into every argument. */
function listValues({ properties }: Tool["parameters"]): object[] {
  const leaves = ["", 0, null, [], {}, [{}], { a: {} }, { kind: "x" }];
  return leaves.map((leaf) =>
    Object.fromEntries(
      Object.keys(properties as object).map((key) => [key, leaf]),
    ),
  );
}

/** Each finding's line, by a text that stands on it; where that is there more than once, the first below another. */
const FOUND: [rule: string, line: string, below?: string][] = [
  ["circular-ref", "/refs/item/circle:"],
  ["undeclared-path-parameter", "get:", "/undeclared/{missing}:"],
  ["invalid-parameter", "- { in: query, schema: *text }"],
  ["invalid-parameter", "- { name: nowhere"],
  ["invalid-parameter", "- 7"],
  ["dangling-ref", '- { $ref: "#/components/parameters/Gone" }'],
  ["invalid-keyword", "empty: { type: string, enum: [] }"],
  ["body-rule-not-checked", "schema:", "/bodies/patterns:"],
  ["invalid-keyword", "inline: {"],
  ["invalid-keyword", "possessive: {"],
  ["invalid-keyword", "posix: {"],
  ["invalid-keyword", "anchors: {"],
  ["invalid-keyword", "open: {"],
  ["invalid-keyword", "step: {"],
  ["invalid-keyword", "length: {"],
  ["invalid-keyword", "bounds: {"],
  ["invalid-keyword", "infinite: {"],
  ["invalid-keyword", "unknown: {"],
  ["invalid-keyword", "any: { type: any }"],
  ["invalid-keyword", "joined: {"],
  ["invalid-keyword", "none: {"],
  ["dangling-ref", "gone: {"],
  ["dangling-ref", '"200": { $ref: "#/components/responses/Gone" }'],
  ["invalid-parameter", '- { $ref: "#/components/parameters/Gone" }'],
  ["body-as-text", "schema:", "/bodies/xml:"],
  ["circular-ref", "self: {"],
  ["circular-ref", "ping: {"],
  ["circular-ref", '$ref: "#/components/requestBodies/Circle"'],
];

test("nasty.yaml has these diagnostics at these lines, and no others", async () => {
  const file = pathOf("nasty.yaml");
  const lines = readFileSync(file, "utf8").split("\n");
  const expected = FOUND.map(([rule, line, below = ""]) => {
    const from = lines.findIndex((each) => each.includes(below));
    const found = lines.findIndex(
      (each, index) => index >= from && each.includes(line),
    );
    return `${rule} ${found + 1}`;
  });
  const { diagnostics } = await compile(file);
  const received = diagnostics.map(({ rule, line }) => `${rule} ${line}`);
  expect([...new Set(received)].sort()).toEqual(expected.sort());
  expect(new Set(diagnostics.map((each) => each.file))).toEqual(
    new Set([file]),
  );
});

describe("what becomes of single cases in nasty.yaml", () => {
  const compiled = compile(pathOf("nasty.yaml"));
  const SERVER = "https://eu.example.com:8443/v1?tenant=acme";

  test.each<[id: string, part: object]>([
    ["methodGet", { operation: { deprecated: true }, effect: "read" }],
    ["methodHead", { operation: { method: "HEAD" }, effect: "read" }],
    ["methodTrace", { operation: { method: "TRACE" }, effect: "read" }],
    ["emptySummary", { description: "GET /texts/empty" }],
    ["noText", { description: "GET /texts/none" }],
    ["emptySummary", { request: { servers: [SERVER, "/relative/v2"] } }],
    ["itemServer", { request: { servers: ["https://path-item.example.com"] } }],
    [
      "operationServer",
      { request: { servers: ["https://operation.example.com/base"] } },
    ],
    [
      "deleteWithBody",
      {
        parameters: { required: ["reason"] },
        request: { body: { mediaType: "application/json", required: true } },
        effect: "write",
        idempotent: true,
        destructive: true,
      },
    ],
    [
      "levels",
      {
        parameters: {
          properties: { locale: { enum: ["de", "en"] }, page: { default: 1 } },
          required: ["id", "locale"],
        },
      },
    ],
    [
      "oddParameters",
      {
        request: {
          parameters: [
            { key: "filter", mediaType: "application/json" },
            { key: "untyped", style: "form", explode: true },
            { key: "sampled" },
            { key: "mapped" },
            { key: "cookie", in: "cookie", style: "form" },
            { key: "deep", style: "deepObject", explode: true },
            { key: "X_Trace", in: "header", style: "simple" },
          ],
        },
      },
    ],
    ["undeclaredPath", { parameters: { required: ["missing"] } }],
    ["bodyManyTypes", { request: { body: { mediaType: "application/json" } } }],
    [
      "bodyVendor",
      { request: { body: { mediaType: "application/vnd.api+json" } } },
    ],
    ["bodyVendor", { output: { type: "object" } }],
    [
      "bodyCharset",
      { request: { body: { mediaType: "application/json; charset=utf-8" } } },
    ],
    ["bodyText", { inputs: [{ key: "body", in: "body", name: null }] }],
    ["bodyXml", { inputs: [{ key: "body", in: "body", name: null }] }],
    [
      "bodyBinaryUntyped",
      { inputs: [{ key: "body", in: "body", name: null }] },
    ],
    ["bodyMultipart", { request: { body: { files: ["file", "files"] } } }],
    [
      "bodyMultipart",
      {
        request: {
          body: { encoding: { meta: { contentType: "application/json" } } },
        },
      },
    ],
    [
      "bodyForm",
      {
        request: { body: { encoding: { metadata: { style: "deepObject" } } } },
      },
    ],
    [
      "bodyOptional",
      { request: { body: { required: false, needs: ["a", "b"] } } },
    ],
    ["bodyMapFields", { request: { body: { open: true } } }],
    [
      "bodyClosed",
      { parameters: { properties: {}, additionalProperties: false } },
    ],
    [
      "bodyReadOnly",
      {
        parameters: { required: ["name", "secret"] },
        inputs: [{ name: "name" }, { name: "secret" }, { name: "nested" }],
      },
    ],
    ["bodyAllOf", { parameters: { required: ["id", "kind", "three"] } }],
    ["bodyFalse", { parameters: { properties: { body: { not: {} } } } }],
    [
      "danglingRef",
      {
        parameters: {
          properties: { gone: {}, here: { type: "string" } },
          required: ["gone"],
        },
      },
    ],
    ["refWithoutSlash", { parameters: { $defs: { Code: { minLength: 2 } } } }],
    [
      "besideReference",
      { operation: { method: "DELETE", path: "/refs/item/siblings" } },
    ],
  ])("%s: %j", async (id, part) => {
    const { tools } = await compiled;
    const tool = tools.find(({ operation }) => operation.id === id);
    expect(tool).toMatchObject(part);
  });

  test("a long description and markup stay as they are", async () => {
    const { tools } = await compiled;
    const of = (id: string) =>
      tools.find(({ operation }) => operation.id === id)?.description ?? "";
    expect(of("longText").length).toBeGreaterThan(4579);
    expect(of("markup")).toContain("<p>Lists <b>things</b>.<br/></p>");
    expect(of("markup")).toContain("| 1 | 2 |");
  });

  test("references with escapes lead to different schemas", async () => {
    const { tools } = await compiled;
    const tool = tools.find(({ operation }) => operation.id === "escapedRefs");
    const { properties, $defs } = (tool as Tool).parameters as {
      properties: Record<string, { $ref: string }>;
      $defs: Record<string, { title?: string; type: string }>;
    };
    const titles = Object.values(properties).map(({ $ref }) => {
      const found = $defs[$ref.slice("#/$defs/".length)];
      return found?.title ?? found?.type;
    });
    expect(titles).toEqual([
      "slash",
      "tilde",
      "integer",
      "space",
      "percent",
      "generic",
    ]);
  });

  test("a tool carries along only what it reaches", async () => {
    const { tools } = await compiled;
    const defs = tools.map(({ operation, parameters }) => [
      operation.id,
      Object.keys((parameters["$defs"] as object | undefined) ?? {}),
    ]);
    expect(Object.fromEntries(defs)).toMatchObject({
      levels: ["Code"],
      bodyArray: ["Node"],
      bodyText: [],
      bodyMapFields: ["Node"],
    });
  });
});

/** Pointers to every member of a value, as lists of keys. */
function listPaths(value: unknown, above: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const path = [...above, key];
    return [path, ...listPaths(child, path)];
  });
}

function replaceAt(root: object, path: string[], value: unknown): void {
  const parent = path
    .slice(0, -1)
    .reduce(
      (each, key) => (each as Record<string, object>)[key] as object,
      root,
    );
  Object.assign(parent, { [path.at(-1) as string]: value });
}

test("whatever stands in the place of anything, no operation fails and every tool is sound", async () => {
  const others = [
    null,
    7,
    "x",
    [],
    {},
    true,
    [null],
    { $ref: "#/paths" },
    { $ref: 7 },
    { $ref: "#" },
  ];
  const faults: string[] = [];
  for (const name of ["nasty-2.0.yaml", "nasty-3.0.yaml", "nasty-3.2.yaml"]) {
    const text = readFileSync(pathOf(name), "utf8");
    const paths = listPaths(parse(text));
    for (let index = 0; index < paths.length; index += 9) {
      const source = parse(text) as object;
      const path = paths[index] as string[];
      const other = others[(index / 9) % others.length];
      replaceAt(source, path, other);
      const where = `${name} ${path.join(" ")} = ${JSON.stringify(other)}`;
      const { tools, diagnostics } = await compile(source);
      if (diagnostics.some(({ rule }) => rule === "operation-failed"))
        faults.push(where);
      for (const fault of tools.flatMap(listToolFaults))
        faults.push(`${where}: ${fault}`);
    }
  }
  expect(faults).toEqual([]);
});
