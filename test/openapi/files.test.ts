import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { stringify } from "yaml";
import { compile } from "../../openapi/index.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";
import { listToolFaults } from "../corpus/faults.ts";
import { closeServers, startServer } from "../support/server.ts";

afterEach(closeServers);

const root = fileURLToPath(new URL("nasty/files/root.yaml", import.meta.url));

function toolOf({ tools }: Catalog, id: string): Tool {
  const found = tools.find(({ operation }) => operation.id === id);
  if (!found) throw new Error(`no tool for ${id}`);
  return found;
}

/** The argument's schema, its `$ref` followed. */
function argument({ parameters }: Tool, key: string): unknown {
  const schema = (
    parameters["properties"] as Record<string, { $ref?: string }>
  )[key];
  const name = schema?.$ref?.replace("#/$defs/", "");
  return name === undefined
    ? schema
    : (parameters["$defs"] as Record<string, unknown>)[name];
}

async function lineOf(file: string, text: string): Promise<number> {
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

/** Writes files into a new folder and says where the first is. */
async function write(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "files-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return join(folder, Object.keys(files)[0] as string);
}

function document(schema: unknown, more: object = {}): object {
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
    },
    ...more,
  };
}

const oneField = (field: unknown, more: object = {}) =>
  document(
    { type: "object", properties: { it: field, kept: { type: "string" } } },
    more,
  );

