import { isRecord } from "../json.ts";
import { toParts } from "../documents/pointer.ts";

/**
 * The parts of an answer that `x-tool.response` names, in the answer's own form.
 * Of an answer that has none of them only what it says stays, or null, which
 * the model is told as an answer that says nothing. One with `error` is whole.
 * @param pointers  RFC 6901; `*` stands for every entry of a list or object
 */
export function toExcerpt(data: unknown, pointers: string[]): unknown {
  if (isRecord(data) && data["error"] !== undefined) return data;
  const excerpt = pointers
    .map((pointer) => pick(data, toParts(pointer)))
    .reduce<unknown>(merge, undefined);
  if (excerpt !== undefined) return excerpt;
  const { speech, code } = isRecord(data) ? data : {};
  const said = Object.entries({ speech, code }).filter(
    ([, each]) => each !== undefined,
  );
  return said.length > 0 ? Object.fromEntries(said) : null;
}

/** The value at a path with all that holds it, and nothing beside; undefined where there is none. */
function pick(value: unknown, [part, ...rest]: string[]): unknown {
  if (part === undefined) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const picked = Object.entries(value)
    .filter(([key]) => part === "*" || key === part)
    .map(([key, entry]): [string, unknown] => [key, pick(entry, rest)])
    .filter(([, entry]) => entry !== undefined);
  if (picked.length === 0) return undefined;
  return Array.isArray(value) ? toList(picked) : Object.fromEntries(picked);
}

/** Keeps each entry's place, so that two excerpts of one list fit together. */
function toList(entries: [string, unknown][]): unknown[] {
  const list: unknown[] = [];
  for (const [index, entry] of entries) list[Number(index)] = entry;
  return Array.from(list, (entry) => entry ?? null);
}

function merge(one: unknown, other: unknown): unknown {
  if (one === undefined || one === null) return other;
  if (other === undefined || other === null) return one;
  if (Array.isArray(one) && Array.isArray(other)) {
    const length = Math.max(one.length, other.length);
    return Array.from({ length }, (_, index): unknown =>
      merge(one[index], other[index]),
    );
  }
  if (!isRecord(one) || !isRecord(other)) return other;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      merge(
        Object.hasOwn(one, key) ? one[key] : undefined,
        Object.hasOwn(other, key) ? other[key] : undefined,
      ),
    ]),
  );
}
