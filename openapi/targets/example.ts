import { isRecord } from "../json.ts";
import type { JsonSchema } from "../types.ts";

const MAX_DEPTH = 4;

/** Arguments that fit a schema without references: its own examples where it has some. */
export function toExample(schema: JsonSchema, depth = 0): unknown {
  const [given] = [schema["examples"], schema["enum"]].flatMap(
    (values): unknown[] => (Array.isArray(values) ? values.slice(0, 1) : []),
  );
  if (given !== undefined) return given;
  if (schema["default"] !== undefined) return schema["default"];
  const [first] = Array.isArray(schema["anyOf"])
    ? (schema["anyOf"] as unknown[])
    : [];
  if (isRecord(first)) return toExample(first, depth);
  switch ([schema["type"]].flat()[0]) {
    case "object":
      return toObject(schema, depth);
    case "array":
      return depth < MAX_DEPTH && isRecord(schema["items"])
        ? [toExample(schema["items"], depth + 1)]
        : [];
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return true;
    default:
      return toText(schema["format"]);
  }
}

/** Of a large object what is required, so that an example stays one. */
function toObject(
  { properties, required }: JsonSchema,
  depth: number,
): unknown {
  if (!isRecord(properties) || depth >= MAX_DEPTH) return {};
  const needed: unknown[] = Array.isArray(required) ? required : [];
  const entries = Object.entries(properties).filter(
    ([key]) => needed.includes(key) || (depth === 0 && needed.length === 0),
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      toExample(isRecord(value) ? value : {}, depth + 1),
    ]),
  );
}

function toText(format: unknown): string {
  if (format === "date") return "2026-01-31";
  if (format === "date-time") return "2026-01-31T09:00:00Z";
  if (format === "email") return "name@example.com";
  return "text";
}
