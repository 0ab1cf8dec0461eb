import { describe, expect, test } from "@jest/globals";
import { parseArguments } from "../../middleware/bodies/arguments.ts";

const parse = (text: string) => parseArguments(Buffer.from(text));
const written = (text: string) => JSON.stringify(parse(text));

describe("arguments", () => {
  test.each<[what: string, body: string, value: unknown]>([
    ["an empty body", "", {}],
    ["an empty object", "{}", {}],
    ["a body with blanks around it", ' \r\n\t{"a":1}\n', { a: 1 }],
    ["a BOM", '\ufeff{"a":"\ufeffb"}', { a: "\ufeffb" }],
    ["the last of equal keys", '{"a":1,"a":2}', { a: 2 }],
    ["a lone surrogate", '{"a":"\\ud800"}', { a: "\ud800" }],
    ["a number that is too large", '{"a":1e400}', { a: Infinity }],
    ["U+FFFD that was sent as such", '{"a":"\ufffd"}', { a: "\ufffd" }],
  ])("are read from %s", (_, body, value) => {
    expect(parse(body)).toEqual(value);
  });

  test.each<[what: string, body: string]>([
    ["a list", "[1]"],
    ["an empty list", "[]"],
    ["null", "null"],
    ["a text", '"a"'],
    ["a number", "1"],
    ["true", "true"],
    ["blanks only", " "],
    ["a BOM only", "\ufeff"],
    ["two BOMs", "\ufeff\ufeff{}"],
    ["a BOM behind", "{}\ufeff"],
    ["a NUL behind", "{}\0"],
    ["two values", "{}{}"],
    ["half an object", '{"a":1'],
    ["a single quote", "{'a':1}"],
    ["a comment", "{}//"],
    ["a form", "a=1"],
    ["NaN", '{"a":NaN}'],
  ])("are none in %s", (_, body) => {
    expect(parse(body)).toBeUndefined();
  });

  test.each<[what: string, bytes: string]>([
    ["a byte that UTF-8 does not have", "7b2261223a22ff227d"],
    ["a surrogate in UTF-8", "7b2261223a22eda080227d"],
    ["an overlong quote", "7b2261223ac0a2227d"],
    ["half a letter", "7b2261223a22c3227d"],
    ["UTF-16 with its BOM", "fffe7b007d00"],
    ["UTF-16 without", "7b007d00"],
    ["half a BOM", "efbb7b7d"],
    ["bytes that are cut off", "7b7dc3"],
  ])("are none in %s", (_, bytes) => {
    expect(parseArguments(Buffer.from(bytes, "hex"))).toBeUndefined();
  });

  test("are read from a part of a larger Buffer", () => {
    const whole = Buffer.from('xx{"a":1}yy');
    expect(parseArguments(whole.subarray(2, 9))).toEqual({ a: 1 });
  });
});

