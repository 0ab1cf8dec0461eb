import { describe, expect, test } from "@jest/globals";
import { checkArguments } from "../../openapi/arguments/arguments.ts";
import { compile } from "../../openapi/catalog.ts";
import { RequestError } from "../../openapi/errors.ts";
import { canonicalJson } from "../../openapi/json.ts";
import {
  isForm,
  isJson,
  isMultipart,
  isText,
} from "../../openapi/media-type.ts";
import { toHttpRequest } from "../../openapi/requests/request.ts";
import type {
  BodyPlan,
  ParameterPlan,
  RequestPlan,
  Tool,
} from "../../openapi/types.ts";

/** A tool made by hand: what is on the wire follows from its plan alone. */
function createTool(
  plan: Partial<RequestPlan> & {
    method?: string;
    path?: string;
    /** Names of the body's fields; null is the whole. */
    fields?: (string | null)[];
  } = {},
): Tool {
  const { method = "POST", path = "/a", fields = [], ...request } = plan;
  const parameters = request.parameters ?? [];
  return {
    name: "tool",
    description: "",
    parameters: { type: "object" },
    operation: { method, path, tags: [], deprecated: false },
    inputs: [
      ...parameters.map(({ key, in: place, name }) => ({
        key,
        in: place,
        name,
      })),
      ...fields.map((name) => ({
        key: name ?? "body",
        in: "body" as const,
        name,
      })),
    ],
    request: {
      servers: ["https://api.example.com/v1"],
      security: [],
      schemes: {},
      ...request,
      parameters,
    },
    effect: "write",
    idempotent: false,
    destructive: false,
    policy: { onInterrupt: "finish", confirm: false },
  };
}

const parameter = (
  place: ParameterPlan["in"],
  name: string,
  more: Partial<ParameterPlan> = {},
): ParameterPlan => ({
  key: name,
  in: place,
  name,
  style: place === "path" || place === "header" ? "simple" : "form",
  explode: place !== "path" && place !== "header",
  ...more,
});

const body = (mediaType: string, more: Partial<BodyPlan> = {}): BodyPlan => ({
  mediaType,
  required: true,
  open: false,
  ...more,
});

const bodyText = (tool: Tool, args: Record<string, unknown>) =>
  Buffer.from(toHttpRequest(tool, args).body ?? []).toString();

/** The refusal that a call of the function ends in. */
function refusalOf(send: () => unknown): RequestError {
  try {
    send();
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return error as RequestError;
  }
  throw new Error("nothing was refused");
}

