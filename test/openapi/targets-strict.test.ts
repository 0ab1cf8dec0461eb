import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { emit } from "../../openapi/targets/index.ts";
import type { JsonSchema, Tool } from "../../openapi/types.ts";
import { makeCatalog, makeTool } from "./make-tool.ts";

const ajv = addFormats.default(new Ajv2020({ strict: false }));

const ACT: Partial<Tool> = {
  name: "act",
  description: "Acts.",
  operation: { method: "POST", path: "/act", tags: [], deprecated: false },
};
const makeAct = (parameters: JsonSchema, more: Partial<Tool> = {}): Tool =>
  makeTool(parameters, { ...ACT, ...more });

interface Called {
  parameters: JsonSchema;
  strict: boolean;
}

function emitOpenAI(tool: Tool) {
  const { tools, diagnostics } = emit(makeCatalog(tool), "openai-strict");
  const { parameters, strict } = (tools[0] as { function: Called }).function;
  return { parameters, strict, diagnostics };
}

/** A second opinion on OpenAI's rules, of which the code under test knows nothing. */
function listStrictFaults(schema: unknown, place = "#"): string[] {
  if (typeof schema !== "object" || schema === null)
    return [`${place} is no schema`];
  const {
    type,
    properties,
    required,
    additionalProperties,
    items,
    anyOf,
    $defs,
    ...rest
  } = schema as JsonSchema;
  const known = [
    "description",
    "title",
    "enum",
    "const",
    "$ref",
    "pattern",
    "format",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
  ];
  const faults = Object.keys(rest)
    .filter((word) => !known.includes(word))
    .map((word) => `${place}: ${word}`);
  if (place === "#" && (type !== "object" || anyOf !== undefined))
    faults.push("root");
  if (type === undefined && anyOf === undefined && rest["$ref"] === undefined)
    faults.push(`${place}: no type`);
  if ([type].flat().includes("object")) {
    const keys = Object.keys((properties ?? {}) as object);
    if (additionalProperties !== false) faults.push(`${place}: open`);
    if (JSON.stringify(keys) !== JSON.stringify(required))
      faults.push(`${place}: required`);
  }
  if ([type].flat().includes("array") && items === undefined)
    faults.push(`${place}: items`);
  const below: [string, unknown][] = [
    ...Object.entries((properties ?? {}) as object),
    ...Object.entries(($defs ?? {}) as object),
    ...Object.entries((anyOf ?? []) as object),
    ...(items === undefined ? [] : [["items", items] as [string, unknown]]),
  ];
  return [
    ...faults,
    ...below.flatMap(([key, value]) =>
      listStrictFaults(value, `${place}/${key}`),
    ),
  ];
}

const text = { type: "string" };

