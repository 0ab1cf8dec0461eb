import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fitTools } from "../../openapi/budget/budget.ts";
import { toLimits } from "../../openapi/budget/limits.ts";
import { sizeOf } from "../../openapi/budget/trim.ts";
import { firstSentence, toPlainText } from "../../openapi/budget/plain-text.ts";
import type { Diagnostic, JsonSchema, Tool } from "../../openapi/types.ts";
import { makeTool } from "./make-tool.ts";

const LONG = "This says what the field is for. ".repeat(12).trim();

const toTool = (parameters: JsonSchema, more: Partial<Tool> = {}): Tool =>
  makeTool(parameters, {
    name: "order_lunch",
    description: "Orders lunch. Use it when the caller has chosen.",
    operation: {
      method: "POST",
      path: "/orders/{id}",
      tags: [],
      deprecated: false,
    },
    ...more,
  });

function fit(tool: Tool, perTool: number) {
  const diagnostics: Diagnostic[] = [];
  const [fitted] = fitTools([tool], { perTool }, (finding) =>
    diagnostics.push(finding),
  );
  return {
    tool: fitted as Tool,
    parameters: (fitted as Tool).parameters,
    diagnostics,
  };
}

const text = (length: number) => ({
  type: "string",
  description: LONG.slice(0, length),
});