describe("a path value", () => {
  const refused: [what: string, path: string, value: unknown, more?: object][] =
    [
      ["up", "/a/{id}", ".."],
      ["here", "/a/{id}", "."],
      ["empty", "/a/{id}", ""],
      ["missing", "/a/{id}", undefined],
      ["null", "/a/{id}", null],
      ["an empty list", "/a/{id}", []],
      ["an empty object", "/a/{id}", {}],
      ["a list of nothing", "/a/{id}", [null]],
      ["a list of one empty text", "/a/{id}/b", [""]],
      ["a dot beside a dot of the path", "/a/.{id}/b", "."],
      ["a dot beside an escaped dot of the path", "/a/%2e{id}", "."],
      ["an empty label", "/a/{id}", "", { style: "label" }],
      ["a label of a dot", "/a/{id}", ".", { style: "label" }],
      ["half of a character", "/a/{id}", "\ud800"],
      ["null as JSON", "/a/{id}", null, { mediaType: "application/json" }],
    ];
  test.each(refused)("%s is refused", (_, path, id, more = {}) => {
    const tool = createTool({
      path,
      parameters: [parameter("path", "id", more)],
    });
    expect(refusalOf(() => toHttpRequest(tool, { id })).reason).toBe(
      "invalid_arguments",
    );
  });

  test("that is refused is named", () => {
    const tool = createTool({
      path: "/{user}/{id}",
      parameters: [
        parameter("path", "user"),
        parameter("path", "id", { key: "path_id" }),
      ],
    });
    const { message } = refusalOf(() =>
      toHttpRequest(tool, { user: "x", path_id: ".." }),
    );
    expect(message).toMatch(/^path_id: /);
  });

  test("never changes what a URL parser makes of the rest", () => {
    const tool = createTool({
      path: "/a/{id}/b",
      parameters: [parameter("path", "id")],
    });
    const values = [
      "../..",
      "..%2f",
      "%2e%2e",
      "\\..\\",
      "?x",
      "#x",
      "//h",
      "\t",
    ];
    for (const id of [...values, "...", "a\r\nb", ";x", "@h:80"]) {
      const url = new URL(toHttpRequest(tool, { id }).url);
      const [, v1, a, value = "", b, ...more] = url.pathname.split("/");
      expect([url.host, v1, a, decodeURIComponent(value), b, more]).toEqual([
        "api.example.com",
        "v1",
        "a",
        id,
        "b",
        [],
      ]);
      expect(url.search + url.hash).toBe("");
    }
  });

  test("may keep reserved characters, though none that ends the segment", () => {
    const tool = createTool({
      path: "/a/{id}",
      parameters: [parameter("path", "id", { allowReserved: true })],
    });
    expect(toHttpRequest(tool, { id: "a:b@c/d?e#f" }).url).toBe(
      "https://api.example.com/v1/a/a:b@c%2Fd%3Fe%23f",
    );
  });
});

describe("a path", () => {
  test("with a placeholder that no parameter fills is refused by its name", () => {
    const tool = createTool({ path: "/a/{id}/{other}" });
    expect(refusalOf(() => toHttpRequest(tool, {}))).toMatchObject({
      reason: "unsupported_request",
      message: expect.stringContaining("{id}") as unknown,
    });
  });

  const literals: [path: string, sent: string][] = [
    ["/a b/c%20d/100%/é", "/a%20b/c%20d/100%25/%C3%A9"],
    ["/a|b\\c/[d]/{", "/a%7Cb%5Cc/%5Bd%5D/%7B"],
    ["/a#X-Target=b", "/a"],
    ["/a?Action=Do It&b", "/a?Action=Do%20It&b"],
    ["@evil.example.com/a", "/@evil.example.com/a"],
  ];
  test.each(literals)("%s is written as %s", (path, sent) => {
    expect(toHttpRequest(createTool({ path }), {}).url).toBe(
      `https://api.example.com/v1${sent}`,
    );
  });

  test("takes no text from what every object has", () => {
    const tool = createTool({
      path: "/{constructor}",
      parameters: [parameter("path", "constructor")],
    });
    expect(refusalOf(() => toHttpRequest(tool, {})).reason).toBe(
      "invalid_arguments",
    );
  });
});

describe("a server", () => {
  const refused: [server: string | undefined, words: RegExp][] = [
    [undefined, /no absolute server URL/],
    ["/v1", /no absolute server URL/],
    ["ftp://h/", /no absolute server URL/],
    ["https://", /no absolute server URL/],
    ["https://{region}.example.com", /\{region\}/],
    ["https://h.example.com/{version}", /\{version\}/],
    ["https://user:secret@h.example.com", /user name or password/],
  ];
  test.each(refused)("%s is refused in words", (server, words) => {
    const servers = server === undefined ? [] : [server];
    const error = refusalOf(() => toHttpRequest(createTool({ servers }), {}));
    expect(error.reason).toBe("no_server");
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain("secret");
    expect(
      toHttpRequest(createTool({ servers }), {}, { baseUrl: "http://h:1/b/" })
        .url,
    ).toBe("http://h:1/b/a");
  });

  test("may have a query and a fragment", () => {
    const servers = ["https://h.example.com/?a=1#x"];
    const tool = createTool({ servers, parameters: [parameter("query", "q")] });
    expect(toHttpRequest(tool, { q: 2 }).url).toBe(
      "https://h.example.com/a?a=1&q=2",
    );
  });
});

