import { describe, expect, test } from "@jest/globals";
import { checkArguments } from "../../openapi/arguments/arguments.ts";
import { createTool } from "./arguments-tool.ts";

const tool = createTool({
  properties: {
    customer_name: { type: "string" },
    count: { type: "integer" },
    tags: { type: "array", items: { type: "string" } },
    address: { type: "object", properties: { zip: { type: "string" } } },
  },
  required: ["customer_name"],
});
const ann = { customer_name: "Ann" };

describe("the whole of the arguments", () => {
  const texts: [what: string, given: string, sent: object, rule: string][] = [
    ["JSON", '{"customer_name":"Ann"}', ann, "json-as-text"],
    [
      "JSON in quotes",
      '"{\\"customer_name\\":\\"Ann\\"}"',
      ann,
      "json-as-text",
    ],
    ["a fence", '```json\n{"customer_name":"Ann"}\n```', ann, "json-as-text"],
    [
      "a fence without a word",
      '```\n{"customer_name":"Ann"}\n```',
      ann,
      "json-as-text",
    ],
    [
      "a sentence around",
      'Sure: {"customer_name":"Ann"} (as asked)',
      ann,
      "json-as-text",
    ],
    ["a bracket too many", '{"customer_name":"Ann"}}', ann, "json-as-text"],
    ["single quotes", "{'customer_name': 'Ann'}", ann, "loose-json"],
    ["names without quotes", '{customer_name: "Ann"}', ann, "loose-json"],
    [
      "commas too many",
      '{"customer_name":"Ann","tags":["a",],}',
      { ...ann, tags: ["a"] },
      "loose-json",
    ],
    [
      "comments",
      '{"customer_name":"Ann" /* who */ // x\n, "count": 2 # n\n}',
      { ...ann, count: 2 },
      "loose-json",
    ],
    [
      "line breaks in a text",
      '{"customer_name":"Ann\nLee"}',
      { customer_name: "Ann\nLee" },
      "json-as-text",
    ],
    [
      "a forgotten bracket inside",
      '{"customer_name":"Ann","tags":["a"}',
      { ...ann, tags: ["a"] },
      "loose-json",
    ],
    [
      "escapes",
      "{'customer_name': 'A\\u006en\\'s \\n\\q'}",
      { customer_name: "Ann's \nq" },
      "loose-json",
    ],
    [
      "a key twice: the last counts",
      '{"customer_name":"Bob","customer_name":"Ann"}',
      ann,
      "json-as-text",
    ],
    ["no closing bracket", '{"customer_name":"Ann"', ann, "truncated-json"],
    [
      "no closing brackets",
      '{"customer_name":"Ann","tags":["a","b"',
      { ...ann, tags: ["a", "b"] },
      "truncated-json",
    ],
    [
      "a key that was cut",
      '{"customer_name":"Ann","cou',
      ann,
      "truncated-json",
    ],
    [
      "a key without a value",
      '{"customer_name":"Ann","count":',
      ann,
      "truncated-json",
    ],
    [
      "a number that was cut",
      '{"customer_name":"Ann","count":1',
      ann,
      "truncated-json",
    ],
    [
      "a number that was cut at its point",
      '{"customer_name":"Ann","count":1.',
      ann,
      "truncated-json",
    ],
    [
      "a number that ended",
      '{"customer_name":"Ann","count":1 ',
      { ...ann, count: 1 },
      "truncated-json",
    ],
    [
      "a word that was cut",
      '{"customer_name":"Ann","count":nul',
      ann,
      "truncated-json",
    ],
    [
      "a text that was cut",
      '{"customer_name":"Ann","tags":["a","b',
      { ...ann, tags: ["a"] },
      "truncated-json",
    ],
    [
      "a fence that was cut",
      '```json\n{"customer_name":"Ann", "count": 3, "tags": [',
      { ...ann, count: 3, tags: [] },
      "truncated-json",
    ],
  ];
  test.each(texts)("is read from text: %s", (_, given, sent, rule) => {
    expect(checkArguments(tool, given)).toMatchObject({
      ok: true,
      arguments: sent,
      repairs: [{ path: "", from: given, rule }],
    });
    const result = checkArguments(tool, given);
    expect(result.ok && result.arguments).toEqual(sent);
    expect(checkArguments(tool, given, { repair: false })).toMatchObject({
      ok: false,
      problems: [{ path: "", expected: "object" }],
    });
  });

  const noTexts: [what: string, given: string, path: string][] = [
    ["a word", "tomorrow", ""],
    ["a list", '[{"customer_name":"Ann"}]', ""],
    ["two objects", '{"customer_name":"Ann"} {"customer_name":"Bob"}', ""],
    ["half a name", '{"customer_name":"An', ""],
    [
      "half a name after something",
      '{"count":1,"customer_name":"An',
      "customer_name",
    ],
    ["fields without brackets", "customer_name: Ann", ""],
    ["a text in two pieces", '{"customer_name":"Ann" "Lee"}', ""],
    ["no arguments at all", "", "customer_name"],
  ];
  test.each(noTexts)("is not guessed from text: %s", (_, given, path) => {
    expect(checkArguments(tool, given)).toMatchObject({
      ok: false,
      problems: [{ path }],
    });
  });

  test("ids with more digits than a number keeps stay whole", () => {
    const id = "12345678901234567890";
    const result = checkArguments(tool, `{"customer_name":${id}}`);
    expect(result).toMatchObject({
      ok: true,
      arguments: { customer_name: id },
    });
    expect(
      checkArguments(tool, `{"customer_name":"a","count":${id}}`),
    ).toMatchObject({ ok: false, problems: [{ path: "count" }] });
  });

  const wrapped: [
    what: string,
    given: object,
    sent: object,
    ...rules: string[],
  ][] = [
    ["arguments", { arguments: ann }, ann, "wrapper"],
    ["body", { body: ann }, ann, "wrapper"],
    ["parameters", { parameters: ann }, ann, "wrapper"],
    [
      "input",
      { input: { customerName: "Ann" } },
      ann,
      "wrapper",
      "key-spelling",
    ],
    [
      "args in arguments",
      { arguments: { args: ann } },
      ann,
      "wrapper",
      "wrapper",
    ],
    [
      "arguments as text",
      { arguments: JSON.stringify(ann) },
      ann,
      "json-as-text",
      "wrapper",
    ],
    ["a call by its name", { name: "order", arguments: ann }, ann, "wrapper"],
    [
      "a call of OpenAI",
      {
        id: "c1",
        type: "function",
        function: { name: "order", arguments: JSON.stringify(ann) },
      },
      ann,
      "wrapper",
      "json-as-text",
      "wrapper",
    ],
    [
      "a call of Anthropic",
      { type: "tool_use", id: "t1", name: "order", input: ann },
      ann,
      "wrapper",
    ],
    [
      "a body beside other arguments",
      { count: 2, body: ann },
      { count: 2, ...ann },
      "wrapper",
    ],
    [
      "the places of a request",
      { path: { count: 2 }, body: ann },
      { count: 2, ...ann },
      "wrapper",
      "wrapper",
    ],
  ];
  test.each(wrapped)(
    "is taken out of what is around: %s",
    (_, given, sent, ...rules) => {
      const result = checkArguments(tool, given);
      expect(result).toMatchObject({ ok: true, arguments: sent });
      expect(result.ok && result.arguments).toEqual(sent);
      expect(result.ok && result.repairs.map(({ rule }) => rule)).toEqual(
        rules,
      );
      expect(checkArguments(tool, given, { repair: false }).ok).toBe(false);
    },
  );

  test.each([
    ["the call of another tool", { name: "cancel", arguments: ann }],
    [
      "an argument that is given twice",
      { customer_name: "Bob", arguments: ann },
    ],
    ["something else of that name", { arguments: { color: "red" } }],
  ])("is not taken out of %s", (_, given) => {
    const result = checkArguments(tool, given);
    expect(result).not.toMatchObject({ arguments: ann });
  });

  test("a tool's own argument is no wrapper", () => {
    const own = createTool({
      properties: { body: { type: "object" }, name: { type: "string" } },
    });
    expect(checkArguments(own, { body: { name: "a" } })).toEqual({
      ok: true,
      arguments: { body: { name: "a" } },
      repairs: [],
    });
    expect(
      checkArguments(own, { name: "order", input: { name: "a" } }),
    ).toMatchObject({ ok: true, arguments: { name: "a" } });
    expect(
      checkArguments(own, { name: "b", input: { name: "a" } }),
    ).toMatchObject({ arguments: { name: "b" } });
  });
});