describe("a document of many files", () => {
  test("has all its tools, sound by themselves", async () => {
    const { tools } = await compile(root);
    expect(
      tools.map(({ operation }) => `${operation.method} ${operation.path}`),
    ).toEqual([
      "PUT /things/{id}",
      "GET /items",
      "GET /part-of-a-path",
      "POST /remote",
      "POST /missing",
      "POST /cycle",
    ]);
    expect(tools.flatMap(listToolFaults)).toEqual([]);
  });

  test("a path item in a file with braces in its name, a body in another, and back to the root", async () => {
    const tool = toolOf(await compile(root), "putThing");
    expect(
      tool.inputs.map(({ in: place, name }) => `${place} ${name}`),
    ).toEqual(["path id", "body shared", "body same", "body own"]);
    expect(argument(tool, "id")).toEqual({
      type: "string",
      description: "of the root",
    });
    expect(argument(tool, "own")).toEqual({ type: "integer" });
    expect(tool.parameters["required"]).toEqual(["id", "shared"]);
    const { shared, same } = tool.parameters["properties"] as Record<
      string,
      unknown
    >;
    expect(shared).toEqual(same);
    expect(argument(tool, "shared")).toMatchObject({
      properties: {
        name: { type: "string" },
        root: { $ref: "#/$defs/Root" },
        again: shared,
      },
    });
  });

  test("parameters and responses in parts of other files, with a slash and a space in their names", async () => {
    const tool = toolOf(await compile(root), "listItems");
    expect(tool.inputs.map(({ name }) => name)).toEqual([
      "page",
      "slash",
      "space",
    ]);
    expect(argument(tool, "page")).toEqual({ type: "integer", minimum: 1 });
    expect(tool.output).toMatchObject({ type: "array" });
    const part = toolOf(await compile(root), "partOfPath");
    expect(argument(part, "page")).toEqual({ type: "integer", minimum: 1 });
  });

  test("a circle over files ends as $defs", async () => {
    const tool = toolOf(await compile(root), "cycle");
    expect(tool.inputs.map(({ name }) => name)).toEqual(["b", "name"]);
    expect(Object.keys(tool.parameters["$defs"] as object)).toHaveLength(2);
  });

  test("what cannot be followed is told with file and line, and costs only itself", async () => {
    const { diagnostics, tools } = await compile(root);
    const folder = dirname(root);
    const expected = [
      ["external-ref", "root.yaml", "/missing-item:"],
      ["external-ref", "root.yaml", "far:"],
      ["external-ref", "root.yaml", "file:"],
      ["external-ref", "root.yaml", "part:"],
      ["external-ref", "root.yaml", "folder:"],
      ["circular-ref", "schemas/b.yaml", "circle:"],
    ] as const;
    const places = await Promise.all(
      expected.map(async ([rule, name, text]) => ({
        rule,
        severity: "error",
        file: join(folder, name),
        line: await lineOf(join(folder, name), text),
      })),
    );
    expect(diagnostics).toMatchObject(places);
    expect(
      toolOf({ tools } as Catalog, "missing").parameters["properties"],
    ).toEqual({
      file: {},
      part: {},
      folder: {},
      kept: { type: "string" },
    });
  });

  test("may be given by its file: address, as a text or as a URL", async () => {
    const { tools } = await compile(root);
    const address = pathToFileURL(root);
    for (const source of [address, address.href])
      expect(JSON.stringify((await compile(source)).tools)).toBe(
        JSON.stringify(tools),
      );
  });

  test("a schema may be referred to by its $id, without the network", async () => {
    const $id = "https://127.0.0.1:1/schemas/thing";
    const Thing = {
      $id,
      type: "object",
      properties: { a: { type: "string" } },
    };
    const { tools, diagnostics } = await compile(
      oneField({ $ref: $id }, { components: { schemas: { Thing } } }),
    );
    expect(diagnostics).toEqual([]);
    expect(argument(tools[0] as Tool, "it")).toEqual({
      type: "object",
      properties: { a: { type: "string" } },
    });
  });

  test("a path item's reference may have parameters and servers beside it", async () => {
    const text = { type: "string" };
    const { tools, diagnostics } = await compile({
      openapi: "3.1.0",
      servers: [{ url: "https://root.example.com" }],
      paths: {
        "/x/{id}": {
          $ref: "#/components/pathItems/X",
          parameters: [
            {
              name: "id",
              in: "path",
              required: true,
              schema: { type: "integer" },
            },
            { name: "q", in: "query", schema: text },
          ],
          servers: [{ url: "https://beside.example.com" }],
        },
      },
      components: {
        pathItems: {
          X: {
            parameters: [{ name: "own", in: "query", schema: text }],
            get: { operationId: "x" },
          },
        },
      },
    });
    expect(diagnostics).toEqual([]);
    const tool = tools[0] as Tool;
    const names = tool.inputs.map(({ in: place, name }) => `${place} ${name}`);
    expect(names.sort()).toEqual(["path id", "query own", "query q"]);
    expect(argument(tool, "id")).toEqual({ type: "integer" });
    expect(tool.request.servers).toEqual(["https://beside.example.com"]);
  });

  test("forms of a base are found in the base's own file", async () => {
    const definitions = {
      Zoo: {
        type: "object",
        properties: { star: { $ref: "#/definitions/Animal" } },
      },
      Animal: {
        type: "object",
        discriminator: "kind",
        required: ["kind"],
        properties: { kind: { type: "string" } },
      },
      Cat: {
        allOf: [
          { $ref: "#/definitions/Animal" },
          { properties: { lives: { type: "integer" } } },
        ],
      },
    };
    const body = (name: string) => ({
      post: {
        operationId: name,
        parameters: [
          {
            name: "b",
            in: "body",
            schema: { $ref: `./defs.json#/definitions/${name}` },
          },
        ],
      },
    });
    const file = await write({
      "root.json": JSON.stringify({
        swagger: "2.0",
        paths: { "/zoo": body("Zoo"), "/animal": body("Animal") },
      }),
      "defs.json": JSON.stringify({ definitions }),
    });
    const catalog = await compile(file);
    expect(toolOf(catalog, "Animal").inputs.map(({ name }) => name)).toEqual([
      "kind",
      "lives",
    ]);
    expect(JSON.stringify(toolOf(catalog, "Zoo").parameters)).toContain(
      '"lives"',
    );
  });

  test("is the same wherever it lies, and compiled twice", async () => {
    const names = [
      "root.yaml",
      "parts/things{id}.yaml",
      "parts/bodies.yaml",
      "parts/parameters.json",
      "parts/responses.yaml",
      "parts/paths.json",
      "schemas/deep/shared.json",
      "schemas/a.yaml",
      "schemas/b.yaml",
      "schemas/c.yaml",
      "schemas/d.yaml",
    ];
    const texts = await Promise.all(
      names.map((name) => readFile(join(dirname(root), name), "utf8")),
    );
    const copy = await write(
      Object.fromEntries(
        names.map((name, index) => [`deeper/${name}`, texts[index] as string]),
      ),
    );
    const catalog = await compile(root);
    expect(JSON.stringify((await compile(copy)).tools)).toBe(
      JSON.stringify(catalog.tools),
    );
    expect(JSON.stringify(await compile(root))).toBe(JSON.stringify(catalog));
  });

  test("may have a part that is neither JSON nor YAML", async () => {
    const file = await write({
      "root.yaml": stringify(oneField({ $ref: "./broken.yaml#/A" })),
      "broken.yaml": "A: [\nB: }",
    });
    const { tools, diagnostics } = await compile(file);
    expect(tools[0]?.parameters["properties"]).toEqual({
      it: {},
      kept: { type: "string" },
    });
    expect(diagnostics).toMatchObject([
      {
        rule: "external-ref",
        file,
        message: expect.stringMatching(/not JSON or YAML.*line [12]/s),
      },
    ]);
  });

  test("may have a part with a fault of its own, which is told in its own file", async () => {
    const file = await write({
      "root.yaml": stringify(oneField({ $ref: "./part.yaml#/A" })),
      "part.yaml":
        "A:\n  type: string\n  maxLength: -1\n  title: one\n  title: two\n",
    });
    const { diagnostics } = await compile(file);
    const part = join(dirname(file), "part.yaml");
    expect(diagnostics).toMatchObject([
      { rule: "duplicate-key", file: part, line: 5 },
      { rule: "invalid-keyword", file: part, line: 3, pointer: "/A/maxLength" },
    ]);
  });

  test("reads a part that is not referred to as a schema only when something needs it", async () => {
    const file = await write({
      "root.yaml": stringify(
        document(
          { type: "object", properties: { it: { type: "string" } } },
          { components: { schemas: { Unused: { $ref: "./missing.yaml" } } } },
        ),
      ),
    });
    expect((await compile(file)).diagnostics).toEqual([]);
  });

  test.each([
    ["a whole file", "part.json", { type: "string" }],
    ["a file and an empty pointer", "part.json#", { type: "string" }],
    ["a file by its absolute path", "ABSOLUTE", { type: "string" }],
    ["a file by its file: address", "FILE", { type: "string" }],
    ["an anchor in another file", "anchored.json#here", { type: "integer" }],
    [
      "its own file by name",
      "root.json#/components/schemas/Own",
      { type: "boolean" },
    ],
    [
      "a pointer through a reference",
      "through.json#/to/properties/a",
      { type: "number" },
    ],
    ["a name with a percent sign", "100%25.json", { type: "null" }],
    ["a name with a space", "with space.json", { type: "array" }],
    ["another folder and back", "sub/../part.json", { type: "string" }],
  ])("may refer to %s", async (_, ref, schema) => {
    const file = await write({
      "root.json": "",
      "part.json": '{"type":"string"}',
      "anchored.json": '{"deep":{"$anchor":"here","type":"integer"}}',
      "through.json": '{"to":{"$ref":"./target.json"}}',
      "target.json": '{"properties":{"a":{"type":"number"}}}',
      "100%.json": '{"type":"null"}',
      "with space.json": '{"type":"array"}',
    });
    const part = join(dirname(file), "part.json");
    const given =
      { ABSOLUTE: part, FILE: pathToFileURL(part).href }[ref] ?? ref;
    await writeFile(
      file,
      JSON.stringify(
        oneField(
          { $ref: given },
          { components: { schemas: { Own: { type: "boolean" } } } },
        ),
      ),
    );
    const catalog = await compile(file);
    expect(catalog.diagnostics).toEqual([]);
    expect(argument(toolOf(catalog, "a"), "it")).toEqual(schema);
  });

  test("may have two thousand files", async () => {
    const count = 2000;
    const files: Record<string, string> = {
      "root.json": JSON.stringify({
        openapi: "3.1.0",
        paths: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [
            `/p${index}`,
            { $ref: `./parts/p${index}.json` },
          ]),
        ),
      }),
    };
    for (let index = 0; index < count; index++)
      files[`parts/p${index}.json`] = JSON.stringify({
        get: {
          operationId: `get${index}`,
          parameters: [
            {
              name: "q",
              in: "query",
              schema: { $ref: `./p${(index + 1) % count}.json#/x-schema` },
            },
          ],
        },
        "x-schema": { type: "string", maxLength: index + 1 },
      });
    const { tools, diagnostics } = await compile(await write(files));
    expect(diagnostics).toEqual([]);
    expect(tools).toHaveLength(count);
    expect(argument(tools[0] as Tool, "q")).toEqual({
      type: "string",
      maxLength: 2,
    });
  });

  test("given as an object has no place, so relative files are told and not read", async () => {
    const { tools, diagnostics } = await compile(
      oneField({ $ref: "./package.json" }),
    );
    expect(tools).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      { rule: "external-ref", message: expect.stringContaining("no place") },
    ]);
    expect(diagnostics[0]).not.toHaveProperty("file");
  });

  test("given as an object reads no file by its address either", async () => {
    const part = await write({ "part.json": '{"type":"string"}' });
    const { tools, diagnostics } = await compile(
      oneField({ $ref: pathToFileURL(part).href }),
    );
    expect(diagnostics).toMatchObject([{ rule: "external-ref" }]);
    expect(argument(tools[0] as Tool, "it")).toEqual({});
  });
});

