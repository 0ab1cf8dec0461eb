import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { emit } from "../../openapi/targets/index.ts";
import type { TargetName } from "../../openapi/targets/index.ts";
import type { JsonSchema, Tool } from "../../openapi/types.ts";
import { makeCatalog, makeTool } from "./make-tool.ts";

function makeAct(parameters: JsonSchema): Tool {
  const tool = makeTool(parameters, {
    name: "act",
    description: "Acts.",
    operation: { method: "POST", path: "/act", tags: [], deprecated: false },
  });
  const servers = ["https://api.example.com"];
  return { ...tool, request: { ...tool.request, servers } };
}

/** The parameters as a target writes them, and its diagnostics. */
function write(target: TargetName, parameters: JsonSchema) {
  const { tools, diagnostics } = emit(makeCatalog(makeAct(parameters)), target);
  const [tool] = tools as JsonSchema[];
  const config = tool?.["tool_config"] as
    { api_schema: JsonSchema } | undefined;
  const schema = (tool?.["parameters"] ??
    tool?.["body"] ??
    config?.api_schema["request_body_schema"] ??
    {}) as JsonSchema;
  const properties = (schema["properties"] ?? {}) as Record<string, JsonSchema>;
  return {
    tools,
    schema,
    properties,
    diagnostics,
    messages: diagnostics
      .map(({ severity, message }) => `${severity}: ${message}`)
      .join("\n"),
  };
}

const text = { type: "string" };
const field = (schema: unknown, defs: JsonSchema = {}) => ({
  properties: { field: schema },
  required: ["field"],
  $defs: defs,
});

