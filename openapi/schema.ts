import { isRecord } from "./json.ts";
import { DROPPED, findFault, isRegExp, LIST, MAP, ONE } from "./keywords.ts";
import { refOf } from "./refs.ts";
import type { Resolver } from "./refs.ts";
import type { JsonSchema, Report } from "./types.ts";

export type Direction = "request" | "response";

/**
 * Turns schemas of one tool into JSON Schema 2020-12. Every `$ref` becomes an
 * entry of `$defs`, converted once, so recursion ends by itself and only what
 * the tool reaches is carried along.
 */
export function createSchemaConverter(
  resolver: Resolver,
  direction: Direction,
  report: Report,
) {
  const names = new Map<string, string>();
  const defs = new Map<string, JsonSchema>();

  function convert(schema: unknown, pointer: string): JsonSchema {
    if (schema === true) return {};
    if (schema === false) return { not: {} };
    if (!isRecord(schema)) return {};
    if (refOf(schema) !== undefined) return convertRef(schema, pointer);
    return convertObject(schema, pointer);
  }

  function convertRef(schema: JsonSchema, pointer: string): JsonSchema {
    const target = resolver.resolve(schema, pointer);
    let name = names.get(target.pointer);
    if (name === undefined) {
      name = freeName(target.pointer, defs);
      names.set(target.pointer, name);
      defs.set(name, {}); // holds the name while a recursive schema is converted
      defs.set(name, convert(target.value, target.pointer));
    }
    const { $ref: _, ...siblings } = schema;
    return { ...convertObject(siblings, pointer), $ref: `#/$defs/${name}` };
  }

  function convertObject(schema: JsonSchema, pointer: string): JsonSchema {
    const result: JsonSchema = {};
    const unwanted = listUnwanted(
      schema["properties"],
      `${pointer}/properties`,
    );
    for (const [word, value] of Object.entries(schema)) {
      const at = `${pointer}/${word}`;
      if (word.startsWith("x-") || DROPPED.includes(word)) continue;
      if (word === "examples" && !Array.isArray(value)) continue; // media types have maps of them
      const fault = findFault(word, value);
      if (fault !== undefined) {
        report({
          rule: "invalid-keyword",
          severity: "warning",
          message: `${word}: ${fault}, left out`,
          pointer: at,
        });
        continue;
      }
      if (ONE.includes(word)) {
        result[word] = typeof value === "boolean" ? value : convert(value, at);
      } else if (LIST.includes(word) && Array.isArray(value)) {
        result[word] = value.map((entry, index) =>
          convert(entry, `${at}/${index}`),
        );
      } else if (MAP.includes(word) && isRecord(value)) {
        result[word] = Object.fromEntries(
          Object.entries(value)
            .filter(([key]) => word !== "properties" || !unwanted.includes(key))
            .filter(([key]) => word !== "patternProperties" || isRegExp(key))
            .map(([key, entry]) => [key, convert(entry, `${at}/${key}`)]),
        );
      } else if (word === "required" && Array.isArray(value)) {
        result[word] = [...new Set(value)].filter(
          (key) => !unwanted.includes(String(key)),
        );
      } else {
        result[word] = value;
      }
    }
    return modernize(schema, result);
  }

  /** `readOnly` has no business in a request, `writeOnly` none in an answer (OpenAPI 3.1, section 4.8.24). */
  function listUnwanted(properties: unknown, pointer: string): string[] {
    if (!isRecord(properties)) return [];
    const mark = direction === "request" ? "readOnly" : "writeOnly";
    return Object.keys(properties).filter((key) => {
      const { value } = resolver.resolve(properties[key], `${pointer}/${key}`);
      return isRecord(value) && value[mark] === true;
    });
  }

  return {
    convert,
    /** The `$defs` that the converted schemas refer to. */
    defs: (): JsonSchema => Object.fromEntries(defs),
  };
}

/** OpenAPI 3.0's own keywords in the words of 2020-12. */
function modernize(source: JsonSchema, result: JsonSchema): JsonSchema {
  if (source["example"] !== undefined && result["examples"] === undefined) {
    result["examples"] = [source["example"]];
  }
  for (const side of ["minimum", "maximum"] as const) {
    const word = side === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
    if (typeof source[word] !== "boolean") continue;
    delete result[word];
    if (source[word] && source[side] !== undefined) {
      result[word] = source[side];
      delete result[side];
    }
  }
  if (Array.isArray(result["type"]))
    result["type"] = [...new Set(result["type"])];
  if (source["nullable"] === true) {
    if (typeof result["type"] === "string")
      result["type"] = [result["type"], "null"];
    if (Array.isArray(result["enum"]) && !result["enum"].includes(null)) {
      result["enum"] = [...result["enum"], null];
    }
  }
  return result;
}

function freeName(pointer: string, taken: Map<string, unknown>): string {
  const last = pointer.slice(pointer.lastIndexOf("/") + 1);
  const base = last.replaceAll(/[^A-Za-z0-9_.-]/g, "_") || "schema";
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
  return name;
}
