import type { DocumentFile, Documents } from "../documents/load.ts";
import { isRecord } from "../json.ts";
import { escapePart } from "../documents/pointer.ts";
import { lastPart, refOf } from "../documents/refs.ts";
import type { Located, Resolver } from "../documents/refs.ts";

/** One form of a polymorphic schema, and what its discriminator says then. */
export interface Subtype {
  schema: Located;
  values: string[];
}

/** The discriminator of a schema and the forms that it tells apart. */
export interface Choice {
  property: string;
  /** By location of the form's schema. */
  subtypes: Map<string, Subtype>;
}

export type Subtypes = ReturnType<typeof createSubtypes>;

/**
 * Finds the forms of schemas with a `discriminator` (OpenAPI 3.1, section
 * 4.8.25): those of its mapping, of its `oneOf` or `anyOf`, and where it has
 * neither, the schemas that extend it by `allOf`, as Swagger 2 has it.
 */
export function createSubtypes(documents: Documents, resolver: Resolver) {
  let children: Map<string, Located[]> | undefined;

  function listDescendants(at: string): Located[] {
    children ??= findChildren(documents, resolver);
    const found = new Map<string, Located>();
    const open = [at];
    for (let each = open.pop(); each !== undefined; each = open.pop()) {
      for (const child of children.get(each) ?? []) {
        if (found.has(child.at) || child.at === at) continue;
        found.set(child.at, child);
        open.push(child.at);
      }
    }
    return [...found.values()];
  }

  /** A mapping's value is a reference or the name of a schema. */
  function follow(value: string, at: string): Located | undefined {
    const ref = /[#/.]/.test(value)
      ? value
      : `#/components/schemas/${escapePart(value)}`;
    const target = resolver.resolve({ $ref: ref }, at);
    return target.isBroken ? undefined : target;
  }

  return {
    /** The forms that a schema lists itself, by `oneOf` or `anyOf`. */
    listForms({ value, at }: Located): Located[] {
      return isRecord(value) ? (listBranches(value, at, resolver) ?? []) : [];
    },

    /** The choice of a schema; undefined when it has no discriminator. */
    read({ value, at }: Located): Choice | undefined {
      const property = toProperty(value);
      if (property === undefined || !isRecord(value)) return undefined;
      const discriminator = value["discriminator"];
      const mapping =
        isRecord(discriminator) && isRecord(discriminator["mapping"])
          ? Object.entries(discriminator["mapping"])
          : [];
      const subtypes = new Map<string, Subtype>();
      const add = (schema: Located, name: string | undefined) => {
        const known = subtypes.get(schema.at) ?? { schema, values: [] };
        if (name !== undefined) known.values.push(name);
        subtypes.set(schema.at, known);
      };
      for (const [name, target] of mapping) {
        const schema = follow(String(target), `${at}/discriminator/mapping`);
        if (schema) add(schema, name);
      }
      const branches = listBranches(value, at, resolver);
      for (const schema of branches ?? listDescendants(at))
        if (!subtypes.has(schema.at)) add(schema, undefined);
      for (const subtype of subtypes.values())
        subtype.values = toValues(subtype);
      return { property, subtypes };
    },
  };
}

/** The discriminating property: an object since OpenAPI 3.0, a plain name in Swagger 2. */
function toProperty(schema: unknown): string | undefined {
  if (!isRecord(schema)) return undefined;
  const { discriminator } = schema;
  const name: unknown = isRecord(discriminator)
    ? discriminator["propertyName"]
    : discriminator;
  return typeof name === "string" ? name : undefined;
}

/** Those of `oneOf` and `anyOf` that are references; undefined when the schema has neither. */
function listBranches(
  schema: Record<string, unknown>,
  at: string,
  resolver: Resolver,
): Located[] | undefined {
  const words = ["oneOf", "anyOf"].filter((word) =>
    Array.isArray(schema[word]),
  );
  if (words.length === 0) return undefined;
  return words.flatMap((word) =>
    (schema[word] as unknown[]).flatMap((branch, index) =>
      refOf(branch) === undefined
        ? []
        : [resolver.resolve(branch, `${at}/${word}/${index}`)],
    ),
  );
}

/**
 * Without a mapping it is the schema's name. What Azure's documents say at the
 * form itself is right also where a converter has mapped that name
 * (x-ms-discriminator-value: azure.github.io/autorest/extensions, read November 2026).
 */
function toValues({ schema: { value, at }, values }: Subtype): string[] {
  const name = lastPart(at);
  const said = isRecord(value) ? value["x-ms-discriminator-value"] : undefined;
  if (typeof said === "string")
    return [...new Set([...values.filter((each) => each !== name), said])];
  return values.length > 0 ? values : [name];
}

/** By location: the schemas that extend it by `allOf`, of every file. */
function findChildren(
  { files }: Documents,
  resolver: Resolver,
): Map<string, Located[]> {
  const children = new Map<string, Located[]>();
  for (const { value, at } of [...files].flatMap(listComponents)) {
    const bases = isRecord(value) ? value["allOf"] : undefined;
    if (!Array.isArray(bases)) continue;
    bases.forEach((base: unknown, index) => {
      if (refOf(base) === undefined) return;
      const { at: parent } = resolver.resolve(base, `${at}/allOf/${index}`);
      children.set(parent, [...(children.get(parent) ?? []), { value, at }]);
    });
  }
  return children;
}

function listComponents([id, file]: [string, DocumentFile]): Located[] {
  const root = file.isReadable && isRecord(file.value) ? file.value : {};
  const components = isRecord(root["components"]) ? root["components"] : {};
  const places: [unknown, string][] = [
    [components["schemas"], `${id}#/components/schemas`],
    [root["definitions"], `${id}#/definitions`],
  ];
  return places.flatMap(([schemas, where]) =>
    Object.entries(isRecord(schemas) ? schemas : {}).map(([name, value]) => ({
      value,
      at: `${where}/${escapePart(name)}`,
    })),
  );
}
