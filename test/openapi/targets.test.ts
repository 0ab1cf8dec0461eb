import { describe, expect, test } from "@jest/globals";
import { emit, targetNames } from "../../openapi/targets/index.ts";
import type { EmitOptions } from "../../openapi/targets/target.ts";
import type { JsonSchema, Tool } from "../../openapi/types.ts";
import { makeCatalog, makeTool } from "./make-tool.ts";

const POST = makeTool({
  properties: {
    name: { type: "string", description: "Its name.", maxLength: 20 },
    kind: { type: "string", enum: ["a", "b"] },
    size: { type: ["integer", "null"] },
  },
  required: ["name"],
});

const GET = makeTool(
  {
    properties: {
      id: { type: "string" },
      limit: { type: "integer", minimum: 1 },
    },
    required: ["id"],
  },
  {
    name: "get_thing",
    description: "Reads a thing.",
    operation: {
      method: "GET",
      path: "/things/{id}",
      tags: [],
      deprecated: false,
    },
    inputs: [
      { key: "id", in: "path", name: "id" },
      { key: "limit", in: "query", name: "limit" },
    ],
    request: {
      servers: [],
      parameters: [
        { key: "id", in: "path", name: "id", style: "simple", explode: false },
        {
          key: "limit",
          in: "query",
          name: "limit",
          style: "form",
          explode: true,
        },
      ],
      security: [],
      schemes: {},
    },
    output: {
      $ref: "#/$defs/Thing",
      $defs: {
        Thing: { type: "object", properties: { name: { type: "string" } } },
      },
    },
    effect: "read",
    idempotent: true,
  },
);

const server = "https://api.example.com/v1/";
const gateway = "https://gw.example.com/kit/";
const headers = { "X-Api-Key": "k" };
const post = POST.parameters;
const get = GET.parameters;

const inlined = {
  type: "object",
  properties: {
    name: { type: "string", description: "Its name.", maxLength: 20 },
    kind: { type: "string", enum: ["a", "b"] },
    size: { type: ["integer", "null"] },
  },
  required: ["name"],
};
const literals = {
  name: { type: "string", description: "Its name. (at most 20 characters)" },
  kind: { type: "string", description: "The value of kind.", enum: ["a", "b"] },
  size: { type: "integer", description: "The value of size." },
};
const split = {
  get: {
    url: "https://api.example.com/v1/things/{id}",
    method: "GET",
    path_params_schema: {
      id: { type: "string", description: "The value of id." },
    },
    query_params_schema: {
      properties: { limit: { type: "integer", description: "at least 1" } },
    },
    request_headers: headers,
  },
  post: {
    url: "https://api.example.com/v1/things",
    method: "POST",
    request_body_schema: {
      type: "object",
      description: "The body of the request.",
      properties: literals,
      required: ["name"],
    },
    request_headers: headers,
  },
};
const strictGet = {
  type: "object",
  properties: {
    id: { type: "string" },
    limit: { type: ["integer", "null"], minimum: 1 },
  },
  required: ["id", "limit"],
  additionalProperties: false,
};
const strictPost = {
  type: "object",
  properties: {
    name: { type: "string", description: "Its name. (at most 20 characters)" },
    kind: { type: ["string", "null"], enum: ["a", "b", null] },
    size: { type: ["integer", "null"] },
  },
  required: ["name", "kind", "size"],
  additionalProperties: false,
};
const [getText, postText] = [
  { name: "get_thing", description: "Reads a thing." },
  { name: "create_thing", description: "Creates a thing." },
];
const [getUrl, postUrl] = [
  "https://gw.example.com/kit/tools/get_thing",
  "https://gw.example.com/kit/tools/create_thing",
];

