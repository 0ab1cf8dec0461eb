/** What was read from a text that is JSON, or nearly. */
export interface LooseJson {
  value: unknown;
  /** The text ended inside the value. */
  isTruncated: boolean;
  /** It was no JSON as it stood: quotes, commas, comments, brackets. */
  isLoose: boolean;
  /** Where the value ends. */
  end: number;
}

interface Reader {
  text: string;
  at: number;
  isTruncated: boolean;
  isLoose: boolean;
}

const MAX_LENGTH = 1_000_000;
const MAX_DEPTH = 100;
/** The text ended before the value did: what is there may be half of it. */
const CUT = Symbol("cut");
/** Nothing here can be read. */
const FAULT = Symbol("fault");

/**
 * Reads the object or list that a text begins with. Beside JSON it takes single
 * quotes, names without quotes, comments, commas too many, Python's words, and a
 * text that ends too early: what was begun and not finished is left out.
 * Numbers whose digits a double cannot keep stay text. Linear in the text.
 */
export function readLooseJson(text: string, start = 0): LooseJson | undefined {
  if (text.length - start > MAX_LENGTH) return undefined;
  const reader = { text, at: start, isTruncated: false, isLoose: false };
  skipBlank(reader);
  if (!/[[{]/.test(text.charAt(reader.at))) return undefined;
  const value = readValue(reader, 0);
  if (value === CUT || value === FAULT) return undefined;
  const { isTruncated, isLoose, at: end } = reader;
  return { value, isTruncated, isLoose, end };
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) return FAULT;
  switch (reader.text[reader.at]) {
    case undefined:
      return CUT;
    case "{":
      return readObject(reader, depth);
    case "[":
      return readArray(reader, depth);
    case '"':
    case "'":
      return readString(reader);
    default:
      return readNumber(reader) ?? readWord(reader);
  }
}

function readObject(reader: Reader, depth: number): unknown {
  const entries: [string, unknown][] = [];
  const isRead = readEntries(reader, "}", () => {
    const key = readKey(reader);
    if (typeof key === "symbol") return key;
    skipBlank(reader);
    if (reader.at >= reader.text.length) return CUT;
    if (reader.text[reader.at++] !== ":") return FAULT;
    skipBlank(reader);
    const value = readValue(reader, depth + 1);
    if (typeof value !== "symbol") entries.push([key, value]);
    return value;
  });
  return isRead ? Object.fromEntries(entries) : FAULT;
}

function readArray(reader: Reader, depth: number): unknown {
  const entries: unknown[] = [];
  const isRead = readEntries(reader, "]", () => {
    const value = readValue(reader, depth + 1);
    if (typeof value !== "symbol") entries.push(value);
    return value;
  });
  return isRead ? entries : FAULT;
}

/** The entries between brackets; false where they cannot be read. */
function readEntries(
  reader: Reader,
  close: string,
  readEntry: () => unknown,
): boolean {
  reader.at++;
  for (;;) {
    skipBlank(reader);
    if (isClosed(reader, close)) return true;
    const entry = readEntry();
    if (entry === FAULT) return false;
    skipBlank(reader);
    if (entry === CUT) reader.isTruncated = true;
    if (entry === CUT || isClosed(reader, close)) return true;
    if (reader.text[reader.at] !== ",") return false;
    reader.at++;
    skipBlank(reader);
    if (reader.text[reader.at] === close) reader.isLoose = true;
  }
}

/** At the closing bracket, at the end of the text, or at the bracket of what is around. */
function isClosed(reader: Reader, close: string): boolean {
  const sign = reader.text[reader.at];
  if (sign === close) {
    reader.at++;
    return true;
  }
  if (sign === undefined) reader.isTruncated = true;
  else if (sign === "}" || sign === "]") reader.isLoose = true;
  else return false;
  return true;
}

function readKey(reader: Reader): string | symbol {
  const sign = reader.text[reader.at];
  if (sign === '"' || sign === "'") return readString(reader);
  const name = take(reader, /[\p{L}_$][\p{L}\p{N}_$-]*/uy);
  if (name === undefined) return FAULT;
  reader.isLoose = true;
  return name;
}

const ESCAPES = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readString(reader: Reader): string | symbol {
  const { text } = reader;
  const quote = text[reader.at++];
  if (quote === "'") reader.isLoose = true;
  const parts: string[] = [];
  let from = reader.at;
  for (; reader.at < text.length; reader.at++) {
    const sign = text[reader.at];
    if (sign === quote) {
      parts.push(text.slice(from, reader.at++));
      return parts.join("");
    }
    if (sign !== "\\") continue;
    parts.push(text.slice(from, reader.at), readEscape(reader));
    from = reader.at + 1;
  }
  return CUT;
}

/** Leaves the reader at the escape's last character. */
function readEscape(reader: Reader): string {
  const letter = reader.text.charAt(++reader.at);
  if (letter !== "u") return ESCAPES.get(letter) ?? letter;
  const digits = /^[\da-f]{4}$/i.exec(
    reader.text.slice(reader.at + 1, reader.at + 5),
  );
  if (!digits) return letter;
  reader.at += 4;
  return String.fromCharCode(Number.parseInt(digits[0], 16));
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function readNumber(reader: Reader): unknown {
  const digits = take(reader, /[-+\d][-+.\deE]*/y);
  if (digits === undefined) return undefined;
  if (isCut(reader)) return CUT;
  if (!NUMBER.test(digits)) return FAULT;
  const number = Number(digits);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : digits;
}

const WORDS = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["True", true],
  ["False", false],
  ["None", null],
]);

function readWord(reader: Reader): unknown {
  const word = take(reader, /[A-Za-z]+/y) ?? "";
  if (!WORDS.has(word)) return isCut(reader) ? CUT : FAULT;
  if (/^[TFN]/.test(word)) reader.isLoose = true;
  return WORDS.get(word);
}

/** A number at the very end of the text may go on, and half a word will. */
function isCut(reader: Reader): boolean {
  return reader.at >= reader.text.length;
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined || found === "") return undefined;
  reader.at += found.length;
  return found;
}

function skipBlank(reader: Reader): void {
  for (;;) {
    take(reader, /\s+/y);
    const comment = take(reader, /\/\/[^\n]*|#[^\n]*|\/\*/y);
    if (comment === undefined) return;
    reader.isLoose = true;
    if (comment !== "/*") continue;
    const end = reader.text.indexOf("*/", reader.at);
    reader.at = end < 0 ? reader.text.length : end + 2;
  }
}
