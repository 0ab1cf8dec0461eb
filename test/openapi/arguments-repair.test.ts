import { describe, expect, test } from "@jest/globals";
import { checkArguments } from "../../openapi/arguments/arguments.ts";
import type { JsonSchema } from "../../openapi/types.ts";
import { createTool } from "./arguments-tool.ts";

const integer = { type: "integer" };
const text = { type: "string" };
const boolean = { type: "boolean" };
const list = (items: object) => ({ type: "array", items });
const closed = (properties: object, required: string[] = []) => ({
  type: "object",
  additionalProperties: false,
  properties,
  required,
});
const pet = (kind: string, field: object) => ({
  type: "object",
  additionalProperties: false,
  properties: { kind: { const: kind }, ...field },
  required: ["kind", ...Object.keys(field)],
});
const pets = {
  oneOf: [pet("cat", { lives: integer }), pet("dog", { tricks: list(text) })],
};

/** `a` is what the case is about; where `given` names no `a`, it is the value of `a`. */
type Case = [
  what: string,
  a: JsonSchema,
  given: unknown,
  sent: unknown,
  ...rules: string[],
];

const numbers: Case[] = [
  ["a whole number as text", integer, "5", 5, "number-as-text"],
  [
    "a whole number with a fraction of nothing",
    integer,
    "5.0",
    5,
    "number-as-text",
  ],
  [
    "a number with an exponent",
    { type: "number" },
    "1e3",
    1000,
    "number-as-text",
  ],
  [
    "a negative number with spaces",
    { type: "number" },
    " -1.5 ",
    -1.5,
    "number-as-text",
  ],
  ["a minus nothing", integer, "-0", 0, "number-as-text"],
  ["a month with a leading zero", integer, "09", 9, "number-as-text"],
  [
    "a number for one of some numbers",
    { enum: [1, 2] },
    "2",
    2,
    "number-as-text",
  ],
  ["a number for a text", text, 4827193601, "4827193601", "text-as-number"],
  ["a number for a word", { enum: ["1", "2"] }, 2, "2", "text-as-number"],
  [
    "a number in a choice",
    { anyOf: [boolean, integer] },
    "5",
    5,
    "number-as-text",
  ],
  [
    "a number by reference",
    { $ref: "#/$defs/Count" },
    "5",
    5,
    "number-as-text",
  ],
  [
    "a number by allOf",
    { allOf: [integer, { minimum: 1 }] },
    "5",
    5,
    "number-as-text",
  ],
  [
    "a number that may be null",
    { type: ["integer", "null"] },
    "5",
    5,
    "number-as-text",
  ],
  [
    "a null as text",
    { type: ["integer", "null"] },
    "null",
    null,
    "null-as-text",
  ],
];

const booleans: Case[] = [
  ["true as text", boolean, "True", true, "boolean-as-text"],
  ["false as text", boolean, " false ", false, "boolean-as-text"],
  ["yes", boolean, "yes", true, "boolean-as-text"],
  ["no", boolean, "No", false, "boolean-as-text"],
];

