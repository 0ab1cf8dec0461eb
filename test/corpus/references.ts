import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

// This reader shares no code with openapi/: what one misreads, the other finds.

export type Json = { [key: string]: unknown };

/** A value, and the file that relative references in it start from. */
export interface Place {
  file: string;
  value: unknown;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function openDocument(file: string): Place & { value: Json } {
  const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  const value: unknown = file.endsWith(".json")
    ? JSON.parse(text)
    : parse(text, { uniqueKeys: false, maxAliasCount: -1, logLevel: "silent" });
  if (!isJson(value)) throw new Error(`${file} holds no object`);
  return { file, value };
}

/** What a member of an object or a list is, in the same file. */
export function at({ file, value }: Place, key: string | number): Place {
  const isThere =
    typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return { file, value: isThere ? (value as Json)[key] : undefined };
}

/** All members of the list at `key`, or none. */
export function listAt(place: Place, key: string): Place[] {
  const list = at(place, key);
  return Array.isArray(list.value)
    ? list.value.map((value) => ({ file: list.file, value }))
    : [];
}

export type Follow = (place: Place) => Place;

/** Follows `$ref` after `$ref` until there is none; undefined where one leads nowhere or in a circle. */
export function createFollow(root: Place): Follow {
  const files = new Map<string, Place>([[root.file, root]]);
  const open = (file: string): Place => {
    const known = files.get(file);
    if (known) return known;
    let place: Place = { file, value: undefined };
    try {
      place = openDocument(file);
    } catch {
      // A file that is missing or cannot be read is a reference to nothing.
    }
    files.set(file, place);
    return place;
  };
  return (start) => {
    let place = start;
    const passed = new Set<unknown>();
    while (isJson(place.value) && typeof place.value["$ref"] === "string") {
      if (passed.has(place.value)) return { ...place, value: undefined };
      passed.add(place.value);
      const [path = "", pointer = ""] = place.value["$ref"].split("#", 2);
      if (/^[a-z]+:\/\//i.test(path)) return { ...place, value: undefined };
      const target = path === "" ? place.file : besides(place.file, path);
      place = pointer
        .split("/")
        .slice(1)
        .map((part) => decode(part).replaceAll("~1", "/").replaceAll("~0", "~"))
        .reduce((value, part) => at(value, part), open(target));
    }
    return place;
  };
}

function besides(file: string, path: string): string {
  return resolve(dirname(file), decode(path));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
