import { isRecord } from "../json.ts";
import { readArgumentText } from "./argument-text.ts";
import { toForm } from "./spelling.ts";
import type { Repair } from "../types.ts";

/** What is known of a tool's arguments before they are looked for. */
export interface Expected {
  toolName: string;
  keys: ReadonlySet<string>;
  required: string[];
  /** Keys that nothing names are arguments too. */
  isOpen: boolean;
  /** The one argument of a tool whose body is no object of known fields. */
  whole?: { key: string; types: ReadonlySet<string> };
}

interface Unwrapped {
  value: unknown;
  repairs: Repair[];
}

type Fields = Record<string, unknown>;

const PLACES = ["body", "query", "path"];
const WRAPPERS = ["arguments", "args", "parameters", "params", "input"].concat(
  "function",
  PLACES,
);
/** What the interfaces of models put beside the arguments of a call. */
const NAMES = ["name", "tool", "tool_name", "function"];
const LABELS = [...NAMES, "id", "call_id", "type"];
const MAX_LAYERS = 6;

/** The arguments without the text, the fence or the object that a model put around them. */
export function unwrapArguments(given: unknown, expected: Expected): Unwrapped {
  let { value, repairs } = readText(given, "");
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const opened = isRecord(value) ? openWrapper(value, expected) : undefined;
    if (!opened) break;
    value = opened.value;
    repairs = [...repairs, ...opened.repairs];
  }
  const wrapped = wrapWhole(value, expected);
  return wrapped === undefined
    ? { value, repairs }
    : {
        value: wrapped,
        repairs: [
          ...repairs,
          { path: "", from: value, to: wrapped, rule: "whole-body" },
        ],
      };
}

/** The body itself in the place of the one argument that it is. */
function wrapWhole(
  value: unknown,
  { whole }: Expected,
): Record<string, unknown> | undefined {
  if (!whole || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value))
    return whole.types.has("array")
      ? Object.fromEntries([[whole.key, value]])
      : undefined;
  const keys = Object.keys(value);
  const isWhole =
    keys.length > 0 && !keys.includes(whole.key) && whole.types.has("object");
  if (!isWhole) return undefined;
  const [only = ""] = keys;
  const inner = (value as Fields)[only];
  const isWrapper =
    keys.length === 1 && WRAPPERS.includes(only) && isRecord(inner);
  return Object.fromEntries([[whole.key, isWrapper ? inner : value]]);
}

function readText(given: unknown, path: string): Unwrapped {
  const read = typeof given === "string" ? readArgumentText(given) : undefined;
  return read
    ? { value: read.to, repairs: [{ path, from: given, ...read }] }
    : { value: given, repairs: [] };
}

function openWrapper(outer: Fields, expected: Expected): Unwrapped | undefined {
  for (const wrapper of listWrappers(outer, expected)) {
    if (!Object.hasOwn(outer, wrapper) || expected.keys.has(wrapper)) continue;
    const { value: inner, repairs } = readText(outer[wrapper], wrapper);
    if (!isRecord(inner) || !looksRight(inner, outer, expected)) continue;
    const value = join(inner, listBeside(outer, wrapper, expected));
    if (value)
      return {
        value,
        repairs: [
          ...repairs,
          { path: "", from: outer, to: value, rule: "wrapper" },
        ],
      };
  }
  return undefined;
}

/** The usual names, and any name at all of the only thing in the object. */
function listWrappers(outer: Fields, { isOpen }: Expected): string[] {
  const [only, ...others] = Object.keys(outer);
  return only === undefined || others.length > 0 || isOpen
    ? WRAPPERS
    : [...WRAPPERS, only];
}

/** Where any key is legal, only what fills a gap is taken for the arguments. */
function looksRight(inner: Fields, outer: Fields, expected: Expected): boolean {
  const keys = Object.keys(inner);
  if (keys.length === 0) return !expected.isOpen;
  const forms = new Set(keys.map(toForm));
  const has = (key: string) => forms.has(toForm(key));
  const isAlone = Object.keys(outer).length === 1;
  if (expected.isOpen)
    return (
      expected.required.some((key) => !Object.hasOwn(outer, key) && has(key)) ||
      (isAlone && keys.every((key) => expected.keys.has(key)))
    );
  return (
    [...expected.keys].some(has) || WRAPPERS.some((key) => keys.includes(key))
  );
}

/** The arguments beside a wrapper; undefined where it is the call of another tool. */
function listBeside(
  outer: Fields,
  wrapper: string,
  { toolName, keys }: Expected,
): [string, unknown][] | undefined {
  const beside = Object.entries(outer).filter(([key]) => key !== wrapper);
  if (
    NAMES.some(
      (key) =>
        key !== wrapper && Object.hasOwn(outer, key) && outer[key] === toolName,
    )
  )
    return beside.filter(([key]) => !LABELS.includes(key));
  if (beside.some(([key]) => NAMES.includes(key) && !keys.has(key)))
    return undefined;
  return beside.filter(([key]) => !LABELS.includes(key) || keys.has(key));
}

/** Undefined where one argument is given twice: nobody knows which is meant. */
function join(
  inner: Fields,
  beside: [string, unknown][] | undefined,
): Fields | undefined {
  if (!beside || beside.length === 0) return beside && inner;
  const forms = new Set(Object.keys(inner).map(toForm));
  if (beside.some(([key]) => forms.has(toForm(key)))) return undefined;
  return Object.fromEntries([...beside, ...Object.entries(inner)]);
}
