import { describe, expect, test } from "@jest/globals";
import { CODE, convert, ref } from "./nasty/convert.ts";

const OR_NULL = { type: "null" };
const TO_CODE = { $ref: "#/$defs/Code" };

describe("a schema in 2020-12", () => {
  const cases: [claim: string, versions: string, from: unknown, to: unknown][] =
    [
      // nullable
      [
        "nullable",
        "3.0",
        { type: "string", nullable: true },
        { type: ["string", "null"] },
      ],
      [
        "nullable: false",
        "3.0",
        { type: "string", nullable: false },
        { type: "string" },
      ],
      [
        "nullable, and an enum without null",
        "3.0",
        { type: "string", nullable: true, enum: ["a"] },
        { type: ["string", "null"], enum: ["a", null] },
      ],
      [
        "nullable, and an enum with null",
        "3.0",
        { type: "string", nullable: true, enum: ["a", null] },
        { type: ["string", "null"], enum: ["a", null] },
      ],
      ["nullable without a type says nothing", "3.0", { nullable: true }, {}],
      [
        "nullable beside $ref",
        "3.0",
        { ...ref("3.0", "Code"), nullable: true },
        { anyOf: [TO_CODE, OR_NULL] },
      ],
      [
        "nullable: false beside $ref",
        "3.0",
        { ...ref("3.0", "Code"), nullable: false },
        TO_CODE,
      ],
      [
        "nullable beside allOf",
        "3.0",
        { nullable: true, allOf: [ref("3.0", "Code")] },
        { anyOf: [{ allOf: [TO_CODE] }, OR_NULL] },
      ],
      [
        "nullable beside allOf, its words kept outside",
        "3.0",
        {
          nullable: true,
          description: "d",
          default: null,
          allOf: [ref("3.0", "Code")],
        },
        {
          description: "d",
          default: null,
          anyOf: [{ allOf: [TO_CODE] }, OR_NULL],
        },
      ],
      [
        "nullable beside anyOf",
        "3.0",
        { nullable: true, anyOf: [{ type: "string" }, { type: "integer" }] },
        { anyOf: [{ type: "string" }, { type: "integer" }, OR_NULL] },
      ],
      [
        "nullable beside oneOf",
        "3.0",
        { nullable: true, oneOf: [{ type: "string" }] },
        { anyOf: [{ oneOf: [{ type: "string" }] }, OR_NULL] },
      ],
      [
        "nullable in items and maps",
        "3.0",
        {
          type: "array",
          items: {
            type: "object",
            additionalProperties: { type: "string", nullable: true },
          },
        },
        {
          type: "array",
          items: {
            type: "object",
            additionalProperties: { type: ["string", "null"] },
          },
        },
      ],
      [
        "nullable where it is no word any more",
        "3.1",
        { type: "string", nullable: true },
        { type: ["string", "null"] },
      ],
      [
        "x-nullable",
        "2.0",
        { type: "string", "x-nullable": true },
        { type: ["string", "null"] },
      ],
      // types
      [
        "a list of types",
        "3.1",
        { type: ["string", "null"] },
        { type: ["string", "null"] },
      ],
      [
        "a list of types with a YAML null in it",
        "3.1",
        { type: ["string", null] },
        { type: ["string", "null"] },
      ],
      [
        "a list of types twice the same",
        "3.1",
        { type: ["string", "string"] },
        { type: ["string"] },
      ],
      ["type: null of YAML", "3.1", { type: null }, { type: "null" }],
      ["a file", "2.0", { type: "file" }, { type: "string", format: "binary" }],
      ["const", "3.1", { const: "a" }, { const: "a" }],
      ["const: null", "3.1", { const: null }, { const: null }],
      ["true", "3.1", true, {}],
      ["false", "3.1", false, { not: {} }],
      ["nothing", "3.1", {}, {}],
      // bounds
      [
        "exclusiveMinimum: true",
        "2.0 3.0 3.1",
        { type: "integer", minimum: 0, exclusiveMinimum: true },
        { type: "integer", exclusiveMinimum: 0 },
      ],
      [
        "exclusiveMaximum: true",
        "2.0 3.0",
        { type: "number", maximum: 1, exclusiveMaximum: true },
        { type: "number", exclusiveMaximum: 1 },
      ],
      [
        "exclusiveMinimum: false",
        "2.0 3.0",
        { type: "integer", minimum: 0, exclusiveMinimum: false },
        { type: "integer", minimum: 0 },
      ],
      [
        "exclusiveMinimum: true without a minimum",
        "2.0 3.0",
        { type: "integer", exclusiveMinimum: true },
        { type: "integer" },
      ],
      [
        "exclusiveMaximum: true beside a maximum that is none",
        "3.0",
        { type: "number", maximum: true, exclusiveMaximum: true },
        { type: "number" },
      ],
      [
        "exclusiveMinimum as a number",
        "3.1",
        { type: "integer", exclusiveMinimum: 0 },
        { type: "integer", exclusiveMinimum: 0 },
      ],
      [
        "both bounds",
        "3.1",
        { type: "integer", minimum: 5, exclusiveMinimum: 0 },
        { type: "integer", minimum: 5, exclusiveMinimum: 0 },
      ],
      // examples
      [
        "example",
        "2.0 3.0 3.1",
        { type: "string", example: "a" },
        { type: "string", examples: ["a"] },
      ],
      [
        "examples as a list",
        "3.1",
        { type: "string", examples: ["a", "b"] },
        { type: "string", examples: ["a", "b"] },
      ],
      [
        "examples as a map",
        "3.1",
        { type: "string", examples: { one: { value: "a" } } },
        { type: "string" },
      ],
      [
        "both of them",
        "3.1",
        { type: "string", example: "a", examples: ["b"] },
        { type: "string", examples: ["b"] },
      ],
      // lists
      [
        "items as a list",
        "2.0 3.0 3.1",
        { type: "array", items: [{ type: "string" }, CODE] },
        { type: "array", prefixItems: [{ type: "string" }, CODE] },
      ],
      [
        "items as a list, and nothing more",
        "3.0",
        { type: "array", items: [CODE], additionalItems: false },
        { type: "array", prefixItems: [CODE], items: false },
      ],
      [
        "items as an empty list",
        "3.0",
        { type: "array", items: [] },
        { type: "array" },
      ],
      ["an array without items", "3.0", { type: "array" }, { type: "array" }],
      // required
      [
        "draft 3's required",
        "3.0",
        {
          type: "object",
          properties: {
            a: { type: "string", required: true },
            b: { type: "string", required: false },
          },
        },
        {
          type: "object",
          properties: { a: { type: "string" }, b: { type: "string" } },
          required: ["a"],
        },
      ],
      [
        "required twice",
        "3.0",
        { type: "object", required: ["a", "a"], properties: { a: {} } },
        { type: "object", required: ["a"], properties: { a: {} } },
      ],
      [
        "required: []",
        "3.0",
        { type: "object", required: [] },
        { type: "object" },
      ],
      [
        "required: true",
        "3.0",
        { type: "string", required: true },
        { type: "string" },
      ],
      // choices
      [
        "an enum of several types",
        "3.1",
        { enum: ["a", 1, true, null, { a: 1 }, [1]] },
        { enum: ["a", 1, true, null, { a: 1 }, [1]] },
      ],
      [
        "an enum with null",
        "3.1",
        { type: ["string", "null"], enum: ["a", null] },
        { type: ["string", "null"], enum: ["a", null] },
      ],
      [
        "an enum twice the same",
        "3.0",
        { type: "string", enum: ["a", "a"] },
        { type: "string", enum: ["a"] },
      ],
      [
        "numbers where texts are meant",
        "3.0",
        { type: "string", enum: [1, true] },
        { type: "string", enum: ["1", "true"] },
      ],
      [
        "texts where numbers are meant",
        "3.0",
        { type: "integer", enum: ["1", "2"] },
        { type: "integer", enum: [1, 2] },
      ],
      // maps
      [
        "additionalProperties",
        "3.0",
        { type: "object", additionalProperties: { ...ref("3.0", "Code") } },
        { type: "object", additionalProperties: TO_CODE },
      ],
      [
        "additionalProperties: true",
        "3.0",
        { type: "object", additionalProperties: true },
        { type: "object", additionalProperties: true },
      ],
      [
        "additionalProperties: false",
        "3.0",
        { type: "object", additionalProperties: false },
        { type: "object", additionalProperties: false },
      ],
      [
        "patternProperties",
        "3.1",
        { type: "object", patternProperties: { "^x-": CODE, "(?i)y": CODE } },
        { type: "object", patternProperties: { "^x-": CODE } },
      ],
      // words of the dialects that have no meaning to a model
      [
        "what is no word of 2020-12",
        "3.0",
        {
          type: "string",
          xml: { name: "a" },
          externalDocs: { url: "b" },
          id: "c",
          "x-other": 1,
          allowEmptyValue: true,
          discriminator: { propertyName: "d" },
        },
        { type: "string" },
      ],
      [
        "$recursiveAnchor",
        "3.1",
        { $recursiveAnchor: true, type: "object" },
        { type: "object" },
      ],
      [
        "$id, $schema, $anchor and $comment",
        "3.1",
        {
          $id: "https://example.com/a",
          $schema: "https://json-schema.org/draft/2020-12/schema",
          $anchor: "a",
          $comment: "c",
          type: "string",
        },
        { type: "string" },
      ],
      // siblings of $ref
      [
        "siblings of $ref",
        "3.1",
        { ...ref("3.1", "Code"), description: "d", maxLength: 3 },
        { ...TO_CODE, description: "d", maxLength: 3 },
      ],
      [
        "siblings of $ref, of which only words count",
        "3.0",
        {
          ...ref("3.0", "Code"),
          description: "d",
          maxLength: 3,
          type: "integer",
        },
        { ...TO_CODE, description: "d" },
      ],
      // patterns
      [
        "a pattern of JavaScript",
        "3.0",
        { type: "string", pattern: "^\\d{3}-[a-z]$" },
        { type: "string", pattern: "^\\d{3}-[a-z]$" },
      ],
      [
        "a pattern of JavaScript without the flag u",
        "3.0",
        { type: "string", pattern: "^[\\w-.]+\\@\\_$" },
        { type: "string", pattern: "^[\\w\\-.]+@_$" },
      ],
      [
        "an inline flag",
        "3.0",
        { type: "string", pattern: "(?i)^a$" },
        { type: "string" },
      ],
      [
        "a possessive quantifier",
        "3.0",
        { type: "string", pattern: "a++" },
        { type: "string" },
      ],
      [
        "a pattern that is no text",
        "3.0",
        { type: "string", pattern: 7 },
        { type: "string" },
      ],
      // numbers
      [
        "an int64",
        "3.0",
        { type: "integer", format: "int64", maximum: 2 ** 63 },
        { type: "integer", format: "int64", maximum: 2 ** 63 },
      ],
      [
        "an int64 as a text",
        "3.0",
        { type: "string", format: "int64", example: "9223372036854775807" },
        { type: "string", format: "int64", examples: ["9223372036854775807"] },
      ],
      [
        "bounds that are texts",
        "3.0",
        { type: "integer", minimum: "1" },
        { type: "integer" },
      ],
      [
        "bounds without end",
        "3.1",
        { type: "number", maximum: Infinity, minimum: -Infinity, default: NaN },
        { type: "number" },
      ],
      [
        "multipleOf: 0",
        "3.0",
        { type: "number", multipleOf: 0 },
        { type: "number" },
      ],
      [
        "minLength: 1.5",
        "3.0",
        { type: "string", minLength: 1.5 },
        { type: "string" },
      ],
      [
        "a default that the schema refuses",
        "3.0",
        { type: "integer", default: "many" },
        { type: "integer", default: "many" },
      ],
      // names that every object inherits
      [
        "inherited names as properties",
        "3.0",
        {
          type: "object",
          required: ["constructor"],
          properties: { constructor: CODE, toString: CODE },
        },
        {
          type: "object",
          required: ["constructor"],
          properties: { constructor: CODE, toString: CODE },
        },
      ],
      // lists that are empty or of something else
      ["allOf: []", "3.0", { type: "string", allOf: [] }, { type: "string" }],
      [
        "anyOf with a text in it",
        "3.1",
        { anyOf: ["a", { type: "string" }] },
        { anyOf: [{}, { type: "string" }] },
      ],
      [
        "properties: []",
        "3.0",
        { type: "object", properties: [] },
        { type: "object" },
      ],
      [
        "a description that is no text",
        "3.0",
        { type: "string", description: { a: 1 }, title: 7 },
        { type: "string" },
      ],
      [
        "null where a schema should be",
        "3.0",
        { type: "object", properties: { a: null }, additionalProperties: null },
        { type: "object", properties: { a: {} }, additionalProperties: {} },
      ],
    ];

  test.each(
    cases.flatMap(([claim, versions, from, to]) =>
      versions.split(" ").map((version) => ({ claim, version, from, to })),
    ),
  )("$version: $claim", async ({ version, from, to }) => {
    const { it, catalog } = await convert(version, from);
    expect(it).toEqual(to);
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
  });

  test("has a property called __proto__ as data", async () => {
    const schema = JSON.parse(
      '{"type":"object","required":["__proto__"],"properties":{"__proto__":{"type":"string"}}}',
    );
    const { it } = await convert("3.1", schema);
    expect(JSON.stringify(it)).toBe(JSON.stringify(schema));
    expect(Object.prototype).not.toHaveProperty("type");
  });
});