describe("a query", () => {
  const queries: [
    what: string,
    more: Partial<ParameterPlan>,
    value: unknown,
    sent: string,
  ][] = [
    ["tabs", { style: "tabDelimited", explode: false }, ["a", "b"], "?q=a%09b"],
    ["an object of nothing", {}, { a: null, b: undefined }, ""],
    [
      "objects in a list",
      {},
      [{ b: 1, a: 2 }],
      "?q=%7B%22a%22%3A2%2C%22b%22%3A1%7D",
    ],
    ["a deep list", { style: "deepObject" }, [1, 2], "?q=1&q=2"],
    ["a deep text", { style: "deepObject" }, "x", "?q=x"],
    [
      "deep brackets",
      { style: "deepObject" },
      { "a]&": 1 },
      "?q%5Ba%5D%26%5D=1",
    ],
    [
      "a whole query as text",
      { style: "querystring" },
      "a=b c&d=#",
      "?a=b+c&d=%23",
    ],
  ];
  test.each(queries)("%s", (_, more, q, sent) => {
    const tool = createTool({ parameters: [parameter("query", "q", more)] });
    expect(toHttpRequest(tool, { q }).url).toBe(
      `https://api.example.com/v1/a${sent}`,
    );
  });
});

describe("a header", () => {
  test.each(["a\r\nX-B: c", "a\nb", "a\0b", "a\x7fb", "日"])(
    "value %j is refused",
    (value) => {
      const tool = createTool({ parameters: [parameter("header", "X-A")] });
      for (const sent of [value, [value], { [value]: 1 }]) {
        expect(
          refusalOf(() => toHttpRequest(tool, { "X-A": sent })),
        ).toMatchObject({ reason: "invalid_arguments" });
      }
    },
  );

  test.each(["X A", "X:A", "X\r\nA", "", "é"])("name %j is refused", (name) => {
    const tool = createTool({ parameters: [parameter("header", name)] });
    expect(refusalOf(() => toHttpRequest(tool, { [name]: "x" })).reason).toBe(
      "unsupported_request",
    );
    expect(toHttpRequest(tool, {}).headers).toEqual({});
  });

  test("is there once, and an argument replaces none of ours", () => {
    const tool = createTool({
      parameters: ["x-a", "X-A", "authorization", "content-type", "cookie"].map(
        (name) => parameter("header", name),
      ),
      security: [["token", "session"]],
      schemes: {
        token: { type: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "s" },
      },
      body: body("application/json"),
    });
    const args = Object.fromEntries(
      tool.inputs.map(({ key }) => [key, `model ${key}`]),
    );
    const credentials = { token: "t", session: "k" };
    expect(toHttpRequest(tool, args, { credentials }).headers).toEqual({
      "X-A": "model X-A",
      Authorization: "Bearer t",
      "Content-Type": "application/json",
      Cookie: "s=k",
    });
  });

  test.each([
    ["a type of the body", { body: body("text/plain; x=\r\nX-Evil: 1") }],
    [
      "a name of a key",
      {
        security: [["key"]],
        schemes: { key: { type: "apiKey", in: "header", name: "X Key" } },
      },
    ],
  ] as [string, Partial<RequestPlan>][])(
    "that cannot be sent is refused, though %s asks for it",
    (_, plan) => {
      const tool = createTool({ ...plan, fields: [null] });
      const options = { credentials: { key: "secret" } };
      const error = refusalOf(() =>
        toHttpRequest(tool, { body: "x" }, options),
      );
      expect(error.reason).toBe("unsupported_request");
      expect(error.message).not.toContain("secret");
    },
  );

  test("that frames the message is the HTTP client's, not an argument's", () => {
    const names = ["Host", "content-length", "Transfer-Encoding", "Connection"];
    const parameters = names.map((name) => parameter("header", name));
    const args = Object.fromEntries(names.map((name) => [name, "1"]));
    expect(toHttpRequest(createTool({ parameters }), args).headers).toEqual({});
  });
});