const lists: Case[] = [
  ["a single text", list(text), "a", ["a"], "single-value"],
  ["a single number", list(integer), 5, [5], "single-value"],
  ["a single number as text", list(integer), "5", [5], "single-value"],
  [
    "a single object",
    list(closed({ x: integer })),
    { x: 1 },
    [{ x: 1 }],
    "single-value",
  ],
  ["texts with commas", list(text), "a, b,c", ["a", "b", "c"], "comma-list"],
  ["numbers with commas", list(integer), "1,2, 3", [1, 2, 3], "comma-list"],
  [
    "a word that has a comma itself",
    list({ enum: ["a, b", "c"] }),
    "a, b",
    ["a, b"],
    "single-value",
  ],
  [
    "words with commas, in the wrong case",
    list({ enum: ["Red", "Blue"] }),
    "red,BLUE",
    ["Red", "Blue"],
    "comma-list",
  ],
  ["a list as JSON text", list(integer), "[1,2]", [1, 2], "json-as-text"],
  [
    "a list as Python writes it",
    list(text),
    "['a', 'b']",
    ["a", "b"],
    "json-as-text",
  ],
  [
    "an object as JSON text for a list",
    list(closed({ x: integer })),
    '{"x":"1"}',
    [{ x: 1 }],
    "json-as-text",
  ],
  [
    "entries of the wrong type",
    list(integer),
    ["1", 2, "3"],
    [1, 2, 3],
    "number-as-text",
    "number-as-text",
  ],
  [
    "ids as numbers",
    list(text),
    [1, 2],
    ["1", "2"],
    "text-as-number",
    "text-as-number",
  ],
  [
    "a place in a tuple",
    { type: "array", prefixItems: [text, integer] },
    ["5", "5"],
    ["5", 5],
    "number-as-text",
  ],
  [
    "a list in a choice",
    { anyOf: [list(integer), { type: "null" }] },
    "1,2",
    [1, 2],
    "comma-list",
  ],
];

const objects: Case[] = [
  [
    "an object as JSON text",
    closed({ x: integer }),
    '{"x":1}',
    { x: 1 },
    "json-as-text",
  ],
  [
    "an object as text, its fields wrong too",
    closed({ x: integer }),
    "{x: '5',}",
    { x: 5 },
    "json-as-text",
  ],
  [
    "a field deep inside",
    closed({ b: closed({ c: list(closed({ d: boolean })) }) }),
    { b: { c: [{ d: "true" }] } },
    { b: { c: [{ d: true }] } },
    "boolean-as-text",
  ],
  [
    "values of a map",
    { type: "object", additionalProperties: integer },
    { x: "1", y: 2 },
    { x: 1, y: 2 },
    "number-as-text",
  ],
  [
    "values by a pattern",
    { type: "object", patternProperties: { "^n_": integer } },
    { n_x: "1", z: "1" },
    { n_x: 1, z: "1" },
    "number-as-text",
  ],
  [
    "an unknown key where the schema is closed",
    closed({ x: integer }),
    { x: 1, y: 2 },
    { x: 1 },
    "unknown-key",
  ],
  [
    "an unknown key where it is not",
    { type: "object", properties: { x: integer } },
    { x: "1", y: 2 },
    { x: 1, y: 2 },
    "number-as-text",
  ],
  [
    "a null of an optional field, which is no repair",
    closed({ x: integer, y: text }),
    { x: null, y: "a" },
    { y: "a" },
  ],
  [
    "an empty text of an optional field",
    closed({ x: integer }),
    { x: "" },
    {},
    "empty-optional",
  ],
  [
    "a camel-case key",
    closed({ first_name: text }, ["first_name"]),
    { firstName: "A" },
    { first_name: "A" },
    "key-spelling",
  ],
  [
    "a needed key of an open object",
    {
      type: "object",
      properties: { first_name: text },
      required: ["first_name"],
    },
    { "First Name": "A" },
    { first_name: "A" },
    "key-spelling",
  ],
  [
    "a key that is legal as it is",
    { type: "object", properties: { first_name: text } },
    { firstName: "A" },
    { firstName: "A" },
  ],
  [
    "a field that calls itself",
    { $ref: "#/$defs/Tree" },
    { n: "1", next: { n: "2", next: null } },
    { n: 1, next: { n: 2 } },
    "number-as-text",
    "number-as-text",
  ],
];

const words: Case[] = [
  [
    "the wrong case",
    { enum: ["Small", "Large"] },
    "large",
    "Large",
    "enum-case",
  ],
  ["spaces around", { enum: ["Small"] }, " Small ", "Small", "enum-case"],
  [
    "another separator",
    { enum: ["in_progress", "done"] },
    "in-progress",
    "in_progress",
    "enum-case",
  ],
  [
    "a space for a separator",
    { enum: ["in_progress", "done"] },
    "In Progress",
    "in_progress",
    "enum-case",
  ],
  [
    "camel case",
    { enum: ["in_progress", "done"] },
    "inProgress",
    "in_progress",
    "enum-case",
  ],
  ["a constant", { const: "EUR" }, "eur", "EUR", "enum-case"],
  [
    "a word of a branch",
    { anyOf: [{ enum: ["ASAP"] }, integer] },
    "asap",
    "ASAP",
    "enum-case",
  ],
];