// One field, as Gemini, Vapi's API request, Retell and ElevenLabs say it; and what is reported.
const CASES: {
  claim: string;
  given: unknown;
  defs?: JsonSchema;
  gemini: JsonSchema;
  vapi: JsonSchema;
  retell: JsonSchema;
  elevenlabs: JsonSchema;
  reported?: RegExp;
}[] = [
  {
    claim:
      "a reference is read in place, its description first from where it stands",
    given: { $ref: "#/$defs/A", description: "Here." },
    defs: { A: { type: "string", description: "There.", maxLength: 3 } },
    gemini: { type: "string", description: "Here.", maxLength: 3 },
    vapi: { type: "string", description: "Here. (at most 3 characters)" },
    retell: { type: "string", description: "Here.", maxLength: 3 },
    elevenlabs: { type: "string", description: "Here. (at most 3 characters)" },
  },
  {
    claim: "allOf is one object",
    given: {
      allOf: [
        { $ref: "#/$defs/A" },
        { properties: { b: text }, required: ["b"] },
      ],
    },
    defs: { A: { type: "object", properties: { a: text } } },
    gemini: {
      type: "object",
      properties: { a: text, b: text },
      required: ["b"],
    },
    vapi: { type: "object", properties: { a: text, b: text }, required: ["b"] },
    retell: {
      type: "object",
      properties: { a: text, b: text },
      required: ["b"],
    },
    elevenlabs: {
      type: "object",
      description: "The value of field.",
      properties: {
        a: { ...text, description: "The value of field.a." },
        b: { ...text, description: "The value of field.b." },
      },
      required: ["b"],
    },
  },
  {
    claim: "null",
    given: { type: ["string", "null"], enum: ["a", null] },
    gemini: { type: "string", enum: ["a"], nullable: true },
    vapi: { type: "string", enum: ["a"] },
    retell: { type: ["string", "null"], enum: ["a", null] },
    elevenlabs: { type: "string", constant_value: "a" },
    reported: /null at field/,
  },
  {
    claim: "a choice of plain types",
    given: { oneOf: [{ type: "integer" }, text], description: "Which." },
    gemini: { anyOf: [{ type: "integer", description: "Which." }, text] },
    vapi: { ...text, description: "Which." },
    retell: { description: "Which.", anyOf: [{ type: "integer" }, text] },
    elevenlabs: { ...text, description: "Which." },
    reported: /alternatives at field/,
  },
  {
    claim: "a choice of objects",
    given: {
      oneOf: [
        {
          type: "object",
          properties: { kind: { const: "a" }, x: text },
          required: ["kind", "x"],
        },
        {
          type: "object",
          properties: { kind: { const: "b" } },
          required: ["kind"],
        },
      ],
    },
    gemini: {
      anyOf: [
        {
          type: "object",
          properties: { kind: { type: "string", enum: ["a"] }, x: text },
          required: ["kind", "x"],
        },
        {
          type: "object",
          properties: { kind: { type: "string", enum: ["b"] } },
          required: ["kind"],
        },
      ],
    },
    vapi: {
      type: "object",
      properties: { kind: { type: "string", enum: ["a", "b"] }, x: text },
      required: ["kind"],
    },
    retell: {
      anyOf: [
        {
          type: "object",
          properties: { kind: { type: "string", enum: ["a"] }, x: text },
          required: ["kind", "x"],
        },
        {
          type: "object",
          properties: { kind: { type: "string", enum: ["b"] } },
          required: ["kind"],
        },
      ],
    },
    elevenlabs: {
      type: "object",
      description: "The value of field.",
      properties: {
        kind: {
          type: "string",
          description: "The value of field.kind.",
          enum: ["a", "b"],
        },
        x: { ...text, description: "The value of field.x." },
      },
      required: ["kind"],
    },
    reported: /alternatives at field/,
  },
  {
    claim: "numbers as values",
    given: { type: "integer", enum: [1, 2] },
    gemini: { type: "integer", description: "one of 1, 2" },
    vapi: { type: "integer", description: "one of 1, 2" },
    retell: { type: "integer", enum: [1, 2] },
    elevenlabs: { type: "integer", description: "one of 1, 2" },
  },
  {
    claim: "the one value of a required field",
    given: { const: 7 },
    gemini: { type: "integer", description: "one of 7" },
    vapi: { type: "integer", description: "one of 7" },
    retell: { type: "integer", enum: [7] },
    elevenlabs: { type: "integer", constant_value: 7 },
  },
  {
    claim: "formats and defaults",
    given: {
      type: "array",
      items: { type: "string", format: "email", default: "a@b.c" },
    },
    gemini: {
      type: "array",
      items: { type: "string", description: 'format email; default "a@b.c"' },
    },
    vapi: {
      type: "array",
      items: {
        type: "string",
        format: "email",
        description: 'default "a@b.c"',
      },
    },
    retell: {
      type: "array",
      items: { type: "string", format: "email", default: "a@b.c" },
    },
    elevenlabs: {
      type: "array",
      description: "The value of field.",
      items: { type: "string", description: 'format email; default "a@b.c"' },
    },
  },
  {
    claim: "any value",
    given: {},
    gemini: {
      anyOf: [
        text,
        { type: "number" },
        { type: "boolean" },
        { type: "object" },
      ],
    },
    vapi: text,
    retell: {},
    elevenlabs: { ...text, description: "The value of field." },
    reported: /any value at field/,
  },
  {
    claim: "a map",
    given: { type: "object", additionalProperties: { type: "integer" } },
    gemini: { type: "object" },
    vapi: { type: "object", properties: {} },
    retell: {
      type: "object",
      properties: {},
      additionalProperties: { type: "integer" },
    },
    elevenlabs: {
      type: "object",
      description: "The value of field.",
      properties: {},
    },
    reported: /fields of any name at field/,
  },
  {
    claim: "a tuple",
    given: { type: "array", prefixItems: [text, { type: "string" }] },
    gemini: { type: "array", items: text },
    vapi: { type: "array", items: text },
    retell: { type: "array", items: text },
    elevenlabs: {
      type: "array",
      description: "The value of field.",
      items: { ...text, description: "The value of field[]." },
    },
    reported: /the order of entries at field/,
  },
  {
    claim: "a branch that no value fits is left out",
    given: { anyOf: [{ type: "boolean" }, false] },
    gemini: { type: "boolean" },
    vapi: { type: "boolean" },
    retell: { type: "boolean" },
    elevenlabs: { type: "boolean", description: "The value of field." },
  },
];