// Each target's definitions of both tools, with server, gateway and headers given.
const EXPECTED: Record<(typeof targetNames)[number], [object, object]> = {
  anthropic: [
    { ...getText, input_schema: get },
    { ...postText, input_schema: post },
  ],
  "anthropic-strict": [
    {
      ...getText,
      input_schema: {
        ...strictGet,
        properties: {
          id: { type: "string" },
          limit: {
            description: "at least 1",
            anyOf: [{ type: "integer" }, { type: "null" }],
          },
        },
      },
      strict: true,
    },
    {
      ...postText,
      input_schema: {
        ...strictPost,
        properties: {
          ...strictPost.properties,
          kind: {
            anyOf: [{ type: "string", enum: ["a", "b"] }, { type: "null" }],
          },
          size: { anyOf: [{ type: "integer" }, { type: "null" }] },
        },
      },
      strict: true,
    },
  ],
  openai: [
    { type: "function", function: { ...getText, parameters: get } },
    { type: "function", function: { ...postText, parameters: post } },
  ],
  "openai-responses": [
    { type: "function", ...getText, parameters: get, strict: false },
    { type: "function", ...postText, parameters: post, strict: false },
  ],
  "openai-strict": [
    {
      type: "function",
      function: { ...getText, parameters: strictGet, strict: true },
    },
    {
      type: "function",
      function: { ...postText, parameters: strictPost, strict: true },
    },
  ],
  gemini: [
    { ...getText, parameters: get },
    {
      ...postText,
      parameters: {
        ...inlined,
        properties: {
          ...inlined.properties,
          size: { type: "integer", nullable: true },
        },
      },
    },
  ],
  mcp: [
    {
      ...getText,
      inputSchema: get,
      outputSchema: {
        type: "object",
        properties: { name: { type: "string" } },
        $defs: {
          Thing: { type: "object", properties: { name: { type: "string" } } },
        },
      },
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: true,
      },
    },
    {
      ...postText,
      inputSchema: post,
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: true,
      },
    },
  ],
  thunderphone: [
    {
      type: "function",
      function: { ...getText, parameters: get },
      endpoint: { url: getUrl, method: "POST", headers },
    },
    {
      type: "function",
      function: { ...postText, parameters: post },
      endpoint: { url: postUrl, method: "POST", headers },
    },
  ],
  "thunderphone-integration": [
    {
      display_name: "get_thing",
      spec: { type: "function", function: { ...getText, parameters: get } },
      endpoint_url: getUrl,
      endpoint_method: "POST",
      headers: [{ key: "X-Api-Key", value: "k" }],
    },
    {
      display_name: "create_thing",
      spec: { type: "function", function: { ...postText, parameters: post } },
      endpoint_url: postUrl,
      endpoint_method: "POST",
      headers: [{ key: "X-Api-Key", value: "k" }],
    },
  ],
  vapi: [
    {
      type: "function",
      function: { ...getText, parameters: get },
      server: { url: getUrl, headers },
      async: false,
    },
    {
      type: "function",
      function: { ...postText, parameters: post },
      server: { url: postUrl, headers },
      async: false,
    },
  ],
  "vapi-api-request": [
    {
      type: "apiRequest",
      ...getText,
      url: getUrl,
      method: "POST",
      body: {
        type: "object",
        properties: {
          id: { type: "string" },
          limit: { type: "integer", description: "at least 1" },
        },
        required: ["id"],
      },
      headers: {
        type: "object",
        properties: { "X-Api-Key": { type: "string", value: "k" } },
      },
    },
    {
      type: "apiRequest",
      ...postText,
      url: postUrl,
      method: "POST",
      body: {
        type: "object",
        properties: {
          name: literals.name,
          kind: { type: "string", enum: ["a", "b"] },
          size: { type: "integer" },
        },
        required: ["name"],
      },
      headers: {
        type: "object",
        properties: { "X-Api-Key": { type: "string", value: "k" } },
      },
    },
  ],
  retell: [
    {
      type: "custom",
      ...getText,
      url: getUrl,
      method: "POST",
      headers,
      parameters: get,
      args_at_root: true,
      speak_during_execution: false,
      speak_after_execution: true,
    },
    {
      type: "custom",
      ...postText,
      url: postUrl,
      method: "POST",
      headers,
      parameters: inlined,
      args_at_root: true,
      speak_during_execution: false,
      speak_after_execution: true,
    },
  ],
  elevenlabs: [
    {
      tool_config: {
        type: "webhook",
        ...getText,
        response_timeout_secs: 20,
        api_schema: split.get,
      },
    },
    {
      tool_config: {
        type: "webhook",
        ...postText,
        response_timeout_secs: 20,
        api_schema: split.post,
      },
    },
  ],
  bland: [
    {
      ...getText,
      url: getUrl,
      method: "POST",
      headers,
      body: { id: "{{input.id}}", limit: "{{input.limit}}" },
      input_schema: { example: { id: "text" }, ...get },
    },
    {
      ...postText,
      url: postUrl,
      method: "POST",
      headers,
      body: {
        name: "{{input.name}}",
        kind: "{{input.kind}}",
        size: "{{input.size}}",
      },
      input_schema: { example: { name: "text" }, ...inlined },
    },
  ],
  cartesia: [
    {
      type: "webhook",
      ...getText,
      pre_tool_speech: "auto",
      execution_mode: "immediate",
      response_timeout_secs: 20,
      api_schema: split.get,
    },
    {
      type: "webhook",
      ...postText,
      pre_tool_speech: "auto",
      execution_mode: "immediate",
      response_timeout_secs: 20,
      api_schema: split.post,
    },
  ],
};

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

