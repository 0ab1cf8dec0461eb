import { isRecord } from "../json.ts";
import type { Located } from "../documents/refs.ts";
import type { RawOperation, Reading } from "./dialect.ts";

export type RawParameter = Located<
  Record<string, unknown> & { name: string; in: string }
>;

/**
 * The parameters of an operation and of its path, `$ref`s followed. The
 * operation's own replaces its path's of the same name and place (OpenAPI 3.1,
 * section 4.8.10); what is no parameter is reported and left out.
 */
export function listParameters(
  { object, items, at }: RawOperation,
  { resolver, report }: Reading,
  places: readonly string[],
): RawParameter[] {
  const byPlace = new Map<string, RawParameter>();
  const lists: [unknown, string][] = [
    ...items.map((item): [unknown, string] => [
      item.value["parameters"],
      item.at,
    ]),
    [object["parameters"], at],
  ];
  for (const [list, where] of lists) {
    if (!Array.isArray(list)) continue;
    list.forEach((entry, index) => {
      const { value, at: here } = resolver.resolve(
        entry,
        `${where}/parameters/${index}`,
      );
      if (isParameter(value, places)) {
        const said = withSiblings(value, entry);
        byPlace.set(`${value.in} ${value.name}`, { value: said, at: here });
      } else {
        report({
          rule: "invalid-parameter",
          severity: "error",
          message: `a parameter needs a name, and in: ${places.join(", ")}`,
          pointer: here,
        });
      }
    });
  }
  return [...byPlace.values()];
}

/** A reference may have a description of its own (OpenAPI 3.1, section 4.8.23). */
function withSiblings(
  value: RawParameter["value"],
  entry: unknown,
): RawParameter["value"] {
  const own = isRecord(entry) ? entry["description"] : undefined;
  return typeof own === "string" ? { ...value, description: own } : value;
}

function isParameter(
  value: unknown,
  places: readonly string[],
): value is RawParameter["value"] {
  return (
    isRecord(value) &&
    typeof value["name"] === "string" &&
    places.includes(String(value["in"]))
  );
}

/** The first answer that says the operation went well. */
export function findSuccess(
  { object, at }: RawOperation,
  { resolver }: Reading,
): Located<Record<string, unknown>> | undefined {
  const responses = isRecord(object["responses"]) ? object["responses"] : {};
  const status = Object.keys(responses).find((code) => code.startsWith("2"));
  if (status === undefined) return undefined;
  const { value, at: where } = resolver.resolve(
    responses[status],
    `${at}/responses/${status}`,
  );
  return isRecord(value) ? { value, at: where } : undefined;
}
