import { isRecord } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import type { FieldEncoding } from "../types.ts";
import type { Body, Reading } from "./dialect.ts";
import { STYLES } from "./styles-3.ts";

/** Media types by their names (OpenAPI 3.1, section 4.8.14), `$ref`s of 3.2 followed. */
export function readContent(
  content: Record<string, unknown>,
  at: string,
  { resolver }: Reading,
): Body["content"] {
  return new Map(
    Object.entries(content).map(([type, entry]) => {
      const media = resolver.resolve(entry, `${at}/${escapePart(type)}`);
      const object = isRecord(media.value) ? media.value : {};
      return [
        type,
        {
          schema: { value: object["schema"], at: `${media.at}/schema` },
          encoding: readEncoding(object["encoding"]),
        },
      ];
    }),
  );
}

function readEncoding(encoding: unknown): Map<string, FieldEncoding> {
  if (!isRecord(encoding)) return new Map();
  const styles = STYLES.query;
  return new Map(
    Object.entries(encoding)
      .filter((entry): entry is [string, Record<string, unknown>] =>
        isRecord(entry[1]),
      )
      .map(([name, { style, explode, allowReserved, contentType }]) => {
        const known = styles.find((each) => each === style);
        return [
          name,
          {
            ...(known === undefined ? {} : { style: known }),
            ...(typeof explode === "boolean" ? { explode } : {}),
            ...(allowReserved === true ? { allowReserved } : {}),
            ...(typeof contentType === "string" ? { contentType } : {}),
          },
        ];
      }),
  );
}