describe("a subset of JSON Schema", () => {
  test.each(CASES)(
    "$claim",
    ({ given, defs, gemini, vapi, retell, elevenlabs, reported }) => {
      const parameters = field(given, defs);
      expect(write("gemini", parameters).properties["field"]).toEqual(gemini);
      expect(write("retell", parameters).properties["field"]).toEqual(retell);
      expect(write("elevenlabs", parameters).properties["field"]).toEqual(
        elevenlabs,
      );
      const { properties, messages } = write("vapi-api-request", parameters);
      expect(properties["field"]).toEqual(vapi);
      if (reported) expect(messages).toMatch(reported);
      else expect(messages).toBe("");
    },
  );

  test("Gemini leaves out what no name can say; where it is required, the object is left open", () => {
    const { properties, messages } = write("gemini", {
      properties: {
        loose: {
          type: "object",
          properties: { "content-type": text, ok: text },
          required: ["ok"],
        },
        needed: {
          type: "object",
          properties: { "content-type": text, ok: text },
          required: ["content-type"],
        },
      },
    });
    expect(properties).toEqual({
      loose: { type: "object", properties: { ok: text }, required: ["ok"] },
      needed: { type: "object" },
    });
    expect(messages).toMatch(
      /^warning: .*loose\.content-type has a name that cannot be said/,
    );
  });

  test("Gemini has no parameters where there are no arguments", () => {
    const { tools } = write("gemini", { properties: {} });
    expect(tools).toEqual([{ name: "act", description: "Acts." }]);
  });

  test("names of Object's own are properties like others", () => {
    const properties = JSON.parse(
      '{"__proto__":{"type":"string"},"constructor":{"type":"object","properties":{"toString":{"type":"string"}}}}',
    ) as JsonSchema;
    const written = write("gemini", { properties, required: ["__proto__"] });
    expect(JSON.stringify(written.schema)).toBe(
      JSON.stringify({ type: "object", properties, required: ["__proto__"] }),
    );
  });
});

// Definitions that reach each other in every way.
const COUNT = 50;
const ids = Array.from({ length: COUNT }, (_, index) => index);
const ref = (index: number) => ({ $ref: `#/$defs/A${index % COUNT}` });
const all = (make: (index: number) => JsonSchema) =>
  Object.fromEntries(ids.map((index) => [`A${index}`, make(index)]));
const MUTUAL: Record<string, JsonSchema> = {
  "by fields": all(() => ({
    type: "object",
    properties: Object.fromEntries(
      ids.map((index) => [`p${index}`, ref(index)]),
    ),
  })),
  "by oneOf": all(() => ({ oneOf: ids.map(ref) })),
  "by allOf": all((index) => ({
    allOf: [...ids.map(ref), { properties: { [`x${index}`]: text } }],
  })),
  "by oneOf beside fields": all((index) => ({
    type: "object",
    properties: { kind: { const: index } },
    oneOf: ids.map(ref),
  })),
  "by lists": all(() => ({ type: "array", items: { oneOf: ids.map(ref) } })),
  "by anyOf of allOf": all((index) => ({
    anyOf: ids.map((other) => ({
      allOf: [ref(other), { required: [`a${other}`] }],
    })),
    properties: { next: ref(index + 1) },
  })),
  "by maps": all((index) => ({
    type: "object",
    additionalProperties: ref(index + 1),
  })),
  "in one circle": all((index) => ref(index + 1)),
};
const INLINED = [
  "gemini",
  "vapi-api-request",
  "retell",
  "elevenlabs",
  "bland",
  "cartesia",
] as const;

