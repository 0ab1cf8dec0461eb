import { describe, expect, test } from "@jest/globals";
import { checkArguments, compile } from "../../openapi/index.ts";
import type { Tool } from "../../openapi/index.ts";

const properties = {
  name: { type: "string" },
  count: { type: "integer", minimum: 1 },
  price: { type: "number" },
  urgent: { type: "boolean" },
  size: { type: "string", enum: ["Small", "Large"] },
  note: { type: ["string", "null"] },
  tags: { type: "array", items: { type: "string" } },
};

async function createTool(operation: object = {}): Promise<Tool> {
  const schema = {
    type: "object",
    additionalProperties: false,
    required: ["name"],
    properties,
  };
  const post = {
    operationId: "order",
    requestBody: {
      required: true,
      content: { "application/json": { schema } },
    },
    ...operation,
  };
  const { tools } = await compile({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: { "/orders": { post } },
  });
  return tools[0] as Tool;
}

describe("checkArguments", () => {
  const repaired: [
    what: string,
    given: object,
    sent: object,
    rules: string[],
  ][] = [
    [
      "right arguments stay as they are",
      { name: "a", count: 2, note: null },
      { name: "a", count: 2, note: null },
      [],
    ],
    [
      "a null of an optional field is dropped, which is no repair",
      { name: "a", count: null },
      { name: "a" },
      [],
    ],
    [
      "an empty text for an optional field",
      { name: "a", size: "" },
      { name: "a" },
      ["empty-optional"],
    ],
    [
      "a whole number as text",
      { name: "a", count: "5" },
      { name: "a", count: 5 },
      ["number-as-text"],
    ],
    [
      "a fraction as text",
      { name: "a", price: "-1.5" },
      { name: "a", price: -1.5 },
      ["number-as-text"],
    ],
    [
      "a boolean as text",
      { name: "a", urgent: "True" },
      { name: "a", urgent: true },
      ["boolean-as-text"],
    ],
    [
      "a number for a text",
      { name: 4827193601 },
      { name: "4827193601" },
      ["text-as-number"],
    ],
    [
      "the wrong case of an enum",
      { name: "a", size: "large" },
      { name: "a", size: "Large" },
      ["enum-case"],
    ],
    ["an unknown key", { name: "a", extra: 1 }, { name: "a" }, ["unknown-key"]],
    [
      "a text that looks like JSON stays text",
      { name: '{"a":1}' },
      { name: '{"a":1}' },
      [],
    ],
    [
      "a text that looks like a number stays text",
      { name: "5" },
      { name: "5" },
      [],
    ],
  ];
  test.each(repaired)("repairs: %s", async (_, given, sent, rules) => {
    const result = checkArguments(await createTool(), given);
    expect(result).toMatchObject({ ok: true, arguments: sent });
    expect(result.ok && result.arguments).toEqual(sent);
    expect(result.ok && result.repairs.map(({ rule }) => rule)).toEqual(rules);
  });

  const refused: [what: string, given: unknown, path: string, words: string][] =
    [
      [
        "a missing field",
        {},
        "name",
        "name: expected string (required), received nothing",
      ],
      [
        "a wrong type",
        { name: "a", count: [1] },
        "count",
        "count: expected integer, received array [1]",
      ],
      [
        "a value outside its range",
        { name: "a", count: 0 },
        "count",
        "count: expected >= 1, received number 0",
      ],
      [
        "an unknown word",
        { name: "a", size: "Huge" },
        "size",
        'size: expected one of ["Small","Large"], received string "Huge"',
      ],
      [
        "a wrong type deep inside",
        { name: "a", tags: ["x", 5] },
        "tags[1]",
        "tags[1]: expected string, received number 5",
      ],
      [
        "a list instead of an object",
        [1],
        "",
        "arguments: expected object, received array [1]",
      ],
      [
        "a word instead of an object",
        "tomorrow",
        "",
        'arguments: expected object, received string "tomorrow"',
      ],
    ];
  test.each(refused)("refuses in words: %s", async (_, given, path, words) => {
    const result = checkArguments(await createTool(), given);
    expect(result).toMatchObject({ ok: false, problems: [{ path }] });
    expect(!result.ok && result.message).toContain(words);
    expect(!result.ok && result.message).toContain("order");
  });

  test("repairs nothing for a destructive tool, unless asked to", async () => {
    const tool = await createTool({ "x-tool": { destructive: true } });
    expect(checkArguments(tool, { name: "a", count: "5" })).toMatchObject({
      ok: false,
      problems: [{ path: "count" }],
    });
    expect(checkArguments(tool, { name: "a", extra: 1 })).toMatchObject({
      ok: false,
      problems: [{ path: "extra" }],
    });
    expect(
      checkArguments(tool, { name: "a", count: "5" }, { repair: true }),
    ).toMatchObject({ ok: true });
  });

  test("knows what a $ref and a choice allow: a null is dropped, a number as text is mended", async () => {
    const schema = {
      type: "object",
      properties: {
        a: { $ref: "#/components/schemas/Count" },
        b: { anyOf: [{ type: "integer" }, { type: "boolean" }] },
        c: { $ref: "#/components/schemas/Maybe" },
      },
    };
    const components = {
      schemas: {
        Count: { type: "integer" },
        Maybe: { type: ["integer", "null"] },
      },
    };
    const { tools } = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      components,
      paths: {
        "/a": {
          post: {
            requestBody: { content: { "application/json": { schema } } },
          },
        },
      },
    });
    expect(
      checkArguments(tools[0] as Tool, { a: null, b: null, c: null }),
    ).toEqual({ ok: true, arguments: { c: null }, repairs: [] });
    expect(
      checkArguments(tools[0] as Tool, { a: "5", b: "true" }),
    ).toMatchObject({ ok: true, arguments: { a: 5, b: true } });
  });

  test("an optional field that every object inherits is not there unless it is given", async () => {
    const schema = {
      type: "object",
      properties: {
        toString: { type: "string" },
        constructor: { type: "integer" },
        valueOf: {},
      },
    };
    const { tools } = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths: {
        "/a": {
          post: {
            requestBody: { content: { "application/json": { schema } } },
          },
        },
      },
    });
    expect(checkArguments(tools[0] as Tool, {})).toEqual({
      ok: true,
      arguments: {},
      repairs: [],
    });
    expect(checkArguments(tools[0] as Tool, { constructor: [] })).toMatchObject(
      { ok: false, problems: [{ path: "constructor" }] },
    );
  });

  test("refuses what is nested without end, and never throws", async () => {
    const tool = await createTool();
    let deep: unknown = [];
    for (let depth = 0; depth < 20_000; depth++) deep = [deep];
    for (const given of [deep, { name: deep }, { name: "a", tags: deep }])
      expect(checkArguments(tool, given)).toMatchObject({ ok: false });
  });

  test("takes nothing for no arguments, and hostile names for data", async () => {
    const tool = await createTool();
    expect(checkArguments(tool, undefined)).toMatchObject({
      ok: false,
      problems: [{ path: "name" }],
    });
    const hostile = JSON.parse(
      '{"name":"a","__proto__":{"admin":true},"constructor":1}',
    ) as object;
    const result = checkArguments(tool, hostile);
    expect(result.ok && Object.keys(result.arguments)).toEqual(["name"]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
