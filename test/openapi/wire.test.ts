import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { IncomingMessage } from "node:http";
import { createCaller } from "../../openapi/calls/caller.ts";
import { compile } from "../../openapi/catalog.ts";
import { toHttpRequest } from "../../openapi/requests/request.ts";
import type { Catalog, Tool } from "../../openapi/types.ts";
import { closeServers, startServer } from "../support/server.ts";

/** One operation in fragments of OpenAPI, arguments by the document's names, and what goes over the wire. */
interface WireCase {
  method?: string;
  path?: string;
  parameters?: object[];
  requestBody?: object;
  servers?: object[];
  security?: object[];
  args: Record<string, unknown>;
  /** Request line without the base path; with the whole URL where the case has servers of its own. */
  line: string;
  headers?: Record<string, string>;
  /** A multipart boundary reads as "B". */
  body?: string;
  credentials?: Record<string, string>;
}

const LIST = ["blue", "black", "brown"];
const OBJECT = { R: 100, G: 200, B: 150 };
const text = { type: "string" };
const list = { type: "array", items: {} };
const object = { type: "object", additionalProperties: true };

const schemaOf = (value: unknown) =>
  Array.isArray(value)
    ? list
    : typeof value === "object" && value !== null
      ? object
      : {};

/** A case of one parameter `color`. */
const color = (
  place: string,
  more: object,
  value: unknown,
  line: string,
  headers: Record<string, string> = {},
): WireCase => ({
  ...(place === "path" ? { path: "/a/{color}" } : {}),
  parameters: [
    {
      name: "color",
      in: place,
      schema: schemaOf(value),
      ...(place === "path" ? { required: true } : {}),
      ...more,
    },
  ],
  args: { color: value },
  line: `GET /a${line}`,
  headers,
});

/** A case of a POST with a body of one type. */
const post = (
  mediaType: string,
  schema: object,
  args: Record<string, unknown>,
  body: string,
  media: object = {},
  sentAs = mediaType,
): WireCase => ({
  method: "post",
  requestBody: {
    required: true,
    content: { [mediaType]: { schema, ...media } },
  },
  args,
  line: "POST /a",
  headers: { "Content-Type": sentAs },
  body,
});

const FORM = "application/x-www-form-urlencoded";
const fields = (properties: object) => ({ type: "object", properties });
const form = (
  properties: object,
  args: Record<string, unknown>,
  body: string,
  encoding: object = {},
) => post(FORM, fields(properties), args, body, { encoding });
const multipart = (
  properties: object,
  args: Record<string, unknown>,
  parts: string[],
  encoding: object = {},
) =>
  post(
    "multipart/form-data",
    fields(properties),
    args,
    `${parts.map((part) => `--B\r\n${part}\r\n`).join("")}--B--\r\n`,
    { encoding },
    "multipart/form-data; boundary=B",
  );
const part = (name: string, value: string, head = "", file = "") =>
  `Content-Disposition: form-data; name="${name}"${file}${head === "" ? "" : `\r\nContent-Type: ${head}`}\r\n\r\n${value}`;

const style = (name: string, explode: boolean) => ({ style: name, explode });
const query = (name: string, more: object = {}) => ({
  name,
  in: "query",
  schema: {},
  ...more,
});
const inPath = (name: string, more: object = {}) => ({
  name,
  in: "path",
  required: true,
  schema: {},
  ...more,
});

