import { describe, expect, test } from "@jest/globals";
import { diffCatalogs } from "../../openapi/diff/diff.ts";
import type { Catalog, JsonSchema, Tool } from "../../openapi/types.ts";

function toTool(parameters: JsonSchema, more: Partial<Tool> = {}): Tool {
  return {
    name: "order",
    description: "Orders lunch.",
    parameters: { type: "object", ...parameters },
    operation: {
      method: "POST",
      path: "/orders/{id}",
      tags: [],
      deprecated: false,
    },
    inputs: Object.keys((parameters["properties"] ?? {}) as object).map(
      (key) => ({ key, in: "body", name: key }),
    ),
    request: { servers: [], parameters: [], security: [], schemes: {} },
    effect: "write",
    idempotent: false,
    destructive: false,
    policy: { onInterrupt: "finish", confirm: false },
    ...more,
  };
}

const catalog = (...tools: Tool[]): Catalog => ({
  title: "T",
  version: "1",
  servers: [],
  tools,
  diagnostics: [],
});

/** `rule path` of each change, breaking ones with "!". */
function changes(old: Tool[], fresh: Tool[]): string[] {
  const { breaking, compatible } = diffCatalogs(
    catalog(...old),
    catalog(...fresh),
  );
  const toText = ({ rule, path }: { rule: string; path: string }) =>
    `${rule} ${path}`.trim();
  return [
    ...breaking.map((change) => `!${toText(change)}`),
    ...compatible.map(toText),
  ];
}

const a = (
  schema: JsonSchema | boolean,
  more: JsonSchema = {},
): JsonSchema => ({
  properties: { a: schema },
  ...more,
});
const string = { type: "string" };