describe("a budget of a tool", () => {
  test("leaves what fits as it is, the same object", () => {
    const tool = toTool({ properties: { a: text(30) } });
    const { tool: fitted, diagnostics } = fit(tool, sizeOf(tool));
    expect(fitted).toBe(tool);
    expect(diagnostics).toEqual([]);
  });

  test("cuts descriptions first, and examples only when that is not enough", () => {
    const tool = toTool({
      properties: { a: { ...text(300), examples: ["x".repeat(50)] } },
    });
    const roomy = fit(tool, sizeOf(tool) - 100);
    expect(roomy.parameters["properties"]).toEqual({
      a: {
        type: "string",
        description: expect.stringMatching(/^This says what the field .*…$/),
        examples: ["x".repeat(50)],
      },
    });
    const tight = fit(tool, sizeOf(tool) - 300);
    expect(tight.parameters["properties"]).toEqual({
      a: { type: "string", description: "This says what the field is for." },
    });
    expect(tight.diagnostics).toMatchObject([
      {
        rule: "trimmed",
        severity: "info",
        pointer: "/paths/~1orders~1{id}/post",
        operation: "POST /orders/{id}",
        message: expect.stringMatching(
          /^order_lunch: \d+ to \d+ characters: 1 descriptions shortened, 1 examples$/,
        ),
      },
    ]);
  });

  test("drops the deepest optional fields before the shallower, and what nothing refers to any more", () => {
    const field = { type: "string", pattern: "x".repeat(60) };
    const tool = toTool({
      properties: {
        a: {
          type: "object",
          properties: {
            near: field,
            b: {
              type: "object",
              properties: { far: field, c: { $ref: "#/$defs/C" } },
            },
          },
        },
      },
      $defs: { C: { type: "object", properties: { farther: field } } },
    });
    const { parameters, diagnostics } = fit(tool, sizeOf(tool) - 120);
    expect(parameters).toEqual({
      type: "object",
      properties: {
        a: {
          type: "object",
          properties: {
            near: field,
            b: { type: "object", properties: { c: { $ref: "#/$defs/C" } } },
          },
        },
      },
      $defs: { C: { type: "object", properties: {} } },
    });
    expect(diagnostics[0]?.message).toContain(
      "2 optional fields dropped (a.b.c.farther, a.b.far)",
    );
    expect(fit(tool, sizeOf(tool) - 200).parameters).not.toHaveProperty(
      "$defs",
    );
  });

  const heavy = { type: "string", enum: ["x".repeat(300)] };
  const required: [what: string, parameters: JsonSchema, path: string[]][] = [
    ["an argument", { properties: { a: heavy }, required: ["a"] }, ["a"]],
    [
      "a field of a required object",
      {
        properties: {
          a: { type: "object", properties: { b: heavy }, required: ["b"] },
        },
        required: ["a"],
      },
      ["a", "properties", "b"],
    ],
    [
      "a field behind a $ref",
      {
        properties: { a: { $ref: "#/$defs/A" } },
        required: ["a"],
        $defs: {
          A: { type: "object", properties: { b: heavy }, required: ["b"] },
        },
      },
      ["..", "$defs", "A", "properties", "b"],
    ],
    [
      "a field that allOf requires beside its properties",
      {
        properties: {
          a: {
            allOf: [
              { type: "object", properties: { b: heavy } },
              { required: ["b"] },
            ],
          },
        },
        required: ["a"],
      },
      ["a", "allOf", "0", "properties", "b"],
    ],
    [
      "a field that some branch requires",
      {
        properties: {
          a: {
            properties: { b: heavy, c: heavy },
            anyOf: [{ required: ["b"] }, { required: ["c"] }],
          },
        },
        required: ["a"],
      },
      ["a", "properties", "b"],
    ],
    [
      "a field of a list's entries",
      {
        properties: {
          a: {
            type: "array",
            items: { properties: { b: heavy }, required: ["b"] },
          },
        },
        required: ["a"],
      },
      ["a", "items", "properties", "b"],
    ],
    [
      "a field that a condition asks about",
      {
        properties: { a: { not: { properties: { b: heavy } } } },
        required: ["a"],
      },
      ["a", "not", "properties", "b"],
    ],
    [
      "a field with a dangerous name",
      JSON.parse(
        `{"properties":{"__proto__":${JSON.stringify(heavy)}},"required":["__proto__"]}`,
      ) as JsonSchema,
      ["__proto__"],
    ],
  ];
  test.each(required)(
    "keeps %s that is required, and says that it is too much",
    (_, parameters, path) => {
      const { tool, diagnostics } = fit(toTool(parameters), 50);
      let at: unknown =
        path[0] === ".." ? tool.parameters : tool.parameters["properties"];
      for (const key of path.filter((each) => each !== "..")) {
        expect(Object.keys(at as object)).toContain(key);
        at = Object.getOwnPropertyDescriptor(at, key)?.value;
      }
      expect(at).toEqual(heavy);
      expect(diagnostics.at(-1)).toMatchObject({
        rule: "over-budget",
        severity: "warning",
        message: expect.stringMatching(
          /\d{3} characters, the budget of a tool is 50;/,
        ),
      });
    },
  );

  test("takes an optional argument last, from the schema, the inputs and the request", () => {
    const tool = toTool(
      {
        properties: {
          q: heavy,
          id: { type: "string" },
          file: heavy,
          note: { type: "string" },
        },
        required: ["id"],
      },
      {
        inputs: [
          { key: "q", in: "query", name: "q" },
          { key: "id", in: "path", name: "id" },
          { key: "file", in: "body", name: "the file" },
          { key: "note", in: "body", name: "note" },
        ],
      },
    );
    tool.request = {
      ...tool.request,
      parameters: [
        { key: "q", in: "query", name: "q", style: "form", explode: true },
        { key: "id", in: "path", name: "id", style: "simple", explode: false },
      ],
      body: {
        mediaType: "multipart/form-data",
        required: true,
        open: false,
        encoding: { "the file": { contentType: "image/png" }, note: {} },
        files: ["the file"],
      },
    };
    const before = JSON.stringify(tool);
    const { tool: fitted } = fit(tool, 300);
    expect(fitted.inputs.map(({ key }) => key)).toEqual(["id", "note"]);
    expect(fitted.request.parameters.map(({ key }) => key)).toEqual(["id"]);
    expect(fitted.request.body).toEqual({
      mediaType: "multipart/form-data",
      required: true,
      open: false,
      encoding: { note: {} },
      files: [],
    });
    expect(sizeOf(fitted)).toBeLessThanOrEqual(300);
    expect(JSON.stringify(tool)).toBe(before); // and the given tool is as it was
  });

  test("takes a body that is one argument with its plan, and keeps what an optional body needs", () => {
    const whole = toTool(
      { properties: { body: heavy } },
      { inputs: [{ key: "body", in: "body", name: null }] },
    );
    expect(fit(whole, 200).tool.request).not.toHaveProperty("body");
    const needing = toTool({ properties: { a: heavy, b: heavy } });
    needing.request = {
      ...needing.request,
      body: { ...needing.request.body!, required: false, needs: ["a"] },
    };
    expect(fit(needing, 50).tool.inputs.map(({ key }) => key)).toEqual(["a"]);
  });

  test("cuts a tool's own description between words, never to nothing", () => {
    const tool = toTool({}, { description: "word ".repeat(1000) });
    const { tool: fitted } = fit(tool, 500);
    expect(fitted.description).toMatch(/^word( word)*…$/);
    expect(sizeOf(fitted)).toBeLessThanOrEqual(500);
    expect(sizeOf(fitted)).toBeGreaterThan(480);
    expect(fit(tool, 1).tool.description.length).toBeGreaterThan(60);
    const quotes = fit(toTool({}, { description: '"'.repeat(3000) }), 400).tool;
    expect(sizeOf(quotes)).toBeLessThanOrEqual(400);
  });

  test("ends on 300 schemas that reach each other", () => {
    const names = Array.from({ length: 300 }, (_, index) => `S${index}`);
    const all = Object.fromEntries(
      names.map((name) => [name, { $ref: `#/$defs/${name}` }]),
    );
    const $defs = Object.fromEntries(
      names.map((name) => [
        name,
        {
          type: "object",
          description: LONG,
          properties: all,
          anyOf: names.slice(0, 5).map((each) => ({ $ref: `#/$defs/${each}` })),
        },
      ]),
    );
    const tool = toTool({
      properties: { root: { $ref: "#/$defs/S0" } },
      required: ["root"],
      $defs,
    });
    const { tool: fitted } = fit(tool, 2000);
    expect(sizeOf(fitted)).toBeLessThanOrEqual(2000);
    expect(() =>
      new Ajv2020({ strict: false }).compile(fitted.parameters),
    ).not.toThrow();
  });
});

