import { describe, expect, test } from "@jest/globals";
import { checkArguments } from "../../openapi/arguments/arguments.ts";
import type { JsonSchema } from "../../openapi/types.ts";
import { createTool } from "./arguments-tool.ts";

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
const pick = <T>(random: Random, from: T[]): T =>
  from[Math.floor(random() * from.length)] as T;
const WORDS = [
  "",
  "5",
  "true",
  "null",
  "a, b",
  "[1]",
  '{"a":1}',
  "Small",
  "small",
  " x ",
  "yes",
  "1e3",
  "tomorrow",
];

/** A schema, and a value that fits it. */
interface Pair {
  schema: JsonSchema;
  value: unknown;
}

function createPair(random: Random, depth: number): Pair {
  const kinds = [
    "text",
    "integer",
    "number",
    "boolean",
    "enum",
    "nullable",
    "list",
    "object",
    "map",
    "choice",
    "all",
  ];
  switch (pick(random, depth > 3 ? kinds.slice(0, 6) : kinds)) {
    case "text":
      return { schema: { type: "string" }, value: pick(random, WORDS) };
    case "integer":
      return { schema: { type: "integer" }, value: Math.floor(random() * 100) };
    case "number":
      return { schema: { type: "number" }, value: random() * 100 };
    case "boolean":
      return { schema: { type: "boolean" }, value: random() < 0.5 };
    case "enum":
      return { schema: { enum: WORDS }, value: pick(random, WORDS) };
    case "nullable":
      return { schema: { type: ["integer", "null"] }, value: null };
    case "list": {
      const { schema, value } = createPair(random, depth + 1);
      return {
        schema: { type: "array", items: schema },
        value: [value, value],
      };
    }
    case "map": {
      const { schema, value } = createPair(random, depth + 1);
      return {
        schema: { type: "object", additionalProperties: schema },
        value: { k: value },
      };
    }
    case "choice": {
      const pairs = [
        createPair(random, depth + 1),
        createPair(random, depth + 1),
      ];
      return {
        schema: { anyOf: pairs.map(({ schema }) => schema) },
        value: pick(random, pairs).value,
      };
    }
    case "all": {
      const { schema, value } = createPair(random, depth + 1);
      return { schema: { allOf: [schema, {}] }, value };
    }
    default:
      return createObject(random, depth);
  }
}

function createObject(random: Random, depth: number): Pair {
  const keys = ["first_name", "count", "Tags", "constructor"].filter(
    () => random() < 0.6,
  );
  const pairs = keys.map((key) => ({
    key,
    isGiven: random() < 0.7,
    ...createPair(random, depth + 1),
  }));
  const given = pairs.filter(({ isGiven }) => isGiven);
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(
        pairs.map(({ key, schema }) => [key, schema]),
      ),
      required: given.filter(() => random() < 0.5).map(({ key }) => key),
      ...(random() < 0.5 ? { additionalProperties: false } : {}),
    },
    value: Object.fromEntries(given.map(({ key, value }) => [key, value])),
  };
}

function createJson(random: Random, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 3 ? 4 : 6));
  if (kind === 0) return pick(random, [null, true, false]);
  if (kind === 1) return pick(random, [0, 5, -1, 1.5, 2 ** 60, 1e300]);
  if (kind < 4) return pick(random, WORDS);
  const entries = Array.from({ length: 3 }, () =>
    createJson(random, depth + 1),
  );
  const keys = [
    "first_name",
    "count",
    "Tags",
    "__proto__",
    "arguments",
    "firstName",
  ];
  return kind === 4
    ? entries
    : Object.fromEntries(entries.map((entry) => [pick(random, keys), entry]));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutNulls(entry)]),
  );
}