describe("a cookie", () => {
  test("holds no other cookie and no other header", () => {
    const value = 'a; admin=1\r\nX: y,"\\';
    const encoded = "a%3B%20admin%3D1%0D%0AX%3A%20y%2C%22%5C";
    const form = createTool({ parameters: [parameter("cookie", "c")] });
    expect(toHttpRequest(form, { c: value }).headers["Cookie"]).toBe(
      `c=${encoded}`,
    );
    const raw = createTool({
      parameters: [parameter("cookie", "c", { style: "cookie" })],
    });
    expect(toHttpRequest(raw, { c: value }).headers["Cookie"]).toBe(
      "c=a%3B%20admin=1%0D%0AX:%20y%2C%22%5C",
    );
    const named = createTool({ parameters: [parameter("cookie", "a;b (c)")] });
    expect(toHttpRequest(named, { "a;b (c)": 1 }).headers["Cookie"]).toBe(
      "a%3Bb%20%28c%29=1",
    );
  });
});

describe("a body", () => {
  const unsendable: [mediaType: string, value: unknown, reason: string][] = [
    ["text/plain", { a: 1 }, "unsupported_request"],
    ["application/xml", { a: 1 }, "unsupported_request"],
    ["application/octet-stream", [1], "unsupported_request"],
    ["text/plain", null, "unsupported_request"],
    ["multipart/form-data", "x", "unsupported_request"],
    ["application/x-www-form-urlencoded", [1], "unsupported_request"],
    ["text/plain", undefined, "invalid_arguments"],
    ["image/png", "data:image/png;base64,a*b", "invalid_arguments"],
  ];
  test.each(unsendable)("%s of %j is refused", (mediaType, value, reason) => {
    const tool = createTool({ body: body(mediaType), fields: [null] });
    const error = refusalOf(() => toHttpRequest(tool, { body: value }));
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(/body/);
  });

  test.each(["TRACE", "CONNECT", "TRACK"])("%s cannot be sent", (method) => {
    expect(
      refusalOf(() => toHttpRequest(createTool({ method }), {})).reason,
    ).toBe("unsupported_request");
  });

  test.each(["GET", "HEAD"])("%s cannot have one", (method) => {
    const tool = (required: boolean) =>
      createTool({
        method,
        body: body("application/json", { required }),
        fields: ["a"],
      });
    for (const send of [
      () => toHttpRequest(tool(true), {}),
      () => toHttpRequest(tool(false), { a: 1 }),
    ])
      expect(refusalOf(send).reason).toBe("unsupported_request");
    expect(toHttpRequest(tool(false), {}).body).toBeUndefined();
  });

  test("is there only when something is given or it is required", () => {
    const optional = createTool({
      body: body("application/json", { required: false }),
      fields: ["a"],
    });
    expect(toHttpRequest(optional, {})).not.toHaveProperty("body");
    expect(toHttpRequest(optional, { a: undefined }).headers).toEqual({});
    expect(bodyText(optional, { a: null })).toBe('{"a":null}');
    const required = createTool({ body: body("application/json") });
    expect(bodyText(required, {})).toBe("{}");
  });

  test("keeps names that every object has, and takes none of them for a field", () => {
    const tool = createTool({
      body: body("application/json", { open: true }),
      fields: ["constructor", "__proto__"],
    });
    expect(bodyText(tool, {})).toBe("{}");
    const args = JSON.parse(
      '{"__proto__":{"x":1},"constructor":2,"toString":3}',
    ) as Record<string, unknown>;
    expect(bodyText(tool, args)).toBe(
      '{"__proto__":{"x":1},"constructor":2,"toString":3}',
    );
  });

  test("of bytes is sent as it is, also in a part", () => {
    const bytes = Uint8Array.from([0, 255, 13, 10]);
    const whole = createTool({ body: body("image/png"), fields: [null] });
    expect(toHttpRequest(whole, { body: bytes }).body).toEqual(bytes);
    const parts = createTool({
      body: body("multipart/form-data", { files: ["f"] }),
      fields: ["f"],
    });
    const sent = Buffer.from(toHttpRequest(parts, { f: bytes }).body ?? []);
    expect(sent.includes(Buffer.from(bytes))).toBe(true);
  });

  test("reads base64 as bytes, whatever the alphabet", () => {
    const tool = createTool({
      body: body("application/octet-stream"),
      fields: [null],
    });
    for (const data of ["-_8=", "+/8=", "+/8", "+ /\n8="])
      expect(
        toHttpRequest(tool, { body: `data:;base64,${data}` }).body,
      ).toEqual(Buffer.from([251, 255]));
    expect(bodyText(tool, { body: "data:text/plain,hello" })).toBe(
      "data:text/plain,hello",
    );
  });
});

