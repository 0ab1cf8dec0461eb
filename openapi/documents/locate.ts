import type { Documents } from "./load.ts";
import { toPlace } from "./refs.ts";
import type { Diagnostic } from "../types.ts";

/** Where each operation stands, by its method and path: its path item may be in another file. */
export type OperationPlaces = ReadonlyMap<string, string>;

/** A pointer into an operation, as one who knows only the root would write it, to where that operation is. */
export function toOperation(
  finding: Diagnostic,
  places: OperationPlaces,
): Diagnostic {
  const { operation = "", pointer } = finding;
  const at = places.get(operation);
  const inside = /^\/paths\/[^/]+\/[^/]+(.*)$/s.exec(pointer)?.[1];
  return at === undefined || inside === undefined
    ? finding
    : { ...finding, pointer: `${at}${inside}` };
}

/**
 * Says of findings in which file and line they are. All of a file are looked up
 * in one go, because finding a line in 13 MB takes as long as finding a thousand.
 * @param findings  `pointer` is a location, `<file id>#<JSON pointer>`, or a pointer into the root document
 */
export function locate(
  documents: Documents,
  findings: Diagnostic[],
): Diagnostic[] {
  const places = findings.map(({ pointer }) =>
    pointer.includes("#") ? toPlace(pointer) : { id: "", pointer },
  );
  const lines = new Map(
    [...new Set(places.map(({ id }) => id))].map((id) => {
      const wanted = places.filter((place) => place.id === id);
      const file = documents.files.get(id);
      const found = file?.isReadable
        ? file.linesOf(new Set(wanted.map(({ pointer }) => pointer)))
        : new Map<string, number>();
      return [id, found];
    }),
  );
  return findings.map((finding, index) => {
    const { id, pointer } = places[index] as { id: string; pointer: string };
    const file = documents.nameOf(id);
    const line = finding.line ?? lines.get(id)?.get(pointer);
    return {
      ...finding,
      pointer,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    };
  });
}
