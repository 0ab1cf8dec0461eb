import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { lint } from "../../openapi/lint/lint.ts";

type Json = { [key: string]: unknown };

const responses = { "200": { description: "fine" } };
const document = (paths: Json, version = "3.1.0"): Json => ({
  openapi: version,
  info: { title: "T", version: "1" },
  paths,
});

/** One operation that no rule has anything to say of, but for what is given. */
const operation = (more: Json = {}): Json => ({
  operationId: "order_lunch",
  summary: "Order a lunch that the caller has chosen.",
  responses,
  ...more,
});

const body = (properties: Json, more: Json = {}): Json => ({
  requestBody: {
    required: true,
    content: {
      "application/json": { schema: { type: "object", properties, ...more } },
    },
  },
});

const said = (schema: Json = {}): Json => ({
  type: "string",
  description: "What the caller wants to have.",
  ...schema,
});

/** Rules and severities that a document with this one operation gets. */
async function judge(more: Json): Promise<string[]> {
  const found = await lint(document({ "/lunch": { post: operation(more) } }));
  return found.map(({ severity, rule }) => `${severity} ${rule}`);
}

const required = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => `${"abcdefghij"[index]}${"xyz".repeat(index + 1)}`,
  );
const withRequired = (count: number) =>
  body(Object.fromEntries(required(count).map((key) => [key, said()])), {
    required: required(count),
  });
const nested = (depth: number): Json =>
  depth === 0
    ? said()
    : said({ type: "object", properties: { within: nested(depth - 1) } });

describe("a tool that is", () => {
  const cases: [what: string, more: Json, found: string[]][] = [
    ["well described", body({ dish: said() }), []],
    ["not described", { summary: "" }, ["warning missing-description"]],
    [
      "described by its name",
      { summary: "Orders the lunch." },
      ["warning useless-description"],
    ],
    [
      "described by a note",
      { summary: "TODO" },
      ["warning useless-description"],
    ],
    [
      "described in two words",
      { summary: "Great stuff" },
      ["warning useless-description"],
    ],
    ["described in Chinese", { summary: "為來電者訂購午餐便當" }, []],
    [
      "not described in one argument",
      body({ dish: { type: "string" } }),
      ["info missing-description"],
    ],
    [
      "described by an argument's name",
      body({ dish_name: said({ description: "The dish name" }) }),
      ["info useless-description"],
    ],
    ["content with six required fields", withRequired(6), []],
    ["greedy", withRequired(7), ["warning too-many-required"]],
    [
      "greedy in the fields of a required object",
      body(
        {
          order: said({
            type: "object",
            ...(
              withRequired(7) as {
                requestBody: {
                  content: { "application/json": { schema: Json } };
                };
              }
            ).requestBody.content["application/json"].schema,
            description: "What to bring to whom.",
          }),
        },
        { required: ["order"] },
      ),
      ["warning too-many-required"],
    ],
    [
      "vague",
      body({ data: { type: "string" } }),
      ["info missing-description", "warning ambiguous-name"],
    ],
    ["vague but described", body({ data: said() }), []],
    [
      "of two minds",
      body({ dishes: said(), dish: said() }),
      ["warning ambiguous-name"],
    ],
    ["numbered", body({ line1: said(), line2: said() }), []],
    [
      "in need of an id",
      body({ order: said({ format: "uuid" }) }, { required: ["order"] }),
      ["warning unspeakable-format"],
    ],
    [
      "able to take an instant",
      body({ at: said({ format: "date-time" }) }),
      ["info unspeakable-format"],
    ],
    ["able to take a day", body({ day: said({ format: "date" }) }), []],
    [
      "in need of a pattern",
      body(
        { code: said({ pattern: "^[A-Z]{2}-\\d+$" }) },
        { required: ["code"] },
      ),
      ["warning unspeakable-format"],
    ],
    [
      "in need of digits",
      body({ pin: said({ pattern: "^\\d{4}$" }) }, { required: ["pin"] }),
      [],
    ],
    [
      "in need of a code",
      body(
        {
          currency: said({
            enum: Array.from({ length: 20 }, (_, index) => `C${index}`),
          }),
        },
        { required: ["currency"] },
      ),
      ["warning unspeakable-format"],
    ],
    ["deep", body({ deep: nested(3) }), ["warning deep-nesting"]],
    ["not too deep", body({ deep: nested(2) }), []],
    [
      "large",
      { description: "More about that. ".repeat(150) },
      ["warning oversized-tool"],
    ],
  ];
  test.each(cases)("%s", async (_, more, found) => {
    expect(await judge(more)).toEqual(found);
  });
});