describe("the keys of the arguments", () => {
  const keys: [
    what: string,
    given: object,
    sent: object,
    ...rules: string[],
  ][] = [
    ["camel case", { customerName: "Ann" }, ann, "key-spelling"],
    ["kebab case", { "customer-name": "Ann" }, ann, "key-spelling"],
    ["spaces and capitals", { "Customer Name": "Ann" }, ann, "key-spelling"],
    [
      "a key that is given already",
      { ...ann, customerName: "Bob" },
      ann,
      "unknown-key",
    ],
    ["undefined is nothing", { ...ann, count: undefined }, ann],
    [
      "a key of the prototype",
      { ...ann, constructor: 1, toString: 2 },
      ann,
      "unknown-key",
      "unknown-key",
    ],
  ];
  test.each(keys)("%s", (_, given, sent, ...rules) => {
    const result = checkArguments(tool, given);
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && result.arguments).toEqual(sent);
    expect(result.ok && result.repairs.map(({ rule }) => rule)).toEqual(rules);
  });

  test("two spellings of one key are not chosen between", () => {
    expect(
      checkArguments(tool, { customerName: "Ann", CustomerName: "Bob" }),
    ).toMatchObject({ ok: false, problems: [{ path: "customer_name" }] });
  });

  test("the document's own spelling of a key is known", () => {
    const filter = createTool(
      { properties: { f_1: { type: "string" } } },
      { inputs: [{ key: "f_1", in: "query", name: "filter[x]" }] },
    );
    expect(checkArguments(filter, { "filter[x]": "a" })).toMatchObject({
      ok: true,
      arguments: { f_1: "a" },
    });
    const two = createTool(
      { properties: { query_id: {}, header_id: {} } },
      {
        inputs: [
          { key: "query_id", in: "query", name: "id" },
          { key: "header_id", in: "header", name: "id" },
        ],
      },
    );
    expect(checkArguments(two, { id: "a" })).toMatchObject({
      ok: true,
      arguments: {},
      repairs: [{ rule: "unknown-key" }],
    });
  });

  test("further fields of an open body stay, and are not renamed unless needed", () => {
    const body = { mediaType: "application/json", required: true, open: true };
    const open = createTool(
      {
        additionalProperties: { type: "integer" },
        properties: { my_name: { type: "string" } },
      },
      { request: { body } },
    );
    expect(
      checkArguments(open, { my_name: "a", x: "5", myName: 1 }),
    ).toMatchObject({ ok: true, arguments: { my_name: "a", x: 5, myName: 1 } });
    expect(checkArguments(open, { body: 1 })).toMatchObject({
      ok: true,
      arguments: { body: 1 },
      repairs: [],
    });
    const silent = createTool(
      { additionalProperties: undefined, properties: {} },
      { request: { body } },
    );
    expect(checkArguments(silent, { x: 1 })).toEqual({
      ok: true,
      arguments: { x: 1 },
      repairs: [],
    });
  });

  test("a body that may be left out needs its own fields as soon as one is given", () => {
    const body = {
      mediaType: "application/json",
      required: false,
      open: false,
      needs: ["b"],
    };
    const properties = {
      id: { type: "string" },
      a: { type: "string" },
      b: { enum: ["x", "y"] },
    };
    const inputs = [
      { key: "id", in: "path" as const, name: "id" },
      { key: "a", in: "body" as const, name: "a" },
      { key: "b", in: "body" as const, name: "b" },
    ];
    const optional = createTool(
      { properties, required: ["id"] },
      { request: { body }, inputs },
    );
    expect(checkArguments(optional, { id: "1" }).ok).toBe(true);
    expect(checkArguments(optional, { id: "1", a: "1", b: "x" }).ok).toBe(true);
    expect(checkArguments(optional, { id: "1", a: null }).ok).toBe(true);
    for (const args of [
      { id: "1", a: "1" },
      { id: "1", a: "1", b: null },
      { id: "1", a: "1", b: "" },
    ])
      expect(checkArguments(optional, args)).toMatchObject({
        ok: false,
        problems: [
          {
            path: "b",
            expected: 'one of ["x","y"] (required with a)',
            received: "nothing",
          },
        ],
      });
  });

  test("an argument called __proto__ is checked as any other", () => {
    const properties = Object.fromEntries([["__proto__", { type: "integer" }]]);
    const odd = createTool({ properties, required: ["__proto__"] });
    expect(checkArguments(odd, {})).toMatchObject({
      ok: false,
      problems: [{ path: "__proto__", expected: "integer (required)" }],
    });
    expect(checkArguments(odd, JSON.parse('{"__proto__":[]}'))).toMatchObject({
      ok: false,
      problems: [{ path: "__proto__", expected: "integer" }],
    });
    const mended = checkArguments(odd, JSON.parse('{"__proto__":"5"}'));
    expect(mended.ok && Object.entries(mended.arguments)).toEqual([
      ["__proto__", 5],
    ]);
    expect(checkArguments(odd, JSON.parse('{"__proto__":5}'))).toMatchObject({
      ok: true,
      repairs: [],
    });
  });
});

