import { createHash } from "node:crypto";
import { lastPart } from "../documents/refs.ts";
import type { JsonSchema } from "../types.ts";

/** Names of the definitions that something refers to. */
export type References = Set<string>;

type Make = (references: References) => JsonSchema;

/** One entry of `$defs`, made when a tool first needs it. */
interface Definition {
  make: Make;
  made?: { schema: JsonSchema; references: References };
}

/** The `$defs` of all tools of one document: each is made once, and carried by those tools that reach it. */
export function createDefinitions() {
  const names = new Map<string, string>();
  const definitions = new Map<string, Definition>();

  return {
    /** A `$ref` to the definition for a place in the document. */
    refer(
      at: string,
      wanted: string,
      references: References,
      make: Make,
    ): JsonSchema {
      let name = names.get(at);
      if (name === undefined) {
        name = definitions.has(wanted) ? withHash(wanted, at) : wanted;
        names.set(at, name);
        definitions.set(name, { make });
      }
      references.add(name);
      return { $ref: `#/$defs/${name}` };
    },

    /** `$defs` for these references and for all that they refer to in turn. */
    collect(references: References): JsonSchema {
      const reached = new Map<string, JsonSchema>();
      const open = [...references];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        const definition = definitions.get(name);
        if (!definition || reached.has(name)) continue;
        definition.made ??= makeOf(definition);
        reached.set(name, definition.made.schema);
        open.push(...definition.made.references);
      }
      const byName = [...reached].sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(byName);
    },
  };
}

function makeOf({ make }: Definition): Definition["made"] & object {
  const references: References = new Set();
  return { schema: make(references), references };
}

/** A component's own name; any other place's, with a hash of where it is, so that no name depends on its neighbours. */
export function toName(at: string): string {
  const component = /^#\/(?:components\/schemas|definitions)\/([^/]+)$/.exec(
    at,
  )?.[1];
  const safe = (component ?? lastPart(at)).replaceAll(/[^A-Za-z0-9_.-]/g, "_");
  return component === safe && safe !== "__proto__"
    ? safe
    : withHash(safe || "schema", at);
}

function withHash(name: string, at: string): string {
  const hash = createHash("sha256").update(at).digest("hex").slice(0, 8);
  return `${name}_${hash}`;
}
