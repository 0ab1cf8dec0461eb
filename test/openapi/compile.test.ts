import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  appointmentsDocument,
  checkArguments,
  compile,
  emit,
  lint,
} from "../../openapi/index.ts";
import type { Tool } from "../../openapi/index.ts";

const bundled = fileURLToPath(appointmentsDocument);

function document(paths: object, more: object = {}): object {
  return {
    openapi: "3.1.0",
    info: { title: "Test", version: "1" },
    paths,
    ...more,
  };
}

async function compileOne(
  operation: object,
  more: object = {},
  path = "/things",
): Promise<Tool> {
  const { tools } = await compile(
    document({ [path]: { post: operation } }, more),
  );
  return tools[0] as Tool;
}

async function writeSpec(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "spec-")), "spec.yaml");
  await writeFile(file, text);
  return file;
}

describe("the bundled document", () => {
  test("describes the eight tools with just the fields of the contract", async () => {
    const { tools, diagnostics } = await compile(bundled);
    expect(diagnostics).toEqual([]);
    const fields = tools.map((tool) => [
      tool.name,
      tool.operation.path,
      Object.keys(tool.parameters["properties"] as object),
      tool.parameters["required"] ?? [],
      tool.effect,
      tool.idempotent,
      tool.destructive,
    ]);
    expect(fields).toEqual([
      [
        "search_appointments",
        "/appointments/search",
        ["date", "service", "preferred_time", "limit"],
        ["date"],
        "read",
        false,
        false,
      ],
      [
        "book_appointment",
        "/appointments/book",
        ["date", "time", "customer_name", "customer_phone", "service"],
        ["date", "time", "customer_name"],
        "write",
        true,
        false,
      ],
      [
        "cancel_appointment",
        "/appointments/cancel",
        ["confirmation_number", "phone_last_four"],
        ["confirmation_number"],
        "write",
        true,
        true,
      ],
      [
        "reschedule_appointment",
        "/appointments/reschedule",
        ["confirmation_number", "date", "time", "phone_last_four"],
        ["confirmation_number", "date", "time"],
        "write",
        true,
        false,
      ],
      [
        "lookup_appointments",
        "/appointments/lookup",
        ["customer_phone"],
        ["customer_phone"],
        "read",
        false,
        false,
      ],
      [
        "hold_appointment",
        "/appointments/hold",
        ["date", "time", "service"],
        ["date", "time"],
        "write",
        true,
        false,
      ],
      ["list_services", "/services/list", [], [], "read", false, false],
      [
        "get_programming_joke",
        "/jokes/programming",
        [],
        [],
        "read",
        false,
        false,
      ],
    ]);
  });

  test("is valid OpenAPI by swagger-parser", async () => {
    expect(await lint(bundled)).toEqual([]);
  });

  test("has examples that its own schemas accept", async () => {
    const { tools } = await compile(bundled);
    const ajv = new Ajv2020({ strict: false });
    const { parse } = await import("yaml");
    const { readFile } = await import("node:fs/promises");
    const source = parse(await readFile(bundled, "utf8"));
    for (const tool of tools) {
      const { requestBody, responses } = source.paths[tool.operation.path].post;
      for (const { value } of Object.values<{ value: unknown }>(
        requestBody.content["application/json"].examples ?? {},
      )) {
        expect([tool.name, ajv.validate(tool.parameters, value)]).toEqual([
          tool.name,
          true,
        ]);
      }
      for (const { value } of Object.values<{ value: unknown }>(
        responses["200"].content["application/json"].examples,
      )) {
        expect([tool.name, ajv.validate(tool.output as object, value)]).toEqual(
          [tool.name, true],
        );
      }
    }
  });

  test("compiles to the same bytes twice", async () => {
    expect(JSON.stringify(await compile(bundled))).toBe(
      JSON.stringify(await compile(bundled)),
    );
  });

  test("survives being stored and read back", async () => {
    const catalog = await compile(bundled);
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
  });
});