describe("parameters: from, to, and what is told", () => {
  const cases: [
    what: string,
    old: JsonSchema,
    fresh: JsonSchema,
    told: string[],
    back?: string[],
  ][] = [
    ["nothing", a(string), a(string), []],
    [
      "an optional argument",
      {},
      a(string),
      ["optional-argument-added a"],
      ["!argument-removed a"],
    ],
    [
      "a required argument",
      {},
      a(string, { required: ["a"] }),
      ["!required-argument-added a"],
      ["!argument-removed a"],
    ],
    [
      "what is required",
      a(string),
      a(string, { required: ["a"] }),
      ["!argument-now-required a"],
      ["argument-now-optional a"],
    ],
    [
      "a type of two",
      a({ type: ["string", "integer"] }),
      a(string),
      ["!type-narrowed a"],
      ["type-widened a"],
    ],
    [
      "null",
      a({ type: ["string", "null"] }),
      a(string),
      ["!type-narrowed a"],
      ["type-widened a"],
    ],
    [
      "number to integer",
      a({ type: "number" }),
      a({ type: "integer" }),
      ["!type-narrowed a"],
      ["type-widened a"],
    ],
    [
      "anything to something",
      a({}),
      a(string),
      ["!type-narrowed a"],
      ["type-widened a"],
    ],
    [
      "true to something",
      a(true),
      a(string),
      ["!type-narrowed a"],
      ["type-widened a"],
    ],
    [
      "a value of a list",
      a({ enum: ["x", "y"] }),
      a({ enum: ["x"] }),
      ["!enum-narrowed a"],
      ["enum-widened a"],
    ],
    [
      "a list to one value",
      a({ enum: ["x", "y"] }),
      a({ const: "x" }),
      ["!enum-narrowed a"],
      ["enum-widened a"],
    ],
    [
      "any text to a list",
      a(string),
      a({ ...string, enum: ["x"] }),
      ["!enum-narrowed a"],
      ["enum-widened a"],
    ],
    [
      "a minimum",
      a({ type: "integer" }),
      a({ type: "integer", minimum: 1 }),
      ["!bounds-tightened a"],
      ["bounds-loosened a"],
    ],
    [
      "a maximum",
      a({ maximum: 9 }),
      a({ maximum: 5 }),
      ["!bounds-tightened a"],
      ["bounds-loosened a"],
    ],
    [
      "an excluded bound",
      a({ minimum: 1 }),
      a({ exclusiveMinimum: 1 }),
      ["!bounds-tightened a"],
      ["bounds-loosened a"],
    ],
    [
      "a length",
      a({ maxLength: 9 }),
      a({ maxLength: 5 }),
      ["!bounds-tightened a"],
      ["bounds-loosened a"],
    ],
    [
      "a step",
      a({ multipleOf: 5 }),
      a({ multipleOf: 10 }),
      ["!bounds-tightened a"],
      ["bounds-loosened a"],
    ],
    [
      "a pattern",
      a(string),
      a({ ...string, pattern: "^x" }),
      ["!pattern-added a"],
      ["pattern-loosened a"],
    ],
    [
      "another pattern",
      a({ pattern: "^y" }),
      a({ pattern: "^x" }),
      ["!pattern-changed a"],
      ["!pattern-changed a"],
    ],
    [
      "a format",
      a(string),
      a({ ...string, format: "uuid" }),
      ["!format-added a"],
      ["format-loosened a"],
    ],
    [
      "a size of number",
      a({ type: "integer", format: "int64" }),
      a({ type: "integer", format: "int32" }),
      ["!format-changed a"],
      ["format-loosened a"],
    ],
    [
      "a size that all have",
      a({ type: "integer" }),
      a({ type: "integer", format: "int64" }),
      ["format-loosened a"],
      ["format-loosened a"],
    ],
    [
      "further fields",
      a({ type: "object" }),
      a({ type: "object", additionalProperties: false }),
      ["!closed a"],
      ["opened a"],
    ],
    [
      "what further fields are",
      { additionalProperties: { type: "string" } },
      { additionalProperties: { type: "integer" } },
      ["!type-narrowed *"],
      ["!type-narrowed *"],
    ],
    [
      "a description",
      a(string),
      a({ ...string, description: "x" }),
      ["description-changed a"],
    ],
    ["a default", a({ default: 1 }), a({ default: 2 }), ["default-changed a"]],
    [
      "a field within",
      a({ properties: { b: string } }),
      a({ properties: { b: string, c: string }, required: ["c"] }),
      ["!required-argument-added a.c"],
      ["!argument-removed a.c"],
    ],
    [
      "entries of a list",
      a({ type: "array", items: { type: "number" } }),
      a({ type: "array", items: string }),
      ["!type-narrowed a[]"],
      ["!type-narrowed a[]"],
    ],
    [
      "a branch",
      a({ anyOf: [string, { type: "integer" }] }),
      a({ anyOf: [string] }),
      ["!alternative-removed a"],
      ["alternative-added a"],
    ],
    [
      "null as a branch",
      a({ anyOf: [string, { type: "null" }] }),
      a(string),
      ["!type-narrowed a"],
      ["alternative-added a"],
    ],
    [
      "null as a branch to null as a type",
      a({ anyOf: [string, { type: "null" }] }),
      a({ type: ["string", "null"] }),
      [],
    ],
    [
      "branches to any",
      a({ anyOf: [string, { type: "integer" }] }),
      a({}),
      ["type-widened a"],
    ],
    [
      "a bound within a branch",
      a({ anyOf: [{ type: "integer" }, string] }),
      a({ anyOf: [string, { type: "integer", minimum: 1 }] }),
      ["!bounds-tightened a"],
    ],
    [
      "a branch that a wide one takes in",
      a({ anyOf: [{ ...string, format: "email" }, string] }),
      a({ anyOf: [string] }),
      ["format-loosened a"],
    ],
    [
      "a branch told apart by a value",
      a({
        oneOf: [
          { properties: { kind: { const: "x" } } },
          { properties: { kind: { const: "y" } } },
        ],
      }),
      a({
        oneOf: [
          { properties: { kind: { const: "y" }, n: string }, required: ["n"] },
          { properties: { kind: { const: "x" } } },
        ],
      }),
      ["!required-argument-added a.n"],
    ],
    [
      "a condition",
      a({}),
      a({ not: string }),
      ["!constraint-added a"],
      ["constraint-removed a"],
    ],
    [
      "nothing but a name of $defs",
      a({ $ref: "#/$defs/X" }, { $defs: { X: string } }),
      a({ $ref: "#/$defs/Y" }, { $defs: { Y: string } }),
      [],
    ],
    [
      "nothing but allOf",
      a({ allOf: [{ properties: { b: string } }, { required: ["b"] }] }),
      a({ properties: { b: string }, required: ["b"] }),
      [],
    ],
    [
      "a field in $defs",
      a({ $ref: "#/$defs/X" }, { $defs: { X: { properties: { b: string } } } }),
      a({ $ref: "#/$defs/X" }, { $defs: { X: { properties: {} } } }),
      ["!argument-removed a.b"],
      ["optional-argument-added a.b"],
    ],
  ];
  test.each(cases)("%s", (_, old, fresh, told, ...[back]) => {
    expect(changes([toTool(old)], [toTool(fresh)])).toEqual(told);
    if (back) expect(changes([toTool(fresh)], [toTool(old)])).toEqual(back);
  });

  test("a cycle ends, and its change is told once", () => {
    const cyclic = (value: JsonSchema) =>
      toTool(
        a(
          { $ref: "#/$defs/Node" },
          {
            $defs: {
              Node: { properties: { value, next: { $ref: "#/$defs/Node" } } },
            },
          },
        ),
      );
    expect(changes([cyclic(string)], [cyclic({ type: "integer" })])).toEqual([
      "!type-narrowed a.value",
    ]);
  });

  test("a schema that is made of itself ends", () => {
    const $defs = (type: string) => ({
      Node: {
        allOf: [{ $ref: "#/$defs/Node" }, { type }],
        anyOf: [{ $ref: "#/$defs/Node" }, { title: "x" }],
      },
    });
    const self = (type: string) =>
      toTool(a({ $ref: "#/$defs/Node" }, { $defs: $defs(type) }));
    expect(changes([self("string")], [self("integer")])).toEqual([
      "!type-narrowed a",
    ]);
  });

  test("choices that lead to each other end soon", () => {
    const names = Array.from({ length: 300 }, (_, index) => `S${index}`);
    const knot = (type: string) =>
      toTool(
        a(
          { $ref: "#/$defs/S0" },
          {
            $defs: Object.fromEntries(
              names.map((name) => [
                name,
                {
                  anyOf: [
                    { type, title: name },
                    ...names.map((each) => ({ $ref: `#/$defs/${each}` })),
                  ],
                  description: name,
                },
              ]),
            ),
          },
        ),
      );
    expect(changes([knot("string")], [knot("integer")]).length).toBeGreaterThan(
      0,
    );
  });
});