describe("a budget in total", () => {
  const tools = [40, 400, 4000].map((length, index) =>
    toTool({}, { name: `t${index}`, description: "word ".repeat(length / 5) }),
  );
  const size = (list: Tool[]) =>
    list.reduce((sum, tool) => sum + sizeOf(tool), 0);

  test("lets the largest give first", () => {
    const fitted = fitTools(tools, { total: 2000 }, () => {});
    expect(fitted[0]).toBe(tools[0]);
    expect(fitted[1]).toBe(tools[1]);
    expect(size(fitted)).toBeLessThanOrEqual(2000);
    expect(size(fitted)).toBeGreaterThan(1900);
    expect(fitTools(tools, { total: 2000 }, () => {})).toEqual(fitted);
  });

  test("counts what required fields leave no way to cut, and lets the others give for it", () => {
    const stuck = toTool({
      properties: { a: { enum: ["x".repeat(800)] } },
      required: ["a"],
    });
    const fitted = fitTools([stuck, ...tools], { total: 1900 }, () => {});
    expect(size(fitted)).toBeLessThanOrEqual(1900);
  });

  test("says when it cannot be kept", () => {
    const diagnostics: Diagnostic[] = [];
    fitTools(tools, { total: 10 }, (finding) => diagnostics.push(finding));
    expect(
      diagnostics.filter(({ rule }) => rule === "over-budget"),
    ).toMatchObject([
      {
        pointer: "",
        message: expect.stringMatching(
          /^all 3 tools: .* the budget in total is 10;/,
        ),
      },
    ]);
  });
});

describe("limits", () => {
  const cases: [options: Parameters<typeof toLimits>[0], limits: object][] = [
    [{}, {}],
    [{ profile: "lossless" }, {}],
    [{ profile: "voice" }, { perTool: 1800 }],
    [{ profile: "voice", budget: 500 }, { perTool: 500 }],
    [{ profile: "voice", budget: 5000 }, { perTool: 1800 }],
    [{ budget: { total: 9000 } }, { total: 9000 }],
    [
      { profile: "voice", budget: { total: 9000 } },
      { perTool: 1800, total: 9000 },
    ],
  ];
  test.each(cases)("%j", (options, limits) => {
    expect(toLimits(options)).toEqual(limits);
  });
  test.each([0, -1, 1.5, NaN, { perTool: 0 }, { total: Infinity }])(
    "refuses a budget of %j",
    (budget) => {
      expect(() => toLimits({ budget })).toThrow(TypeError);
    },
  );
});

describe("text", () => {
  const cases: [html: string, plain: string][] = [
    ["<p>A <b>bold</b>&nbsp;word.</p>", "A bold word."],
    [
      "See [the guide](https://x.example/a) and `code`.",
      "See the guide and code.",
    ],
    ["# Title\n\n* one\n* two", "Title\n\none two"],
    [
      "a < b and <region> stay, my_snake_case too",
      "a < b and <region> stay, my_snake_case too",
    ],
  ];
  test.each(cases)("%j is %j", (html, plain) => {
    expect(toPlainText(html)).toBe(plain);
  });
  test.each([
    ["Required. The ISO code. More.", "Required. The ISO code."],
    ["Use a code, e.g. NL or BE. More.", "Use a code, e.g. NL or BE."],
    [
      "請用完整的格式來填寫預約的日期與開始的時間。其他。",
      "請用完整的格式來填寫預約的日期與開始的時間。",
    ],
  ])("the first sentence of %j", (all, first) => {
    expect(firstSentence(all)).toBe(first);
  });
  test("takes no time on text that is made to take it", () => {
    for (const piece of ["<!--", "[a](", "<p ", "\n \n", "```", "**"])
      toPlainText(piece.repeat(20_000));
  });
});