describe("a multipart body", () => {
  const tool = createTool({
    body: body("multipart/form-data; charset=utf-8; boundary=theirs", {
      files: ["f"],
      encoding: {
        f: { contentType: "image/png, image/*" },
        a: { contentType: "text/plain; x=\r\nX-Evil: 1" },
      },
    }),
    fields: ["f", "a"],
  });
  const send = (args: Record<string, unknown>) => {
    const { headers, body: bytes } = toHttpRequest(tool, args);
    const type = headers["Content-Type"] ?? "";
    const boundary = /boundary=(\w+)$/.exec(type)?.[1] ?? "";
    return { type, boundary, text: Buffer.from(bytes ?? []).toString() };
  };

  test("is the same for the same fields, and its boundary occurs in none", () => {
    const first = send({ f: "x", a: "y" });
    expect(send({ f: "x", a: "y" })).toEqual(first);
    expect(first.type).toBe(
      `multipart/form-data; charset=utf-8; boundary=${first.boundary}`,
    );
    const second = send({ f: "x", a: `y\r\n--${first.boundary}--` });
    expect(second.boundary).not.toBe(first.boundary);
    expect(second.text.split(second.boundary)).toHaveLength(4);
  });

  test("tells a file's own type where the document allows it", () => {
    expect(send({ f: "data:image/gif;base64,R0lG" }).text).toContain(
      "Content-Type: image/gif\r\n\r\nGIF\r\n",
    );
    expect(send({ f: "data:text/html;base64,R0lG" }).text).toContain(
      "Content-Type: image/png\r\n\r\nGIF\r\n",
    );
  });

  test("lets nothing end the line of a part's head", () => {
    expect(send({ a: "y" }).text).not.toMatch(/^X-Evil/m);
    expect(send({ f: "data:a/b\r\nX-Evil: 1;base64,R0lG" }).text).not.toContain(
      "Content-Type: a/b",
    );
  });

  test("has no part that is an object where a file is wanted", () => {
    expect(refusalOf(() => send({ f: { a: 1 } })).reason).toBe(
      "invalid_arguments",
    );
  });
});