const cases: Record<string, WireCase> = {
  // OpenAPI 3.2, section 4.12.2.3: the table of styles.
  "path simple, text": color("path", {}, "blue", "/blue"),
  "path simple, list": color("path", {}, LIST, "/blue,black,brown"),
  "path simple, list, exploded": color(
    "path",
    style("simple", true),
    LIST,
    "/blue,black,brown",
  ),
  "path simple, object": color("path", {}, OBJECT, "/R,100,G,200,B,150"),
  "path simple, object, exploded": color(
    "path",
    style("simple", true),
    OBJECT,
    "/R=100,G=200,B=150",
  ),
  "path label, text": color("path", style("label", false), "blue", "/.blue"),
  "path label, list": color(
    "path",
    style("label", false),
    LIST,
    "/.blue,black,brown",
  ),
  "path label, list, exploded": color(
    "path",
    style("label", true),
    LIST,
    "/.blue.black.brown",
  ),
  "path label, object": color(
    "path",
    style("label", false),
    OBJECT,
    "/.R,100,G,200,B,150",
  ),
  "path label, object, exploded": color(
    "path",
    style("label", true),
    OBJECT,
    "/.R=100.G=200.B=150",
  ),
  "path matrix, text": color(
    "path",
    style("matrix", false),
    "blue",
    "/;color=blue",
  ),
  "path matrix, empty text": color(
    "path",
    style("matrix", false),
    "",
    "/;color",
  ),
  "path matrix, list": color(
    "path",
    style("matrix", false),
    LIST,
    "/;color=blue,black,brown",
  ),
  "path matrix, list, exploded": color(
    "path",
    style("matrix", true),
    LIST,
    "/;color=blue;color=black;color=brown",
  ),
  "path matrix, object": color(
    "path",
    style("matrix", false),
    OBJECT,
    "/;color=R,100,G,200,B,150",
  ),
  "path matrix, object, exploded": color(
    "path",
    style("matrix", true),
    OBJECT,
    "/;R=100;G=200;B=150",
  ),
  "query form, text": color("query", {}, "blue", "?color=blue"),
  "query form, empty text": color("query", {}, "", "?color="),
  "query form, zero": color("query", {}, 0, "?color=0"),
  "query form, false": color("query", {}, false, "?color=false"),
  "query form, null is left out": color("query", {}, null, ""),
  "query form, empty list is left out": color("query", {}, [], ""),
  "query form, list": color(
    "query",
    {},
    LIST,
    "?color=blue&color=black&color=brown",
  ),
  "query form, list with a null": color("query", {}, ["a", null], "?color=a"),
  "query form, list, not exploded": color(
    "query",
    style("form", false),
    LIST,
    "?color=blue,black,brown",
  ),
  "query form, a comma inside a joined list": color(
    "query",
    style("form", false),
    ["a,b", "c"],
    "?color=a%2Cb,c",
  ),
  "query form, object": color("query", {}, OBJECT, "?R=100&G=200&B=150"),
  "query form, object, not exploded": color(
    "query",
    style("form", false),
    OBJECT,
    "?color=R,100,G,200,B,150",
  ),
  "query spaceDelimited, list": color(
    "query",
    style("spaceDelimited", false),
    LIST,
    "?color=blue%20black%20brown",
  ),
  "query spaceDelimited, object": color(
    "query",
    style("spaceDelimited", false),
    OBJECT,
    "?color=R%20100%20G%20200%20B%20150",
  ),
  "query spaceDelimited, list, exploded": color(
    "query",
    style("spaceDelimited", true),
    LIST,
    "?color=blue&color=black&color=brown",
  ),
  "query pipeDelimited, list": color(
    "query",
    style("pipeDelimited", false),
    LIST,
    "?color=blue%7Cblack%7Cbrown",
  ),
  "query pipeDelimited, object": color(
    "query",
    style("pipeDelimited", false),
    OBJECT,
    "?color=R%7C100%7CG%7C200%7CB%7C150",
  ),
  "query pipeDelimited, object, exploded": color(
    "query",
    style("pipeDelimited", true),
    OBJECT,
    "?R=100&G=200&B=150",
  ),
  "query deepObject": color(
    "query",
    style("deepObject", true),
    OBJECT,
    "?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
  ),
  "query deepObject, nested": color(
    "query",
    style("deepObject", true),
    { a: { b: "x y" }, n: null },
    "?color%5Ba%5D%5Bb%5D=x%20y",
  ),
  "query deepObject, lists": color(
    "query",
    style("deepObject", true),
    { a: [1, 2], b: [{ c: 3 }, { c: 4 }] },
    "?color%5Ba%5D=1&color%5Ba%5D=2&color%5Bb%5D%5B0%5D%5Bc%5D=3&color%5Bb%5D%5B1%5D%5Bc%5D=4",
  ),
  "query allowReserved": color(
    "query",
    { allowReserved: true },
    "/a:b?c@d!$'()*;=,",
    "?color=/a:b?c@d!$'()*;=,",
  ),
  "query allowReserved, what would leave the parameter": color(
    "query",
    { allowReserved: true },
    "a&b=1#c+d%20[e] f",
    "?color=a%26b=1%23c%2Bd%2520%5Be%5D%20f",
  ),
  "query allowReserved, a comma inside a joined list": color(
    "query",
    { allowReserved: true, ...style("form", false) },
    ["a,b", "c:d"],
    "?color=a%2Cb,c:d",
  ),
  "query without allowReserved": color(
    "query",
    {},
    "/a:b?c@d&e=f;g,h+i#j%k",
    "?color=%2Fa%3Ab%3Fc%40d%26e%3Df%3Bg%2Ch%2Bi%23j%25k",
  ),
  "header, text": color("header", {}, "blue", "", { color: "blue" }),
  "header, list": color("header", {}, LIST, "", {
    color: "blue,black,brown",
  }),
  "header, object": color("header", {}, OBJECT, "", {
    color: "R,100,G,200,B,150",
  }),
  "header, object, exploded": color(
    "header",
    style("simple", true),
    OBJECT,
    "",
    { color: "R=100,G=200,B=150" },
  ),
  "header, not percent-encoded": color("header", {}, "a b/c=é", "", {
    color: "a b/c=é",
  }),
  "cookie form, text": color("cookie", {}, "dark blue;", "", {
    Cookie: "color=dark%20blue%3B",
  }),
  "cookie form, list, not exploded": color(
    "cookie",
    style("form", false),
    LIST,
    "",
    { Cookie: "color=blue,black,brown" },
  ),
  "cookie form, list, exploded": color(
    "cookie",
    style("form", true),
    ["blue", "black"],
    "",
    { Cookie: "color=blue; color=black" },
  ),
  "cookie form, object, exploded": color(
    "cookie",
    style("form", true),
    OBJECT,
    "",
    { Cookie: "R=100; G=200; B=150" },
  ),
  "cookie style, not percent-encoded": color(
    "cookie",
    style("cookie", true),
    "a/b=c:d",
    "",
    { Cookie: "color=a/b=c:d" },
  ),

  // `content` instead of `schema`.
  "query content JSON": color(
    "query",
    { schema: undefined, content: { "application/json": { schema: object } } },
    { b: null, a: "x&y" },
    "?color=%7B%22a%22%3A%22x%26y%22%2C%22b%22%3Anull%7D",
  ),
  "query content text": color(
    "query",
    { schema: undefined, content: { "text/plain": { schema: text } } },
    "x y",
    "?color=x%20y",
  ),
  "path content JSON": color(
    "path",
    { schema: undefined, content: { "application/json": { schema: list } } },
    ["/"],
    "/%5B%22%2F%22%5D",
  ),
  "header content JSON, in ASCII": color(
    "header",
    { schema: undefined, content: { "application/json": { schema: object } } },
    { b: "日", a: 1 },
    "",
    { color: '{"a":1,"b":"\\u65e5"}' },
  ),
  "cookie content JSON": color(
    "cookie",
    { schema: undefined, content: { "application/json": { schema: list } } },
    [1],
    "",
    { Cookie: "color=%5B1%5D" },
  ),
  "querystring as a form": {
    parameters: [
      {
        name: "filter",
        in: "querystring",
        content: { [FORM]: { schema: object } },
      },
    ],
    args: { filter: { a: "x y", b: [1, 2] } },
    line: "GET /a?a=x+y&b=1&b=2",
  },
  "querystring as JSON": {
    parameters: [
      {
        name: "filter",
        in: "querystring",
        content: { "application/json": { schema: object } },
      },
    ],
    args: { filter: { b: 1, a: "&" } },
    line: "GET /a?%7B%22a%22%3A%22%26%22%2C%22b%22%3A1%7D",
  },

  // Names.
  "a query name with brackets": {
    parameters: [query("filter[x]")],
    args: { "filter[x]": "1" },
    line: "GET /a?filter%5Bx%5D=1",
  },
  "a query name with a dollar sign": {
    parameters: [query("$top")],
    args: { $top: 5 },
    line: "GET /a?%24top=5",
  },
  "a query name that ends in <": {
    parameters: [query("StartTime<")],
    args: { "StartTime<": "2026-01-01" },
    line: "GET /a?StartTime%3C=2026-01-01",
  },
  "names that every object has": {
    parameters: [query("constructor"), query("toString")],
    args: { constructor: "a", toString: "b" },
    line: "GET /a?constructor=a&toString=b",
  },
  "one name in the path, the query and the body": {
    method: "post",
    path: "/a/{id}",
    parameters: [inPath("id"), query("id")],
    requestBody: {
      required: true,
      content: { "application/json": { schema: fields({ id: {} }) } },
    },
    args: { "path:id": "p", "query:id": "q", "body:id": "b" },
    line: "POST /a/p?id=q",
    headers: { "Content-Type": "application/json" },
    body: '{"id":"b"}',
  },
  "a body field named body": post(
    "application/json",
    fields({ body: {}, query: {} }),
    { body: "b", query: "q" },
    '{"body":"b","query":"q"}',
  ),

  // The path.
  "a path value stays in its segment": {
    path: "/a/{id}/b",
    parameters: [inPath("id")],
    args: { id: "x/y ?#é;%2F..\\" },
    line: "GET /a/x%2Fy%20%3F%23%C3%A9%3B%252F..%5C/b",
  },
  "a path value that spells dots": color("path", {}, "%2e%2e", "/%252e%252e"),
  "two values in one segment": {
    path: "/{a}...{b}",
    parameters: [inPath("a"), inPath("b")],
    args: { a: "m", b: "n" },
    line: "GET /m...n",
  },
  "a value before an extension": {
    path: "/a/{sid}.json",
    parameters: [inPath("sid")],
    args: { sid: "AC1" },
    line: "GET /a/AC1.json",
  },
  "a value before a verb": {
    path: "/a/{id}:cancel",
    parameters: [inPath("id")],
    args: { id: 7 },
    line: "GET /a/7:cancel",
  },
  "a segment of its own spelling": {
    path: "/users/@me/a b%20c",
    args: {},
    line: "GET /users/@me/a%20b%20c",
  },
  "a query in the document's path": {
    path: "/a?fixed=1&x={x}#top",
    parameters: [inPath("x"), query("q")],
    args: { x: "&", q: "y" },
    line: "GET /a?fixed=1&x=%26&q=y",
  },

  // The server.
  "an operation's own server": {
    path: "/a",
    servers: [{ url: "https://other.example.com/base/" }],
    args: {},
    line: "GET https://other.example.com/base/a",
  },
  "a server with variables": {
    path: "/a",
    servers: [
      {
        url: "https://{region}.example.com:{port}/{version}",
        variables: {
          region: { default: "eu" },
          port: { default: "8443" },
          version: { default: "v2" },
        },
      },
    ],
    args: {},
    line: "GET https://eu.example.com:8443/v2/a",
  },
  "a query in the server's URL": {
    path: "/a",
    servers: [{ url: "https://h.example.com/v1?key=fixed" }],
    parameters: [query("q")],
    args: { q: "x" },
    line: "GET https://h.example.com/v1/a?key=fixed&q=x",
  },

  // JSON bodies.
  "JSON with sorted keys, null kept": post(
    "application/json",
    fields({ b: {}, a: {}, list: {} }),
    { b: { z: 1, y: "é" }, a: null, list: [{ d: 1, c: 2 }] },
    '{"a":null,"b":{"y":"é","z":1},"list":[{"c":2,"d":1}]}',
  ),
  "JSON, required and without fields": post(
    "application/json",
    fields({ a: {} }),
    {},
    "{}",
  ),
  "JSON, optional and without fields": {
    method: "post",
    requestBody: {
      content: { "application/json": { schema: fields({ a: {} }) } },
    },
    args: {},
    line: "POST /a",
  },
  "JSON, a list": post("application/json", list, { body: [1] }, "[1]"),
  "JSON, a text": post("application/json", text, { body: "x" }, '"x"'),
  "JSON, further fields": post(
    "application/json",
    { ...fields({ a: {} }), additionalProperties: true },
    { a: 1, b: "x" },
    '{"a":1,"b":"x"}',
  ),
  "JSON with a charset": post(
    "application/json; charset=utf-8",
    fields({ a: {} }),
    { a: 1 },
    '{"a":1}',
  ),
  "vendor JSON": post(
    "application/vnd.api+json",
    fields({ a: {} }),
    { a: 1 },
    '{"a":1}',
  ),
  "merge patch": post(
    "application/merge-patch+json",
    fields({ a: {} }),
    { a: null },
    '{"a":null}',
  ),
  "any type is JSON": post(
    "*/*",
    fields({ a: {} }),
    { a: 1 },
    '{"a":1}',
    {},
    "application/json",
  ),
  "DELETE with a body": {
    method: "delete",
    requestBody: {
      required: true,
      content: { "application/json": { schema: fields({ a: {} }) } },
    },
    args: { a: 1 },
    line: "DELETE /a",
    headers: { "Content-Type": "application/json" },
    body: '{"a":1}',
  },
  "QUERY with a body": {
    method: "query",
    requestBody: {
      required: true,
      content: { "application/json": { schema: fields({ a: {} }) } },
    },
    args: { a: 1 },
    line: "QUERY /a",
    headers: { "Content-Type": "application/json" },
    body: '{"a":1}',
  },

  // Forms.
  "a form": form(
    { a: text, b: text },
    { a: "x y", b: "&=+%é~" },
    "a=x+y&b=%26%3D%2B%25%C3%A9%7E",
  ),
  "a form with an empty text": form({ a: text }, { a: "" }, "a="),
  "a form, numbers, lists, objects and null": form(
    { n: {}, b: {}, list, o: object, gone: {} },
    { n: 1, b: false, list: ["x", 2], o: { z: 1, a: "y z" }, gone: null },
    "n=1&b=false&list=x&list=2&o=%7B%22a%22%3A%22y+z%22%2C%22z%22%3A1%7D",
  ),
  "a form with a joined list": form(
    { list },
    { list: ["a b", "c,d"] },
    "list=a+b,c%2Cd",
    { list: { explode: false } },
  ),
  "a form with a deep object": form(
    { o: object },
    { o: { a: { b: 1 }, c: [1, 2] } },
    "o%5Ba%5D%5Bb%5D=1&o%5Bc%5D=1&o%5Bc%5D=2",
    { o: { style: "deepObject", explode: true } },
  ),
  "a form with an exploded object": form(
    { o: object },
    { o: { a: 1, b: 2 } },
    "a=1&b=2",
    { o: { style: "form", explode: true } },
  ),
  "a form with a JSON field": form({ a: text }, { a: "x" }, "a=%22x%22", {
    a: { contentType: "application/json" },
  }),
  "a form with reserved characters": form(
    { a: text },
    { a: "/x?y=z w" },
    "a=/x?y=z+w",
    { a: { allowReserved: true } },
  ),
  "a form field with brackets in its name": form(
    { "expand[]": list },
    { "expand[]": ["a", "b"] },
    "expand%5B%5D=a&expand%5B%5D=b",
  ),

  // Multipart.
  "multipart, one part a field": multipart(
    { a: text, n: {}, gone: {} },
    { a: "x\r\ny", n: 1, gone: null },
    [part("a", "x\r\ny"), part("n", "1")],
  ),
  "multipart, a list and an object": multipart(
    { list, o: object },
    { list: ["x", "y"], o: { b: 1, a: 2 } },
    [
      part("list", "x"),
      part("list", "y"),
      part("o", '{"a":2,"b":1}', "application/json"),
    ],
  ),
  "multipart, a file as text": multipart(
    { file: { type: "string", format: "binary" } },
    { file: "hello" },
    [part("file", "hello", "application/octet-stream", '; filename="file"')],
  ),
  "multipart, a file as a data URL": multipart(
    { file: { type: "string", contentMediaType: "application/octet-stream" } },
    { file: "data:text/csv;base64,YSxi" },
    [part("file", "a,b", "text/csv", '; filename="file"')],
  ),
  "multipart, several files": multipart(
    { files: { type: "array", items: { type: "string", format: "binary" } } },
    { files: ["1", "2"] },
    [
      part("files", "1", "application/octet-stream", '; filename="files"'),
      part("files", "2", "application/octet-stream", '; filename="files"'),
    ],
  ),
  "multipart, a type of its own": multipart(
    { meta: text, pic: { type: "string", format: "binary" } },
    { meta: "<a/>", pic: "x" },
    [
      part("meta", "<a/>", "text/xml; charset=utf-8"),
      part("pic", "x", "image/png", '; filename="pic"'),
    ],
    {
      meta: { contentType: "text/xml; charset=utf-8" },
      pic: { contentType: "image/png, image/jpeg" },
    },
  ),
  "multipart, a range of types": multipart(
    { pic: { type: "string", format: "binary" } },
    { pic: "x" },
    [part("pic", "x", "application/octet-stream", '; filename="pic"')],
    { pic: { contentType: "image/*" } },
  ),
  "multipart, a name with quotes and line breaks": multipart(
    { 'a"\r\nb': text },
    { 'a"\r\nb': "x" },
    [part("a%22%0D%0Ab", "x")],
  ),
  "multipart, a deep object": multipart(
    { o: object },
    { o: { a: "x y" } },
    [part("o[a]", "x y")],
    { o: { style: "deepObject", explode: true } },
  ),

  // Text and bytes.
  "a text body": post("text/plain", text, { body: "a\nb é" }, "a\nb é"),
  "an XML body": post("application/xml", text, { body: "<a/>" }, "<a/>"),
  "bytes as text": post(
    "application/octet-stream",
    { type: "string", format: "binary" },
    { body: "é" },
    "é",
  ),
  "bytes as a data URL": post(
    "image/png",
    {},
    { body: "data:image/png;base64,aGVsbG8=" },
    "hello",
  ),
  "bytes of a range of types": post(
    "image/*",
    {},
    { body: "data:image/gif;base64,R0lG" },
    "GIF",
    {},
    "image/gif",
  ),

  // Credentials.
  "a key in the header": {
    security: [{ header: [] }],
    credentials: { header: "k" },
    args: {},
    line: "GET /a",
    headers: { "X-Key": "k" },
  },
  "a key in the query": {
    security: [{ query: [] }],
    parameters: [query("q")],
    credentials: { query: "k&" },
    args: { q: 1 },
    line: "GET /a?q=1&api_key=k%26",
  },
  "a key in a cookie": {
    security: [{ cookie: [] }],
    parameters: [{ name: "c", in: "cookie", schema: {} }],
    credentials: { cookie: "k==; x" },
    args: { c: 1 },
    line: "GET /a",
    headers: { Cookie: "c=1; session=k==%3B%20x" },
  },
  "a bearer token": {
    security: [{ token: [] }],
    credentials: { token: "t" },
    args: {},
    line: "GET /a",
    headers: { Authorization: "Bearer t" },
  },
  "a user and password": {
    security: [{ login: [] }],
    credentials: { login: "ü:p" },
    args: {},
    line: "GET /a",
    headers: { Authorization: "Basic w7w6cA==" },
  },
  "OAuth 2 is a bearer token": {
    security: [{ oauth: ["read"] }],
    credentials: { oauth: "t" },
    args: {},
    line: "GET /a",
    headers: { Authorization: "Bearer t" },
  },
  "two credentials together": {
    security: [{ header: [], token: [] }],
    credentials: { header: "k", token: "t" },
    args: {},
    line: "GET /a",
    headers: { "X-Key": "k", Authorization: "Bearer t" },
  },
  "the first alternative that is known": {
    security: [{ header: [], token: [] }, { login: [] }],
    credentials: { header: "k", login: "u:p" },
    args: {},
    line: "GET /a",
    headers: { Authorization: "Basic dTpw" },
  },
  "a credential that is optional": {
    security: [{}, { header: [] }],
    credentials: { header: "k" },
    args: {},
    line: "GET /a",
    headers: { "X-Key": "k" },
  },
  "the document's own security": {
    credentials: { token: "t" },
    args: {},
    line: "GET /a",
    headers: { Authorization: "Bearer t" },
  },
  "no security at all": {
    security: [],
    credentials: { token: "t", header: "k" },
    args: {},
    line: "GET /a",
    headers: {},
  },
};

