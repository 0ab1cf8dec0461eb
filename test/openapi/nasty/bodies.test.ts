import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { checkArguments, compile } from "../../../openapi/index.ts";
import type { Tool } from "../../../openapi/index.ts";
import { CODE, convert, ref, toDocument } from "./convert.ts";

describe("read-only and write-only fields", () => {
  const schemas = {
    Id: { type: "string", readOnly: true },
    Base: {
      type: "object",
      required: ["made"],
      properties: { made: { type: "string", readOnly: true }, by: CODE },
    },
  };
  const fields: [claim: string, version: string, field: unknown][] = [
    ["of its own", "3.0", { type: "string", readOnly: true }],
    ["through $ref", "3.0", ref("3.0", "Id")],
    ["through $ref in 3.1", "3.1", ref("3.1", "Id")],
    ["beside $ref", "3.1", { ...ref("3.1", "Code"), readOnly: true }],
    ["beside allOf", "3.0", { readOnly: true, allOf: [ref("3.0", "Code")] }],
    ["inside allOf", "3.0", { allOf: [ref("3.0", "Id")] }],
    ["in Swagger", "2.0", { type: "string", readOnly: true }],
  ];
  test.each(fields)(
    "read-only %s: no request has it",
    async (_, version, field) => {
      const object = {
        type: "object",
        required: ["id", "name"],
        properties: { id: field, name: CODE },
      };
      const wanted = {
        type: "object",
        required: ["name"],
        properties: { name: CODE },
      };
      const all = { ...schemas, Code: CODE };
      expect((await convert(version, object, all)).it).toEqual(wanted);
      const { tools } = await compile(toDocument(version, object, all));
      const { $defs: _defs, ...root } = (tools[0] as Tool).parameters;
      expect(root).toEqual(wanted);
    },
  );

  test("of a base go with it", async () => {
    const { it, defs } = await convert(
      "3.0",
      {
        allOf: [
          ref("3.0", "Base"),
          { type: "object", properties: { a: CODE } },
        ],
      },
      schemas,
    );
    expect(it).toEqual({
      allOf: [
        { $ref: "#/$defs/Base" },
        { type: "object", properties: { a: CODE } },
      ],
    });
    expect(defs).toEqual({
      Base: { type: "object", properties: { by: CODE } },
    });
  });

  test("are required in another part of allOf without being there", async () => {
    const schema = {
      allOf: [ref("3.0", "Base"), { required: ["made", "by"] }],
    };
    const { it, defs } = await convert("3.0", schema, schemas);
    const ajv = new Ajv2020({ strict: false });
    const validate = ajv.compile({ ...(it as object), $defs: defs });
    expect(validate({ by: "x" })).toBe(true);
    const { tools } = await compile(toDocument("3.0", schema, schemas));
    expect((tools[0] as Tool).parameters).toEqual({
      type: "object",
      properties: { by: CODE },
      required: ["by"],
    });
  });

  test("keep to their direction in an answer", async () => {
    const schema = {
      type: "object",
      required: ["id", "secret"],
      properties: {
        id: { type: "string", readOnly: true },
        secret: { type: "string", writeOnly: true },
      },
    };
    const { tools } = await compile({
      openapi: "3.0.0",
      paths: {
        "/a": {
          post: {
            requestBody: {
              required: true,
              content: { "application/json": { schema } },
            },
            responses: { 201: { content: { "application/json": { schema } } } },
          },
        },
      },
    });
    expect(tools[0]).toMatchObject({
      parameters: {
        properties: { secret: { type: "string" } },
        required: ["secret"],
      },
      output: { properties: { id: { type: "string" } }, required: ["id"] },
    });
    expect(tools[0]?.inputs.map(({ name }) => name)).toEqual(["secret"]);
  });
});

