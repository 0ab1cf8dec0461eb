import { describe, expect, test } from "@jest/globals";
import { compile, toHttpRequest } from "../../../openapi/index.ts";
import type { CompileOptions, Tool } from "../../../openapi/index.ts";

type Place = "path" | "query" | "header" | "cookie" | "body";

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

function document(paths: object, more: object = {}): object {
  return {
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    servers: [{ url: "https://api.example.com/v1" }],
    paths,
    ...more,
  };
}

async function namesOf(ids: unknown[], before: object = {}): Promise<string[]> {
  const paths = Object.fromEntries(
    ids.map((operationId, index) => [
      `/p${index}`,
      { get: operationId === undefined ? {} : { operationId } },
    ]),
  );
  const { tools } = await compile(document({ ...before, ...paths }));
  return tools
    .filter(({ operation }) => operation.path.startsWith("/p"))
    .map(({ name }) => name);
}

describe("a tool's name", () => {
  test.each([
    ["list_things", "list_things"],
    ["users.list", "users_list"],
    ["users/list-all", "users_list_all"],
    ["users__list", "users__list"],
    ["  spaced id ", "spaced_id"],
    ["3d", "_3d"],
    ["café", "caf_"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
    ["hasOwnProperty", "hasOwnProperty"],
    ["a".repeat(64), "a".repeat(64)],
    [undefined, "get_p0"],
    ["", "get_p0"],
    ["   ", "get_p0"],
    [42, "get_p0"],
    [null, "get_p0"],
    [{ a: 1 }, "get_p0"],
  ])("of the id %j is %s", async (id, name) => {
    expect(await namesOf([id])).toEqual([name]);
  });

  test.each([
    ["twice the same", ["list", "list"]],
    ["differing in case", ["List", "list", "LIST"]],
    ["alike after their characters are replaced", ["a.b", "a/b", "a_b", "a b"]],
    [
      "beyond 64 characters with the same beginning",
      [`${"x".repeat(60)}abcdefgh`, `${"x".repeat(60)}ijklmnop`],
    ],
    ["beyond 64 characters and the same", ["x".repeat(70), "x".repeat(70)]],
    [
      "in other scripts, of one length",
      ["列出预约", "取消预约", "Список", "список"],
    ],
    ["an id like another's path", [undefined, "get_p0"]],
    [
      "ids like an inherited name",
      [
        "constructor",
        "Constructor",
        "toString",
        "tostring",
        "__proto__",
        "__PROTO__",
      ],
    ],
  ])("is its own, whatever the case, of ids %s", async (_, ids) => {
    const names = await namesOf(ids);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(
      ids.length,
    );
    for (const name of names) expect(name).toMatch(NAME);
    // Neither the order nor a neighbour changes a name.
    const neighbour = { "/0": { get: { operationId: "zzz" } } };
    expect(await namesOf(ids, neighbour)).toEqual(names);
    expect(await namesOf(ids)).toEqual(names);
  });

  test("is its own even where another id is what a collision would make of it", async () => {
    const [first, second] = await namesOf(["list", "list"]);
    const names = await namesOf(["list", "list", first, second]);
    for (const name of names) expect(name).toMatch(NAME);
    expect(new Set(names).size).toBe(4);
  });

  test("of an operation without an id says what and where", async () => {
    const { tools } = await compile(
      document({
        "/": { get: {} },
        "/users/{user-id}/orders.json": { post: {}, delete: {} },
        "/a/{a}...{b}": { get: {} },
        "/@me": { get: {} },
      }),
    );
    expect(tools.map(({ name }) => name)).toEqual([
      "get_",
      "post_users_user_id_orders_json",
      "delete_users_user_id_orders_json",
      "get_a_a___b",
      "get__me",
    ]);
  });

  test("may be given by x-tool, which is held to the same rules", async () => {
    const { tools } = await compile(
      document({
        "/a": { get: { operationId: "x", "x-tool": { name: "say hello" } } },
        "/b": { get: { operationId: "say_hello" } },
        "/c": { get: { operationId: "y", "x-tool": { name: "" } } },
      }),
    );
    const names = tools.map(({ name }) => name);
    expect(names[2]).toBe("y");
    expect(names[0]).toMatch(/^say_hello_[0-9a-f]{8}$/);
    expect(names[1]).toMatch(/^say_hello_[0-9a-f]{8}$/);
    expect(names[0]).not.toBe(names[1]);
  });
});

/** The tool of an operation with these arguments. */
async function toolWith(
  places: [Place, string][],
  options: CompileOptions = {},
): Promise<Tool> {
  const fields = places
    .filter(([place]) => place === "body")
    .map(([, name]) => name);
  const path = places
    .filter(([place]) => place === "path")
    .map(([, name]) => `/{${name}}`)
    .join("");
  const { tools } = await compile(
    document({
      [`/a${path}`]: {
        post: {
          operationId: "a",
          parameters: places
            .filter(([place]) => place !== "body")
            .map(([place, name]) => ({
              name,
              in: place,
              required: place === "path",
              schema: { type: "string" },
            })),
          ...(fields.length === 0
            ? {}
            : {
                requestBody: {
                  required: true,
                  content: {
                    "application/json": {
                      schema: {
                        type: "object",
                        properties: Object.fromEntries(
                          fields.map((name) => [name, { type: "string" }]),
                        ),
                      },
                    },
                  },
                },
              }),
        },
      },
    }),
    options,
  );
  return tools[0] as Tool;
}

describe("an argument's key", () => {
  test.each([
    ["filter[x]", "filter_x"],
    ["filter[a][b]", "filter_a_b"],
    ["$top", "top"],
    ["@type", "type"],
    ["include[]", "include"],
    ["user.name", "user_name"],
    ["StartTime<", "StartTime"],
    ["a-b", "a_b"],
    ["2fa", "_2fa"],
    ["_id", "_id"],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["toString", "toString"],
    ["valueOf", "valueOf"],
  ])("of %s is %s", async (name, key) => {
    const { inputs, parameters } = await toolWith([["query", name]]);
    expect(inputs).toEqual([{ key, in: "query", name }]);
    expect(Object.keys(parameters["properties"] as object)).toEqual([key]);
  });

  test.each<[string, [Place, string][]]>([
    [
      "marks that only a wire needs",
      [
        ["query", "StartTime<"],
        ["query", "StartTime>"],
        ["query", "StartTime"],
      ],
    ],
    [
      "a dot and an underscore",
      [
        ["query", "user.name"],
        ["query", "user_name"],
        ["body", "user-name"],
      ],
    ],
    [
      "path, query, header, cookie and body",
      [
        ["path", "id"],
        ["query", "id"],
        ["header", "id"],
        ["cookie", "id"],
        ["body", "id"],
      ],
    ],
    [
      "a field called as another's way out",
      [
        ["path", "id"],
        ["query", "id"],
        ["body", "query_id"],
        ["body", "id"],
        ["query", "body_id"],
      ],
    ],
    [
      "their case",
      [
        ["query", "Name"],
        ["query", "name"],
        ["body", "NAME"],
      ],
    ],
    [
      "nothing but signs",
      [
        ["query", "[]"],
        ["query", "::"],
        ["query", "日付"],
        ["query", "時刻"],
      ],
    ],
    [
      "what comes after 64 characters",
      [
        ["query", `${"n".repeat(70)}a`],
        ["query", `${"n".repeat(70)}b`],
      ],
    ],
    [
      "inherited names",
      [
        ["query", "constructor"],
        ["body", "constructor"],
        ["query", "__proto__"],
        ["body", "__proto__"],
        ["body", "toString"],
      ],
    ],
    [
      "a field called body or query",
      [
        ["query", "body"],
        ["body", "body"],
        ["body", "query"],
        ["query", "query"],
      ],
    ],
    [
      "two parameters of a path",
      [
        ["path", "a-b"],
        ["path", "a.b"],
      ],
    ],
  ])("tells apart %s", async (_, places) => {
    const tool = await toolWith(places);
    const keys = tool.inputs.map(({ key }) => key);
    const found = tool.inputs.map((input) => `${input.in} ${input.name}`);
    expect(found.sort()).toEqual(
      places.map(([place, name]) => `${place} ${name}`).sort(),
    );
    expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(
      places.length,
    );
    for (const key of keys) expect(key).toMatch(NAME);
    expect(Object.keys(tool.parameters["properties"] as object)).toEqual(keys);
    const path = tool.inputs.find((input) => input.in === "path");
    if (path?.name === "id") expect(path.key).toBe("id");
    expect(await toolWith(places)).toEqual(tool);
  });

  test("is its own even where another name is what a collision would make of it", async () => {
    const clash: [Place, string][] = [
      ["query", "a.b"],
      ["query", "a_b"],
    ];
    const made = (await toolWith(clash)).inputs.map(({ key }) => key);
    const { inputs } = await toolWith([
      ...clash,
      ...made.map((key): [Place, string] => ["query", key]),
    ]);
    expect(new Set(inputs.map(({ key }) => key)).size).toBe(4);
  });

  test("leads back to the document's own name on the wire", async () => {
    const tool = await toolWith([
      ["path", "id"],
      ["query", "id"],
      ["query", "filter[x]"],
      ["query", "__proto__"],
      ["header", "X-Id"],
      ["cookie", "id"],
      ["body", "id"],
      ["body", "constructor"],
      ["body", "__proto__"],
      ["body", "a.b"],
    ]);
    const args = Object.fromEntries(
      tool.inputs.map(({ key, in: place, name }) => [key, `${place}-${name}`]),
    );
    const { url, headers, body } = toHttpRequest(tool, args);
    const { pathname, searchParams } = new URL(url);
    expect(pathname).toBe("/v1/a/path-id");
    expect([...searchParams]).toEqual([
      ["id", "query-id"],
      ["filter[x]", "query-filter[x]"],
      ["__proto__", "query-__proto__"],
    ]);
    expect(headers).toMatchObject({
      "X-Id": "header-X-Id",
      Cookie: "id=cookie-id",
    });
    expect(Buffer.from(body as Uint8Array).toString()).toBe(
      '{"__proto__":"body-__proto__","a.b":"body-a.b","constructor":"body-constructor","id":"body-id"}',
    );
  });

  test("stays as it is when an unrelated parameter is added", async () => {
    const places: [Place, string][] = [
      ["query", "a.b"],
      ["query", "a_b"],
      ["body", "c"],
    ];
    const before = await toolWith(places);
    const after = await toolWith([["query", "zzz"], ...places]);
    expect(after.inputs.slice(1)).toEqual(before.inputs);
  });
});

describe("credentials", () => {
  const text = { type: "string" };
  const paths = {
    "/a": {
      get: {
        operationId: "a",
        parameters: [
          { name: "x-service-key", in: "header", required: true, schema: text },
          { name: "api_key", in: "query", required: true, schema: text },
          { name: "session", in: "cookie", required: true, schema: text },
          { name: "Authorization", in: "header", required: true, schema: text },
          { name: "X-Request-Id", in: "header", schema: text },
          { name: "q", in: "query", schema: text },
        ],
        security: [{ header: [], query: [], cookie: [], token: [] }],
      },
    },
  };
  const components = {
    securitySchemes: {
      header: { type: "apiKey", in: "header", name: "X-Service-Key" },
      query: { type: "apiKey", in: "query", name: "api_key" },
      cookie: { type: "apiKey", in: "cookie", name: "session" },
      token: { type: "http", scheme: "bearer" },
    },
  };

  test("are hidden, and put in by whoever calls", async () => {
    const { tools } = await compile(document(paths, { components }));
    const tool = tools[0] as Tool;
    expect(tool.inputs.map(({ name }) => name)).toEqual(["X-Request-Id", "q"]);
    expect(tool.parameters["required"]).toBeUndefined();
    const credentials = { header: "h", query: "k&", cookie: "c", token: "t" };
    const { url, headers } = toHttpRequest(tool, { q: "1" }, { credentials });
    expect(url).toBe("https://api.example.com/v1/a?q=1&api_key=k%26");
    const lower = Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]);
    expect(Object.fromEntries(lower)).toMatchObject({
      "x-service-key": "h",
      cookie: "session=c",
      authorization: "Bearer t",
    });
  });

  test("of an argument of the same name are not the model's to set", async () => {
    const { tools } = await compile(document(paths, { components }));
    const { url, headers } = toHttpRequest(tools[0] as Tool, {
      q: "1",
      api_key: "evil",
      session: "evil",
      "X-Service-Key": "evil",
      Authorization: "evil",
    });
    expect(JSON.stringify([url, headers])).not.toContain("evil");
  });

  test.each([
    "X-Api-Key",
    "x-api-key",
    "api-key",
    "apikey",
    "X-ApiKey",
    "X-Auth-Token",
    "X-Access-Token",
    "Access-Token",
    "X-CSRF-Token",
    "X-Session-Token",
    "Proxy-Authorization",
    "Authorization",
    "authorization",
    "Cookie",
    "X-Secret",
    "X-Token",
  ])(
    "are known by the name of the header where no scheme says so: %s",
    async (name) => {
      const tool = await toolWith([
        ["header", name],
        ["header", "X-Tenant"],
      ]);
      expect(tool.inputs.map((input) => input.name)).toEqual(["X-Tenant"]);
    },
  );

  test.each(["X-Api-Key", "X-Auth-Token"])(
    "of such a header are put in by its name: %s",
    async (name) => {
      const tool = await toolWith([["header", name]]);
      const { headers } = toHttpRequest(
        tool,
        {},
        { credentials: { [name]: "s" } },
      );
      expect(headers).toMatchObject({ [name]: "s" });
    },
  );

  test.each([
    "X-Request-Id",
    "Idempotency-Key",
    "X-Tenant",
    "If-Match",
    "X-Author",
    "Accept-Language",
    "X-Keyword",
    "Prefer",
  ])(
    "are not every header: %s is shown, unless headers are hidden",
    async (name) => {
      expect((await toolWith([["header", name]])).inputs).toHaveLength(1);
      const hidden = await toolWith(
        [
          ["header", name],
          ["query", "q"],
          ["cookie", "c"],
        ],
        { headers: "hide" },
      );
      expect(hidden.inputs.map((input) => input.name)).toEqual(["q", "c"]);
    },
  );

  test.each(["Accept", "Content-Type", "accept"])(
    "and %s is the request's own business",
    async (name) => {
      expect((await toolWith([["header", name]])).inputs).toEqual([]);
    },
  );

  test("security: [] asks for none, and an empty requirement lets one go without", async () => {
    const { tools } = await compile(
      document(
        {
          "/open": { get: { operationId: "open", security: [] } },
          "/either": {
            get: { operationId: "either", security: [{}, { token: [] }] },
          },
          "/usual": { get: { operationId: "usual" } },
        },
        { components, security: [{ token: [] }] },
      ),
    );
    const sent = tools.map(
      (tool) =>
        toHttpRequest(tool, {}, { credentials: { token: "t" } }).headers[
          "Authorization"
        ],
    );
    expect(tools.map(({ request }) => Object.keys(request.schemes))).toEqual([
      [],
      ["token"],
      ["token"],
    ]);
    expect(sent).toEqual([undefined, "Bearer t", "Bearer t"]);
    const bare = tools.map((tool) => toHttpRequest(tool, {}).headers);
    expect(JSON.stringify(bare)).not.toMatch(/bearer/i);
  });
});