describe("keys that pollute", () => {
  test.each<[what: string, body: string, left: string]>([
    ["__proto__", '{"__proto__":{"a":1},"b":2}', '{"b":2}'],
    ["__proto__ of any value", '{"__proto__":null,"b":2}', '{"b":2}'],
    [
      "__proto__ in depth",
      '{"a":[[{"__proto__":1,"b":{"__proto__":2}}]]}',
      '{"a":[[{"b":{}}]]}',
    ],
    ["an escaped __proto__", String.raw`{"\u005f_proto__":1,"b":2}`, '{"b":2}'],
    ["escapes in capitals", String.raw`{"_\u005Fproto__":1,"b":2}`, '{"b":2}'],
    [
      "escapes all over",
      String.raw`{"\u005F\u005f\u0070\u0072\u006F\u0074\u006f\u005f\u005f":1,"b":2}`,
      '{"b":2}',
    ],
    [
      "constructor with a prototype",
      '{"constructor":{"prototype":{"a":1}},"b":2}',
      '{"b":2}',
    ],
    [
      "constructor with other fields too",
      '{"constructor":{"a":1,"prototype":null},"b":2}',
      '{"b":2}',
    ],
    [
      "constructor in depth",
      '{"a":[{"constructor":{"prototype":1}}]}',
      '{"a":[{}]}',
    ],
    [
      "constructor in constructor",
      '{"constructor":{"constructor":{"prototype":1}}}',
      '{"constructor":{}}',
    ],
    [
      "__proto__ in constructor",
      '{"constructor":{"__proto__":{"prototype":1}}}',
      '{"constructor":{}}',
    ],
    [
      "an escaped constructor",
      String.raw`{"\u0063onstructor":{"prototype":1},"b":2}`,
      '{"b":2}',
    ],
    [
      "an escaped prototype",
      String.raw`{"constructor":{"protot\u0079pe":1},"b":2}`,
      '{"b":2}',
    ],
    [
      "both escaped",
      String.raw`{"\u0063\u006f\u006e\u0073\u0074\u0072\u0075\u0063\u0074\u006f\u0072":{"\u0070\u0072\u006F\u0074\u006f\u0074\u0079\u0070\u0065":1},"b":2}`,
      '{"b":2}',
    ],
  ])("are left out: %s", (_, body, left) => {
    expect(written(body)).toBe(left);
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });

  test("are found whichever of their letters is escaped, in both cases", () => {
    const escape = (letter: string) =>
      `\\u00${letter.charCodeAt(0).toString(16)}`;
    for (const word of ["__proto__", "constructor", "prototype"]) {
      for (let index = 0; index < word.length; index++) {
        const letter = escape(word.charAt(index));
        for (const form of [letter, `\\u${letter.slice(2).toUpperCase()}`]) {
          const key = word.slice(0, index) + form + word.slice(index + 1);
          const body =
            word === "__proto__"
              ? `{"${key}":{"a":1}}`
              : word === "constructor"
                ? `{"${key}":{"prototype":1}}`
                : `{"constructor":{"${key}":1}}`;
          expect([key, written(body)]).toEqual([key, "{}"]);
        }
      }
    }
  });

  test.each([
    ["a constructor that is a text", '{"constructor":"Smith & Sons"}'],
    [
      "a constructor without a prototype",
      '{"constructor":{"name":"prototype"}}',
    ],
    ["a constructor that is a list", '{"constructor":["prototype"]}'],
    ["a constructor that is null", '{"constructor":null,"x":"prototype"}'],
    ["a prototype of nothing", '{"prototype":{"a":1}}'],
    [
      "the words as values",
      '{"a":"__proto__","b":["constructor","prototype"]}',
    ],
    [
      "longer and shorter words",
      '{"__proto___":1,"___proto__":2,"_proto_":3,"proto":4}',
    ],
    [
      "hasOwnProperty and the like",
      '{"hasOwnProperty":1,"toString":2,"a":"__proto__"}',
    ],
  ])("leave alone what does not: %s", (_, body) => {
    expect(written(body)).toBe(body);
  });

  test("have nothing to say about an escaped backslash", () => {
    const body = String.raw`{"\\u005f_proto__":1}`;
    expect(written(body)).toBe(body);
  });
});

describe("depth", () => {
  test.each([
    ["lists", "[", "", "]"],
    ["objects", '{"a":', "1", "}"],
  ])(
    "of 100,000 %s throws nothing, also where the keys are looked at",
    (_, open, inner, close) => {
      const deep = `${open.repeat(100_000)}${inner}${close.repeat(100_000)}`;
      expect(Object.keys(parse(`{"b":${deep}}`) ?? {})).toEqual(["b"]);
      const walked = parse(`{"__proto__":1,"b":${deep}}`);
      expect(Object.keys(walked ?? {})).toEqual(["b"]);
    },
  );

  test("of 100,000 does not hide a key", () => {
    const body = `${'{"a":'.repeat(100_000)}{"__proto__":1,"b":2}${"}".repeat(100_000)}`;
    let node: unknown = parse(body);
    for (let level = 0; level < 100_000; level++)
      node = (node as Record<string, unknown>)["a"];
    expect(Object.keys(node as object)).toEqual(["b"]);
  });

  test("that never ends is no JSON", () => {
    expect(parse("[".repeat(1_000_000))).toBeUndefined();
    expect(parse('{"a":'.repeat(200_000))).toBeUndefined();
  });
});
