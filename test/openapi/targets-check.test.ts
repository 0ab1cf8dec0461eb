import { describe, expect, test } from "@jest/globals";
import { anthropicStrict } from "../../openapi/targets/anthropic-strict.ts";
import { anthropic } from "../../openapi/targets/anthropic.ts";
import { bland } from "../../openapi/targets/bland.ts";
import { cartesia } from "../../openapi/targets/cartesia.ts";
import { elevenlabs } from "../../openapi/targets/elevenlabs.ts";
import { gemini } from "../../openapi/targets/gemini.ts";
import { mcp } from "../../openapi/targets/mcp.ts";
import { openaiResponses } from "../../openapi/targets/openai-responses.ts";
import { openaiStrict } from "../../openapi/targets/openai-strict.ts";
import { openai } from "../../openapi/targets/openai.ts";
import { retell } from "../../openapi/targets/retell.ts";
import type { Target } from "../../openapi/targets/target.ts";
import { thunderphoneIntegration } from "../../openapi/targets/thunderphone-integration.ts";
import { thunderphone } from "../../openapi/targets/thunderphone.ts";
import { vapiApiRequest } from "../../openapi/targets/vapi-api-request.ts";
import { vapi } from "../../openapi/targets/vapi.ts";

// A good definition of each platform, by hand; then what breaks it, as a path and a value, and what the checker says.

const text = { type: "string" };
const schema = { type: "object", properties: { a: text }, required: ["a"] };
const closed = { ...schema, additionalProperties: false };
const literal = { type: "string", description: "A." };
const url = "https://api.example.com/x";
const called = { name: "act", description: "Acts.", parameters: schema };
const request = {
  url: "https://api.example.com/{id}",
  method: "POST",
  path_params_schema: { id: literal },
  query_params_schema: { properties: { q: literal }, required: ["q"] },
  request_body_schema: {
    type: "object",
    properties: { a: literal, l: { type: "array", items: literal } },
    required: ["a"],
  },
  request_headers: { "X-A": "a" },
};

type Break = [path: string, value: unknown, fault: RegExp];

