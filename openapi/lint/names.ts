import { listWords, splitName } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { textOf } from "./words.ts";
import { asRecord } from "../schemas/places.ts";
import type { Tool } from "../types.ts";

const VAGUE = new Set(
  "id data value type key info item object param params arg args payload input thing field".split(
    " ",
  ),
);
const LEAST_LENGTH = 5; // of shorter names every other one is an edit away
const COLLISION_HASH = /_[0-9a-f]{8}$/;

/** Tools whose names a model takes for each other: the later one of each pair is told of. */
export function findSimilarTools(tools: Tool[]): Map<Tool, Finding[]> {
  const similar = listSimilar(tools.map(({ name }) => name));
  return new Map(
    [...similar].map(([index, others]) => [
      tools[index] as Tool,
      [
        {
          rule: "ambiguous-name",
          severity: "warning",
          message: `a name too much like ${listWords(others, 3)}: a model takes one for the other; set x-tool.name to say how they differ`,
        },
      ],
    ]),
  );
}

/** Arguments whose names are alike, and such as say nothing and are not described. */
export function findSimilarArguments({ parameters }: Tool): Finding[] {
  const properties = asRecord(parameters["properties"]);
  const keys = Object.keys(properties);
  const pairs = [...listSimilar(keys)].map(
    ([index, others]) => `${keys[index]} and ${others[0]}`,
  );
  const vague = keys.filter(
    (key) =>
      VAGUE.has(key.toLowerCase()) &&
      textOf(asRecord(properties[key]), parameters).trim() === "",
  );
  return [
    ...warn(pairs, "arguments with names too much alike", "rename one of them"),
    ...warn(
      vague,
      "arguments whose name says nothing",
      "describe them, or name what they are of",
    ),
  ];
}

function warn(what: string[], fault: string, advice: string): Finding[] {
  return what.length === 0
    ? []
    : [
        {
          rule: "ambiguous-name",
          severity: "warning",
          message: `${fault}: ${listWords(what)}; ${advice}`,
        },
      ];
}

/**
 * Index of each name that differs from earlier ones only in case, underscores,
 * plural or one character, with those names. Names an edit apart share a form
 * with one character less, so no name is compared with every other.
 */
function listSimilar(names: string[]): Map<number, string[]> {
  const byForm = new Map<string, number[]>();
  const similar = new Map<number, string[]>();
  for (const [index, name] of names.entries()) {
    const plain = splitName(name.replace(COLLISION_HASH, "")).join("");
    const earlier = new Set<number>();
    for (const form of listForms(plain)) {
      const known = byForm.get(form) ?? [];
      for (const each of known)
        if (!isNumbered(name, names[each] as string)) earlier.add(each);
      if (known.length < 8) byForm.set(form, [...known, index]); // enough to name
    }
    if (earlier.size > 0)
      similar.set(
        index,
        [...earlier].sort((a, b) => a - b).map((each) => names[each] as string),
      );
  }
  return similar;
}

function listForms(plain: string): Set<string> {
  if (plain.length < LEAST_LENGTH) return new Set([plain]);
  const shorter = Array.from(
    { length: plain.length },
    (_, at) => plain.slice(0, at) + plain.slice(at + 1),
  );
  return new Set([plain, ...shorter]);
}

/** `line1` and `line2`, `v1` and `v2` are told apart by what differs. */
function isNumbered(one: string, other: string): boolean {
  const letters = (name: string) => name.replaceAll(/[0-9]+/g, "#");
  return (
    /[0-9]/.test(one) && /[0-9]/.test(other) && letters(one) === letters(other)
  );
}
