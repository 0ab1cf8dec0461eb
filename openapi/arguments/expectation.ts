import type { ErrorObject } from "ajv/dist/2020.js";
import { isRecord } from "../json.ts";
import { ALL } from "./shape.ts";
import type { Node, ShapeReader } from "./shape.ts";

const MAX_WORDS = 20;
const MAX_WORD_LENGTH = 60;

/** One value of each format that models get wrong (JSON Schema 2020-12, section 7.3). */
const FORMATS = new Map([
  ["date", "a date such as 2026-03-09"],
  ["time", "a time with its zone such as 14:30:00Z"],
  ["date-time", "a date and time with its zone such as 2026-03-09T14:30:00Z"],
  ["duration", "a duration such as PT30M"],
  ["email", "an email address such as maria@example.com"],
  ["hostname", "a host name such as example.com"],
  ["ipv4", "an address such as 192.0.2.1"],
  ["ipv6", "an address such as 2001:db8::1"],
  ["uri", "an address such as https://example.com/page"],
  ["url", "an address such as https://example.com/page"],
  ["uuid", "an id such as 123e4567-e89b-12d3-a456-426614174000"],
  ["byte", "text in base64 such as aGVsbG8="],
  ["int32", "a whole number from -2147483648 to 2147483647"],
]);

/** What a field wants, for when there is nothing. */
export function describeNode(reader: ShapeReader, node: Node): string {
  const { parts } = reader.shapeOf(node);
  const listed = parts.find((part) => Array.isArray(part["enum"]))?.["enum"];
  if (Array.isArray(listed)) return describeWords(listed);
  const fixed = parts.find((part) => Object.hasOwn(part, "const"));
  if (fixed) return describeWords([fixed["const"]]);
  const format = parts.find((part) => typeof part["format"] === "string")?.[
    "format"
  ];
  const known = FORMATS.get(String(format));
  if (known !== undefined) return `${known} (format ${String(format)})`;
  const types = reader.typesOf(node);
  return types.size === ALL.size ? "a value" : describeTypes([...types]);
}

export function describeTypes(types: string[]): string {
  const shown = types.includes("number")
    ? types.filter((type) => type !== "integer")
    : types;
  return [...new Set(shown)].join(" or ");
}

export function describeWords(values: unknown[]): string {
  const texts = values.slice(0, MAX_WORDS).map((value) => {
    const text = JSON.stringify(value) ?? "nothing";
    return text.length > MAX_WORD_LENGTH
      ? `${text.slice(0, MAX_WORD_LENGTH)}…`
      : text;
  });
  const more = values.length - texts.length;
  return `one of [${texts.join(",")}]${more > 0 ? ` and ${more} more` : ""}`;
}

/** What one error of ajv wants, where it is not a type or one of some words. */
export function describeError(error: ErrorObject): string {
  const limit = String(error.params["limit"]);
  const count = (unit: string) =>
    `${limit} ${limit === "1" ? unit.replace(/ies$/, "y").replace(/s$/, "") : unit}`;
  switch (error.keyword) {
    case "format": {
      const format = String(error.params["format"]);
      const usual =
        typeof error.data === "number" ? "a number in range" : "a text";
      return `${FORMATS.get(format) ?? usual} (format ${format})`;
    }
    case "pattern":
      return `text that matches ${String(error.params["pattern"]).slice(0, 200)}`;
    case "minLength":
      return `at least ${count("characters")}`;
    case "maxLength":
      return `at most ${count("characters")}`;
    case "minItems":
      return `at least ${count("entries")}`;
    case "maxItems":
      return `at most ${count("entries")}`;
    case "minProperties":
      return `at least ${count("fields")}`;
    case "maxProperties":
      return `at most ${count("fields")}`;
    case "uniqueItems":
      return "entries that all differ";
    case "propertyNames":
      return "other names of fields";
    case "oneOf":
      return "exactly one of its forms";
    case "not":
      return isRecord(error.schema) && Object.keys(error.schema).length > 0
        ? "something else"
        : "nothing";
    case "false schema":
      return "nothing";
    default:
      return (error.message ?? error.keyword).replace(/^must (be )?/, "");
  }
}
