import type { JsonSchema } from "../../types.ts";
import type { Lose } from "./fold.ts";
import { TELLABLE } from "../words.ts";

/** What a platform's schemas can say; they know no `$ref`, `allOf` and `oneOf`. */
export interface Dialect {
  /** Words beside type, description, properties, required and items. */
  keywords: ReadonlySet<string>;
  formats: ReadonlySet<unknown> | "any";
  /** `alone`: nothing may stand beside an `anyOf`. */
  unions: "anyOf" | "alone" | "none";
  nulls: "nullable" | "types" | "none";
  /** `enum` lists texts only. */
  textEnums: boolean;
  /** What stands for any value. */
  anything: readonly JsonSchema[];
  /** Names of properties that can be said, at any depth. */
  key?: RegExp;
  /** An object without known fields has no `properties`. */
  omitsEmpty?: boolean;
  /** Every schema has a description. */
  describesAll?: boolean;
  /** The word for the one value that a field always has. */
  constant?: string;
}

const STRUCTURE = [
  "type",
  "properties",
  "required",
  "items",
  "prefixItems",
  "additionalProperties",
  "description",
];
const SILENT = ["title", "deprecated", "$comment"];

/** The words that the platform knows, and those that the description has to say instead. */
export function sortWords(
  branch: JsonSchema,
  dialect: Dialect,
  isRequired: boolean,
  lose: Lose,
): { said: JsonSchema; told: JsonSchema } {
  const said: JsonSchema = {};
  const told: JsonSchema = {};
  for (const [word, value] of Object.entries(branch)) {
    if (STRUCTURE.includes(word)) continue;
    if (
      word === "enum" &&
      isOneValue(value) &&
      isRequired &&
      dialect.constant !== undefined
    )
      said[dialect.constant] = value[0];
    else if (isSaid(word, value, branch, dialect)) said[word] = value;
    else if (TELLABLE.has(word)) told[word] = value;
    else if (!SILENT.includes(word)) lose(word);
  }
  return { said, told };
}

function isOneValue(value: unknown): value is [string | number | boolean] {
  return (
    Array.isArray(value) &&
    value.length === 1 &&
    ["string", "number", "boolean"].includes(typeof value[0])
  );
}

function isSaid(
  word: string,
  value: unknown,
  branch: JsonSchema,
  { keywords, formats, textEnums }: Dialect,
): boolean {
  if (!keywords.has(word)) return false;
  if (word === "format") return formats === "any" || formats.has(value);
  if (word !== "enum" || !textEnums) return true;
  return (
    branch["type"] === "string" &&
    [value].flat().every((each) => typeof each === "string" && each !== "")
  );
}
