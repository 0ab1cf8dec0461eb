import { isRecord } from "../json.ts";

// In this order: ours, problem details (RFC 9457), OAuth, and what frameworks do.
const PLACES = [
  "error",
  "errors",
  "error_description",
  "detail",
  "details",
  "message",
  "messages",
  "msg",
  "reason",
];
const MAX_LEVELS = 3;
const MAX_ENTRIES = 3;

/** What an answer says of its fault in the usual places of JSON, with the field that it is about. */
export function findWords(data: unknown): string {
  const words = listWords(data, MAX_LEVELS);
  const { title } = isRecord(data) ? data : {};
  const found =
    words.length > 0 ? words : typeof title === "string" ? [title] : [];
  return [...new Set(found)].join("; ");
}

function listWords(data: unknown, levels: number): string[] {
  if (typeof data === "string") return data.trim() === "" ? [] : [data];
  if (levels === 0 || typeof data !== "object" || data === null) return [];
  if (Array.isArray(data))
    // Several faults of one kind, not one in several words.
    return data
      .slice(0, MAX_ENTRIES)
      .flatMap((entry) => listWords(entry, levels - 1));
  const fields = data as Record<string, unknown>;
  const own = PLACES.map((place) => {
    const value = Object.hasOwn(fields, place) ? fields[place] : undefined;
    // ASP.NET and Rails: `errors` by field.
    return isRecord(value) &&
      place === "errors" &&
      listWords(value, 1).length === 0
      ? listFields(value, levels - 1)
      : listWords(value, levels - 1);
  })
    .map((found) => found.join("; "))
    .filter((found) => found !== "");
  const said = [...new Set(own)].join(": ");
  const where = whereOf(fields);
  if (said === "") return [];
  return [where === "" ? said : `${where}: ${said}`];
}

function listFields(errors: Record<string, unknown>, levels: number): string[] {
  return Object.entries(errors)
    .slice(0, MAX_ENTRIES)
    .flatMap(([field, value]) =>
      listWords(value, levels).map((words) => `${field}: ${words}`),
    );
}

/** The field that a fault is about: FastAPI says `loc`, others `field`, `path` or `pointer`. */
function whereOf(fields: Record<string, unknown>): string {
  const { loc, field, path, pointer } = fields;
  if (Array.isArray(loc)) return loc.map(String).join(".");
  const named = [field, path, pointer].find((each) => typeof each === "string");
  return typeof named === "string" ? named : "";
}