describe("recursion", () => {
  const self = ref("3.1", "Self");
  test.each([
    ["properties", { type: "object", properties: { a: self } }],
    ["items", { type: "array", items: self }],
    ["additionalProperties", { type: "object", additionalProperties: self }],
    [
      "anyOf and null",
      {
        type: "object",
        properties: { a: { anyOf: [self, { type: "null" }] } },
      },
    ],
    ["not", { type: "object", properties: { a: { not: self } } }],
    ["prefixItems", { type: "array", prefixItems: [self] }],
    [
      "patternProperties",
      { type: "object", patternProperties: { "^a": self } },
    ],
  ])("through %s is a reference into $defs", async (_, schema) => {
    const { it, defs, catalog } = await convert("3.1", self, { Self: schema });
    expect(it).toEqual({ $ref: "#/$defs/Self" });
    expect(defs).toEqual({
      Self: JSON.parse(
        JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"),
      ),
    });
    expect(catalog.diagnostics).toEqual([]);
  });

  test.each([
    [
      "allOf",
      { Self: { type: "object", properties: { a: CODE }, allOf: [self] } },
    ],
    [
      "anyOf",
      {
        Self: {
          type: "object",
          properties: { a: CODE },
          anyOf: [self, { type: "object" }],
        },
      },
    ],
    [
      "allOf and another",
      {
        Self: { properties: { a: CODE }, allOf: [ref("3.1", "Other")] },
        Other: { properties: { b: CODE }, allOf: [self] },
      },
    ],
    ["its own $ref", { Self: self }],
    [
      "if and else",
      {
        Self: {
          type: "object",
          properties: { a: CODE },
          if: self,
          else: self,
        },
      },
    ],
  ])(
    "through %s ends when it is applied, and loses no field",
    async (_, schemas) => {
      const { tool } = await convert("3.1", self, schemas);
      const validate = new Ajv2020({ strict: false }).compile(tool.parameters);
      expect(validate({ it: { a: "x" } })).toBe(true);
      expect(checkArguments(tool, { it: { a: "x" } }).ok).toBe(true);
      const wide = "x".repeat(11);
      if ("properties" in schemas.Self)
        expect(validate({ it: { a: wide } })).toBe(false);
      const { tools } = await compile(toDocument("3.1", self, schemas));
      expect(tools).toHaveLength(1);
    },
  );

  test("through $dynamicRef is a reference too", async () => {
    const children = { type: "array", items: { $dynamicRef: "#node" } };
    const tree = {
      $dynamicAnchor: "node",
      type: "object",
      properties: { children },
    };
    const { it, defs, tool } = await convert("3.1", ref("3.1", "Tree"), {
      Tree: tree,
    });
    expect(it).toEqual({ $ref: "#/$defs/Tree" });
    expect(defs).toEqual({
      Tree: {
        type: "object",
        properties: {
          children: { type: "array", items: { $ref: "#/$defs/Tree" } },
        },
      },
    });
    const validate = new Ajv2020({ strict: false }).compile(tool.parameters);
    expect(validate({ it: { children: [{ children: [] }] } })).toBe(true);
    expect(validate({ it: { children: [{ children: 7 }] } })).toBe(false);
  });

  const circle = {
    A: { type: "object", properties: { a: CODE }, allOf: [ref("3.1", "B")] },
    B: { properties: { b: CODE }, allOf: [ref("3.1", "C")] },
    C: {
      properties: { c: CODE },
      anyOf: [ref("3.1", "A"), { type: "object" }],
    },
  };
  const pairs = ["A B", "A C", "B A", "B C", "C A", "C B"].map((pair) =>
    pair.split(" "),
  );

  test.each(pairs)(
    "of one circle are whole from each of its schemas: %s, with or without %s before it",
    async (name = "", other = "") => {
      const field = (component: string) => ({
        post: {
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  properties: { it: ref("3.1", component) },
                },
              },
            },
          },
        },
      });
      const more = { openapi: "3.1.0", components: { schemas: circle } };
      const alone = await compile({ ...more, paths: { "/1": field(name) } });
      const both = await compile({
        ...more,
        paths: { "/0": field(other), "/1": field(name) },
      });
      expect(JSON.stringify(both.tools[1])).toBe(
        JSON.stringify(alone.tools[0]),
      );
      const { parameters } = alone.tools[0] as Tool;
      const validate = new Ajv2020({ strict: false }).compile(parameters);
      expect(validate({ it: { a: "x", b: "x", c: "x" } })).toBe(true);
      // What allOf demands; C has A as a choice only.
      const held = { A: "a b c", B: "b c", C: "c" }[name] ?? "";
      for (const key of held.split(" "))
        expect(validate({ it: { [key]: "x".repeat(11) } })).toBe(false);
    },
  );

  test("a form's name is its own, whatever other schemas are called", async () => {
    const schemas = {
      Base: {
        type: "object",
        discriminator: { propertyName: "kind" },
        required: ["kind"],
        properties: { kind: { type: "string" } },
      },
      Form: { allOf: [ref("3.0", "Base"), { properties: { own: CODE } }] },
      Base_any: { type: "object", properties: { other: CODE } },
    };
    const field = (component: string) => ({
      post: {
        requestBody: {
          content: {
            "application/json": {
              schema: { properties: { it: ref("3.0", component) } },
            },
          },
        },
      },
    });
    const more = { openapi: "3.0.0", components: { schemas } };
    const alone = await compile({ ...more, paths: { "/1": field("Base") } });
    const both = await compile({
      ...more,
      paths: { "/0": field("Base_any"), "/1": field("Base") },
    });
    expect(JSON.stringify(both.tools[1])).toBe(JSON.stringify(alone.tools[0]));
    expect(both.tools[0]?.parameters["$defs"]).toEqual({
      Base_any: schemas.Base_any,
    });
  });

  test("of a parent whose oneOf names children that extend it ends, and tells them apart", async () => {
    const schemas = {
      Pet: {
        type: "object",
        required: ["kind"],
        properties: { kind: { type: "string" } },
        discriminator: { propertyName: "kind" },
        oneOf: [ref("3.0", "Cat"), ref("3.0", "Dog")],
      },
      Cat: {
        allOf: [
          ref("3.0", "Pet"),
          {
            type: "object",
            required: ["lives"],
            properties: { lives: { type: "integer" } },
          },
        ],
      },
      Dog: {
        allOf: [
          ref("3.0", "Pet"),
          { type: "object", properties: { bark: { type: "string" } } },
        ],
      },
    };
    const { tool } = await convert("3.0", ref("3.0", "Pet"), schemas);
    const validate = new Ajv2020({ strict: false }).compile(tool.parameters);
    expect(validate({ it: { kind: "Cat", lives: 7 } })).toBe(true);
    expect(validate({ it: { kind: "Cat" } })).toBe(false);
    expect(validate({ it: { kind: "Dog", bark: "x" } })).toBe(true);
    expect(validate({ it: { kind: "Cow" } })).toBe(false);
  });
});