const SCHEMA_BREAKS = (path: string): Break[] => [
  [path, undefined, /is no schema/],
  [path, { type: "array" }, /root of \S+ is no object/],
  [path, { ...schema, anyOf: [schema] }, /anyOf at the root/],
  [
    path,
    { ...schema, properties: { a: { $ref: "#/$defs/Gone" } } },
    /leads nowhere/,
  ],
  [
    path,
    { ...schema, properties: { a: { $ref: "other.json" } } },
    /leads nowhere/,
  ],
  [path, { ...schema, properties: [] }, /properties of \S+ is no object/],
  [path, { ...schema, required: "a" }, /required of \S+ is no list/],
];
const NAME_BREAKS = (path: string): Break[] => [
  [path, undefined, /name nothing is not/],
  [path, "", /name "" is not/],
  [path, "a b", /name "a b" is not/],
  [path, "a".repeat(65), /name "a+" is not/],
];
const URL_BREAKS = (path: string): Break[] => [
  [path, undefined, /is no URL/],
  [path, "/x", /is no URL/],
  [path, "ftp://api.example.com/x", /is not http/],
  [path, "https://api.example.com/{id}", /template/],
];
const HEADER_BREAKS = (path: string): Break[] => [
  [path, { "X A": "a" }, /header "X A" cannot be sent/],
  [path, { "X-A": "a\nb" }, /header "X-A" cannot be sent/],
  [path, { "X-A": 1 }, /header "X-A" cannot be sent/],
];
const STRICT_BREAKS = (path: string): Break[] => [
  [path, schema, /additionalProperties is not false/],
  [path, { ...closed, required: [] }, /a is not required/],
  [path, { ...closed, required: ["a", "b"] }, /b is required and unknown/],
  [
    `${path}.properties.a`,
    { type: "string", minLength: 1 },
    /unknown minLength/,
  ],
  [`${path}.properties.a`, { oneOf: [text] }, /unknown oneOf/],
  [`${path}.properties.a`, { allOf: [text] }, /unknown allOf/],
  [`${path}.properties.a`, { not: text, type: "string" }, /unknown not/],
  [`${path}.properties.a`, {}, /has no type/],
  [`${path}.properties.a`, true, /is no schema object/],
  [`${path}.properties.a`, { type: "array" }, /a list without items/],
  [
    `${path}.properties.a`,
    { type: "object", properties: { b: text }, required: ["b"] },
    /additionalProperties is not false/,
  ],
  [`${path}.properties.a`, { type: "string", enum: [] }, /enum is no list/],
  [
    `${path}.properties.a`,
    {
      type: "object",
      properties: {},
      required: [],
      additionalProperties: false,
      enum: [{}],
    },
    /enum is no list of plain/,
  ],
  [
    `${path}.properties.a`,
    { $ref: "#", description: "x" },
    /words beside \$ref/,
  ],
  [
    `${path}.properties.a`,
    { type: "string", format: "color" },
    /format "color"/,
  ],
  [
    `${path}.properties.a`,
    { type: "string", pattern: "(?=a)" },
    /pattern "\(\?=a\)"/,
  ],
  [
    `${path}.properties.a`,
    { type: "string", $defs: {} },
    /\$defs below the root/,
  ],
];
const REQUEST_BREAKS = (path: string): Break[] => [
  [`${path}.url`, "https://api.example.com/x", /no \{id\} in url/],
  [`${path}.url`, "/{id}", /is no URL/],
  [
    `${path}.url`,
    "https://api.example.com/{id}/{more}",
    /no schema for \{more\}/,
  ],
  [`${path}.method`, "HEAD", /method "HEAD" is not one of/],
  [`${path}.method`, "GET", /the method of a body/],
  [
    `${path}.path_params_schema.id`,
    { type: "object", description: "x" },
    /type "object" is not one of/,
  ],
  [
    `${path}.path_params_schema.id`,
    { type: "string" },
    /neither a description nor a value/,
  ],
  [
    `${path}.query_params_schema.properties.q`,
    { type: "array", description: "x" },
    /type "array" is not one of/,
  ],
  [
    `${path}.query_params_schema.properties.q`,
    { ...literal, format: "date" },
    /knows no format/,
  ],
  [`${path}.query_params_schema.required`, ["z"], /z is required and unknown/],
  [`${path}.query_params_schema`, {}, /has no properties/],
  [
    `${path}.request_body_schema`,
    { type: "array", items: literal },
    /request_body_schema is no object/,
  ],
  [
    `${path}.request_body_schema.properties.a`,
    { ...literal, enum: [1] },
    /enum of other values/,
  ],
  [
    `${path}.request_body_schema.properties.a`,
    { anyOf: [literal] },
    /knows no anyOf/,
  ],
  [`${path}.request_body_schema.properties.a`, { $ref: "#" }, /knows no \$ref/],
  [
    `${path}.request_body_schema.properties.l`,
    { type: "array", description: "x" },
    /a list without items/,
  ],
  [
    `${path}.request_body_schema.additionalProperties`,
    false,
    /knows no additionalProperties/,
  ],
  [`${path}.more`, 1, /api_schema knows no more/],
  ...HEADER_BREAKS(`${path}.request_headers`),
];
const UNKNOWN: Break = ["surprise", 1, /knows no surprise/];

const TARGETS: Record<
  string,
  { target: Target; good: object; breaks: Break[] }
