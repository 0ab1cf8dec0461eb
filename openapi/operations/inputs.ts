import { separate, toKey } from "../names.ts";
import type { ToolInput } from "../types.ts";

type Place = Omit<ToolInput, "key">;

/**
 * Gives every parameter and body field its argument key. Where two want the
 * same key, the path's keeps it and the others become `<in>_<name>`.
 */
export function assignKeys(places: Place[]): ToolInput[] {
  const wanted = places.map(({ name }) => toKey(name ?? "body"));
  const count = new Map<string, number>();
  for (const key of wanted)
    count.set(key.toLowerCase(), (count.get(key.toLowerCase()) ?? 0) + 1);
  const keys =
    count.size === places.length
      ? wanted
      : separate(
          places.map((place, index) => {
            const key = wanted[index] as string;
            const isAlone = count.get(key.toLowerCase()) === 1;
            return {
              name:
                isAlone || place.in === "path"
                  ? key
                  : toKey(`${place.in}_${key}`),
              identity: `${place.in} ${place.name}`,
            };
          }),
        );
  return places.map((place, index) => ({
    key: keys[index] as string,
    ...place,
  }));
}