describe.each(targetNames)("%s", (target) => {
  test("writes a read with path and query, and a write with a body", () => {
    const { tools, names, diagnostics } = emit(makeCatalog(GET, POST), target, {
      server,
      gateway,
      headers,
    });
    expect(tools).toEqual(EXPECTED[target]);
    expect(names).toEqual({
      get_thing: "get_thing",
      create_thing: "create_thing",
    });
    expect(diagnostics.filter(({ severity }) => severity !== "info")).toEqual(
      [],
    );
  });

  test("changes nothing of the tool, and answers the same twice", () => {
    const catalog = deepFreeze(
      makeCatalog(structuredClone(GET), structuredClone(POST)),
    );
    const first = emit(catalog, target, { server, gateway, headers });
    expect(emit(catalog, target, { server, gateway, headers })).toEqual(first);
    expect(catalog.tools).toEqual([GET, POST]);
  });

  test("leaves out the second of two tools with one name", () => {
    const { tools, diagnostics } = emit(
      makeCatalog(POST, { ...POST, name: "Create_Thing" }),
      target,
      { server, gateway },
    );
    expect(tools).toHaveLength(1);
    expect(
      diagnostics.filter(({ severity }) => severity === "error"),
    ).toMatchObject([
      {
        rule: `${target}-rule`,
        pointer: "/paths/~1things/post",
        operation: "POST /things",
      },
    ]);
  });

  test("leaves out a tool whose name is none, and says so", () => {
    const { tools, diagnostics, names } = emit(
      makeCatalog({ ...POST, name: "" }),
      target,
      { server, gateway },
    );
    expect([tools, names]).toEqual([[], {}]);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ rule: `${target}-rule`, severity: "error" }),
    );
  });
});

