import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkArguments, compile, toHttpRequest } from "../../openapi/index.ts";
import type { HttpRequest, Tool } from "../../openapi/index.ts";
import { readBody, readParameter } from "./wire-reader.ts";
import type { Wire } from "./wire-reader.ts";

/** One way of writing one kind of value, and which texts it can hold without ambiguity. */
interface Case {
  wire: Wire;
  kind: "text" | "number" | "boolean" | "list" | "object";
  texts: fc.Arbitrary<string>;
}

const anyText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const plainText = fc.stringMatching(
  /^[A-Za-z0-9_~-][A-Za-z0-9_ ~-]{0,8}[a-z]$/,
);
/** Characters with a meaning somewhere in a URL. */
const sharpText = fc.string({
  unit: fc.constantFrom(...Array.from("/?#&=%+,;:@!$'()*|[]{}<> \"\\^`é漢.a1")),
  minLength: 1,
  maxLength: 8,
});
const text = fc.oneof(
  anyText,
  sharpText,
  fc.constantFrom("%2F", "a/../b", "null", "true", "5"),
);
// RFC 3986: "." and ".." are steps; our own checks refuse them, other tests show that.
const pathText = text.filter((each) => !/^\.{1,2}$/.test(each));

function listCases(): Case[] {
  const kinds = ["text", "number", "boolean", "list", "object"] as const;
  const both = [true, false];
  const of = (
    place: Wire["in"],
    style: string,
    explodes: boolean[],
    which: readonly Case["kind"][],
    texts: fc.Arbitrary<string>,
  ): Case[] =>
    explodes.flatMap((explode) =>
      which.map((kind) => ({
        wire: { in: place, style, explode, name: "p" },
        kind,
        texts,
      })),
    );
  const noDot = pathText.filter((each) => !each.includes("."));
  const without = (sign: string) => text.filter((each) => !each.includes(sign));
  return [
    ...of("path", "simple", both, kinds, pathText),
    // The list's own sign is never encoded in a label (RFC 6570, section 3.2.5).
    ...of("path", "label", both, kinds, noDot),
    ...of("path", "matrix", both, kinds, pathText),
    ...of("query", "form", both, kinds, text),
    // Nor is the separator told from one in a value (OpenAPI 3.1.1, section 4.8.12.4).
    ...of("query", "spaceDelimited", [false], ["list"], without(" ")),
    ...of("query", "pipeDelimited", [false], ["list"], without("|")),
    ...of("query", "deepObject", [true], ["object"], text),
    ...of("header", "simple", both, kinds, plainText), // not percent-encoded
    ...of("cookie", "form", [false], kinds, text),
  ];
}

const numbers = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((each) => (Object.is(each, -0) ? 0 : each)),
);

function toSchema(kind: Case["kind"]): object {
  const scalars = { text: "string", number: "number", boolean: "boolean" };
  if (kind === "list")
    return { type: "array", minItems: 1, items: { type: "string" } };
  if (kind === "object")
    return {
      type: "object",
      properties: {
        first: { type: "string" },
        "se cond": { type: "string" },
        n: { type: "number" },
      },
      required: ["first"],
    };
  return { type: scalars[kind] };
}

function toValues({ kind, texts }: Case): fc.Arbitrary<unknown> {
  const values = {
    text: texts,
    number: numbers,
    boolean: fc.boolean(),
    list: fc.array(texts, { minLength: 1, maxLength: 4 }),
    object: fc.record(
      { first: texts, "se cond": texts, n: numbers },
      { requiredKeys: ["first"], noNullPrototype: true },
    ),
  };
  return values[kind];
}

/** One document with an operation for every case, compiled at once. */
async function compileCases(cases: Case[]): Promise<Map<string, Tool>> {
  const paths = Object.fromEntries(
    cases.map(({ wire, kind }, index) => {
      const { in: place, style, explode, name } = wire;
      const path = place === "path" ? `/c${index}/{p}/end` : `/c${index}`;
      const parameter = {
        name,
        in: place,
        required: true,
        style,
        explode,
        schema: toSchema(kind),
      };
      return [
        path,
        { get: { operationId: `c${index}`, parameters: [parameter] } },
      ];
    }),
  );
  const { tools, diagnostics } = await compile({
    openapi: "3.1.0",
    info: { title: "cases", version: "1" },
    servers: [{ url: "https://api.example.com/base" }],
    paths,
  });
  expect(diagnostics).toEqual([]);
  return new Map(tools.map((tool) => [tool.name, tool]));
}

function send(tool: Tool, args: Record<string, unknown>): HttpRequest {
  const checked = checkArguments(tool, args);
  if (!checked.ok) throw new Error(checked.message);
  expect(checked.repairs).toEqual([]);
  return toHttpRequest(tool, checked.arguments);
}

describe("arguments come back from the request as they went in", () => {
  const cases = listCases();
  test.each(cases.map((each, index) => ({ ...each, index, ...each.wire })))(
    "$in $style explode=$explode: $kind",
    async ({ index }) => {
      const each = cases[index] as Case;
      const tools = await compileCases(cases);
      const tool = tools.get(`c${index}`) as Tool;
      fc.assert(
        fc.property(toValues(each), (value) => {
          const request = send(tool, { p: value });
          const path = { before: `/base/c${index}/`, after: "/end" };
          expect(
            readParameter(request, each.wire, toSchema(each.kind), path),
          ).toEqual(value);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each([
    "application/json",
    "application/vnd.api+json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
  ])("a %s body", async (mediaType) => {
    const properties = {
      "na me": { type: "string" },
      count: { type: "integer" },
      ok: { type: "boolean" },
      tags: { type: "array", minItems: 1, items: { type: "string" } },
      deep: {
        type: "object",
        properties: {
          a: { type: "string" },
          b: { type: "array", items: { type: "number" } },
        },
      },
    };
    const schema = { type: "object", properties, required: ["count"] };
    const { tools } = await compile({
      openapi: "3.0.3",
      info: { title: "bodies", version: "1" },
      servers: [{ url: "https://api.example.com" }],
      paths: {
        "/b": {
          post: {
            operationId: "b",
            requestBody: {
              required: true,
              content: { [mediaType]: { schema } },
            },
          },
        },
      },
    });
    const tool = tools[0] as Tool;
    const keys = new Map(tool.inputs.map(({ key, name }) => [name, key]));
    const bodies = fc.record(
      {
        "na me": text,
        count: fc.integer(),
        ok: fc.boolean(),
        tags: fc.array(text, { minLength: 1, maxLength: 3 }),
        deep: fc.record(
          { a: fc.string({ unit: "grapheme" }), b: fc.array(fc.integer()) },
          { noNullPrototype: true },
        ),
      },
      { requiredKeys: ["count"], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const args = Object.fromEntries(
          Object.entries(body).map(([name, value]) => [
            keys.get(name) ?? name,
            value,
          ]),
        );
        const request = send(tool, args);
        expect(await readBody(request, properties)).toEqual(body);
      }),
      { numRuns: 100 },
    );
  });
});
