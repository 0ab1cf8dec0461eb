import { separate, toIdentifier } from "./names.ts";
import type { ToolInput } from "./types.ts";

type Place = Omit<ToolInput, "key">;

/**
 * Gives every parameter and body field its argument key. Where two want the
 * same key, the path's keeps it and the others become `<in>_<name>`.
 */
export function assignKeys(places: Place[]): ToolInput[] {
  const wanted = places.map((place) => ({
    place,
    name: toIdentifier(place.name ?? "body"),
    identity: `${place.in} ${place.name}`,
  }));
  const count = new Map<string, number>();
  for (const { name } of wanted)
    count.set(name.toLowerCase(), (count.get(name.toLowerCase()) ?? 0) + 1);
  const isAlone = (name: string) => count.get(name.toLowerCase()) === 1;
  const keys = separate(
    wanted.map(({ place, name, identity }) => ({
      name:
        isAlone(name) || place.in === "path"
          ? name
          : toIdentifier(`${place.in}_${name}`),
      identity,
    })),
  );
  return places.map((place, index) => ({
    key: keys[index] as string,
    ...place,
  }));
}