const names = Object.keys(cases);
const caseOf = (name: string) => cases[name] as WireCase;
const pathOf = (index: number) =>
  `/c${index}${caseOf(names[index] as string).path ?? "/a"}`;

const document = {
  openapi: "3.2.0",
  info: { title: "Wire", version: "1" },
  servers: [{ url: "https://api.example.com/v1" }],
  security: [{ token: [] }],
  components: {
    securitySchemes: {
      header: { type: "apiKey", in: "header", name: "X-Key" },
      query: { type: "apiKey", in: "query", name: "api_key" },
      cookie: { type: "apiKey", in: "cookie", name: "session" },
      token: { type: "http", scheme: "bearer" },
      login: { type: "http", scheme: "basic" },
      oauth: { type: "oauth2", flows: {} },
    },
  },
  paths: Object.fromEntries(
    names.map((name, index) => {
      const { method, parameters, requestBody, servers, security } =
        caseOf(name);
      const operation = {
        operationId: `case_${index}`,
        parameters,
        requestBody,
        servers,
        security,
      };
      return [pathOf(index), { [method ?? "get"]: operation }];
    }),
  ),
};

let catalog: Catalog;
beforeAll(async () => {
  // A document read from a file has no undefined members.
  catalog = await compile(JSON.parse(JSON.stringify(document)) as object);
});
afterAll(closeServers);