describe("credentials", () => {
  const schemes: RequestPlan["schemes"] = {
    key: { type: "apiKey", in: "header", name: "X-Key" },
    query: { type: "apiKey", in: "query", name: "k" },
    cookie: { type: "apiKey", in: "cookie", name: "c" },
    token: { type: "bearer" },
    login: { type: "basic" },
  };
  const headersOf = (security: string[][], credentials: object) =>
    toHttpRequest(
      createTool({ security, schemes }),
      {},
      { credentials: credentials as Record<string, string> },
    ).headers;

  test.each(Object.keys(schemes))(
    "of %s with a line break are refused, and not repeated",
    (name) => {
      const error = refusalOf(() =>
        headersOf([[name]], { [name]: "sec\r\nX-Evil: ret" }),
      );
      expect(error.reason).toBe("unsupported_request");
      expect(error.message).toContain(name);
      expect(error.message).not.toMatch(/sec|ret/);
    },
  );

  test("that are not complete are not sent in part", () => {
    expect(headersOf([["key", "token"]], { key: "k" })).toEqual({});
    expect(headersOf([["key"]], { key: undefined })).toEqual({});
    expect(headersOf([["constructor"]], {})).toEqual({});
  });

  test("for a scheme that is no header count only when nothing else will do", () => {
    const credentials = { mtls: "x", key: "k", token: "t" };
    expect(headersOf([["mtls", "key"], ["token"]], credentials)).toEqual({
      Authorization: "Bearer t",
    });
    expect(headersOf([["mtls", "key"]], credentials)).toEqual({ "X-Key": "k" });
    expect(headersOf([["mtls"], ["key"]], credentials)).toEqual({
      "X-Key": "k",
    });
  });

  test("are shown to no model", async () => {
    const { tools } = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      components: {
        securitySchemes: {
          key: { type: "apiKey", in: "header", name: "X-Key" },
        },
      },
      security: [{ key: [] }],
      paths: {
        "/a": {
          get: {
            parameters: [{ name: "x-key", in: "header", schema: {} }],
          },
        },
      },
    });
    expect(tools[0]?.inputs).toEqual([]);
  });
});

describe("an open body", () => {
  const compileBody = async (more: object) => {
    const schema = { type: "object", properties: { a: {} }, ...more };
    const { tools } = await compile({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      servers: [{ url: "https://api.example.com" }],
      paths: {
        "/a": {
          post: {
            requestBody: { content: { "application/json": { schema } } },
          },
        },
      },
    });
    return tools[0] as Tool;
  };

  test("has further fields, and a closed one drops none silently", async () => {
    const open = await compileBody({
      additionalProperties: { type: "string" },
    });
    expect(checkArguments(open, { a: 1, b: "x" })).toMatchObject({
      ok: true,
      repairs: [],
    });
    expect(checkArguments(open, { b: 5 }, { repair: false })).toMatchObject({
      ok: false,
      problems: [{ path: "b", expected: "string" }],
    });
    expect(bodyText(open, { a: 1, b: "x" })).toBe('{"a":1,"b":"x"}');
    const silent = await compileBody({});
    expect(checkArguments(silent, { a: 1, b: "x" })).toMatchObject({
      ok: true,
      arguments: { a: 1 },
      repairs: [{ path: "b", rule: "unknown-key" }],
    });
  });
});

describe("a media type", () => {
  const kinds: [
    is: (mediaType: string) => boolean,
    yes: string[],
    no: string[],
  ][] = [
    [
      isJson,
      [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.x+json",
        "application/problem+json;v=1",
        "text/json",
        "*/*",
      ],
      ["text/plain", "application/jsonl", "application/xml", "", "json"],
    ],
    [
      isForm,
      ["application/x-www-form-urlencoded; charset=utf-8"],
      ["application/x-www-form-urlencoded2", "multipart/form-data"],
    ],
    [isMultipart, ["multipart/form-data", "Multipart/Mixed; x=y"], ["text/x"]],
    [
      isText,
      ["text/plain", "text/csv; x=y", "application/xml", "image/svg+xml"],
      ["text/json", "*/*", "image/png", "application/octet-stream"],
    ],
  ];
  test.each(kinds)("%p", (is, yes, no) => {
    expect(yes.filter((mediaType) => !is(mediaType))).toEqual([]);
    expect(no.filter(is)).toEqual([]);
  });
});

describe("canonicalJson", () => {
  const cases: [value: unknown, text: string][] = [
    [{ b: 1, a: { d: [], c: {} } }, '{"a":{"c":{},"d":[]},"b":1}'],
    [{ 10: "x", 9: "y", a: 1 }, '{"10":"x","9":"y","a":1}'],
    [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
    [{ "\u{1F600}": 1, "\uFF5E": 2 }, '{"\uFF5E":2,"\u{1F600}":1}'],
    ["a\u2028\n", '"a\u2028\\n"'],
  ];
  test.each(cases)("%j", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});