// What a schema of one field becomes, and values that fit and do not.
const CASES: {
  claim: string;
  given: JsonSchema;
  defs?: JsonSchema;
  optional?: true;
  becomes: JsonSchema;
  takes: unknown[];
  refuses: unknown[];
}[] = [
  {
    claim: "a required text stays",
    given: text,
    becomes: text,
    takes: ["a"],
    refuses: [null, 1],
  },
  {
    claim: "an optional text may be null",
    given: text,
    optional: true,
    becomes: { type: ["string", "null"] },
    takes: ["a", null],
    refuses: [1],
  },
  {
    claim: "a nullable text stays nullable",
    given: { type: ["string", "null"] },
    becomes: { type: ["string", "null"] },
    takes: ["a", null],
    refuses: [1],
  },
  {
    claim: "an optional enum lists null as well",
    given: { type: "string", enum: ["a", "b"] },
    optional: true,
    becomes: { type: ["string", "null"], enum: ["a", "b", null] },
    takes: ["a", null],
    refuses: ["c"],
  },
  {
    claim: "an enum of several types is a choice of enums",
    given: { enum: ["a", 1, null] },
    becomes: {
      anyOf: [
        { type: "string", enum: ["a"] },
        { type: "integer", enum: [1] },
        { type: "null" },
      ],
    },
    takes: ["a", 1, null],
    refuses: ["b", 2],
  },
  {
    claim: "const is an enum of one",
    given: { const: "only" },
    becomes: { type: "string", enum: ["only"] },
    takes: ["only"],
    refuses: ["other"],
  },
  {
    claim: "limits without a word are told",
    given: {
      type: "string",
      description: "Name.",
      minLength: 1,
      maxLength: 9,
      default: "x",
    },
    becomes: {
      type: "string",
      description:
        'Name. (at least 1 characters; at most 9 characters; default "x")',
    },
    takes: ["a"],
    refuses: [1],
  },
  {
    claim: "limits with a word stay",
    given: { type: "integer", minimum: 1, maximum: 5, format: "int32" },
    becomes: { type: "integer", minimum: 1, maximum: 5 },
    takes: [1],
    refuses: [0, 1.5],
  },
  {
    claim: "a known format stays, another is told",
    given: {
      type: "array",
      items: {
        anyOf: [
          { type: "string", format: "date" },
          { type: "string", format: "uri" },
        ],
      },
    },
    becomes: {
      type: "array",
      items: {
        anyOf: [
          { type: "string", format: "date" },
          { type: "string", description: "format uri" },
        ],
      },
    },
    takes: [["2026-01-31"]],
    refuses: [[1]],
  },
  {
    claim: "a plain pattern stays, lookahead is told",
    given: {
      type: "object",
      properties: {
        a: { type: "string", pattern: "^a+$" },
        b: { type: "string", pattern: "^(?=a)" },
      },
      required: ["a", "b"],
    },
    becomes: {
      type: "object",
      properties: {
        a: { type: "string", pattern: "^a+$" },
        b: { type: "string", description: "matching ^(?=a)" },
      },
      required: ["a", "b"],
      additionalProperties: false,
    },
    takes: [{ a: "aa", b: "x" }],
    refuses: [{ a: "b", b: "x" }],
  },
  {
    claim: "a nested optional field may be null",
    given: {
      type: "object",
      properties: { a: text, b: { type: "integer" } },
      required: ["a"],
    },
    becomes: {
      type: "object",
      properties: { a: text, b: { type: ["integer", "null"] } },
      required: ["a", "b"],
      additionalProperties: false,
    },
    takes: [
      { a: "x", b: null },
      { a: "x", b: 1 },
    ],
    refuses: [{ a: "x" }, { a: "x", b: null, c: 1 }],
  },
  {
    claim: "an optional object may be null as a whole",
    given: {
      type: "object",
      description: "Where.",
      properties: { a: text },
      required: ["a"],
    },
    optional: true,
    becomes: {
      description: "Where.",
      anyOf: [
        {
          type: "object",
          properties: { a: text },
          required: ["a"],
          additionalProperties: false,
        },
        { type: "null" },
      ],
    },
    takes: [null, { a: "x" }],
    refuses: [{}],
  },
  {
    claim: "allOf is one object",
    given: {
      allOf: [
        { $ref: "#/$defs/Base" },
        { type: "object", properties: { b: text }, required: ["b"] },
      ],
    },
    defs: {
      Base: { type: "object", properties: { a: text }, required: ["a"] },
    },
    becomes: {
      type: "object",
      properties: { a: text, b: text },
      required: ["a", "b"],
      additionalProperties: false,
    },
    takes: [{ a: "x", b: "y" }],
    refuses: [{ a: "x" }],
  },
  {
    claim:
      "allOf of one reference stays a reference, with its description outside",
    given: { allOf: [{ $ref: "#/$defs/Base" }], description: "Mine." },
    defs: {
      Base: { type: "object", properties: { a: text }, required: ["a"] },
    },
    becomes: { description: "Mine.", anyOf: [{ $ref: "#/$defs/Base" }] },
    takes: [{ a: "x" }],
    refuses: [{}],
  },
  {
    claim: "oneOf is anyOf",
    given: { oneOf: [text, { type: "integer" }] },
    becomes: { anyOf: [text, { type: "integer" }] },
    takes: ["x", 1],
    refuses: [true],
  },
  {
    claim: "fields beside a choice are in every branch",
    given: {
      type: "object",
      properties: { a: text },
      required: ["a"],
      oneOf: [
        { properties: { b: text }, required: ["b"] },
        { properties: { c: text }, required: ["c"] },
      ],
    },
    becomes: {
      anyOf: ["b", "c"].map((key) => ({
        type: "object",
        properties: { a: text, [key]: text },
        required: ["a", key],
        additionalProperties: false,
      })),
    },
    takes: [
      { a: "x", b: "y" },
      { a: "x", c: "y" },
    ],
    refuses: [{ a: "x" }, { b: "y" }],
  },
  {
    claim: "a choice of required fields only does not double the object",
    given: {
      type: "object",
      properties: { a: text, b: text },
      anyOf: [{ required: ["a"] }, { required: ["b"] }],
    },
    becomes: {
      type: "object",
      properties: {
        a: { type: ["string", "null"] },
        b: { type: ["string", "null"] },
      },
      required: ["a", "b"],
      additionalProperties: false,
    },
    takes: [{ a: "x", b: null }],
    refuses: [{}],
  },
  {
    claim: "recursion stays, through an optional field",
    given: { $ref: "#/$defs/Node" },
    defs: {
      Node: {
        type: "object",
        properties: { value: text, next: { $ref: "#/$defs/Node" } },
        required: ["value"],
      },
    },
    becomes: { $ref: "#/$defs/Node" },
    takes: [{ value: "a", next: { value: "b", next: null } }],
    refuses: [{ value: "a" }],
  },
  {
    claim: "a tuple is a list of what its places take",
    given: {
      type: "array",
      prefixItems: [text, { type: "integer" }],
      minItems: 2,
    },
    becomes: {
      type: "array",
      minItems: 2,
      items: { anyOf: [text, { type: "integer" }] },
    },
    takes: [["a", 1]],
    refuses: [["a"], [true, 1]],
  },
  {
    claim: "a field that no value fits is left out",
    given: {
      type: "object",
      properties: { a: text, b: false, c: { not: {} } },
      required: ["a"],
    },
    becomes: {
      type: "object",
      properties: { a: text },
      required: ["a"],
      additionalProperties: false,
    },
    takes: [{ a: "x" }],
    refuses: [{ a: "x", b: 1 }],
  },
  {
    claim: "further fields beside known ones are closed",
    given: {
      type: "object",
      properties: { a: text },
      required: ["a"],
      additionalProperties: true,
    },
    becomes: {
      type: "object",
      properties: { a: text },
      required: ["a"],
      additionalProperties: false,
    },
    takes: [{ a: "x" }],
    refuses: [{ a: "x", b: 1 }],
  },
  {
    claim: "names of Object's own stay names",
    given: {
      type: "object",
      properties: JSON.parse(
        '{"__proto__":{"type":"string"},"constructor":{"type":"string"}}',
      ) as JsonSchema,
      required: ["__proto__", "constructor"],
    },
    becomes: {
      type: "object",
      properties: JSON.parse(
        '{"__proto__":{"type":"string"},"constructor":{"type":"string"}}',
      ) as JsonSchema,
      required: ["__proto__", "constructor"],
      additionalProperties: false,
    },
    takes: [], // ajv itself does not look at a property of that name
    refuses: [{ constructor: 1 }],
  },
];