describe("a remote document", () => {
  const json = (value: unknown) => JSON.stringify(value);

  /** Serves texts by path, and notes what was asked for. */
  async function serve(texts: Record<string, string>) {
    const asked: string[] = [];
    const { url } = await startServer((request, response) => {
      const { url: path = "" } = request;
      asked.push(path);
      const text = Object.hasOwn(texts, path) ? texts[path] : undefined;
      response.statusCode = text === undefined ? 404 : 200;
      response.end(text);
    });
    return { url, asked };
  }

  test("is refused unless it is asked for, without a connection", async () => {
    const { url, asked } = await serve({ "/api.json": json(oneField({})) });
    await expect(compile(`${url}/api.json`)).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
      message: expect.stringContaining("remote: true"),
    });
    const file = await write({
      "root.json": json(oneField({ $ref: `${url}/api.json#/a` })),
    });
    const { tools, diagnostics } = await compile(file);
    expect(tools).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      {
        rule: "external-ref",
        file,
        line: 1,
        message: expect.stringContaining("remote: true"),
      },
    ]);
    expect(asked).toEqual([]);
  });

  test("is read with its parts, each once", async () => {
    const { url, asked } = await serve({
      "/v1/api.json": json(
        document({
          type: "object",
          properties: {
            a: { $ref: "./parts/part.yaml#/A" },
            b: { $ref: "parts/part.yaml#/B" },
            c: { $ref: "/top.json" },
          },
        }),
      ),
      "/v1/parts/part.yaml":
        'A: { type: string }\nB: { $ref: "../api.json#/paths/~1a/post/operationId" }\n',
      "/top.json": json({ type: "integer" }),
    });
    const { tools, diagnostics } = await compile(`${url}/v1/api.json`, {
      remote: true,
    });
    const tool = tools[0] as Tool;
    expect([argument(tool, "a"), argument(tool, "c")]).toEqual([
      { type: "string" },
      { type: "integer" },
    ]);
    expect(asked.sort()).toEqual([
      "/top.json",
      "/v1/api.json",
      "/v1/parts/part.yaml",
    ]);
    expect(diagnostics).toEqual([]);
  });

  test.each([
    ["a relative server", { servers: [{ url: "/v2" }] }, "/v2"],
    [
      "a server relative to the document's folder",
      { servers: [{ url: "../v2" }] },
      "/v2",
    ],
    ["a server that is just there", { servers: [{ url: "." }] }, "/docs/"],
    [
      "variables in it",
      { servers: [{ url: "/{v}/x", variables: { v: { default: "v3" } } }] },
      "/v3/x",
    ],
  ])("%s is told with its address", async (_, more, path) => {
    const { url } = await serve({ "/docs/api.json": json(document({}, more)) });
    const catalog = await compile(`${url}/docs/api.json`, { remote: true });
    expect(catalog.servers).toEqual([`${url}${path}`]);
    expect(catalog.tools[0]?.request.servers).toEqual([`${url}${path}`]);
  });

  test("an absolute server stays as it is", async () => {
    const servers = [{ url: "https://api.example.com/v1" }];
    const { url } = await serve({
      "/api.json": json(document({}, { servers })),
    });
    const { servers: found } = await compile(`${url}/api.json`, {
      remote: true,
    });
    expect(found).toEqual(["https://api.example.com/v1"]);
  });

  test("Swagger 2 without a host is at its document's", async () => {
    const { url } = await serve({
      "/api.json": json({
        swagger: "2.0",
        basePath: "/v1",
        paths: { "/a": { get: {} } },
      }),
    });
    const { servers } = await compile(`${url}/api.json`, { remote: true });
    expect(servers).toEqual([`${url}/v1`]);
  });

  test("never makes this machine read its own files", async () => {
    const secret = await write({
      "secret.json": '{"type":"string","title":"secret"}',
    });
    const { url } = await serve({
      "/api.json": json(
        document({
          type: "object",
          properties: {
            address: { $ref: pathToFileURL(secret).href },
            part: { $ref: "./part.json" },
          },
        }),
      ),
      "/part.json": json({
        type: "object",
        properties: { deep: { $ref: pathToFileURL(secret).href } },
      }),
    });
    const { tools, diagnostics } = await compile(`${url}/api.json`, {
      remote: true,
    });
    expect(JSON.stringify(tools)).not.toContain("secret");
    expect(diagnostics.map(({ rule }) => rule)).toEqual([
      "external-ref",
      "external-ref",
    ]);
  });

  test("a part of a local document may not read local files either", async () => {
    const secret = await write({
      "secret.json": '{"type":"string","title":"secret"}',
    });
    const { url } = await serve({
      "/part.json": json({ $ref: pathToFileURL(secret).href }),
    });
    const file = await write({
      "root.json": json(oneField({ $ref: `${url}/part.json` })),
    });
    const { tools } = await compile(file, { remote: true });
    expect(JSON.stringify(tools)).not.toContain("secret");
  });

  test("with a part that is missing, broken or not reachable has a diagnostic for each", async () => {
    const { url } = await serve({
      "/api.json": json(
        document({
          type: "object",
          properties: {
            gone: { $ref: "./gone.json" },
            html: { $ref: "./page.html#/A" },
            off: { $ref: "http://127.0.0.1:1/a.json" },
            kept: { type: "string" },
          },
        }),
      ),
      "/page.html": "<!doctype html><p>{[",
    });
    const { tools, diagnostics } = await compile(`${url}/api.json`, {
      remote: true,
    });
    expect(tools[0]?.parameters["properties"]).toEqual({
      gone: {},
      html: {},
      off: {},
      kept: { type: "string" },
    });
    expect(diagnostics).toMatchObject([
      {
        rule: "external-ref",
        file: `${url}/api.json`,
        message: expect.stringContaining("404"),
      },
      { rule: "external-ref" },
      { rule: "external-ref" },
    ]);
  });

  test("whose server answers 404 or breaks off is refused in words", async () => {
    const { url } = await startServer((request, response) => {
      if (request.url === "/gone") response.writeHead(404).end();
      else
        response
          .writeHead(200, { "content-length": 1000 })
          .write("openapi", () => response.destroy());
    });
    for (const path of ["/gone", "/broken"])
      await expect(
        compile(`${url}${path}`, { remote: true }),
      ).rejects.toMatchObject({ code: "ERR_DOCUMENT" });
  });

  test("that never ends is given up", async () => {
    const { url } = await startServer((_, response) => {
      const line = `# ${"x".repeat(1024 * 1024)}\n`;
      const send = () => {
        while (!response.destroyed && response.write(line)); // as fast as it is read
        response.once("drain", send);
      };
      response.writeHead(200);
      send();
    });
    await expect(
      compile(`${url}/endless.yaml`, { remote: true }),
    ).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
      message: expect.stringContaining("longer than"),
    });
  });

  test.each(["before its head", "in the middle"])(
    "that stops answering %s is given up after some seconds",
    async (when) => {
      const { url } = await startServer((request, response) => {
        if (request.url === "/api.json")
          response.end(json(oneField({ $ref: "./slow.json" })));
        else if (when === "in the middle") response.write("{");
      });
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      const spy = jest
        .spyOn(AbortSignal, "timeout")
        .mockImplementation((ms) => timeout(ms / 100));
      try {
        const { tools, diagnostics } = await compile(`${url}/api.json`, {
          remote: true,
        });
        expect(tools).toHaveLength(1);
        expect(diagnostics).toMatchObject([{ rule: "external-ref" }]);
        const limits = spy.mock.calls.map(([ms]) => ms);
        expect(Math.max(...limits)).toBeLessThanOrEqual(30_000);
      } finally {
        spy.mockRestore();
      }
    },
  );

  test("whose parts never end is given up", async () => {
    let asked = 0;
    const { url } = await startServer((request, response) => {
      asked += 1;
      const next = Number(request.url?.slice(1).split(".")[0]) + 1;
      // The end is there for the test's sake only.
      const field = asked < 5000 ? { $ref: `./${next}.json` } : {};
      response.end(json(oneField(field)));
    });
    const { tools, diagnostics } = await compile(`${url}/1.json`, {
      remote: true,
    });
    expect(tools).toHaveLength(1);
    expect(asked).toBeLessThan(5000);
    expect(diagnostics.map(({ rule }) => rule)).not.toContain(
      "operation-failed",
    );
  });

  test("is not led from the web to this machine's files by a redirect", async () => {
    const secret = await write({
      "secret.json": '{"openapi":"3.1.0","info":{"title":"secret"},"paths":{}}',
    });
    const { url } = await startServer((_, response) => {
      response.writeHead(302, { location: pathToFileURL(secret).href }).end();
    });
    await expect(
      compile(`${url}/api.json`, { remote: true }),
    ).rejects.toMatchObject({ code: "ERR_DOCUMENT" });
  });
});
