import { isRecord } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import { refOf } from "../documents/refs.ts";
import type { Located, Resolver } from "../documents/refs.ts";

/** Data of the document, in which a `$ref` is no reference. */
const DATA = new Set(["example", "examples", "enum", "const", "default"]);

/**
 * Makes the function that follows every reference in the schema of an answer,
 * so that one which leads nowhere is reported. The schema itself is converted
 * when someone asks for it: in most documents the answers are the larger half,
 * and most platforms take none.
 */
export function createAnswerCheck(resolver: Resolver) {
  const seen = new Set<object>();

  return function checkAnswer(schema: Located): void {
    const open = [schema];
    for (let each = open.pop(); each; each = open.pop()) {
      const { value, at } = each;
      if (typeof value !== "object" || value === null || seen.has(value))
        continue;
      seen.add(value);
      if (refOf(value) !== undefined) open.push(resolver.resolve(value, at));
      for (const key of Object.keys(value)) {
        const inner = (value as Record<string, unknown>)[key];
        const isSchema = typeof inner === "object" && inner !== null;
        if (isSchema && !(isRecord(value) && DATA.has(key)))
          open.push({ value: inner, at: `${at}/${escapePart(key)}` });
      }
    }
  };
}
