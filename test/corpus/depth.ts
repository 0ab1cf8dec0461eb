import { markOf } from "./fields.ts";
import { at, isJson, listAt } from "./references.ts";
import type { Follow, Place } from "./references.ts";

/** A schema in its document, or in the tool. */
interface Side {
  places: Place[];
  follow: Follow;
}

/**
 * Names of writable properties below a field, at any depth, that the document
 * has and the tool has not. Kinder than the reading of the top level: what only
 * some branches of a choice forbid is not asked for.
 */
export function listDeepLosses(
  document: Side,
  tool: Side,
  isBefore31: boolean,
): string[] {
  const seen = new Set<unknown>();
  const compare = (theirs: Place[], ours: Place[], path: string): string[] => {
    const fresh = theirs
      .flatMap((place) => flatten(place, document.follow))
      .filter(({ value }) => !seen.has(value) && seen.add(value));
    if (fresh.length === 0) return [];
    const flat = ours.flatMap((place) => flatten(place, tool.follow));
    const given = gatherProperties(flat);
    const wanted = [...gatherProperties(fresh)].filter(([, places]) =>
      places.every(
        (place) => markOf(place, document.follow, isBefore31) === "needed",
      ),
    );
    return [
      ...wanted.flatMap(([name, places]) => {
        const match = given.get(name);
        const inside = `${path}.${name}`;
        return match ? compare(places, match, inside) : [`lost: ${inside}`];
      }),
      ...["items", "additionalProperties"].flatMap((word) => {
        const below = members(fresh, word);
        return below.length === 0
          ? []
          : compare(below, members(flat, word), `${path}.${word}`);
      }),
    ];
  };
  return compare(document.places, tool.places, "");
}

/** The schemas that together say what a value is: the place's own, and all behind `$ref`, allOf, oneOf and anyOf. */
function flatten(place: Place, follow: Follow): Place[] {
  const found = new Map<unknown, Place>();
  const visit = (current: Place): void => {
    if (!isJson(current.value) || found.has(current.value)) return;
    found.set(current.value, current);
    if ("$ref" in current.value) visit(follow(current));
    for (const word of ["allOf", "oneOf", "anyOf"])
      listAt(current, word).forEach(visit);
  };
  visit(place);
  return [...found.values()];
}

function gatherProperties(places: Place[]): Map<string, Place[]> {
  const properties = new Map<string, Place[]>();
  for (const place of places) {
    const own = at(place, "properties");
    for (const name of Object.keys(isJson(own.value) ? own.value : {}))
      properties.set(name, [...(properties.get(name) ?? []), at(own, name)]);
  }
  return properties;
}

function members(places: Place[], word: string): Place[] {
  return places
    .map((place) => at(place, word))
    .filter(({ value }) => isJson(value));
}