describe("with repair off", () => {
  const strict = createTool(
    {
      properties: {
        a: { type: "integer" },
        b: {
          type: "object",
          properties: {
            c: { type: "integer" },
            d: { type: ["string", "null"] },
          },
        },
        e: { type: "array", items: { $ref: "#/$defs/Pet" } },
      },
      $defs: {
        Pet: {
          anyOf: [
            {
              type: "object",
              properties: {
                kind: { const: "cat" },
                lives: { type: "integer" },
              },
              required: ["kind"],
            },
            {
              type: "object",
              properties: {
                kind: { const: "dog" },
                tricks: { type: "integer" },
              },
              required: ["kind"],
            },
          ],
        },
      },
    },
    { destructive: true },
  );

  test("nulls of optional fields are dropped at every depth, unlisted", () => {
    const args = {
      a: null,
      b: { c: null, d: null },
      e: [
        { kind: "dog", tricks: null },
        { kind: "cat", lives: 9 },
      ],
    };
    expect(checkArguments(strict, args)).toEqual({
      ok: true,
      arguments: {
        b: { d: null },
        e: [{ kind: "dog" }, { kind: "cat", lives: 9 }],
      },
      repairs: [],
    });
    expect(args.e[0]).toEqual({ kind: "dog", tricks: null });
  });

  test.each([
    [{ a: "5" }, "a"],
    [{ a: "" }, "a"],
    [{ A: 5 }, "A"],
    [{ x: 5 }, "x"],
    [{ arguments: { a: 5 } }, "arguments"],
    [{ b: '{"c":1}' }, "b"],
    [{ b: { c: "1" } }, "b.c"],
    [{ e: { kind: "cat" } }, "e"],
    [{ e: [{ kind: "Cat" }] }, "e[0].kind"],
    ['{"a":5}', ""],
  ])("%j is refused at %s", (args, path) => {
    expect(checkArguments(strict, args)).toMatchObject({
      ok: false,
      problems: [{ path }],
    });
    expect(checkArguments(strict, args, { repair: true }).ok).toBe(true);
  });
});

