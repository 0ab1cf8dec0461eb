import { isProxy } from "node:util/types";

// Deeper than any tool's arguments; what is deeper was not written by such a sender.
const MAX_DEPTH = 500;

/** What is still to be written of a list or an object. */
interface Frame {
  /** Sorted; a list has none. */
  keys: string[] | undefined;
  values: readonly unknown[];
  next: number;
}

/** Each answers undefined for what it cannot write, which ends the walk. */
interface Rules {
  read: (value: object) => Frame | undefined;
  number: (value: number) => string | undefined;
  other: (value: unknown) => string | undefined;
  maxDepth: number;
  maxLength: number;
}

/**
 * The bytes in which a sender with sorted keys and no white space may have
 * written a body that a parser has taken. Whether it did, the signature says: a
 * form that it fits reads as just this value, so nothing altered is accepted.
 *
 * Tried are raw UTF-8 and ASCII with `\uXXXX`, each with numbers as Python and
 * as JavaScript write them, the likeliest first. What a parser loses stays lost:
 * `1.0` is taken for `1`, and the digits of an integer beyond 2^53 are not known.
 * Never throws and runs no code of the value (proxies, getters, toJSON).
 * @param options.maxBytes  longest form that is given (default 1 MiB)
 * @returns no form for what is no plain JSON data or deeper than 500
 * @see https://docs.python.org/3.11/library/json.html#json.dumps (sort_keys, separators, ensure_ascii; read November 2026)
 */
export function canonicalForms(
  value: unknown,
  { maxBytes = 1_048_576 }: { maxBytes?: number } = {},
): Buffer[] {
  let isAmbiguous = false;
  const rules: Rules = {
    read: (container) => readPlain(container, maxBytes),
    number: (number) => {
      const text = pythonNumber(number);
      isAmbiguous ||= text !== undefined && text !== String(number);
      return text;
    },
    other: () => undefined,
    maxDepth: MAX_DEPTH,
    maxLength: maxBytes, // a UTF-16 unit is at least one byte
  };
  const texts = [writeJson(value, rules)];
  if (isAmbiguous)
    texts.push(writeJson(value, { ...rules, number: javascriptNumber }));
  const written = texts.filter((text) => text !== undefined);
  return [...new Set([...written, ...written.map(toAscii)])]
    .map((text) => Buffer.from(text))
    .filter(({ length }) => length <= maxBytes);
}

/**
 * One text for equal JSON values, whatever the order of their keys: for hashing,
 * not for the wire. Takes any depth and any number; -0 is 0.
 * @param value  JSON data, so without circles
 */
export function canonicalText(value: unknown): string {
  const text = writeJson(value, {
    read: readAny,
    number: String,
    other: String,
    maxDepth: Infinity,
    maxLength: Infinity,
  });
  return text as string; // these rules write everything
}

/** JSON without white space; a loop, because a body of 1 MiB can be 500,000 deep. */
function writeJson(root: unknown, rules: Rules): string | undefined {
  const outer: Frame[] = [];
  let frame: Frame = { keys: undefined, values: [root], next: 0 };
  let json = "";
  while (json.length <= rules.maxLength) {
    const index = frame.next++;
    if (index === frame.values.length) {
      const parent = outer.pop();
      if (!parent) return json;
      json += frame.keys ? "}" : "]";
      frame = parent;
      continue;
    }
    if (index > 0) json += ",";
    const key = frame.keys?.[index];
    if (key !== undefined) {
      if (key.length > rules.maxLength) return undefined;
      json += `${JSON.stringify(key)}:`;
    }
    const value = frame.values[index];
    if (typeof value === "object" && value !== null) {
      const inner =
        outer.length < rules.maxDepth ? rules.read(value) : undefined;
      if (!inner) return undefined;
      json += inner.keys ? "{" : "[";
      outer.push(frame);
      frame = inner;
      continue;
    }
    const text = writeScalar(value, rules);
    if (text === undefined) return undefined;
    json += text;
  }
  return undefined;
}

// JSON.stringify and json.dumps escape alike (\b \f \n \r \t \" \\ and \u00xx in
// lower case; neither / nor U+2028). A lone surrogate, which UTF-8 cannot carry,
// is escaped, so no two strings become the same bytes.
function writeScalar(value: unknown, rules: Rules): string | undefined {
  if (typeof value === "string")
    return value.length > rules.maxLength ? undefined : JSON.stringify(value);
  if (typeof value === "number") return rules.number(value);
  if (value === null || typeof value === "boolean") return String(value);
  return rules.other(value);
}

function readAny(value: object): Frame {
  if (Array.isArray(value)) return { keys: undefined, values: value, next: 0 };
  const keys = sortKeys(Object.keys(value));
  const fields = value as Record<string, unknown>;
  return { keys, values: keys.map((key) => fields[key]), next: 0 };
}

/** Only of what a JSON parser makes, read through descriptors so that no getter runs. */
function readPlain(value: object, maxEntries: number): Frame | undefined {
  if (isProxy(value)) return undefined;
  // Asked before the keys are listed: a parser with a higher limit may have let a huge list in.
  if (Array.isArray(value) && value.length > maxEntries) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  const own = Reflect.ownKeys(value);
  let keys: string[] | undefined;
  if (Array.isArray(value)) {
    // Its indexes and "length": a hole is found below, a field of its own here.
    if (prototype !== Array.prototype || own.length !== value.length + 1)
      return undefined;
    own.pop();
  } else {
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    keys = sortKeys(own.filter((key) => typeof key === "string"));
    if (keys.length !== own.length) return undefined; // a symbol
  }
  const values: unknown[] = [];
  for (const key of keys ?? own) {
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (!field?.enumerable || !Object.hasOwn(field, "value")) return undefined;
    values.push(field.value);
  }
  return { keys, values, next: 0 };
}

/** In the order of Unicode code points, as Python sorts; UTF-16 differs from it only above U+D7FF. */
function sortKeys(keys: string[]): string[] {
  return keys.some((key) => /[\ud800-\uffff]/.test(key))
    ? keys.sort(byCodePoint)
    : keys.sort();
}

function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const left = a.codePointAt(index) as number;
    const right = b.codePointAt(index) as number;
    if (left !== right) return left - right;
    if (left > 0xffff) index++;
  }
  return a.length - b.length;
}

/** As `repr` writes a float (float_repr_style "short"): an exponent of two digits below 1e-4 and from 1e16. */
function pythonNumber(number: number): string | undefined {
  if (!Number.isFinite(number)) return undefined;
  if (Object.is(number, -0)) return "-0.0";
  const size = Math.abs(number);
  if (size >= 1e16 || (size > 0 && size < 1e-4))
    return number.toExponential().replace(/(?<=e[+-])(?=\d$)/, "0");
  return isRounded(number) ? undefined : String(number);
}

/** None for -0, which JavaScript writes as the text of another value. */
function javascriptNumber(number: number): string | undefined {
  if (!Number.isFinite(number) || Object.is(number, -0)) return undefined;
  const text = String(number);
  return isRounded(number) && !text.includes("e") ? undefined : text;
}

/** The digits of such an integer may not be the sender's. */
function isRounded(number: number): boolean {
  return Number.isInteger(number) && !Number.isSafeInteger(number);
}

/** As Python's ensure_ascii, which escapes DEL too; such characters stand only in strings. */
function toAscii(text: string): string {
  return text.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
