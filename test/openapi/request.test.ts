import { describe, expect, test } from "@jest/globals";
import {
  canonicalJson,
  checkArguments,
  compile,
  toHttpRequest,
} from "../../openapi/index.ts";
import type { Tool } from "../../openapi/index.ts";

async function createTool(
  path: string,
  operation: object,
  more: object = {},
): Promise<Tool> {
  const { tools } = await compile({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    servers: [
      {
        url: "https://{region}.example.com/v1/",
        variables: { region: { default: "eu" } },
      },
    ],
    paths: { [path]: { post: operation } },
    ...more,
  });
  return tools[0] as Tool;
}

const query = (name: string, more: object = {}) => ({
  name,
  in: "query",
  schema: {},
  ...more,
});

describe("toHttpRequest", () => {
  const urls: [
    what: string,
    path: string,
    parameters: object[],
    args: Record<string, unknown>,
    url: string,
  ][] = [
    ["keeps the base path", "/a", [], {}, "/v1/a"],
    [
      "encodes a path value",
      "/a/{id}/b",
      [{ name: "id", in: "path", schema: {} }],
      { id: "x/y ?#é" },
      "/v1/a/x%2Fy%20%3F%23%C3%A9/b",
    ],
    [
      "puts two values into one segment",
      "/{a}...{b}",
      [
        { name: "a", in: "path" },
        { name: "b", in: "path" },
      ],
      { a: "m", b: "n" },
      "/v1/m...n",
    ],
    ["leaves out what is not given", "/a", [query("q")], {}, "/v1/a"],
    [
      "sends an empty text, zero and false",
      "/a",
      [query("q"), query("n"), query("b")],
      { q: "", n: 0, b: false },
      "/v1/a?q=&n=0&b=false",
    ],
    [
      "explodes a list",
      "/a",
      [query("q")],
      { q: ["x", "y z"] },
      "/v1/a?q=x&q=y%20z",
    ],
    [
      "joins a list",
      "/a",
      [query("q", { explode: false })],
      { q: ["x", "y,z"] },
      "/v1/a?q=x,y%2Cz",
    ],
    [
      "joins with pipes",
      "/a",
      [query("q", { style: "pipeDelimited" })],
      { q: ["x", "y"] },
      "/v1/a?q=x%7Cy",
    ],
    [
      "writes a deep object",
      "/a",
      [query("q", { style: "deepObject", explode: true })],
      { q: { a: 1, b: "c" } },
      "/v1/a?q%5Ba%5D=1&q%5Bb%5D=c",
    ],
    [
      "maps a safe key back to its name",
      "/a",
      [query("filter[x]")],
      { filter_x_: "1" },
      "/v1/a?filter%5Bx%5D=1",
    ],
  ];
  test.each(urls)("%s", async (_, path, parameters, args, expected) => {
    const tool = await createTool(path, { operationId: "x", parameters });
    expect(toHttpRequest(tool, args).url).toBe(
      `https://eu.example.com${expected}`,
    );
  });

  test("writes a JSON body with sorted keys, no white space, in UTF-8", async () => {
    const schema = { type: "object", properties: { b: {}, a: {}, list: {} } };
    const tool = await createTool("/a", {
      requestBody: {
        required: true,
        content: { "application/json": { schema } },
      },
    });
    const request = toHttpRequest(tool, {
      b: { z: 1, y: "é" },
      a: null,
      list: [{ d: 1, c: 2 }],
    });
    expect(Buffer.from(request.body as Uint8Array).toString("utf8")).toBe(
      '{"a":null,"b":{"y":"é","z":1},"list":[{"c":2,"d":1}]}',
    );
    expect(request).toMatchObject({
      method: "POST",
      headers: { "Content-Type": "application/json" },
    });
  });

  test("sends {} for a required body without arguments, and nothing for an optional one", async () => {
    const content = {
      "application/json": { schema: { type: "object", properties: { a: {} } } },
    };
    const required = await createTool("/a", {
      requestBody: { required: true, content },
    });
    expect(
      Buffer.from(toHttpRequest(required, {}).body as Uint8Array).toString(),
    ).toBe("{}");
    const optional = await createTool("/a", { requestBody: { content } });
    expect(toHttpRequest(optional, {}).body).toBeUndefined();
  });

  test("sends a list body whole, and a form as a form", async () => {
    const list = await createTool("/a", {
      requestBody: {
        content: { "application/json": { schema: { type: "array" } } },
      },
    });
    expect(list.inputs).toEqual([{ key: "body", in: "body", name: null }]);
    expect(
      Buffer.from(
        toHttpRequest(list, { body: [1] }).body as Uint8Array,
      ).toString(),
    ).toBe("[1]");
    const schema = { type: "object", properties: { a: {}, b: {} } };
    const form = await createTool("/a", {
      requestBody: {
        content: { "application/x-www-form-urlencoded": { schema } },
      },
    });
    expect(
      Buffer.from(
        toHttpRequest(form, { a: "x y", b: "&" }).body as Uint8Array,
      ).toString(),
    ).toBe("a=x+y&b=%26");
  });

  test("sends the further fields of an open body, and drops none silently of a closed one", async () => {
    const body = (more: object) => ({
      requestBody: {
        content: {
          "application/json": {
            schema: { type: "object", properties: { a: {} }, ...more },
          },
        },
      },
    });
    const open = await createTool(
      "/a",
      body({ additionalProperties: { type: "string" } }),
    );
    expect(checkArguments(open, { a: 1, b: "x" })).toMatchObject({
      ok: true,
      repairs: [],
    });
    expect(checkArguments(open, { b: 5 })).toMatchObject({
      ok: false,
      problems: [{ path: "b", expected: "string" }],
    });
    expect(
      Buffer.from(
        toHttpRequest(open, { a: 1, b: "x" }).body as Uint8Array,
      ).toString(),
    ).toBe('{"a":1,"b":"x"}');
    const silent = await createTool("/a", body({}));
    expect(checkArguments(silent, { a: 1, b: "x" })).toMatchObject({
      ok: true,
      arguments: { a: 1 },
      repairs: [{ path: "b", rule: "unknown-key" }],
    });
  });

  test("adds the first credentials that are known, and shows them to no model", async () => {
    const components = {
      securitySchemes: {
        key: { type: "apiKey", in: "header", name: "X-Key" },
        token: { type: "http", scheme: "bearer" },
        login: { type: "http", scheme: "basic" },
      },
    };
    const tool = await createTool(
      "/a",
      { security: [{ key: [], token: [] }, { login: [] }] },
      { components },
    );
    expect(tool.inputs).toEqual([]);
    expect(
      toHttpRequest(tool, {}, { credentials: { key: "k", token: "t" } })
        .headers,
    ).toEqual({ "X-Key": "k", Authorization: "Bearer t" });
    expect(
      toHttpRequest(tool, {}, { credentials: { key: "k", login: "u:p" } })
        .headers,
    ).toEqual({ Authorization: "Basic dTpw" });
    expect(toHttpRequest(tool, {}).headers).toEqual({});
  });

  test("refuses what would leave its place in the path or the header", async () => {
    const path = await createTool("/a/{id}", {
      parameters: [{ name: "id", in: "path" }],
    });
    for (const id of ["..", ".", "", undefined]) {
      expect(() => toHttpRequest(path, { id })).toThrow(
        expect.objectContaining({ reason: "invalid_arguments" }),
      );
    }
    const header = await createTool("/a", {
      parameters: [{ name: "X-A", in: "header", schema: {} }],
    });
    expect(toHttpRequest(header, { X_A: "fine" }).headers).toEqual({
      "X-A": "fine",
    });
    expect(() => toHttpRequest(header, { X_A: "a\r\nX-B: c" })).toThrow(
      /line breaks/,
    );
  });

  test("wants an absolute server", async () => {
    const tool = await createTool("/a", {}, { servers: [{ url: "/v1" }] });
    expect(() => toHttpRequest(tool, {})).toThrow(
      expect.objectContaining({ reason: "no_server" }),
    );
    expect(
      toHttpRequest(tool, {}, { baseUrl: "http://127.0.0.1:1/base/" }).url,
    ).toBe("http://127.0.0.1:1/base/a");
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