describe("a discriminator", () => {
  const kind = { type: "string" };
  const CAT = {
    type: "object",
    required: ["kind"],
    properties: { kind, lives: { type: "integer" } },
  };
  const DOG = {
    type: "object",
    required: ["kind"],
    properties: { kind, bark: { type: "string" } },
  };

  test.each([
    ["without a mapping, by the schemas' names", undefined, ["Cat", "Dog"]],
    ["with a mapping by names", { a: "Cat", b: "Dog" }, ["a", "b"]],
    [
      "with a mapping by references",
      { a: "#/components/schemas/Cat", b: "#/components/schemas/Dog" },
      ["a", "b"],
    ],
    ["with a mapping of one only", { a: "Cat" }, ["a", "Dog"]],
  ])(
    "%s, says in each branch what it holds",
    async (_, mapping, [cat, dog]) => {
      const schemas = {
        Cat: CAT,
        Dog: DOG,
        Pet: {
          oneOf: [ref("3.0", "Cat"), ref("3.0", "Dog")],
          discriminator: {
            propertyName: "kind",
            ...(mapping ? { mapping } : {}),
          },
        },
      };
      const { tool } = await convert("3.0", ref("3.0", "Pet"), schemas);
      const validate = new Ajv2020({ strict: false }).compile(tool.parameters);
      expect(validate({ it: { kind: cat, lives: 7 } })).toBe(true);
      expect(validate({ it: { kind: dog, bark: "x" } })).toBe(true);
      expect(validate({ it: { kind: cat, lives: "seven" } })).toBe(false);
      expect(validate({ it: { kind: "other" } })).toBe(false);
      expect(validate({ it: { lives: 7 } })).toBe(false);
      expect(JSON.stringify(tool.parameters)).not.toContain("discriminator");
      const { tools } = await compile(
        toDocument("3.0", ref("3.0", "Pet"), schemas),
      );
      const { properties, required } = (tools[0] as Tool).parameters;
      expect(Object.keys(properties as object)).toEqual([
        "kind",
        "lives",
        "bark",
      ]);
      expect(required).toEqual(["kind"]);
      // A model has to learn the words somewhere.
      for (const word of [cat, dog])
        expect(JSON.stringify(tools[0])).toContain(`"${word}"`);
    },
  );

  test.each(["2.0", "3.0"])(
    "%s: a base stands for the schemas that extend it, at any distance",
    async (version) => {
      const discriminator =
        version === "2.0" ? "kind" : { propertyName: "kind" };
      const schemas = {
        Animal: {
          type: "object",
          discriminator,
          required: ["kind"],
          properties: { kind },
        },
        Cat: {
          allOf: [
            ref(version, "Animal"),
            {
              type: "object",
              required: ["lives"],
              properties: { lives: { type: "integer" } },
            },
          ],
        },
        Lion: {
          "x-ms-discriminator-value": "king",
          allOf: [ref(version, "Cat")],
          properties: { mane: { type: "boolean" } },
        },
        Plant: { type: "object", properties: { height: { type: "number" } } },
      };
      const { tool } = await convert(
        version,
        { type: "array", items: ref(version, "Animal") },
        schemas,
      );
      const validate = new Ajv2020({ strict: false }).compile(tool.parameters);
      expect(
        validate({
          it: [
            { kind: "Cat", lives: 7 },
            { kind: "king", lives: 1, mane: true },
          ],
        }),
      ).toBe(true);
      expect(validate({ it: [{ lives: 7 }] })).toBe(false);
      expect(Object.keys(tool.parameters["$defs"] as object)).not.toContain(
        "Plant",
      );
      const text = JSON.stringify(tool);
      for (const word of ["Cat", "king", "mane", "lives"])
        expect(text).toContain(`"${word}"`);
      const { tools } = await compile(
        toDocument(version, ref(version, "Animal"), schemas),
      );
      expect(tools[0]?.inputs.map(({ name }) => name)).toEqual([
        "kind",
        "lives",
        "mane",
      ]);
      expect((tools[0] as Tool).parameters["required"]).toEqual(["kind"]);
    },
  );

  test("of a schema that the body extends stays the base's own", async () => {
    const schemas = {
      Animal: {
        type: "object",
        discriminator: { propertyName: "kind" },
        required: ["kind"],
        properties: { kind },
      },
      Cat: {
        allOf: [
          ref("3.0", "Animal"),
          { type: "object", properties: { lives: { type: "integer" } } },
        ],
      },
      Dog: {
        allOf: [
          ref("3.0", "Animal"),
          { type: "object", properties: { bark: kind } },
        ],
      },
    };
    const { tools } = await compile(
      toDocument("3.0", ref("3.0", "Cat"), schemas),
    );
    expect(tools[0]?.inputs.map(({ name }) => name)).toEqual(["kind", "lives"]);
  });
});