describe("the message", () => {
  test("names path, what was expected and what came, each once, and is short", () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `field_${index}`,
        { enum: Array.from({ length: 500 }, (__, word) => `word ${word}`) },
      ]),
    );
    const args = Object.fromEntries(
      Object.keys(many).map((key) => [key, "x".repeat(5000)]),
    );
    const result = checkArguments(createTool({ properties: many }), args);
    expect(result.ok ? [] : result.problems).toHaveLength(10);
    const message = result.ok ? "" : result.message;
    expect(message.length).toBeLessThanOrEqual(1000);
    expect(message).toContain('"word 19"] and 480 more');
    expect(message).not.toContain('"word 20"');
    expect(message).toMatch(/; \d+ more\.$/);
  });

  const said: [what: string, a: object, given: unknown, words: string][] = [
    [
      "an amount",
      { type: "array", minItems: 2 },
      ["x"],
      'a: expected at least 2 entries, received array ["x"]',
    ],
    [
      "one of an amount",
      { type: "string", minLength: 1 },
      "",
      'a: expected at least 1 character, received string ""',
    ],
    [
      "several limits of one value",
      { type: "string", maxLength: 2, pattern: "^x" },
      "abc",
      'a: expected at most 2 characters and text that matches ^x, received string "abc"',
    ],
    [
      "a time",
      { type: "string", format: "date-time" },
      "at noon",
      "2026-03-09T14:30:00Z (format date-time)",
    ],
    [
      "a type and a null",
      { type: ["integer", "null"] },
      {},
      "a: expected integer or null, received object {}",
    ],
    [
      "a key with a dot",
      { type: "object", properties: { "x.y": { type: "integer" } } },
      { "x.y": {} },
      'a["x.y"]: expected integer',
    ],
    [
      "a key of digits",
      { type: "object", additionalProperties: { type: "integer" } },
      { "5": {} },
      'a["5"]: expected integer',
    ],
    [
      "what cannot be written as JSON",
      { type: "integer" },
      5n,
      "a: expected integer, received bigint 5",
    ],
    [
      "a function",
      { type: "integer" },
      () => 1,
      "a: expected integer, received function",
    ],
    [
      "two forms that both fit",
      { oneOf: [{ type: "integer" }, { type: "number" }] },
      5,
      "a: expected exactly one of its forms",
    ],
    [
      "what is never allowed",
      { not: {} },
      5,
      "a: expected nothing, received number 5",
    ],
    [
      "a field that another needs",
      { type: "object", dependentRequired: { x: ["y"] } },
      { x: 1 },
      "a.y: expected a value (required with x), received nothing",
    ],
  ];
  test.each(said)("says %s", (_, a, given, words) => {
    const result = checkArguments(
      createTool({ properties: { a }, required: ["a"] }),
      { a: given },
    );
    expect(!result.ok && result.message).toContain(words);
  });
});