describe("OpenAI strict", () => {
  test.each(CASES)(
    "$claim",
    ({ given, defs, optional, becomes, takes, refuses }) => {
      const tool = makeAct({
        properties: { field: given },
        ...(optional ? {} : { required: ["field"] }),
        ...(defs ? { $defs: defs } : {}),
      });
      const { parameters, strict } = emitOpenAI(tool);
      expect(strict).toBe(true);
      expect(JSON.parse(JSON.stringify(parameters["properties"]))).toEqual(
        JSON.parse(JSON.stringify({ field: becomes })),
      );
      expect(listStrictFaults(parameters)).toEqual([]);
      const validate = ajv.compile(parameters);
      for (const field of takes)
        expect([field, validate({ field })]).toEqual([field, true]);
      for (const field of refuses)
        expect([field, validate({ field })]).toEqual([field, false]);
      expect(validate({})).toBe(false);
    },
  );

  test("a tool without arguments is strict", () => {
    const { parameters, strict } = emitOpenAI(makeAct({ properties: {} }));
    expect(strict).toBe(true);
    expect(parameters).toEqual({
      type: "object",
      properties: {},
      required: [],
      additionalProperties: false,
    });
  });

  test.each([
    [
      "a map",
      { type: "object", additionalProperties: text },
      /fields of any name at field/,
    ],
    ["a free object", { type: "object" }, /fields of any name at field/],
    [
      "pattern properties",
      {
        type: "object",
        properties: { a: text },
        patternProperties: { "^x": text },
      },
      /fields of any name/,
    ],
    ["any value", {}, /any value at field/],
    ["true", true, /any value at field/],
    ["a list of anything", { type: "array" }, /any value at field\[\]/],
    ["a required field that no value fits", false, /no value fits field/],
    [
      "objects as values",
      { type: "object", properties: { a: text }, enum: [{ a: "x" }] },
      /objects or lists as values/,
    ],
    [
      "1,001 values",
      {
        type: "string",
        enum: Array.from({ length: 1001 }, (_, index) => `v${index}`),
      },
      /enumValues 1001 is above 1000/,
    ],
    [
      "long values",
      {
        type: "string",
        enum: Array.from({ length: 251 }, (_, index) =>
          `${index}`.padStart(60, "v"),
        ),
      },
      /longEnum 15060 is above 15000/,
    ],
    [
      "5,001 fields",
      {
        type: "object",
        properties: Object.fromEntries(
          Array.from({ length: 5000 }, (_, index) => [`p${index}`, text]),
        ),
      },
      /properties 5001 is above 5000/,
    ],
    ["11 levels", nest(10), /levels 11 is above 10/],
    [
      "long names",
      {
        type: "object",
        properties: Object.fromEntries(
          Array.from({ length: 1300 }, (_, index) => [
            `${index}`.padStart(100, "p"),
            text,
          ]),
        ),
      },
      /characters 130005 is above 120000/,
    ],
  ])(
    "%s has no strict form: the reason is said, the tool stays as it is",
    (_, field, reason) => {
      const tool = makeAct({ properties: { field }, required: ["field"] });
      const { parameters, strict, diagnostics } = emitOpenAI(tool);
      expect(strict).toBe(false);
      expect(parameters).toBe(tool.parameters);
      expect(diagnostics).toMatchObject([
        { rule: "not-strict", severity: "info", operation: "POST /act" },
      ]);
      expect(diagnostics[0]?.message).toMatch(reason);
    },
  );

  test("10 levels are strict, also when references lead there", () => {
    expect(emitOpenAI(makeAct({ properties: { field: nest(9) } })).strict).toBe(
      true,
    );
    const defs = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `D${index}`,
        {
          type: "object",
          properties: {
            next: index === 11 ? text : { $ref: `#/$defs/D${index + 1}` },
          },
        },
      ]),
    );
    const chain = (from: number) =>
      emitOpenAI(
        makeAct({
          properties: { field: { $ref: `#/$defs/D${from}` } },
          $defs: defs,
        }),
      ).strict;
    expect([chain(3), chain(2)]).toEqual([true, false]);
  });

  test("of a PATCH, a null that clears a field keeps the tool from being strict", () => {
    const parameters = { properties: { a: { type: ["string", "null"] } } };
    const operation = {
      method: "PATCH",
      path: "/act",
      tags: [],
      deprecated: false,
    };
    expect(emitOpenAI(makeAct(parameters)).strict).toBe(true);
    const { strict, diagnostics } = emitOpenAI(
      makeAct(parameters, { operation }),
    );
    expect(strict).toBe(false);
    expect(diagnostics[0]?.message).toMatch(/null is a value of a/);
    expect(
      emitOpenAI(makeAct({ properties: { a: text } }, { operation })).strict,
    ).toBe(true);
    expect(
      emitOpenAI(
        makeAct(
          {
            properties: { a: { $ref: "#/$defs/N" } },
            $defs: { N: { type: ["string", "null"] } },
          },
          { operation },
        ),
      ).strict,
    ).toBe(false);
  });

  test("conditions that only the server can check are reported", () => {
    const { strict, diagnostics } = emitOpenAI(
      makeAct({
        properties: { a: { type: "string", not: { const: "x" } } },
        required: ["a"],
      }),
    );
    expect(strict).toBe(true);
    expect(diagnostics).toMatchObject([
      { rule: "schema-simplified", severity: "info" },
    ]);
    expect(diagnostics[0]?.message).toMatch(/not at a/);
  });
});

