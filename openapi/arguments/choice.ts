import { isRecord } from "../json.ts";
import type { Judge } from "./judge.ts";
import type { Node, ShapeReader } from "./shape.ts";
import { findWord } from "./spelling.ts";
import type { Repair } from "../types.ts";

interface Attempt {
  value: unknown;
  repairs: Repair[];
}

/**
 * The branches of a choice that an object can mean: a field that most branches
 * fix by `const` or `enum`, such as a kind, decides; otherwise all of them.
 */
export function narrowChoice(
  judge: Judge,
  reader: ShapeReader,
  branches: unknown[],
  value: unknown,
): unknown[] {
  if (!isRecord(value)) return branches;
  return listMarks(reader, branches)
    .filter((key) => Object.hasOwn(value, key))
    .reduce((left, key) => {
      const nodes = left.map((branch) => ({
        branch,
        node: reader.fieldOf(reader.shapeOf([branch]), key).node,
      }));
      const mark = value[key];
      const exact = nodes.filter(
        ({ node }) => node.length > 0 && judge.fits(node, mark),
      );
      const like = nodes.filter(
        ({ node }) =>
          typeof mark === "string" &&
          findWord(mark, reader.wordsOf(node)) !== undefined,
      );
      const found = [exact, like, nodes].find(({ length }) => length > 0);
      return (found ?? []).map(({ branch }) => branch);
    }, branches);
}

/** Fields that at least two branches fix, not all to the same. */
function listMarks(reader: ShapeReader, branches: unknown[]): string[] {
  const owners = new Map<string, number>();
  const words = new Map<string, string[]>();
  for (const branch of branches) {
    const shape = reader.shapeOf([branch]);
    for (const key of reader.keysOf(shape)) {
      const fixed = fixedWords(reader, reader.fieldOf(shape, key).node);
      if (fixed.length === 0) continue;
      owners.set(key, (owners.get(key) ?? 0) + 1);
      words.set(key, [...(words.get(key) ?? []), ...fixed]);
    }
  }
  const differs = (key: string) => new Set(words.get(key)).size > 1;
  return [...owners]
    .filter(([key, count]) => count > 1 && differs(key))
    .map(([key]) => key);
}

function fixedWords(reader: ShapeReader, node: Node): string[] {
  const { parts } = reader.shapeOf(node);
  return parts.flatMap((part) => {
    const values = Array.isArray(part["enum"]) ? part["enum"] : [part["const"]];
    return values
      .filter((value) => value !== undefined)
      .map((value) => JSON.stringify(value));
  });
}

/**
 * The attempt with the fewest repairs. Where two are as good and one of them
 * throws something away, nobody knows which is meant.
 */
export function pickAttempt<T extends Attempt>(attempts: T[]): T | undefined {
  const least = Math.min(...attempts.map(({ repairs }) => repairs.length));
  const best = attempts.filter(({ repairs }) => repairs.length === least);
  const isLossy = best.some(({ repairs }) =>
    repairs.some(({ to }) => to === undefined),
  );
  return best.length > 1 && isLossy ? undefined : best[0];
}