describe("an argument that is left empty", () => {
  const tool = createTool({
    properties: {
      note: { type: "string" },
      title: { type: "string", minLength: 0 },
      kind: { enum: ["", "a"] },
      name: { type: "string" },
      deep: { type: "object", properties: { note: { type: "string" } } },
    },
    required: ["name"],
  });

  test("is left out where it is optional, and listed", () => {
    expect(checkArguments(tool, { name: "", note: "" })).toEqual({
      ok: true,
      arguments: { name: "" },
      repairs: [
        { path: "note", from: "", to: undefined, rule: "empty-optional" },
      ],
    });
  });

  test("stays where the schema names it, in what an argument holds, and with repair off", () => {
    const named = { name: "x", title: "", kind: "", deep: { note: "" } };
    expect(checkArguments(tool, named)).toMatchObject({ arguments: named });
    expect(
      checkArguments(tool, { name: "x", note: "" }, { repair: false }),
    ).toMatchObject({ arguments: { name: "x", note: "" } });
  });
});

test("a price in cents is a multiple of a cent", () => {
  const price = { type: "number", multipleOf: 0.01 };
  const tool = createTool({ properties: { price }, required: ["price"] });
  expect(checkArguments(tool, { price: 19.99 })).toMatchObject({ ok: true });
  expect(checkArguments(tool, { price: 19.995 })).toMatchObject({ ok: false });
});