describe("addresses", () => {
  const ADDRESSED = targetNames.filter(
    (name) =>
      ![
        "anthropic",
        "anthropic-strict",
        "openai",
        "openai-responses",
        "openai-strict",
        "gemini",
        "mcp",
      ].includes(name),
  );
  const rules = (
    tool: Tool,
    target: (typeof targetNames)[number],
    options: EmitOptions = {},
  ) =>
    emit(makeCatalog(tool), target, options)
      .diagnostics.filter(({ severity }) => severity === "error")
      .map(({ rule }) => rule);

  test.each(ADDRESSED)("%s reports a tool without any server", (target) => {
    expect(rules(POST, target)).toEqual(["no-server"]);
    expect(rules(POST, target, { server: "/v1" })).toEqual(["no-server"]);
  });

  test.each(ADDRESSED)(
    "%s takes the document's server where none is given",
    (target) => {
      const tool = {
        ...POST,
        request: { ...POST.request, servers: ["https://doc.example.com"] },
      };
      expect(rules(tool, target)).toEqual([]);
    },
  );

  test.each([
    ["thunderphone", ["needs-gateway"]],
    ["thunderphone-integration", ["needs-gateway"]],
    ["vapi", ["needs-gateway"]],
    ["vapi-api-request", ["needs-gateway"]],
    ["retell", ["needs-gateway"]],
    ["bland", ["needs-gateway"]],
    ["elevenlabs", []],
    ["cartesia", []],
  ] as const)("%s and path or query: %j", (target, expected) => {
    expect(rules(GET, target, { server })).toEqual(expected);
    expect(rules(GET, target, { server, gateway })).toEqual([]);
  });

  test.each(ADDRESSED.filter((target) => target !== "vapi"))(
    "%s calls the API itself for a plain body",
    (target) => {
      const { tools } = emit(makeCatalog(POST), target, { server });
      expect(JSON.stringify(tools)).toContain(
        '"https://api.example.com/v1/things"',
      );
    },
  );

  test.each([
    [
      "a key that is not the wire's",
      { inputs: [{ key: "filter_x", in: "body", name: "filter[x]" }] },
    ],
    [
      "a body that is no object",
      { inputs: [{ key: "filter_x", in: "body", name: null }] },
    ],
    [
      "a form",
      {
        request: {
          ...POST.request,
          body: {
            mediaType: "multipart/form-data",
            required: true,
            open: false,
          },
        },
      },
    ],
    [
      "a header",
      { inputs: [{ key: "filter_x", in: "header", name: "filter_x" }] },
    ],
    ["a HEAD", { operation: { ...POST.operation, method: "HEAD" } }],
    ["a GET with a body", { operation: { ...POST.operation, method: "GET" } }],
    [
      "a place without argument",
      { operation: { ...POST.operation, path: "/{x}/things" } },
    ],
  ] as [string, Partial<Tool>][])(
    "%s needs the gateway everywhere",
    (_, more) => {
      const tool = makeTool(
        {
          properties: { filter_x: { type: "string" } },
          required: ["filter_x"],
        },
        more,
      );
      for (const target of ADDRESSED) {
        expect([target, rules(tool, target, { server })]).toEqual([
          target,
          ["needs-gateway"],
        ]);
        expect([target, rules(tool, target, { server, gateway })]).toEqual([
          target,
          [],
        ]);
      }
    },
  );

  test("a server keeps its base path and its own query", () => {
    const url = (given: string) =>
      (
        emit(makeCatalog(POST), "thunderphone", { server: given }).tools[0] as {
          endpoint: { url: string };
        }
      ).endpoint.url;
    expect(url("https://a.example/v1")).toBe("https://a.example/v1/things");
    expect(url("https://a.example/v1//?key=1#x")).toBe(
      "https://a.example/v1/things?key=1",
    );
  });

  test("ElevenLabs sends a form as a form, and places by the wire's names", () => {
    const tool = makeTool(
      {
        properties: {
          user_id: { type: "integer" },
          page_size: { type: "integer" },
          first_name: { type: "string" },
        },
        required: ["user_id", "first_name"],
      },
      {
        operation: {
          method: "PUT",
          path: "/users/{user-id}",
          tags: [],
          deprecated: false,
        },
        inputs: [
          { key: "user_id", in: "path", name: "user-id" },
          { key: "page_size", in: "query", name: "page-size" },
          { key: "first_name", in: "body", name: "first.name" },
        ],
        request: {
          ...POST.request,
          body: {
            mediaType: "application/x-www-form-urlencoded",
            required: true,
            open: false,
          },
        },
      },
    );
    const { tools } = emit(makeCatalog(tool), "elevenlabs", { server });
    expect(tools).toMatchObject([
      {
        tool_config: {
          api_schema: {
            url: "https://api.example.com/v1/users/{user_id}",
            method: "PUT",
            path_params_schema: { user_id: { type: "integer" } },
            query_params_schema: {
              properties: { "page-size": { type: "integer" } },
            },
            request_body_schema: {
              properties: { "first.name": { type: "string" } },
              required: ["first.name"],
            },
            content_type: "application/x-www-form-urlencoded",
          },
        },
      },
    ]);
    expect(rules(tool, "cartesia", { server })).toEqual(["needs-gateway"]);
  });

  test("an optional value that cannot be placed is left out and reported, or goes to the gateway", () => {
    const tool = {
      ...GET,
      parameters: {
        ...get,
        properties: {
          ...(get["properties"] as object),
          tags: { type: "array", items: { type: "string" } },
        },
      },
      inputs: [
        ...GET.inputs,
        { key: "tags", in: "query" as const, name: "tags" },
      ],
    };
    const direct = emit(makeCatalog(tool), "elevenlabs", { server });
    expect(direct.diagnostics).toMatchObject([
      {
        rule: "schema-simplified",
        severity: "warning",
        message: "get_thing: the model cannot say all: the query value tags",
      },
    ]);
    expect(JSON.stringify(direct.tools)).not.toContain("tags");
    const through = emit(makeCatalog(tool), "elevenlabs", { server, gateway });
    expect(through.diagnostics).toEqual([]);
    expect(JSON.stringify(through.tools)).toContain(getUrl);
    const needed = {
      ...tool,
      parameters: { ...tool.parameters, required: ["id", "tags"] },
    };
    expect(rules(needed, "elevenlabs", { server })).toEqual(["needs-gateway"]);
  });

  test("a header that cannot be sent leaves every tool out", () => {
    for (const target of ADDRESSED) {
      expect(
        rules(POST, target, {
          server,
          gateway,
          headers: { "X-A": "a\r\nX-B: b" },
        }),
      ).toEqual([`${target}-rule`]);
    }
  });

  test("Bland is warned of where its templates may write another type", () => {
    const { diagnostics } = emit(makeCatalog(POST), "bland", { server });
    expect(diagnostics).toMatchObject([
      {
        severity: "warning",
        message:
          "create_thing: the model cannot say all: the type or absence of kind, the type or absence of size",
      },
    ]);
  });

  test("a time limit of the tool is the platform's", () => {
    const tool = { ...POST, policy: { ...POST.policy, timeoutMs: 4500 } };
    const words = {
      retell: '"timeout_ms":4500',
      "vapi-api-request": '"timeoutSeconds":5',
      elevenlabs: '"response_timeout_secs":5',
      cartesia: '"response_timeout_secs":5',
      bland: '"timeout":4500',
    } as const;
    for (const [target, word] of Object.entries(words))
      expect(
        JSON.stringify(
          emit(makeCatalog(tool), target as keyof typeof words, { server })
            .tools,
        ),
      ).toContain(word);
  });
});