describe("a body's root", () => {
  test.each([
    [
      "allOf, with types that exclude each other",
      {
        allOf: [
          { type: "object", properties: { a: { type: "string" } } },
          { properties: { a: { type: "integer" }, b: {} }, required: ["b"] },
        ],
      },
      ["a", "b"],
      ["b"],
    ],
    [
      "oneOf",
      {
        oneOf: [
          { type: "object", properties: { a: {} }, required: ["a"] },
          { type: "object", properties: { b: {} }, required: ["b"] },
        ],
      },
      ["a", "b"],
      undefined,
    ],
    [
      "anyOf with a shared requirement",
      {
        anyOf: [
          {
            type: "object",
            properties: { a: {}, b: {} },
            required: ["a", "b"],
          },
          { type: "object", properties: { a: {} }, required: ["a"] },
        ],
      },
      ["a", "b"],
      ["a"],
    ],
    [
      "allOf of oneOf of allOf",
      {
        allOf: [
          {
            oneOf: [
              {
                allOf: [
                  { type: "object", properties: { a: {} } },
                  { properties: { b: {} } },
                ],
              },
              { properties: { c: {} } },
            ],
          },
          { properties: { d: {} } },
        ],
      },
      ["a", "b", "c", "d"],
      undefined,
    ],
    [
      "properties beside oneOf",
      {
        type: "object",
        properties: { own: {} },
        required: ["own"],
        oneOf: [{ properties: { a: {} } }, { properties: { b: {} } }],
      },
      ["own", "a", "b"],
      ["own"],
    ],
    [
      "a null branch",
      {
        oneOf: [
          { type: "null" },
          { type: "object", properties: { a: {} }, required: ["a"] },
        ],
      },
      ["a"],
      ["a"],
    ],
    [
      "what is required and nowhere described",
      { type: "object", required: ["a"], properties: { b: {} } },
      ["b", "a"],
      ["a"],
    ],
    ["no type", { properties: { a: {} } }, ["a"], undefined],
    [
      "a list of types with object in it",
      { type: ["object", "null"], properties: { a: {} } },
      ["a"],
      undefined,
    ],
    [
      "if and else",
      {
        type: "object",
        properties: { a: {} },
        if: { required: ["a", "b"] },
        else: { properties: { b: {} } },
      },
      ["a", "b"],
      undefined,
    ],
  ])(
    "of %s is one object that loses no field",
    async (_, schema, names, required) => {
      const { tools } = await compile(toDocument("3.1", schema));
      const { parameters, inputs } = tools[0] as Tool;
      expect(inputs.map(({ name }) => name)).toEqual(names);
      expect(parameters["required"]).toEqual(required);
      expect(
        Object.keys(parameters).filter((word) => /Of$|^not$|^if$/.test(word)),
      ).toEqual([]);
    },
  );

  test.each([
    ["a list", { type: "array", items: { type: "string" } }],
    ["a text", { type: "string", enum: ["a"] }],
    ["a number", { type: "number" }],
    [
      "a choice of an object and a text",
      {
        oneOf: [{ type: "object", properties: { a: {} } }, { type: "string" }],
      },
    ],
    ["a map", { type: "object", additionalProperties: { type: "integer" } }],
    ["an object of which nothing is said", { type: "object" }],
    ["anything", {}],
  ])("that is %s is one argument, body", async (_, schema) => {
    const { tools } = await compile(toDocument("3.1", schema));
    const { parameters, inputs } = tools[0] as Tool;
    expect(inputs).toEqual([{ key: "body", in: "body", name: null }]);
    expect(parameters).toEqual({
      type: "object",
      properties: { body: schema },
      required: ["body"],
    });
  });

  test("says in words which fields a choice needs together", async () => {
    const { tools } = await compile(
      toDocument("3.1", {
        oneOf: [
          {
            type: "object",
            required: ["card", "cvc"],
            properties: { card: {}, cvc: {} },
          },
          { type: "object", required: ["iban"], properties: { iban: {} } },
        ],
      }),
    );
    expect(tools[0]?.description).toContain("card and cvc, or iban");
  });
});
