import { toPath } from "./path.ts";
import type { Path } from "./path.ts";
import type { Shape, ShapeReader } from "./shape.ts";
import { toForm } from "./spelling.ts";
import type { Repair } from "../types.ts";

type Fields = Record<string, unknown>;

export interface Renamed {
  entries: [string, unknown][];
  repairs: Repair[];
}

/**
 * Gives fields their known names: customerName is customer_name where only one
 * name can be meant. A field that is legal as it is keeps its name, unless what
 * it is like is required and missing.
 * @param names  of the fields by their form
 * @param isClosed  an unknown field is not wanted
 */
export function renameKeys(
  reader: ShapeReader,
  shape: Shape,
  value: Fields,
  path: Path,
  { names, isClosed }: { names: Map<string, string[]>; isClosed: boolean },
): Renamed {
  const entries = Object.entries(value);
  const wanted = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const [key] of entries) {
    const field = reader.fieldOf(shape, key);
    if (field.isKnown) continue;
    const meant = (names.get(toForm(key)) ?? []).filter(
      (name) => !Object.hasOwn(value, name),
    );
    const [name] = meant;
    if (meant.length !== 1 || name === undefined) continue;
    const isNeeded = reader.fieldOf(shape, name).isRequired;
    if (!isClosed && !field.isRefused && !isNeeded) continue;
    wanted.set(key, name);
    taken.set(name, (taken.get(name) ?? 0) + 1);
  }
  const repairs: Repair[] = [];
  const renamed = entries.map(([key, entry]): [string, unknown] => {
    const name = wanted.get(key);
    if (name === undefined || taken.get(name) !== 1) return [key, entry];
    repairs.push({
      path: toPath([...path, key]),
      from: key,
      to: name,
      rule: "key-spelling",
    });
    return [name, entry];
  });
  return { entries: renamed, repairs };
}
