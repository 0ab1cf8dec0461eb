import type { Value } from "./database.ts";

/** The name under which a statement is prepared, once a connection; none for one that is not. */
export type NameOf = (sql: string, values: Value[]) => { name?: string };

/** The server keeps each of them for each connection; the store has fewer texts. */
const MAX_NAMES = 500;

/** Names for the texts of one process. Without values it is run once, like a schema's step. */
export function createNames(): NameOf {
  const names = new Map<string, { name: string }>();
  return (sql, values) => {
    if (values.length === 0) return {};
    let named = names.get(sql);
    if (!named) {
      if (names.size >= MAX_NAMES) return {};
      named = { name: `kit_${names.size}` };
      names.set(sql, named);
    }
    return named;
  };
}