describe("definitions that reach each other", () => {
  test.each(Object.keys(MUTUAL))(
    "%s: every target is done soon, and no larger than a model can read",
    (kind) => {
      const tool = makeAct({
        properties: { root: ref(0) },
        required: ["root"],
        $defs: MUTUAL[kind],
      });
      for (const target of [
        "openai-strict",
        "anthropic-strict",
        ...INLINED,
      ] as const) {
        const { tools } = emit(makeCatalog(tool), target);
        expect([target, tools.length]).toEqual([target, 1]);
      }
      for (const target of INLINED) {
        const written = JSON.stringify(emit(makeCatalog(tool), target).tools);
        expect(written.length).toBeLessThan(100_000);
        expect(written).not.toContain("$ref");
      }
    },
  );

  test("recursion is unrolled once, and the cut is reported", () => {
    const Node = {
      type: "object",
      description: "A node.",
      properties: { value: text, next: { $ref: "#/$defs/Node" } },
    };
    const { properties, messages } = write(
      "vapi-api-request",
      field({ $ref: "#/$defs/Node" }, { Node }),
    );
    expect(properties["field"]).toEqual({
      type: "object",
      description: "A node.",
      properties: {
        value: text,
        next: {
          type: "object",
          description: "A node.",
          properties: {
            value: text,
            next: {
              type: "object",
              description: "Again Node.",
              properties: {},
            },
          },
        },
      },
    });
    expect(messages).toMatch(
      /^warning: act: the model cannot say all: field\.next\.next contains itself/,
    );
  });

  test("a wide tool keeps all its own arguments, however small their insides get", () => {
    const properties = Object.fromEntries(
      ids.map((index) => [`p${index}`, ref(index)]),
    );
    for (const target of INLINED) {
      const written = JSON.stringify(
        emit(
          makeCatalog(makeAct({ properties, $defs: MUTUAL["by fields"] })),
          target,
        ).tools,
      );
      for (const key of Object.keys(properties))
        expect(written).toContain(`"${key}":`);
    }
  });

  test("what Retell gets still takes arguments that fit the tool", () => {
    const parameters = {
      properties: {
        to: { anyOf: [{ $ref: "#/$defs/Person" }, text] },
        tags: { type: "array", items: { $ref: "#/$defs/Tag" } },
        extra: {
          type: "object",
          additionalProperties: { $ref: "#/$defs/Tag" },
        },
      },
      required: ["to"],
      $defs: {
        Person: {
          type: "object",
          properties: { name: text, boss: { $ref: "#/$defs/Person" } },
          required: ["name"],
        },
        Tag: { type: ["string", "null"], enum: ["a", "b", null] },
      },
    };
    const validate = new Ajv2020({ strict: false }).compile(
      write("retell", parameters).schema,
    );
    for (const [args, fits] of [
      [{ to: "x" }, true],
      [
        {
          to: { name: "n", boss: { name: "m" } },
          tags: ["a", null],
          extra: { z: "b" },
        },
        true,
      ],
      [{ to: {} }, false],
      [{ to: "x", tags: ["c"] }, false],
      [{ to: "x", extra: { z: 1 } }, false],
      [{}, false],
    ] as const)
      expect([args, validate(args)]).toEqual([args, fits]);
  });

  test("schemas nested 5,000 deep cost one tool, not the catalog", () => {
    let deep: JsonSchema = text;
    for (let level = 0; level < 5000; level++)
      deep = { type: "array", items: deep };
    for (const target of ["anthropic", "openai-strict", ...INLINED] as const) {
      const { tools } = emit(
        makeCatalog(
          { ...makeAct(field(deep)), name: "deep" },
          makeAct({ properties: {} }),
        ),
        target,
      );
      expect([target, JSON.stringify(tools.at(-1)).includes("act")]).toEqual([
        target,
        true,
      ]);
    }
  });
});