describe("emit", () => {
  test("writes Claude's form", async () => {
    const catalog = await compile(bundled);
    const { tools, diagnostics, names } = emit(catalog, "anthropic");
    expect(diagnostics).toEqual([]);
    expect(tools.map((tool) => Object.keys(tool))).toEqual(
      Array(8).fill(["name", "description", "input_schema"]),
    );
    expect(names).toMatchObject({ book_appointment: "book_appointment" });
  });

  test("writes ThunderPhone's form, with the endpoint beside the function", async () => {
    const catalog = await compile(bundled);
    const options = {
      server: "https://api.example.com/",
      headers: { "X-Api-Key": "k" },
    };
    const [search] = emit(catalog, "thunderphone", options).tools;
    expect(search).toEqual({
      type: "function",
      function: {
        name: "search_appointments",
        description: catalog.tools[0]?.description,
        parameters: catalog.tools[0]?.parameters,
      },
      endpoint: {
        url: "https://api.example.com/appointments/search",
        method: "POST",
        headers: { "X-Api-Key": "k" },
      },
    });
  });

  test("leaves out what ThunderPhone cannot say, with the reason, unless there is a gateway", async () => {
    const catalog = await compile(
      document({
        "/things/{id}": {
          get: {
            operationId: "getThing",
            parameters: [
              {
                name: "id",
                in: "path",
                required: true,
                schema: { type: "string" },
              },
            ],
          },
        },
      }),
    );
    const server = "https://api.example.com";
    expect(emit(catalog, "thunderphone", { server })).toMatchObject({
      tools: [],
      diagnostics: [
        { rule: "needs-gateway", pointer: "/paths/~1things~1{id}/get" },
      ],
    });
    expect(
      emit(catalog, "thunderphone", { gateway: "https://gw.example.com" })
        .tools,
    ).toMatchObject([
      {
        endpoint: {
          url: "https://gw.example.com/tools/getThing",
          method: "POST",
        },
      },
    ]);
  });

  test("reports a tool without any server", async () => {
    const catalog = await compile(
      document({ "/ping": { post: { operationId: "ping" } } }),
    );
    expect(emit(catalog, "thunderphone")).toMatchObject({
      tools: [],
      diagnostics: [{ rule: "no-server" }],
    });
  });

  test("refuses an unknown target by naming the known ones", async () => {
    const catalog = await compile(bundled);
    expect(() => emit(catalog, "nobody" as "anthropic")).toThrow(
      /expected one of anthropic, .*thunderphone.*, cartesia/,
    );
  });
});