> = {
  anthropic: {
    target: anthropic,
    good: { name: "act", description: "Acts.", input_schema: schema },
    breaks: [
      UNKNOWN,
      ...NAME_BREAKS("name"),
      ...SCHEMA_BREAKS("input_schema"),
      ["description", undefined, /description is no text/],
      ["input_schema.properties", { "a b": text }, /property a b is not/],
    ],
  },
  "anthropic strict": {
    target: anthropicStrict,
    good: {
      name: "act",
      description: "Acts.",
      input_schema: closed,
      strict: true,
    },
    breaks: [
      ...STRICT_BREAKS("input_schema"),
      [
        "input_schema.properties.a",
        { type: "array", items: text, minItems: 2 },
        /minItems 2/,
      ],
      [
        "input_schema.properties.a",
        { type: "integer", minimum: 1 },
        /unknown minimum/,
      ],
      ["input_schema.properties.a", { $ref: "#" }, /contains itself/],
      [
        "input_schema.properties",
        Object.fromEntries(
          Array.from({ length: 17 }, (_, index) => [
            `p${index}`,
            { type: ["string", "null"] },
          ]),
        ),
        /16 fields with a choice/,
      ],
      [
        "input_schema.properties",
        Object.fromEntries(
          Array.from({ length: 25 }, (_, index) => [`p${index}`, text]),
        ),
        /24 optional fields/,
      ],
    ],
  },
  openai: {
    target: openai,
    good: { type: "function", function: called },
    breaks: [
      UNKNOWN,
      ["type", "tool", /type "tool"/],
      ["function", undefined, /function is no object/],
      ["function.surprise", 1, /knows no surprise/],
      ["function.description", "a".repeat(1025), /0 to 1024 characters/],
      ["function.strict", "yes", /strict "yes"/],
      ...NAME_BREAKS("function.name"),
      ...SCHEMA_BREAKS("function.parameters"),
    ],
  },
  "openai responses": {
    target: openaiResponses,
    good: { type: "function", ...called, strict: false },
    breaks: [
      UNKNOWN,
      ["strict", undefined, /strict nothing is not one of false/], // left out, it means true there
      ["description", "a".repeat(1025), /0 to 1024 characters/],
      ...NAME_BREAKS("name"),
      ...SCHEMA_BREAKS("parameters"),
    ],
  },
  "openai strict": {
    target: openaiStrict,
    good: {
      type: "function",
      function: { ...called, parameters: closed, strict: true },
    },
    breaks: [
      UNKNOWN,
      ...NAME_BREAKS("function.name"),
      ...STRICT_BREAKS("function.parameters"),
    ],
  },
  gemini: {
    target: gemini,
    good: { name: "act", description: "Acts.", parameters: schema },
    breaks: [
      UNKNOWN,
      ["name", "1act", /name "1act" is not/],
      ["name", "a".repeat(65), /is not/],
      ["description", 1, /description is no text/],
      ["parametersJsonSchema", schema, /exclude each other/],
      ["parameters.type", "array", /root of parameters is no object/],
      [
        "parameters.additionalProperties",
        false,
        /unknown additionalProperties/,
      ],
      ["parameters.properties.a", { oneOf: [text] }, /unknown oneOf/],
      ["parameters.properties.a", { $ref: "#" }, /unknown \$ref/],
      [
        "parameters.properties.a",
        { type: ["string", "null"] },
        /type \["string","null"\]/,
      ],
      [
        "parameters.properties.a",
        { type: "integer", enum: ["1"] },
        /enum of other values than texts/,
      ],
      [
        "parameters.properties.a",
        { type: "string", enum: [""] },
        /enum of other values than texts/,
      ],
      [
        "parameters.properties.a",
        { anyOf: [text], description: "x" },
        /words beside anyOf/,
      ],
      ["parameters.properties.a", { type: "array" }, /a list without items/],
      [
        "parameters.properties",
        { "a-b": text, a: text },
        /property a-b is not/,
      ],
      ["parameters.required", ["z"], /z is required and unknown/],
    ],
  },
  mcp: {
    target: mcp,
    good: {
      name: "act",
      description: "Acts.",
      inputSchema: schema,
      outputSchema: schema,
      annotations: { readOnlyHint: true },
    },
    breaks: [
      UNKNOWN,
      ...NAME_BREAKS("name"),
      ...SCHEMA_BREAKS("inputSchema"),
      ["outputSchema", 1, /outputSchema is no schema/],
      ["outputSchema", { type: "array" }, /root of outputSchema is no object/],
      ["outputSchema.properties.a", { $ref: "#/$defs/Gone" }, /leads nowhere/],
      ["annotations.readOnlyHint", "yes", /readOnlyHint "yes"/],
      ["annotations.surprise", true, /annotations knows no surprise/],
    ],
  },
  thunderphone: {
    target: thunderphone,
    good: {
      type: "function",
      function: called,
      endpoint: { url, method: "POST", headers: {} },
    },
    breaks: [
      UNKNOWN,
      ["type", 1, /type 1/],
      ["endpoint", undefined, /endpoint is no object/],
      ["endpoint.method", "HEAD", /method "HEAD"/],
      ...NAME_BREAKS("function.name"),
      ...SCHEMA_BREAKS("function.parameters"),
      ...URL_BREAKS("endpoint.url"),
      ...HEADER_BREAKS("endpoint.headers"),
    ],
  },
  "thunderphone integration": {
    target: thunderphoneIntegration,
    good: {
      display_name: "act",
      spec: { type: "function", function: called },
      endpoint_url: url,
      endpoint_method: "POST",
      headers: [{ key: "X-A", value: "a" }],
    },
    breaks: [
      UNKNOWN,
      ["display_name", "", /1 to 255 characters/],
      ["display_name", "a".repeat(256), /1 to 255 characters/],
      ["spec.type", "tool", /spec.type "tool"/],
      ["endpoint_method", "HEAD", /endpoint_method "HEAD"/],
      ["headers", {}, /headers is no list/],
      ["headers", [{ name: "X-A", value: "a" }], /a header knows no name/],
      ["headers", [{ key: "X A", value: "a" }], /cannot be sent/],
      ["endpoint_url", "http://localhost:8080/x", /is a private address/],
      ["endpoint_url", "http://192.168.1.2/x", /is a private address/],
      ["endpoint_url", "http://[::1]/x", /is a private address/],
      ...URL_BREAKS("endpoint_url"),
      ...SCHEMA_BREAKS("spec.function.parameters"),
    ],
  },
  vapi: {
    target: vapi,
    good: { type: "function", function: called, server: { url }, async: false },
    breaks: [
      UNKNOWN,
      ["async", "no", /async "no"/],
      ["server", undefined, /server is no object/],
      ...NAME_BREAKS("function.name"),
      ...SCHEMA_BREAKS("function.parameters"),
      ...URL_BREAKS("server.url"),
      ...HEADER_BREAKS("server.headers"),
    ],
  },
  "vapi api request": {
    target: vapiApiRequest,
    good: {
      type: "apiRequest",
      name: "act",
      description: "Acts.",
      url,
      method: "POST",
      body: schema,
      headers: {
        type: "object",
        properties: { "X-A": { type: "string", value: "a" } },
      },
    },
    breaks: [
      UNKNOWN,
      ...NAME_BREAKS("name"),
      ["name", "a".repeat(41), /is not/],
      ["url", "https://api.example.com/{{ x }}", /template|no URL/],
      ["method", "HEAD", /method "HEAD"/],
      ["timeoutSeconds", 0, /timeoutSeconds 0/],
      [
        "headers.properties",
        { "X A": { type: "string", value: "a" } },
        /cannot be sent/,
      ],
      ["headers.properties", { "X-A": text }, /cannot be sent/],
      ["headers.type", "array", /headers.type "array"/],
      ["body.type", "array", /root of body is no object/],
      ["body.additionalProperties", false, /unknown additionalProperties/],
      ["body.properties.a", { anyOf: [text] }, /unknown anyOf/],
      [
        "body.properties.a",
        { type: ["string", "null"] },
        /type \["string","null"\]/,
      ],
      ["body.properties.a", { type: "string", format: "uri" }, /format "uri"/],
      [
        "body.properties.a",
        { type: "integer", enum: [1] },
        /enum of other values than texts/,
      ],
      ["body.properties.a", { type: "array" }, /a list without items/],
      ["body.properties.a", { type: "object" }, /an object without properties/],
    ],
  },
  retell: {
    target: retell,
    good: {
      type: "custom",
      name: "act",
      description: "Acts.",
      url,
      method: "POST",
      parameters: schema,
      args_at_root: true,
    },
    breaks: [
      UNKNOWN,
      ...NAME_BREAKS("name"),
      ...SCHEMA_BREAKS("parameters"),
      ...URL_BREAKS("url"),
      ...HEADER_BREAKS("headers"),
      ["method", "HEAD", /method "HEAD"/],
      ["query_params", { a: 1 }, /query_params: header "a"/],
      ["parameters.$defs", {}, /parameters knows no \$defs/],
      ["parameters.properties.a", { oneOf: [text] }, /unknown oneOf/],
      ["args_at_root", 1, /args_at_root 1/],
      [
        "timeout_ms",
        999,
        /timeout_ms 999 is no whole number from 1000 to 600000/,
      ],
      ["timeout_ms", 600_001, /timeout_ms/],
      ["max_retry", 6, /max_retry 6/],
    ],
  },
  elevenlabs: {
    target: elevenlabs,
    good: {
      tool_config: {
        type: "webhook",
        name: "act",
        description: "Acts.",
        response_timeout_secs: 20,
        api_schema: request,
      },
    },
    breaks: [
      UNKNOWN,
      ["tool_config.surprise", 1, /knows no surprise/],
      ["tool_config.type", "client", /type "client"/],
      ...NAME_BREAKS("tool_config.name"),
      ["tool_config.response_timeout_secs", 4, /from 5 to 120/],
      ["tool_config.response_timeout_secs", 121, /from 5 to 120/],
      [
        "tool_config.api_schema.content_type",
        "text/plain",
        /content_type "text\/plain"/,
      ],
      ...REQUEST_BREAKS("tool_config.api_schema"),
    ],
  },
  bland: {
    target: bland,
    good: {
      name: "act",
      description: "Acts.",
      url,
      method: "POST",
      body: { a: "{{input.a}}" },
      input_schema: { example: { a: "x" }, ...schema },
    },
    breaks: [
      UNKNOWN,
      ["name", "", /name is no text/],
      ["name", "Transfer", /name Transfer is reserved/],
      ["description", "", /description is no text/],
      ["method", "PUT", /method "PUT"/],
      ["input_schema.type", "array", /root of input_schema is no object/],
      ["input_schema.properties.a", { $ref: "#" }, /unknown \$ref/],
      ["body.b", "{{input.b}}", /names no input/],
      ["timeout", 0, /timeout 0/],
      ...URL_BREAKS("url"),
      ...HEADER_BREAKS("headers"),
    ],
  },
  cartesia: {
    target: cartesia,
    good: {
      type: "webhook",
      name: "act",
      description: "Acts.",
      api_schema: request,
      response_timeout_secs: 20,
    },
    breaks: [
      UNKNOWN,
      ...NAME_BREAKS("name"),
      ["name", "_act", /name "_act" is not/],
      ["description", "", /1 to 2000 characters/],
      ["description", "a".repeat(2001), /1 to 2000 characters/],
      ["response_timeout_secs", 0, /from 1 to 120/],
      ["response_timeout_secs", 121, /from 1 to 120/],
      ["api_schema.url", "http://api.example.com/{id}", /is not https/],
      ["api_schema.url", "https://10.0.0.1/{id}", /is a private address/],
      [
        "api_schema.path_params_schema.id",
        { type: "boolean", description: "x" },
        /type "boolean"/,
      ],
      ...REQUEST_BREAKS("api_schema"),
    ],
  },
};

function breakAt(definition: object, path: string, value: unknown): object {
  const broken = structuredClone(definition) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() as string;
  let inner = broken;
  for (const key of keys) inner = inner[key] as Record<string, unknown>;
  if (value === undefined) delete inner[last];
  else inner[last] = value;
  return broken;
}

describe.each(Object.entries(TARGETS))(
  "the checker of %s",
  (_, { target, good, breaks }) => {
    test("finds nothing in a good definition", () => {
      expect(target.check(good)).toEqual([]);
    });

    test.each(
      breaks.map(([path, value, fault]) => ({
        path,
        value,
        fault,
        shown: JSON.stringify(value)?.slice(0, 40),
      })),
    )("finds $path = $shown", ({ path, value, fault }) => {
      expect(target.check(breakAt(good, path, value)).join("\n")).toMatch(
        fault,
      );
    });

    test("answers for anything at all", () => {
      for (const wrong of [
        {},
        [],
        { function: 1 },
        { parameters: [null] },
        { tool_config: null },
        { api_schema: "x" },
      ])
        expect(target.check(wrong).length).toBeGreaterThan(0);
    });
  },
);