describe("names and texts", () => {
  const named = (target: (typeof targetNames)[number], ...names: string[]) => {
    const { tools, names: map } = emit(
      makeCatalog(...names.map((name) => ({ ...POST, name }))),
      target,
      { server },
    );
    expect(tools).toHaveLength(names.length);
    expect(Object.values(map)).toEqual(names);
    return Object.keys(map);
  };

  test("Vapi's 40 characters: a longer name is cut and ends in a hash of itself", () => {
    const long = "a".repeat(45);
    const [first, second, third] = named(
      "vapi-api-request",
      `${long}_one`,
      `${long}_two`,
      "short",
    );
    expect(first).toMatch(/^a{31}_[0-9a-f]{8}$/);
    expect(second).toMatch(/^a{31}_[0-9a-f]{8}$/);
    expect(first).not.toBe(second);
    expect(third).toBe("short");
    expect(named("vapi-api-request", "other", `${long}_two`)[1]).toBe(second);
  });

  test("a name that a shortened one would get stays its owner's", () => {
    const long = "b".repeat(50);
    const [short] = named("vapi-api-request", long) as [string];
    const [given, taken] = named("vapi-api-request", long, short.toUpperCase());
    expect(taken).toBe(short.toUpperCase());
    expect(given).not.toBe(short);
  });

  test("Bland's reserved words and Cartesia's leading letter", () => {
    expect(named("bland", "Transfer", "transfer_call")).toEqual([
      expect.stringMatching(/^Transfer_[0-9a-f]{8}$/),
      "transfer_call",
    ]);
    expect(named("cartesia", "_act")).toEqual([
      expect.stringMatching(/^t_act_[0-9a-f]{8}$/),
    ]);
  });

  test("a tool may be called __proto__", () => {
    const { names } = emit(
      makeCatalog({ ...POST, name: "__proto__" }),
      "anthropic",
    );
    expect(Object.entries(names)).toEqual([["__proto__", "__proto__"]]);
  });

  test.each([
    ["openai", 1024],
    ["openai-responses", 1024],
    ["openai-strict", 1024],
    ["vapi", 1024],
    ["cartesia", 2000],
  ] as const)(
    "%s cuts a long description at %i, between words, and reports it",
    (target, most) => {
      const tool = { ...POST, description: "word 😀 ".repeat(600) };
      const { tools, diagnostics } = emit(makeCatalog(tool), target, {
        server,
        gateway,
      });
      const [text = ""] =
        /"description":"[^"]{300,}"/.exec(JSON.stringify(tools)) ?? [];
      expect(text.length).toBeGreaterThan(most / 2);
      expect(text.length - '"description":""'.length).toBeLessThanOrEqual(most);
      expect(Buffer.from(text).toString()).toBe(text); // no half of a character
      expect(diagnostics).toContainEqual(
        expect.objectContaining({
          rule: "description-shortened",
          severity: "info",
        }),
      );
    },
  );

  test.each(["cartesia", "bland"] as const)(
    "%s gets a description where the tool has none",
    (target) => {
      const { tools } = emit(
        makeCatalog({ ...POST, description: "" }),
        target,
        { server },
      );
      expect(tools).toMatchObject([{ description: "POST /things" }]);
    },
  );

  test("an unknown target is refused by naming the known ones", () => {
    for (const name of ["nobody", "constructor", "__proto__"])
      expect(() => emit(makeCatalog(), name as "anthropic")).toThrow(
        /unknown target .*anthropic-strict/,
      );
  });
});

