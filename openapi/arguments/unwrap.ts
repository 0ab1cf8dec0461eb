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
  return { value, repairs };
}

function readText(given: unknown, path: string): Unwrapped {
  const read = typeof given === "string" ? readArgumentText(given) : undefined;
  return read
    ? { value: read.to, repairs: [{ path, from: given, ...read }] }
    : { value: given, repairs: [] };
}

function openWrapper(outer: Fields, expected: Expected): Unwrapped | undefined {
  for (const wrapper of WRAPPERS) {
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

/** Where any key is legal, only what fills a gap is taken for the arguments. */
function looksRight(inner: Fields, outer: Fields, expected: Expected): boolean {
  const keys = Object.keys(inner);
  if (keys.length === 0) return !expected.isOpen;
  const forms = new Set(keys.map(toForm));
  const has = (key: string) => forms.has(toForm(key));
  if (expected.isOpen)
    return expected.required.some(
      (key) => !Object.hasOwn(outer, key) && has(key),
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