function toolOf(name: string): Tool {
  const tool = catalog.tools.find(
    ({ operation }) => operation.path === pathOf(names.indexOf(name)),
  );
  if (!tool) throw new Error(`${name} did not become a tool`);
  return tool;
}

/** The arguments by the tool's keys; `query:id` says which of several. */
function keyed(tool: Tool, args: Record<string, unknown>) {
  const entries = Object.entries(args).map(([name, value]) => {
    const input = tool.inputs.find(
      (each) =>
        (each.name ?? each.key) === name || `${each.in}:${each.name}` === name,
    );
    return [input?.key ?? name, value];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function send(name: string) {
  const { args, credentials = {} } = caseOf(name);
  const tool = toolOf(name);
  const request = toHttpRequest(tool, keyed(tool, args), { credentials });
  const boundary = /boundary=(\w+)/.exec(
    request.headers["Content-Type"] ?? "",
  )?.[1];
  const neutral = (said: string) =>
    boundary === undefined ? said : said.replaceAll(boundary, "B");
  const base = caseOf(name).servers ? "" : "https://api.example.com/v1";
  return {
    line: `${request.method} ${request.url.replace(`/c${names.indexOf(name)}/`, "/").slice(base.length)}`,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([key, value]) => [
        key,
        neutral(value),
      ]),
    ),
    body: request.body && neutral(Buffer.from(request.body).toString()),
  };
}

describe("on the wire", () => {
  test("every operation of the document is a tool", () => {
    expect(catalog.tools).toHaveLength(names.length);
  });

  test.each(names)("%s", (name) => {
    const { line, headers = {}, body } = caseOf(name);
    expect(send(name)).toEqual({ line, headers, body });
  });

  test("a catalog that was stored sends the same", () => {
    const before = names.map(send);
    catalog = JSON.parse(JSON.stringify(catalog)) as Catalog;
    expect(names.map(send)).toEqual(before);
  });
});

describe("what arrives at a server", () => {
  interface Arrived {
    method: string | undefined;
    url: URL;
    headers: IncomingMessage["headers"];
    body: Response;
  }
  async function arrive(name: string): Promise<Arrived> {
    let arrived: Arrived | undefined;
    const { url } = await startServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () => {
        arrived = {
          method: req.method,
          url: new URL(req.url ?? "", "http://h"),
          headers: req.headers,
          body: new Response(Buffer.concat(chunks), {
            headers: { "content-type": req.headers["content-type"] ?? "" },
          }),
        };
        res.end();
      });
    });
    const { args, credentials = {} } = caseOf(name);
    const tool = toolOf(name);
    const callTool = createCaller({
      catalog,
      baseUrl: `${url}/base`,
      credentials,
    });
    const result = await callTool({
      name: tool.name,
      arguments: keyed(tool, args),
      callId: "CA1",
      toolUseId: "t",
    });
    expect(result).toMatchObject({ ok: true });
    return arrived as Arrived;
  }
  const partsOf = async ({ body }: Arrived) => {
    const parts = [...(await body.formData())];
    return Promise.all(
      parts.map(async ([name, value]) =>
        typeof value === "string"
          ? [name, value]
          : [name, value.name, value.type, await value.text()],
      ),
    );
  };

  test("a path value is one segment", async () => {
    const { url } = await arrive("a path value stays in its segment");
    expect(url.pathname.split("/").slice(3).map(decodeURIComponent)).toEqual([
      "a",
      "x/y ?#é;%2F..\\",
      "b",
    ]);
  });

  test("a value with reserved characters is one value", async () => {
    const name = "query allowReserved, what would leave the parameter";
    const { url } = await arrive(name);
    expect([...url.searchParams]).toEqual([["color", "a&b=1#c+d%20[e] f"]]);
  });

  test("a deep object", async () => {
    const { url } = await arrive("query deepObject, nested");
    expect([...url.searchParams]).toEqual([["color[a][b]", "x y"]]);
  });

  test("a header and cookies", async () => {
    const header = await arrive("header content JSON, in ASCII");
    expect(JSON.parse(String(header.headers["color"]))).toEqual({
      a: 1,
      b: "日",
    });
    const cookie = await arrive("a key in a cookie");
    expect(cookie.headers.cookie).toBe("c=1; session=k==%3B%20x");
  });

  test("a form", async () => {
    const arrived = await arrive("a form");
    expect(await partsOf(arrived)).toEqual([
      ["a", "x y"],
      ["b", "&=+%é~"],
    ]);
  });

  test("a multipart body with files", async () => {
    const files = await arrive("multipart, a type of its own");
    expect(await partsOf(files)).toEqual([
      ["meta", "<a/>"],
      ["pic", "pic", "image/png", "x"],
    ]);
    const mixed = await arrive("multipart, a list and an object");
    expect(await partsOf(mixed)).toEqual([
      ["list", "x"],
      ["list", "y"],
      ["o", '{"a":2,"b":1}'],
    ]);
  });

  test("bytes", async () => {
    const { headers, body } = await arrive("bytes as a data URL");
    expect(headers["content-type"]).toBe("image/png");
    expect(await body.text()).toBe("hello");
  });
});
