import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  canonicalForms,
  canonicalText,
} from "../../middleware/bodies/canonical.ts";

const formsOf = (given: string) =>
  canonicalForms(JSON.parse(given)).map((form) => form.toString());

// Each written form, with Python 3.11.7 (the ASCII one without ensure_ascii=False):
// printf %s GIVEN | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin), sort_keys=True, separators=(",",":"), ensure_ascii=False))'
const SAME_IN_ASCII: [what: string, given: string, written: string][] = [
  [
    "the arguments of a booking",
    '{"time":"9:00 AM","date":"2026-03-09","customer":{"phone":"+14155550123","name":"Ada"}}',
    '{"customer":{"name":"Ada","phone":"+14155550123"},"date":"2026-03-09","time":"9:00 AM"}',
  ],
  ["an empty object", " { } ", "{}"],
  [
    "all that is empty, and the literals",
    '[{},[],"",null,true,false,0,-1]',
    '[{},[],"",null,true,false,0,-1]',
  ],
  ["a bare text", '"a"', '"a"'],
  [
    "keys at every depth, also in lists",
    '[{"b":[{"d":1,"c":2}],"a":{"z":{"y":1,"x":2},"w":0}}]',
    '[{"a":{"w":0,"z":{"x":2,"y":1}},"b":[{"c":2,"d":1}]}]',
  ],
  [
    "numbers as keys, which JavaScript puts first",
    '{"10":1,"9":2,"-":3,"a":4,"Z":5,"":6}',
    '{"":6,"-":3,"10":1,"9":2,"Z":5,"a":4}',
  ],
  [
    "keys that mean something to JavaScript",
    '{"toJSON":1,"constructor":2,"__proto__":{"b":1,"a":2},"length":3}',
    '{"__proto__":{"a":2,"b":1},"constructor":2,"length":3,"toJSON":1}',
  ],
  [
    "control characters",
    String.raw`"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f"`,
    String.raw`"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"`,
  ],
  [
    "the other control characters, quotes and slashes",
    String.raw`"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\"\\\/<&>"`,
    String.raw`"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\/<&>"`,
  ],
  [
    "safe integers",
    "[9007199254740991,-9007199254740991,1000000000000]",
    "[9007199254740991,-9007199254740991,1000000000000]",
  ],
  [
    "floats that Python and JavaScript write alike",
    "[0.1,-2.5,0.0001,123456.789,1e-100,1.5e300,5e-324,1e22,1.7976931348623157e308]",
    "[0.1,-2.5,0.0001,123456.789,1e-100,1.5e+300,5e-324,1e+22,1.7976931348623157e+308]",
  ],
  [
    // JavaScript writes digits here, which could as well be those of a rounded integer.
    "floats from 1e16 to 1e21",
    "[1e16,-1e16,123456789012345680.0,9.999999999999999e20]",
    "[1e+16,-1e+16,1.2345678901234568e+17,9.999999999999999e+20]",
  ],
  // JavaScript writes 0, which is the text of another value.
  ["minus zero", '{"a":-0.0}', '{"a":-0.0}'],
];

const OTHER_IN_ASCII: [
  what: string,
  given: string,
  raw: string,
  ascii: string,
][] = [
  [
    "letters beyond ASCII",
    '{"name":"José","city":"東京","flag":"🏳️"}',
    '{"city":"東京","flag":"🏳️","name":"José"}',
    String.raw`{"city":"\u6771\u4eac","flag":"\ud83c\udff3\ufe0f","name":"Jos\u00e9"}`,
  ],
  [
    "keys by code point, which UTF-16 sorts otherwise",
    String.raw`{"\ufb33":1,"😀":2,"é":3,"a":4,"\ue000":5,"\ud7ff":6}`,
    '{"a":4,"é":3,"\ud7ff":6,"\ue000":5,"\ufb33":1,"😀":2}',
    String.raw`{"a":4,"\u00e9":3,"\ud7ff":6,"\ue000":5,"\ufb33":1,"\ud83d\ude00":2}`,
  ],
  [
    "keys that begin alike",
    String.raw`{"ab":1,"a":2,"a b":3,"a\u0000":4,"😀b":5,"😀":6,"😀a":7}`,
    String.raw`{"a":2,"a\u0000":4,"a b":3,"ab":1,"😀":6,"😀a":7,"😀b":5}`,
    String.raw`{"a":2,"a\u0000":4,"a b":3,"ab":1,"\ud83d\ude00":6,"\ud83d\ude00a":7,"\ud83d\ude00b":5}`,
  ],
  [
    "DEL and what else only ASCII escapes",
    String.raw`" \u007F\u0080\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF"`,
    '" \u007f\u0080\u009f\u2028\u2029\ufeff\ufffe\uffff"',
    String.raw`" \u007f\u0080\u009f\u2028\u2029\ufeff\ufffe\uffff"`,
  ],
  [
    "surrogate pairs",
    String.raw`"\uD83D\uDE00\uD800\uDC00\uDBFF\uDFFF"`,
    '"\u{1f600}\u{10000}\u{10ffff}"',
    String.raw`"\ud83d\ude00\ud800\udc00\udbff\udfff"`,
  ],
  [
    // Python's raw text is not UTF-8 here; JSON.stringify escapes it.
    "lone surrogates",
    String.raw`["\uD800","a\udc00b","\udc00\ud800","é"]`,
    String.raw`["\ud800","a\udc00b","\udc00\ud800","é"]`,
    String.raw`["\ud800","a\udc00b","\udc00\ud800","\u00e9"]`,
  ],
  [
    "lone surrogates as keys",
    String.raw`{"\ue000":1,"\udfff":2,"\ud800":3,"😀":4}`,
    `{"\\ud800":3,"\\udfff":2,"\ue000":1,"😀":4}`,
    String.raw`{"\ud800":3,"\udfff":2,"\ue000":1,"\ud83d\ude00":4}`,
  ],
];

