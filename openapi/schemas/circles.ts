import { isRecord } from "../json.ts";
import { IN_PLACE } from "./keywords.ts";
import { refOf } from "../documents/refs.ts";
import type { Located, Resolver } from "../documents/refs.ts";

/**
 * Finds circles of schemas that have to fit the very same value, by `$ref`,
 * allOf and their like: "a schema MUST NOT be run into an infinite loop against
 * an instance" (2020-12 core, section 9.4.1).
 */
export function createCircles(resolver: Resolver) {
  const circleOf = new Map<string, ReadonlySet<string>>();
  const steps = new Map<string, Step>();

  /**
   * Sorts all schemas that this one leads to into circles: Tarjan's strongly
   * connected components (SIAM J. Comput. 1972), with a stack of its own, because
   * a stranger decides the depth.
   */
  function sort(start: Located): void {
    const open: string[] = [];
    const way = [begin(start, open)];
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const next = step.next.pop();
      if (!next) {
        way.pop();
        const above = way.at(-1);
        if (above) above.low = Math.min(above.low, step.low);
        if (step.low === step.index) close(step, open);
      } else if (!steps.has(next.at)) {
        way.push(begin(next, open));
      } else if (!circleOf.has(next.at)) {
        step.low = Math.min(step.low, (steps.get(next.at) as Step).index);
      }
    }
  }

  function begin(schema: Located, open: string[]): Step {
    const index = steps.size;
    const next = listInPlace(schema, resolver);
    const step = { at: schema.at, index, low: index, next };
    steps.set(schema.at, step);
    open.push(schema.at);
    return step;
  }

  function close({ at }: Step, open: string[]): void {
    const members = new Set(open.splice(open.indexOf(at)));
    for (const member of members) circleOf.set(member, members);
  }

  return {
    /** Whether a schema leads back to the place that refers to it. */
    leadsBack(target: Located, from: string): boolean {
      if (!circleOf.has(target.at)) sort(target);
      return circleOf.get(target.at)?.has(from) ?? false;
    },
  };
}

/** Where the search for circles is. */
interface Step {
  at: string;
  index: number;
  /** The first schema that this one is known to lead back to. */
  low: number;
  next: Located[];
}

/** What a schema refers to without a step into the value. */
function listInPlace({ value, at }: Located, resolver: Resolver): Located[] {
  const found: Located[] = [];
  const seen = new Set<object>();
  const open: Located[] = [{ value, at }];
  for (let each = open.pop(); each; each = open.pop()) {
    if (!isRecord(each.value) || seen.has(each.value)) continue;
    seen.add(each.value);
    if (refOf(each.value) !== undefined) {
      const target = resolver.resolve(each.value, each.at);
      if (!target.isBroken) found.push(target);
    }
    for (const word of IN_PLACE) {
      const inner = each.value[word];
      if (typeof inner !== "object" || inner === null) continue;
      const here = `${each.at}/${word}`;
      const isMany = Array.isArray(inner) || word === "dependentSchemas";
      const parts: [string, unknown][] = isMany
        ? Object.entries(inner)
        : [["", inner]];
      for (const [key, part] of parts)
        open.push({ value: part, at: key === "" ? here : `${here}/${key}` });
    }
  }
  return found;
}