describe("whatever the schema", () => {
  const cases = Array.from({ length: 600 }, (_, seed) => {
    const random = createRandom(seed);
    const { schema, value } = createObject(random, 0);
    return { tool: createTool(schema), value, random };
  });

  test("what fits is never changed, but for an argument that is left empty", () => {
    for (const { tool, value } of cases) {
      for (const repair of [true, false]) {
        const result = checkArguments(tool, value, { repair });
        const repairs = result.ok ? result.repairs : [];
        const dropped = new Set(repairs.map(({ path }) => path));
        const kept = Object.entries(value as object).filter(
          ([key, entry]) => !(dropped.has(key) && String(entry).trim() === ""),
        );
        expect(result).toMatchObject({
          ok: true,
          arguments: Object.fromEntries(kept),
        });
        expect(
          repairs.every(({ rule }) => repair && rule === "empty-optional"),
        ).toBe(true);
      }
    }
  });

  test("with repair off nothing but nulls is dropped; nothing is written into; what comes out fits", () => {
    let [accepted, mended] = [0, 0];
    for (const { tool, value, random } of cases) {
      const args = {
        ...(value as object),
        ...(createJson(random, 0) as object),
      };
      const before = structuredClone(args);
      const off = checkArguments(tool, args, { repair: false });
      if (off.ok) {
        accepted++;
        expect(off.repairs).toEqual([]);
        expect(withoutNulls(off.arguments)).toEqual(withoutNulls(args));
      }
      const on = checkArguments(tool, args);
      expect(args).toEqual(before);
      if (!on.ok) continue;
      mended += on.repairs.length > 0 ? 1 : 0;
      const again = checkArguments(tool, on.arguments, { repair: false });
      expect(again).toEqual({ ok: true, arguments: on.arguments, repairs: [] });
    }
    expect(accepted).toBeGreaterThan(50);
    expect(mended).toBeGreaterThan(50);
  });

  test("any text and any JSON comes back as a value", () => {
    for (const { tool, value, random } of cases) {
      const text = JSON.stringify(value);
      const end = Math.floor(random() * text.length);
      for (const given of [
        createJson(random, 0),
        text.slice(0, end),
        text.slice(end),
        text + text,
      ])
        expect(typeof checkArguments(tool, given).ok).toBe("boolean");
    }
  });
});