describe("compile", () => {
  test("keeps path, query, header and body fields of one name apart", async () => {
    const text = { schema: { type: "string" } };
    const tool = await compileOne(
      {
        operationId: "update",
        parameters: [
          { name: "id", in: "path", required: true, ...text },
          { name: "id", in: "query", ...text },
          { name: "id", in: "header", ...text },
          { name: "filter[x]", in: "query", ...text },
        ],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                properties: { id: { type: "integer" } },
                required: ["id"],
              },
            },
          },
        },
      },
      {},
      "/things/{id}",
    );
    expect(tool.inputs).toEqual([
      { key: "id", in: "path", name: "id" },
      { key: "query_id", in: "query", name: "id" },
      { key: "header_id", in: "header", name: "id" },
      { key: "filter_x", in: "query", name: "filter[x]" },
      { key: "body_id", in: "body", name: "id" },
    ]);
    expect(tool.parameters["required"]).toEqual(["id", "body_id"]);
  });

  test("gives colliding names a hash each that no neighbour changes", async () => {
    const one = {
      "/a": { get: { operationId: "List" } },
      "/b": { get: { operationId: "list" } },
    };
    const first = await compile(document(one));
    const second = await compile(
      document({ "/0": { get: { operationId: "other" } }, ...one }),
    );
    const names = first.tools.map(({ name }) => name);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(2);
    expect(second.tools.map(({ name }) => name)).toEqual(["other", ...names]);
  });

  test("makes every name fit the common rule", async () => {
    const ids = [
      "a".repeat(80),
      "9lives",
      "users.get/all",
      "naïve",
      "",
      "constructor",
      "__proto__",
    ];
    const paths = Object.fromEntries(
      ids.map((operationId, index) => [`/p${index}`, { get: { operationId } }]),
    );
    const { tools } = await compile(document(paths));
    expect(tools).toHaveLength(ids.length);
    for (const { name } of tools)
      expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/);
  });

  test("turns a dangling $ref into {} and a diagnostic with its line", async () => {
    const file = await writeSpec(
      [
        "openapi: 3.1.0",
        "info: {title: T, version: '1'}",
        "paths:",
        "  /a:",
        "    post:",
        "      operationId: a",
        "      requestBody:",
        "        required: true",
        "        content:",
        "          application/json:",
        "            schema:",
        "              type: object",
        "              properties:",
        "                gone: { $ref: '#/components/schemas/Gone' }",
      ].join("\n"),
    );
    const { tools, diagnostics } = await compile(file);
    expect(tools).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      { rule: "dangling-ref", severity: "error", file, line: 14 },
    ]);
  });

  test("keeps recursion as $defs that resolve inside the tool", async () => {
    const tool = await compileOne(
      {
        operationId: "tree",
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { $ref: "#/components/schemas/Node" },
            },
          },
        },
      },
      {
        components: {
          schemas: {
            Node: {
              type: "object",
              properties: {
                children: {
                  type: "array",
                  items: { $ref: "#/components/schemas/Node" },
                },
              },
            },
          },
        },
      },
    );
    expect(tool.parameters["$defs"]).toHaveProperty("Node");
    const validate = new Ajv2020({ strict: false }).compile(tool.parameters);
    expect(validate({ children: [{ children: [] }] })).toBe(true);
    expect(validate({ children: [{ children: 5 }] })).toBe(false);
  });

  test("speaks 2020-12 whatever the dialect, and drops what is read-only", async () => {
    const tool = await compileOne({
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: {
              type: "object",
              required: ["id", "age"],
              properties: {
                id: { type: "string", readOnly: true },
                age: {
                  type: "integer",
                  minimum: 0,
                  exclusiveMinimum: true,
                  nullable: true,
                  example: 3,
                },
                at: {
                  type: "object",
                  required: ["a", "b"],
                  properties: {
                    a: { type: "string", readOnly: true },
                    b: { type: "string" },
                  },
                },
              },
            },
          },
        },
      },
    });
    expect(tool.parameters["properties"]).toEqual({
      age: { type: ["integer", "null"], exclusiveMinimum: 0, examples: [3] },
      at: {
        type: "object",
        required: ["b"],
        properties: { b: { type: "string" } },
      },
    });
    expect(tool.parameters["required"]).toEqual(["age"]);
  });

  test("leaves out a pattern that is no regular expression here, and says so", async () => {
    const schema = {
      type: "object",
      properties: { id: { type: "string", pattern: "(?i)[a-z" } },
    };
    const catalog = await compile(
      document({
        "/a": {
          post: {
            operationId: "a",
            requestBody: { content: { "application/json": { schema } } },
          },
        },
      }),
    );
    expect(catalog.tools[0]?.parameters["properties"]).toEqual({
      id: { type: "string" },
    });
    expect(catalog.diagnostics).toMatchObject([
      { rule: "invalid-keyword", severity: "warning" },
    ]);
  });

  test("folds a root allOf and oneOf without losing a field", async () => {
    const branch = (key: string, ...required: string[]) => ({
      type: "object",
      properties: { [key]: { type: "string" } },
      required,
    });
    const schema = {
      allOf: [branch("a", "a"), { oneOf: [branch("b", "b"), branch("c")] }],
    };
    const tool = await compileOne({
      requestBody: {
        required: true,
        content: { "application/json": { schema } },
      },
    });
    expect(Object.keys(tool.parameters["properties"] as object)).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(tool.parameters["required"]).toEqual(["a"]);
  });

  test("keeps both forms of a field that branches describe differently", async () => {
    const branch = (kind: string) => ({
      type: "object",
      properties: { kind: { const: kind } },
      required: ["kind"],
    });
    const tool = await compileOne({
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: { oneOf: [branch("a"), branch("b")] } },
        },
      },
    });
    for (const kind of ["a", "b"])
      expect(checkArguments(tool, { id: "1", kind }).ok).toBe(true);
    expect(checkArguments(tool, { id: "1", kind: "c" }).ok).toBe(false);
  });

  test("folds deep and self-referring bodies, completely and in no time", async () => {
    const deep = Array.from({ length: 20 }).reduce<object>(
      (inner, _, index) => ({
        allOf: [inner, { type: "object", properties: { [`p${index}`]: {} } }],
      }),
      { type: "object", properties: { deep: {} } },
    );
    const tool = await compileOne({
      requestBody: { content: { "application/json": { schema: deep } } },
    });
    expect(Object.keys(tool.parameters["properties"] as object)).toHaveLength(
      21,
    );
    const self = {
      oneOf: Array.from({ length: 8 }, () => ({
        $ref: "#/components/schemas/Self",
      })),
      type: "object",
      properties: { a: {} },
    };
    const again = await compileOne(
      {
        requestBody: {
          content: {
            "application/json": {
              schema: { $ref: "#/components/schemas/Self" },
            },
          },
        },
      },
      { components: { schemas: { Self: self } } },
    );
    expect(Object.keys(again.parameters["properties"] as object)).toEqual([
      "a",
    ]);
  });

  test("leaves out keywords that are none, says so, and the tool still works", async () => {
    const bad = {
      required: true,
      type: "float",
      enum: [],
      minimum: "5",
      description: 7,
      patternProperties: { "(": {} },
      allOf: [],
      unevaluatedProperties: { $ref: "#/components/schemas/R" },
      $defs: { X: { $ref: "#/components/schemas/R" } },
    };
    const catalog = await compile(
      document(
        {
          "/a": {
            post: {
              operationId: "a",
              requestBody: {
                content: {
                  "application/json": {
                    schema: { type: "object", properties: { bad } },
                  },
                },
              },
            },
          },
        },
        { components: { schemas: { R: { type: "string" } } } },
      ),
    );
    const [tool] = catalog.tools as [Tool];
    expect(
      catalog.diagnostics.map(({ message }) => message.split(":")[0]),
    ).toEqual([
      "type",
      "enum",
      "minimum",
      "description",
      "patternProperties",
      "allOf",
    ]);
    expect(() =>
      new Ajv2020({ strict: false }).compile(tool.parameters),
    ).not.toThrow();
    expect(checkArguments(tool, { bad: {} })).toMatchObject({ ok: true });
  });

  test("a finding in a JSON file that YAML would read otherwise is told all the same", async () => {
    // "<<" is a merge key in YAML and wants a mapping; in JSON it is a name.
    const paths = {
      "/a": { get: { operationId: "a", "x-shift": { "<<": 5 } } },
      "/b": { post: { operationId: "b", requestBody: { $ref: "#/gone" } } },
    };
    const catalog = await compile(
      await writeSpec(JSON.stringify(document(paths))),
    );
    expect(catalog).toMatchObject({
      tools: [{ name: "a" }, { name: "b" }],
      diagnostics: [{ rule: "dangling-ref" }],
    });
  });

  test("a field beside a choice has to fit both, and an open branch keeps the body open", async () => {
    const branch = (kind: string, more: object = {}) => ({
      type: "object",
      properties: { kind: { const: kind } },
      ...more,
    });
    const schema = {
      type: "object",
      properties: { kind: { type: "string" } },
      oneOf: ["a", "b", "c", "d"].map((kind) =>
        branch(
          kind,
          kind === "a"
            ? { additionalProperties: false }
            : { additionalProperties: true },
        ),
      ),
    };
    const tool = await compileOne({
      requestBody: {
        required: true,
        content: { "application/json": { schema } },
      },
    });
    expect(
      (tool.parameters["properties"] as Record<string, object>)["kind"],
    ).toEqual({
      allOf: [
        { type: "string" },
        { anyOf: ["a", "b", "c", "d"].map((kind) => ({ const: kind })) },
      ],
    });
    expect(checkArguments(tool, { id: "1", kind: "d", more: 1 })).toMatchObject(
      { ok: true, arguments: { more: 1 } },
    );
    expect(checkArguments(tool, { id: "1", kind: "e" }).ok).toBe(false);
  });

  test("a limit in x-tool that is none is told and not taken", async () => {
    for (const timeoutMs of [-5, 1.5, 3e9, "10"]) {
      const catalog = await compile(
        document({
          "/a": { get: { operationId: "a", "x-tool": { timeoutMs } } },
        }),
      );
      expect(catalog).toMatchObject({
        tools: [{ policy: { onInterrupt: "cancel" } }],
        diagnostics: [
          {
            rule: "invalid-x-tool",
            pointer: "/paths/~1a/get/x-tool/timeoutMs",
          },
        ],
      });
      expect(catalog.tools[0]?.policy.timeoutMs).toBeUndefined();
    }
  });

  test("makes good JSON Schema of what 3.0 documents have in their schemas", async () => {
    const a = {
      type: ["object", "object"],
      required: ["x", "x"],
      properties: {
        x: { type: "integer", exclusiveMinimum: "5", $anchor: "n" },
        y: { $anchor: "n" },
      },
      examples: { one: { value: 1 } },
    };
    const tool = await compileOne({
      parameters: [{ name: "q", in: "query", description: 7 }],
      requestBody: {
        content: {
          "application/json": { schema: { type: "object", properties: { a } } },
        },
      },
    });
    expect(() =>
      new Ajv2020({ strict: false }).compile(tool.parameters),
    ).not.toThrow();
    expect(checkArguments(tool, { id: "1", a: { x: "no" } })).toMatchObject({
      ok: false,
      problems: [{ path: "a.x" }],
    });
  });

  test("shows no credential, wherever the document repeats it as a parameter", async () => {
    const securitySchemes = {
      a: { type: "apiKey", in: "header", name: "X-API-Key" },
      b: { type: "apiKey", in: "query", name: "api_key" },
      c: { type: "apiKey", in: "cookie", name: "sid" },
    };
    const parameters = [
      { name: "x-api-key", in: "header", required: true },
      { name: "api_key", in: "query", required: true },
      { name: "sid", in: "cookie", required: true },
      { name: "sid", in: "query" },
    ];
    const tool = await compileOne(
      { parameters },
      { components: { securitySchemes } },
    );
    expect(tool.inputs.map(({ key, in: place }) => [place, key])).toEqual([
      ["query", "sid"],
    ]);
  });

  test("lets the path keep its name whatever the others are called", async () => {
    const parameters = ["path", "query", "header", "cookie"].map((place) => ({
      name: "id",
      in: place,
      required: place === "path",
    }));
    const schema = {
      type: "object",
      properties: { id: {}, query_id: {}, ID: {} },
    };
    const tool = await compileOne({
      parameters,
      requestBody: { content: { "application/json": { schema } } },
    });
    const keys = tool.inputs.map(({ key }) => key);
    expect(keys[0]).toBe("id");
    expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(7);
  });

  test("takes no path that would change the host", async () => {
    expect(
      await compile(
        document({ ".evil.com/y": { get: {} }, "/ok": { get: {} } }),
      ),
    ).toMatchObject({
      tools: [{ name: "get_ok" }],
      diagnostics: [{ rule: "invalid-path" }],
    });
  });

  test("reads YAML with anchors and merge keys, a BOM, and a version without quotes", async () => {
    const file = await writeSpec(
      "\uFEFFopenapi: 3.0\ninfo: {title: T, version: '1'}\nx-base: &base {type: object, properties: {a: {type: string}}}\npaths:\n  /a:\n    post:\n      operationId: a\n      requestBody: {content: {application/json: {schema: {<<: *base, required: [a]}}}}\n",
    );
    const { tools, diagnostics } = await compile(file);
    expect([tools[0]?.inputs, diagnostics]).toEqual([
      [{ key: "a", in: "body", name: "a" }],
      [],
    ]);
  });

  test("a JSON file that the YAML reader cannot take still compiles, without lines", async () => {
    const good = { post: { operationId: "ok" } };
    const dangling = {
      post: { operationId: "b", requestBody: { $ref: "#/gone" } },
    };
    const text = JSON.stringify(document({ "/ok": good, "/b": dangling }));
    const twice = await writeSpec(
      text.replace('"info"', '"openapi":"3.1.0","info"'),
    );
    expect(await compile(twice)).toMatchObject({
      tools: [{ name: "ok" }, { name: "b" }],
      diagnostics: [{ rule: "dangling-ref" }],
    });
    const deep = `${'{"properties":{"a":'.repeat(10_000)}{}${"}}".repeat(10_000)}`;
    const file = await writeSpec(
      text.replace(
        '"#/gone"',
        '"#/gone"}},"/deep":{"post":{"operationId":"deep","requestBody":{"content":{"application/json":{"schema":' +
          deep +
          "}}}",
      ),
    );
    for (let round = 0; round < 3; round++) {
      const { tools, diagnostics } = await compile(file);
      expect(tools.map(({ name }) => name).slice(0, 2)).toEqual(["ok", "b"]);
      expect(diagnostics.length).toBeGreaterThan(0);
    }
    await expect(
      compile(await writeSpec(`a: ${"[".repeat(10_000)}`)),
    ).rejects.toMatchObject({ code: "ERR_DOCUMENT" });
  });

  test("makes no tool of a webhook, nor of a hidden operation", async () => {
    const { tools } = await compile(
      document(
        {
          "/a": {
            get: { operationId: "a", "x-tool": { hidden: true } },
            post: { operationId: "b" },
          },
        },
        { webhooks: { hook: { post: { operationId: "hook" } } } },
      ),
    );
    expect(tools.map(({ name }) => name)).toEqual(["b"]);
  });

  test("selects by operationId, tag and method with path; exclude wins", async () => {
    const source = document({
      "/a": {
        get: { operationId: "getA", tags: ["x"] },
        delete: { operationId: "deleteA", tags: ["x"] },
      },
      "/b": { get: { operationId: "getB" } },
    });
    const names = async (options: object) =>
      (await compile(source, options)).tools.map(({ name }) => name);
    expect(await names({ include: ["x"] })).toEqual(["getA", "deleteA"]);
    expect(await names({ include: ["GET /*"] })).toEqual(["getA", "getB"]);
    expect(await names({ include: ["x"], exclude: ["DELETE *"] })).toEqual([
      "getA",
    ]);
  });

  test("throws only when there is no document", async () => {
    await expect(compile("/nowhere/spec.yaml")).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
    });
    await expect(compile("https://api.example.com/spec.json")).rejects.toThrow(
      /remote/,
    );
    await expect(compile(await writeSpec("a: [1"))).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
    });
    await expect(compile(await writeSpec("just text"))).rejects.toMatchObject({
      code: "ERR_DOCUMENT",
    });
    expect(
      await compile(
        document({
          "/a": null,
          "/b": {
            get: 5,
            post: { parameters: "x", requestBody: { $ref: "#/nowhere" } },
          },
        }),
      ),
    ).toMatchObject({ tools: [{ name: "post_b" }] });
    expect(await compile({ openapi: "4.0.0" })).toMatchObject({
      tools: [],
      diagnostics: [{ rule: "unsupported-version" }],
    });
  });
});
