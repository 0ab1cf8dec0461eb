import { at, isJson, listAt } from "./references.ts";
import type { Follow, Json, Place } from "./references.ts";

/**
 * "needed": a client may write it, so a tool must have it. "denied": read-only.
 * "open": the rules can be read both ways, so both are right.
 */
export type Mark = "needed" | "denied" | "open";

/** What a body schema says: its kind, and its top-level fields. */
export interface Body {
  /** "mixed" allows an object and something else, "unknown" says nothing. */
  kind: "object" | "other" | "mixed" | "unknown";
  fields: Map<string, Mark>;
  /** Fields without a name in the document are allowed. */
  takesMore: boolean;
}

/** The same, and where it was read. */
export interface ReadBody extends Body {
  schema: Place;
  follow: Follow;
  isBefore31: boolean;
}

/** Whether a client may write a property; what stands beside a `$ref` is ignored before 3.1, but many write it and mean it. */
export function markOf(
  place: Place,
  follow: Follow,
  isBefore31: boolean,
  passed = new Set<unknown>(),
): Mark {
  const { value } = place;
  if (value === false) return "open";
  if (!isJson(value) || passed.has(value)) return "needed";
  passed.add(value);
  if (value["readOnly"] === true)
    return isBefore31 && "$ref" in value ? "open" : "denied";
  if ("$ref" in value) return markOf(follow(place), follow, isBefore31, passed);
  const isHidden = ["allOf", "oneOf", "anyOf"].some((word) =>
    listAt(place, word).some(
      (part) => markOf(part, follow, isBefore31, passed) !== "needed",
    ),
  );
  return isHidden ? "open" : "needed";
}

/** Reads a body's schema through `$ref`, allOf, oneOf and anyOf (JSON Schema 2020-12, sections 10.2 and 10.3). */
export function readBody(
  schema: Place,
  follow: Follow,
  isBefore31: boolean,
): ReadBody {
  const inWork = new Set<unknown>();
  const required = new Set<string>();
  const read = (place: Place): Body => {
    const { value } = place;
    if (!isJson(value) || inWork.has(value)) return nothing();
    inWork.add(value);
    const own = nothing(kindOf(value));
    const properties = at(place, "properties");
    for (const name of Object.keys(
      isJson(properties.value) ? properties.value : {},
    ))
      own.fields.set(name, markOf(at(properties, name), follow, isBefore31));
    for (const { value: name } of listAt(place, "required"))
      if (typeof name === "string") required.add(name);
    own.takesMore = value["additionalProperties"] !== false;
    const parts = [own, ...listAt(place, "allOf").map(read)];
    if ("$ref" in value) parts.push(read(follow(place)));
    for (const word of ["oneOf", "anyOf"]) {
      const branches = listAt(place, word).map(read);
      if (branches.length > 0) parts.push(either(branches));
    }
    inWork.delete(value);
    return both(parts);
  };
  const body = read(schema);
  // Demanded but nowhere described: a tool may offer it.
  for (const name of required)
    if (!body.fields.has(name)) body.fields.set(name, "open");
  return { ...body, schema, follow, isBefore31 };
}

function nothing(kind: Body["kind"] = "unknown"): Body {
  return { kind, fields: new Map(), takesMore: true };
}

function kindOf(schema: Json): Body["kind"] {
  const types = [schema["type"]]
    .flat()
    .filter((type) => type !== undefined && type !== "null");
  if (types.length === 0)
    return isJson(schema["properties"]) ? "object" : "unknown";
  if (!types.includes("object")) return "other";
  return types.length > 1 ? "mixed" : "object";
}

/** Every part holds: one read-only mark is enough (JSON Schema 2020-12 validation, section 9.4), one plain kind decides. */
function both(parts: Body[]): Body {
  const kinds = parts.map(({ kind }) => kind);
  const kind =
    (["object", "other", "mixed"] as const).find((word) =>
      kinds.includes(word),
    ) ?? "unknown";
  return {
    kind,
    fields: merge(parts, ["denied", "open", "needed"]),
    takesMore: parts.every(({ takesMore }) => takesMore),
  };
}

/** One part holds: what any of them lets a client write can be written. */
function either(parts: Body[]): Body {
  const kinds = new Set(parts.map(({ kind }) => kind));
  kinds.delete("unknown");
  const [kind = "unknown"] = kinds;
  return {
    kind: kinds.size > 1 ? "mixed" : kind,
    fields: merge(parts, ["needed", "open", "denied"]),
    takesMore: parts.some(({ takesMore }) => takesMore),
  };
}

function merge(parts: Body[], strongestFirst: Mark[]): Map<string, Mark> {
  const fields = new Map<string, Mark>();
  for (const [name, mark] of parts.flatMap(({ fields }) => [...fields])) {
    const marks = [mark, fields.get(name) ?? mark];
    fields.set(
      name,
      strongestFirst.find((word) => marks.includes(word)) ?? mark,
    );
  }
  return fields;
}