describe("names", () => {
  const pairs: [one: string, other: string, isAmbiguous: boolean][] = [
    ["get_user", "get_users", true],
    ["get_user", "getUser", true],
    ["list_orders", "list_order", true],
    ["list_orders", "lost_orders", true],
    ["list_companies", "list_company", true],
    ["get_user", "delete_user", false],
    ["list_v1", "list_v2", false],
  ];
  test.each(pairs)("%s and %s", async (one, other, isAmbiguous) => {
    const found = await lint(
      document({
        "/a": { get: operation({ operationId: one }) },
        "/b": { get: operation({ operationId: other }) },
      }),
    );
    expect(found.map(({ rule, pointer }) => [rule, pointer])).toEqual(
      isAmbiguous ? [["ambiguous-name", "/paths/~1b/get"]] : [],
    );
  });
});

describe("a document", () => {
  test("with more tools than models choose from is told with the figure", async () => {
    const letters = "abcdefghijklmnopqrstu";
    const paths = Object.fromEntries(
      Array.from({ length: 41 }, (_, index) => [
        `/p${index}`,
        {
          get: operation({
            operationId: (letters[index % 21] as string).repeat(
              6 + 6 * Math.floor(index / 21),
            ),
          }),
        },
      ]),
    );
    expect(await lint(document(paths))).toMatchObject([
      {
        rule: "too-many-tools",
        severity: "info",
        message: expect.stringContaining("41 tools"),
      },
    ]);
  });

  test("that is no valid OpenAPI is told by pointer, file and line", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "lint-")), "spec.yaml");
    await writeFile(
      file,
      ["openapi: 3.0.3", "info:", "  title: T", "paths: {}", ""].join("\n"),
    );
    expect(await lint(file)).toMatchObject([
      {
        rule: "invalid-document",
        severity: "error",
        message: "no valid OpenAPI: must have required property 'version'",
        pointer: "/info",
        file,
        line: 2,
      },
    ]);
  });

  test("of a version that the validator does not know is not called invalid", async () => {
    expect(
      await lint(document({ "/a": { get: operation() } }, "3.2.0")),
    ).toMatchObject([{ rule: "not-validated", severity: "info" }]);
  });

  test("is not written into, and is found where a finding stands", async () => {
    const paths = {
      "/a": {
        get: operation({
          summary: "",
          responses: { "200": { $ref: "#/components/responses/R" } },
        }),
      },
    };
    const source = {
      ...document(paths),
      components: { responses: { R: { description: "fine" } } },
    };
    const before = JSON.stringify(source);
    expect(await lint(source)).toMatchObject([
      { rule: "missing-description", operation: "GET /a" },
    ]);
    expect(JSON.stringify(source)).toBe(before);
  });

  test("asks the network for nothing", async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const rules = await lint(
      document({
        "/a": {
          get: operation({
            parameters: [{ $ref: `http://127.0.0.1:${port}/p.json` }],
          }),
        },
      }),
    );
    await new Promise((resolve) => server.close(resolve));
    expect(asked).toBe(0);
    expect(rules.map(({ rule }) => rule)).toContain("not-validated");
  });

  test("of the kit's own has nothing to be told of", async () => {
    expect(
      await lint(
        fileURLToPath(
          new URL("../../openapi/appointments.yaml", import.meta.url),
        ),
      ),
    ).toEqual([]);
  });
});