describe("tools", () => {
  const order = toTool(a(string));
  const other = toTool(
    {},
    { name: "cancel", operation: { ...order.operation, path: "/cancel" } },
  );
  const cases: [what: string, old: Tool[], fresh: Tool[], told: string[]][] = [
    ["one more", [order], [order, other], ["tool-added"]],
    ["one less", [order, other], [order], ["!tool-removed"]],
    [
      "another name for the same operation",
      [order],
      [
        {
          ...order,
          name: "buy",
          operation: { ...order.operation, path: "/orders/{order}" },
        },
      ],
      ["!tool-renamed"],
    ],
    [
      "another description",
      [order],
      [{ ...order, description: "x" }],
      ["description-changed"],
    ],
    [
      "another path",
      [order],
      [{ ...order, operation: { ...order.operation, path: "/v2/orders" } }],
      ["operation-moved"],
    ],
    [
      "another place of an argument",
      [order],
      [{ ...order, inputs: [{ key: "a", in: "query", name: "a" }] }],
      ["argument-moved a"],
    ],
    [
      "a read that writes",
      [{ ...order, effect: "read" }],
      [order],
      ["!effect-changed"],
    ],
    [
      "a write that reads",
      [order],
      [{ ...order, effect: "read" }],
      ["effect-changed"],
    ],
    [
      "one that destroys",
      [order],
      [{ ...order, destructive: true }],
      ["!destructive-changed"],
    ],
    [
      "one that may not be repeated",
      [{ ...order, idempotent: true }],
      [order],
      ["!idempotent-changed"],
    ],
    [
      "one that asks first",
      [order],
      [{ ...order, policy: { ...order.policy, confirm: true } }],
      ["confirm-changed"],
    ],
    [
      "a name with a meaning in JavaScript",
      [{ ...order, name: "constructor" }],
      [{ ...order, name: "constructor" }],
      [],
    ],
  ];
  test.each(cases)("%s", (_, old, fresh, told) => {
    expect(changes(old, fresh)).toEqual(told);
  });
});