function nest(levels: number): JsonSchema {
  return levels === 0
    ? text
    : { type: "object", properties: { a: nest(levels - 1) } };
}

interface Claude {
  name: string;
  strict?: boolean;
  input_schema: JsonSchema;
}

function emitClaude(...tools: Tool[]) {
  const named = tools.map((tool, index) => ({ ...tool, name: `act_${index}` }));
  const { tools: emitted, diagnostics } = emit(
    makeCatalog(...named),
    "anthropic-strict",
  );
  return { emitted: emitted as Claude[], diagnostics };
}

describe("Anthropic strict", () => {
  test("null is a branch of its own, default stays, limits are told", () => {
    const { emitted } = emitClaude(
      makeAct({
        properties: {
          a: { type: "string", minLength: 2, default: "xx" },
          b: { type: "array", items: text, minItems: 1, maxItems: 3 },
          c: { type: "string", format: "uri" },
        },
        required: ["b", "c"],
      }),
    );
    expect(emitted[0]).toEqual({
      name: "act_0",
      description: "Acts.",
      strict: true,
      input_schema: {
        type: "object",
        properties: {
          a: {
            description: "at least 2 characters",
            anyOf: [{ type: "string", default: "xx" }, { type: "null" }],
          },
          b: {
            type: "array",
            minItems: 1,
            items: text,
            description: "at most 3 entries",
          },
          c: { type: "string", format: "uri" },
        },
        required: ["a", "b", "c"],
        additionalProperties: false,
      },
    });
  });

  test("recursion has no strict form", () => {
    const node = {
      type: "object",
      properties: { next: { $ref: "#/$defs/Node" } },
    };
    const tool = makeAct({
      properties: { node: { $ref: "#/$defs/Node" } },
      $defs: { Node: node },
    });
    const { emitted, diagnostics } = emitClaude(tool);
    expect(emitted[0]).not.toHaveProperty("strict");
    expect(emitted[0]?.input_schema).toBe(tool.parameters);
    expect(diagnostics[0]?.message).toMatch(/contains itself/);
  });

  test("the 21st tool of a request is not strict", () => {
    const tools = Array.from({ length: 22 }, () =>
      makeAct({ properties: { a: text }, required: ["a"] }),
    );
    const { emitted, diagnostics } = emitClaude(...tools);
    expect(emitted.map(({ strict }) => strict === true)).toEqual([
      ...Array<boolean>(20).fill(true),
      false,
      false,
    ]);
    expect(diagnostics).toHaveLength(2);
    expect(diagnostics[0]?.message).toMatch(
      /act_20: not strict: a request takes 20 strict tools/,
    );
  });

  test("16 choices of types are shared by a request, in order; a smaller tool may still fit", () => {
    const optional = (count: number) =>
      makeAct({
        properties: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`p${index}`, text]),
        ),
      });
    const { emitted, diagnostics } = emitClaude(
      optional(10),
      optional(7),
      optional(6),
      optional(1),
      optional(0),
    );
    expect(emitted.map(({ strict }) => strict === true)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(diagnostics[0]?.message).toMatch(
      /16 fields with a choice of types, these are 17/,
    );
  });
});