describe("whatever the program", () => {
  const tool = createTool({
    properties: {
      file: { type: "string" },
      files: { type: "array", items: { type: "string" } },
      count: { type: "integer" },
      any: {},
    },
  });
  const cyclic: Record<string, unknown> = { count: 1 };
  cyclic["any"] = { a: cyclic, b: cyclic, c: [cyclic, cyclic] };
  let shared: unknown = "x";
  for (let level = 0; level < 90; level++) shared = [shared, shared];
  const unreadable = {
    get count(): number {
      throw new Error("no");
    },
  };

  test.each<[string, unknown]>([
    ["an object that contains itself", cyclic],
    ["an object of more values than there are atoms", { any: shared }],
    ["an object that cannot be read", unreadable],
    ["a BigInt", { count: 5n }],
    ["a function", () => ({})],
    ["a symbol", Symbol("x")],
    ["bytes", new Uint8Array(10)],
    ["a number", 5],
  ])("%s is refused", (_, given) => {
    expect(checkArguments(tool, given)).toMatchObject({ ok: false });
    expect(checkArguments(tool, given, { repair: false })).toMatchObject({
      ok: false,
    });
  });

  test("bytes are the text of a file, and go through as they are", () => {
    const file = new Uint8Array([1, 2, 3]);
    const result = checkArguments(tool, { file, count: "5", files: file });
    expect(result).toMatchObject({
      ok: true,
      repairs: [{ rule: "number-as-text" }, { rule: "single-value" }],
    });
    expect(result.ok && result.arguments["file"]).toBe(file);
    expect(result.ok && (result.arguments["files"] as unknown[])[0]).toBe(file);
    expect(checkArguments(tool, { count: file })).toMatchObject({
      ok: false,
      problems: [{ path: "count" }],
    });
  });

  test("five megabytes take seconds at most, right or wrong", () => {
    const numbers = createTool({
      properties: { list: { type: "array", items: { type: "integer" } } },
    });
    const wrong = Array.from({ length: 600_000 }, () => "x");
    expect(checkArguments(numbers, { list: wrong })).toMatchObject({
      ok: false,
    });
    expect(checkArguments(numbers, { list: wrong.map(() => 1) })).toMatchObject(
      { ok: true },
    );
    expect(
      checkArguments(numbers, { list: "1,".repeat(2_500_000) }),
    ).toMatchObject({ ok: false });
    expect(checkArguments(tool, { file: "x".repeat(5_000_000) })).toMatchObject(
      { ok: true },
    );
    const unknown = Object.fromEntries(
      wrong.slice(0, 150_000).map((_, key) => [`k${key}`, 1]),
    );
    const closed = {
      type: "object",
      properties: { x: {} },
      additionalProperties: false,
    };
    expect(
      checkArguments(createTool({ properties: { a: closed } }), { a: unknown }),
    ).toMatchObject({ ok: true, arguments: { a: {} } });
    for (const text of ["[", '{"a":', "{a:[", "'", "/*", '{"', '"{'])
      expect(
        checkArguments(tool, `{"any":${text.repeat(200_000)}`),
      ).toMatchObject({ ok: false });
  });

  test("a choice between schemas that contain themselves does not double its work per level", () => {
    const group = (kind: string) => ({
      type: "object",
      properties: {
        [kind]: { type: "array", items: { $ref: "#/$defs/Filter" } },
        n: { type: "integer" },
      },
    });
    const filters = createTool({
      properties: { filter: { $ref: "#/$defs/Filter" } },
      $defs: {
        Filter: { oneOf: [group("x"), group("x")] },
        Loop: { $ref: "#/$defs/Loop" },
      },
    });
    let filter: unknown = { n: "no" };
    for (let level = 0; level < 40; level++) filter = { x: [filter] };
    expect(checkArguments(filters, { filter })).toMatchObject({ ok: false });
  });

  test("a schema that is only itself, or cannot be read, refuses nothing", () => {
    const odd = createTool({
      properties: {
        a: { $ref: "#/$defs/Loop" },
        b: { $ref: "#/$defs/Bad" },
        c: { $ref: "#/$defs/Gone" },
        d: { type: "integer" },
      },
      $defs: {
        Loop: { anyOf: [{ $ref: "#/$defs/Loop" }] },
        Bad: { type: "nothing", minimum: "x" },
      },
    });
    expect(checkArguments(odd, { a: 1, b: 2, c: 3, d: "4" })).toMatchObject({
      ok: true,
      arguments: { d: 4 },
    });
    expect(
      checkArguments(createTool({ properties: { a: { pattern: "(" } } }), {
        a: 5,
      }),
    ).toMatchObject({ ok: true });
  });

  test("unevaluatedProperties sees the fields behind a reference", () => {
    const base = { type: "object", properties: { x: { type: "integer" } } };
    const a = {
      allOf: [{ $ref: "#/$defs/Base" }],
      unevaluatedProperties: false,
    };
    const strict = createTool({ properties: { a }, $defs: { Base: base } });
    expect(checkArguments(strict, { a: { x: "1", y: 2 } })).toMatchObject({
      ok: true,
      arguments: { a: { x: 1 } },
      repairs: [{ rule: "number-as-text" }, { rule: "unknown-key" }],
    });
    expect(
      checkArguments(strict, { a: { y: 2 } }, { repair: false }),
    ).toMatchObject({ ok: false, problems: [{ path: "a.y" }] });
  });

  test("a usual call is checked in far less time than a caller notices", () => {
    const args = { file: "a", count: "5", files: "a, b" };
    checkArguments(tool, args);
    for (let call = 0; call < 1000; call++) checkArguments(tool, args);
  });
});