const choices: Case[] = [
  [
    "the branch of the kind",
    pets,
    { kind: "cat", lives: "9" },
    { kind: "cat", lives: 9 },
    "number-as-text",
  ],
  [
    "the branch of the kind in the wrong case",
    pets,
    { kind: "Dog", tricks: "sit, roll" },
    { kind: "dog", tricks: ["sit", "roll"] },
    "enum-case",
    "comma-list",
  ],
  [
    "what another kind has",
    pets,
    { kind: "cat", lives: 9, tricks: ["sit"] },
    { kind: "cat", lives: 9 },
    "unknown-key",
  ],
  [
    "a null of a branch",
    { anyOf: [closed({ x: integer, y: text }, ["x"]), { type: "null" }] },
    { x: 1, y: null },
    { x: 1 },
  ],
  [
    "the only branch that can fit",
    { anyOf: [closed({ x: integer }, ["x"]), closed({ y: boolean }, ["y"])] },
    { y: "true" },
    { y: true },
    "boolean-as-text",
  ],
  [
    "a branch that fits already",
    { anyOf: [closed({ x: integer }), closed({ x: text })] },
    { x: "5" },
    { x: "5" },
  ],
];

const untouched: Case[] = [
  ["a text that is a number", text, "5", "5"],
  ["a text that is JSON", text, '{"x":1}', '{"x":1}'],
  ["a text in a choice with numbers", { anyOf: [integer, text] }, "5", "5"],
  [
    "a text in a choice with objects",
    { type: ["string", "object"] },
    '{"x":1}',
    '{"x":1}',
  ],
  ["an empty text where a text is wanted", text, "", ""],
  ["a null that is allowed", { type: ["string", "null"] }, null, null],
  [
    "anything where nothing is said",
    {},
    { b: ["5", null, ""] },
    { b: ["5", null, ""] },
  ],
  ["a whole number written 1.0", integer, 1.0, 1],
];

const $defs = {
  Count: integer,
  Tree: closed({ n: integer, next: { $ref: "#/$defs/Tree" } }),
};