describe("MCP", () => {
  const outputOf = (output: JsonSchema) =>
    (
      emit(makeCatalog({ ...GET, output }), "mcp").tools[0] as {
        outputSchema?: JsonSchema;
      }
    ).outputSchema;

  test.each([
    ["a list", { type: "array", items: { type: "string" } }],
    ["a choice", { oneOf: [{ type: "object" }, { type: "string" }] }],
    ["nothing said", {}],
    [
      "a reference to a list",
      { $ref: "#/$defs/L", $defs: { L: { type: "array" } } },
    ],
    ["a nullable object", { type: ["object", "null"] }],
    [
      "a reference in a circle",
      { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } },
    ],
  ])("%s is no output schema", (_, output) => {
    expect(outputOf(output)).toBeUndefined();
  });

  test("objects joined by allOf are an object", () => {
    const output = {
      allOf: [{ $ref: "#/$defs/A" }],
      $defs: { A: { type: "object" } },
    };
    expect(outputOf(output)).toEqual({ type: "object", ...output });
  });

  test("a delete is destructive and idempotent", () => {
    const tool = { ...POST, destructive: true, idempotent: true };
    expect(emit(makeCatalog(tool), "mcp").tools).toMatchObject([
      {
        annotations: {
          readOnlyHint: false,
          destructiveHint: true,
          idempotentHint: true,
        },
      },
    ]);
  });
});