describe("the forms of a parsed body", () => {
  test.each(SAME_IN_ASCII)("are Python's: %s", (_, given, written) => {
    expect(formsOf(given)).toEqual([written]);
  });

  test.each(OTHER_IN_ASCII)(
    "are raw UTF-8, then ASCII: %s",
    (_, given, raw, ascii) => {
      expect(formsOf(given)).toEqual([raw, ascii]);
    },
  );

  // The second of each: node -p 'JSON.stringify([1e-05,1.5e-07,-0.00001234,9.99e-5])', Node 20.20.2
  test("have small floats as Python and as JavaScript write them", () => {
    expect(formsOf("[1e-05,1.5e-07,-0.00001234,9.99e-5]")).toEqual([
      "[1e-05,1.5e-07,-1.234e-05,9.99e-05]",
      "[0.00001,1.5e-7,-0.00001234,0.0000999]",
    ]);
    expect(formsOf('{"é":1e-7}')).toEqual([
      '{"é":1e-07}',
      '{"é":1e-7}',
      String.raw`{"\u00e9":1e-07}`,
      String.raw`{"\u00e9":1e-7}`,
    ]);
  });

  test("read as just this value, so that nothing altered can be accepted", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue({ noUnicodeString: false }),
          fc.jsonValue({ stringUnit: "binary" }),
          fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
        ),
        (value) => {
          const forms = canonicalForms(value);
          for (const form of forms) {
            expect(isDeepStrictEqual(JSON.parse(form.toString()), value)).toBe(
              true,
            );
          }
          const texts = forms.map((form) => form.toString());
          expect(new Set(texts).size).toBe(texts.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("are the same for objects without a prototype, and for one that stands twice", () => {
    const bare: unknown = Object.assign(Object.create(null), { b: 1, a: 2 });
    expect(canonicalForms([bare, bare]).map(String)).toEqual([
      '[{"a":2,"b":1},{"a":2,"b":1}]',
    ]);
  });

  test("are none above maxBytes, each by its own length", () => {
    const sizes = (maxBytes: number) =>
      canonicalForms({ a: "éé" }, { maxBytes }).map(({ length }) => length);
    expect(sizes(20)).toEqual([12, 20]);
    expect(sizes(19)).toEqual([12]);
    expect(sizes(12)).toEqual([12]);
    expect(sizes(11)).toEqual([]);
    expect(sizes(0)).toEqual([]);
    expect(canonicalForms("x".repeat(1_048_574))).toHaveLength(1);
    expect(canonicalForms("x".repeat(1_048_575))).toEqual([]);
    expect(canonicalForms({ ["k".repeat(1_048_575)]: 1 })).toEqual([]);
    expect(canonicalForms(Array(1_000_000).fill(1))).toEqual([]);
  });

  test("are none of what grows without bound", () => {
    let doubling: unknown = [];
    for (let depth = 0; depth < 400; depth++) doubling = [doubling, doubling];
    expect(canonicalForms(doubling)).toEqual([]);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(canonicalForms(circle)).toEqual([]);
  });

  test.each([
    ["[", "]"],
    ['{"a":', "}"],
  ])("go 500 deep and no deeper: %s", (open, close) => {
    const nest = (depth: number): unknown =>
      JSON.parse(
        `${open.repeat(depth - 1)}${open}${open === "[" ? "" : "1"}${close.repeat(depth)}`,
      );
    expect(canonicalForms(nest(500))).toHaveLength(1);
    expect(canonicalForms(nest(501))).toEqual([]);
    expect(canonicalForms(nest(100_000))).toEqual([]);
  });
});

class Point {
  x = 1;
}
const sparse: unknown[] = [1];
sparse[2] = 3;

describe("no form at all", () => {
  test.each<[what: string, value: unknown]>([
    ["undefined", undefined],
    ["a bigint", 1n],
    ["a symbol", Symbol("a")],
    ["a function", () => 1],
    ["NaN", Number.NaN],
    ["Infinity, as 1e400 is read", JSON.parse("[1e-7, 1e400]")],
    ["an integer above the safe ones", JSON.parse("9007199254740993")],
    ["an integer below the safe ones", JSON.parse("-9007199254740992")],
    ["a Date", new Date(0)],
    ["a Map", new Map()],
    ["a RegExp", /a/],
    ["an Error", new Error("a")],
    ["a Buffer", Buffer.from("a")],
    ["a Uint8Array", new Uint8Array(2)],
    ["a boxed string", new String("a")],
    ["an instance of a class", new Point()],
    ["what inherits from data", Object.create({ a: 1 })],
    ["a list of another class", new (class extends Array {})()],
    ["a list that lost its prototype", Object.setPrototypeOf([], null)],
    ["a list with a hole", sparse],
    ["a list with a field", Object.assign([1], { a: 1 })],
    ["a list with a hole and a field", Object.assign(sparse.slice(), { a: 1 })],
    ["a list with a symbol", Object.assign([1], { [Symbol("a")]: 1 })],
    ["a field without a value", { a: undefined }],
    ["a field that is a function", { toJSON: () => ({}) }],
    ["a field that is a symbol", { a: Symbol("a") }],
    ["a field named by a symbol", { [Symbol.toPrimitive]: 1 }],
    ["a hidden field", Object.defineProperty({}, "a", { value: 1 })],
  ])("of %s", (_, value) => {
    expect(canonicalForms(value)).toEqual([]);
    expect(canonicalForms({ a: [value] })).toEqual([]);
  });

  test("of what would run code, and that code does not run", () => {
    const ran: string[] = [];
    const run = (what: string) => () => {
      ran.push(what);
      throw new Error(what);
    };
    const traps = new Proxy(
      {},
      { get: (_, trap) => run(`trap ${String(trap)}`) },
    );
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    const values: unknown[] = [
      new Proxy({}, traps),
      new Proxy([], traps),
      new Proxy(() => 1, traps),
      revoked,
      Object.create(new Proxy({}, traps)),
      Object.defineProperty({}, "a", { enumerable: true, get: run("getter") }),
      Object.defineProperty([], 0, { enumerable: true, get: run("getter") }),
      {
        toJSON: run("toJSON"),
        toString: run("toString"),
        valueOf: run("valueOf"),
        [Symbol.toPrimitive]: run("toPrimitive"),
      },
      class {
        static toJSON = run("toJSON");
      },
    ];
    for (const value of values) {
      expect(canonicalForms(value)).toEqual([]);
      expect(canonicalForms([value])).toEqual([]);
    }
    expect(ran).toEqual([]);
  });

  test("of anything that another global made, whose prototypes are not known", () => {
    expect(canonicalForms(runInNewContext("({ a: 1 })"))).toEqual([]);
    expect(canonicalForms(runInNewContext("[1]"))).toEqual([]);
  });
});

describe("the text of a JSON value", () => {
  test.each([
    [
      '{"b":[1,{"d":null,"c":true}],"a":"é\\u0001"}',
      '{"a":"é\\u0001","b":[1,{"c":true,"d":null}]}',
    ],
    ["9007199254740993", "9007199254740992"],
    ["12345678901234567890", "12345678901234567000"],
    ["[1e400,-1e400,1e21,1e-7]", "[Infinity,-Infinity,1e+21,1e-7]"],
    ["[1.0,-0]", "[1,0]"],
    [
      '{"\\ufb33":1,"😀":2,"__proto__":3,"2":4,"10":5}',
      '{"10":5,"2":4,"__proto__":3,"\ufb33":1,"😀":2}',
    ],
  ])("of %s", (given, text) => {
    expect(canonicalText(JSON.parse(given))).toBe(text);
  });

  test("is the same whatever the order of keys, and another for another value", () => {
    const reorder = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reorder);
      if (typeof value !== "object" || value === null) return value;
      const entries = Object.entries(value).reverse();
      return Object.fromEntries(
        entries.map(([key, field]) => [key, reorder(field)]),
      );
    };
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: "binary" }),
        fc.jsonValue({ stringUnit: "binary" }),
        (one, other) => {
          expect(canonicalText(reorder(one))).toBe(canonicalText(one));
          const same = JSON.stringify(one) === JSON.stringify(other);
          if (!isDeepStrictEqual(one, other) && !same) {
            expect(canonicalText(one)).not.toBe(canonicalText(other));
          }
        },
      ),
    );
  });

  test("tells lone surrogates from each other and from their replacement", () => {
    const texts = ["\ud800", "\ud801", "\ufffd", "\\ud800"].map((value) =>
      Buffer.from(canonicalText(value)).toString("hex"),
    );
    expect(new Set(texts).size).toBe(4);
  });

  test("is given at any depth", () => {
    const depth = 500_000;
    const lists = "[".repeat(depth) + "]".repeat(depth);
    expect(canonicalText(JSON.parse(lists)) === lists).toBe(true);
    const objects = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    expect(canonicalText(JSON.parse(objects)) === objects).toBe(true);
  });
});