describe("checkArguments mends", () => {
  const groups = {
    numbers,
    booleans,
    lists,
    objects,
    words,
    choices,
    untouched,
  };
  for (const [group, cases] of Object.entries(groups)) {
    test.each(cases)(`${group}: %s`, (_, a, given, sent, ...rules) => {
      const tool = createTool({ properties: { a }, required: ["a"], $defs });
      const args = { a: given };
      const before = structuredClone(args);
      const result = checkArguments(tool, args);
      expect(result).toEqual({
        ok: true,
        arguments: { a: sent },
        repairs: expect.any(Array) as unknown,
      });
      expect(result.ok && result.repairs.map(({ rule }) => rule)).toEqual(
        rules,
      );
      expect(args).toEqual(before);
    });
  }

  const refused: [
    what: string,
    a: JsonSchema,
    given: unknown,
    path: string,
    expected: string,
    received: string,
  ][] = [
    ["a spoken number", integer, "five", "a", "integer", 'string "five"'],
    [
      "a spoken day",
      { type: "string", format: "date" },
      "tomorrow",
      "a",
      "a date such as 2026-03-09 (format date)",
      'string "tomorrow"',
    ],
    [
      "a spoken day for a number",
      integer,
      "tomorrow",
      "a",
      "integer",
      'string "tomorrow"',
    ],
    [
      "a phone number for a number",
      integer,
      "+1 (555) 010-9999",
      "a",
      "integer",
      'string "+1 (555) 010-9999"',
    ],
    [
      "a number in hexadecimal",
      integer,
      "0x10",
      "a",
      "integer",
      'string "0x10"',
    ],
    [
      "a number with thousands",
      integer,
      "1,000",
      "a",
      "integer",
      'string "1,000"',
    ],
    [
      "a fraction for a whole number",
      integer,
      "5.5",
      "a",
      "integer",
      'string "5.5"',
    ],
    [
      "an empty text for a needed number",
      integer,
      "",
      "a",
      "integer",
      'string ""',
    ],
    [
      "digits that a number would lose",
      integer,
      "9007199254740993",
      "a",
      "integer",
      'string "9007199254740993"',
    ],
    [
      "digits that are lost already",
      text,
      2 ** 60,
      "a",
      "string",
      "number 1152921504606847000",
    ],
    [
      "a number beyond all",
      { type: "number" },
      "1e999",
      "a",
      "number",
      'string "1e999"',
    ],
    [
      "a number out of its range stays a text",
      { type: "integer", minimum: 10 },
      "5",
      "a",
      "integer",
      'string "5"',
    ],
    [
      "one and nothing for yes and no",
      boolean,
      "1",
      "a",
      "boolean",
      'string "1"',
    ],
    ["a number for yes", boolean, 1, "a", "boolean", "number 1"],
    ["a list for a single value", integer, [1], "a", "integer", "array [1]"],
    ["a null for a needed field", integer, null, "a", "integer", "null"],
    [
      "an unknown word",
      { enum: ["Small", "Large"] },
      "Huge",
      "a",
      'one of ["Small","Large"]',
      'string "Huge"',
    ],
    [
      "a word that two others are like",
      { enum: ["a_b", "a-b"] },
      "a b",
      "a",
      'one of ["a_b","a-b"]',
      'string "a b"',
    ],
    [
      "the amount of a minus",
      { enum: ["-1", "0"] },
      "1",
      "a",
      'one of ["-1","0"]',
      'string "1"',
    ],
    ["a null in a list", list(integer), [1, null], "a[1]", "integer", "null"],
    [
      "a null in a map",
      { type: "object", additionalProperties: integer },
      { x: null },
      "a.x",
      "integer",
      "null",
    ],
    [
      "a number among texts",
      list(text),
      ["x", 5],
      "a[1]",
      "string",
      "number 5",
    ],
    [
      "a list as text that was cut",
      list(integer),
      "[1, 2",
      "a",
      "array",
      'string "[1, 2"',
    ],
    [
      "an object as text with more after it",
      closed({ x: integer }),
      '{"x":1} or so',
      "a",
      "object",
      'string "{\\"x\\":1} or so"',
    ],
    [
      "an unknown kind",
      pets,
      { kind: "cow" },
      "a.kind",
      'one of ["cat","dog"]',
      'string "cow"',
    ],
    [
      "a field of the kind that was meant",
      pets,
      { kind: "cat", lives: "many" },
      "a.lives",
      "integer",
      'string "many"',
    ],
    [
      "a field of the kind that was meant, in the wrong case",
      pets,
      { kind: "Cat", lives: "many" },
      "a.lives",
      "integer",
      'string "many"',
    ],
    [
      "a missing field of the kind that was meant",
      pets,
      { kind: "dog" },
      "a.tricks",
      "array (required)",
      "nothing",
    ],
    [
      "no form of a choice",
      { anyOf: [integer, boolean, { enum: ["all"] }] },
      {},
      "a",
      'integer or boolean or one of ["all"]',
      "object {}",
    ],
    [
      "two meanings of which one loses something",
      { anyOf: [closed({ x: integer }, ["x"]), closed({ y: integer }, ["y"])] },
      { x: 1, y: 2 },
      "a.y",
      "only x",
      "number 2",
    ],
  ];
  test.each(refused)(
    "never guesses: %s",
    (_, a, given, path, expected, received) => {
      const tool = createTool({ properties: { a }, required: ["a"], $defs });
      const result = checkArguments(tool, { a: given });
      expect(result).toMatchObject({
        ok: false,
        problems: [{ path, expected, received }],
      });
    },
  );
});
