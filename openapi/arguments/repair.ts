import { narrowChoice, pickAttempt } from "./choice.ts";
import { MAX_DEPTH } from "./measure.ts";
import { listCandidates } from "./mend.ts";
import type { Wanted } from "./mend.ts";
import { toPath } from "./path.ts";
import type { Path } from "./path.ts";
import { renameKeys } from "./rename.ts";
import { findDrop, isEmptyOptional, SILENT } from "./drop.ts";
import type { Node, Shape, ShapeReader } from "./shape.ts";
import { indexForms } from "./spelling.ts";
import type { JsonSchema, Repair } from "../types.ts";
import type { Mended, Tried, Workshop } from "./workshop.ts";

function mendValue(
  shop: Workshop,
  node: Node,
  value: unknown,
  path: Path,
): Mended {
  const { judge, tried } = shop;
  if (path.length > MAX_DEPTH || judge.fits(node, value) || judge.isSpent())
    return { value, repairs: [] };
  const [schema] = node;
  if (node.length > 1 || typeof value !== "object")
    return mendMisfit(shop, node, value, path);
  const at = toPath(path);
  const known = tried.get(value)?.get(schema);
  if (known?.at === at) return known.mended;
  const mended = mendMisfit(shop, node, value, path);
  const bySchema = tried.get(value) ?? new Map<unknown, Tried>();
  tried.set(value, bySchema.set(schema, { at, mended }));
  return mended;
}

function mendMisfit(
  shop: Workshop,
  node: Node,
  value: unknown,
  path: Path,
): Mended {
  const { judge, reader, repair } = shop;
  const mended = mendInside(shop, node, value, path);
  if (!repair || judge.fits(node, mended.value)) return mended;
  const wanted = wantedBy(node, reader, path);
  for (const { to, rule } of listCandidates(value, wanted)) {
    const { value: final } = mendValue(shop, node, to, path);
    if (judge.fits(node, final))
      return {
        value: final,
        repairs: [{ path: toPath(path), from: value, to: final, rule }],
      };
  }
  return mended;
}

/**
 * Mends what does not fit, at every depth, and lists it. What fits is never
 * touched, and what would not fit either is not done: the value stays as it
 * came, for the refusal to show.
 *
 * Rules: `number-as-text`, `boolean-as-text`, `null-as-text`, `json-as-text` (a
 * text for another type), `text-as-number`, `enum-case` (case, spaces and
 * separators), `single-value` and `comma-list` (for a list), `empty-optional`
 * ("" for an argument, and deeper where it does not fit), `key-spelling`, `unknown-key`; of the whole
 * arguments also `wrapper`, `whole-body`, `loose-json` and `truncated-json`.
 *
 * It goes through the entries of a list or the fields of an object, then through
 * what the branches of a choice say of them.
 */
export function mendInside(
  shop: Workshop,
  node: Node,
  value: unknown,
  path: Path,
): Mended {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value))
    return { value, repairs: [] };
  const shape = shop.reader.shapeOf(node);
  let mended = Array.isArray(value)
    ? mendList(shop, shape, value, path)
    : mendObject(shop, shape, value as Record<string, unknown>, path);
  for (const branches of shape.choices) {
    const chosen = mendChoice(shop, branches, mended.value, path);
    mended = {
      value: chosen.value,
      repairs: [...mended.repairs, ...chosen.repairs],
    };
  }
  return mended;
}

type Fields = Record<string, unknown>;

function mendObject(
  shop: Workshop,
  shape: Shape,
  value: Fields,
  path: Path,
): Mended {
  const isRoot = shape.parts.includes(shop.root);
  const isClosed = isRoot && shop.ignoresUnknown;
  const { entries, repairs } = shop.repair
    ? renameKeys(shop.reader, shape, value, path, {
        names: namesOf(shop, shape, isRoot),
        isClosed,
      })
    : { entries: Object.entries(value), repairs: [] };
  const kept: [string, unknown][] = [];
  const all = [...repairs]; // grows one by one: there may be more than a call takes
  for (const [key, from] of entries) {
    const field = shop.reader.fieldOf(shape, key);
    const isUnwanted = field.isRefused || (isClosed && !field.isKnown);
    const at = [...path, key];
    const drop =
      isRoot && shop.repair && isEmptyOptional(shop.reader, field, from)
        ? "empty-optional"
        : findDrop(shop, field, from, isUnwanted);
    if (drop !== undefined) {
      if (drop !== SILENT)
        all.push({ path: toPath(at), from, to: undefined, rule: drop });
      continue;
    }
    const mended = mendValue(shop, field.node, from, at);
    for (const each of mended.repairs) all.push(each);
    kept.push([key, mended.value]);
  }
  const isSame =
    all.length === 0 &&
    kept.length === Object.keys(value).length &&
    kept.every(([key, entry]) => value[key] === entry);
  return { value: isSame ? value : Object.fromEntries(kept), repairs: all };
}

function namesOf(
  { reader, aliases }: Workshop,
  shape: Shape,
  isRoot: boolean,
): Map<string, string[]> {
  const names = indexForms(reader.keysOf(shape));
  if (!isRoot) return names;
  return new Map([...aliases, ...names]);
}

function mendList(
  shop: Workshop,
  shape: Shape,
  value: unknown[],
  path: Path,
): Mended {
  // A number among texts is a slip that nobody can explain; a list of them is ids.
  const areNumbers = value.every((entry) => typeof entry === "number");
  const repairs: Repair[] = [];
  const entries = value.map((entry, index) => {
    if (typeof entry === "number" && !areNumbers) return entry as unknown;
    const node = shape.parts.flatMap((part) => entrySchema(part, index));
    const mended = mendValue(shop, node, entry, [...path, index]);
    for (const each of mended.repairs) repairs.push(each);
    return mended.value;
  });
  const isSame = entries.every((entry, index) => entry === value[index]);
  return { value: isSame ? value : entries, repairs };
}

function entrySchema(part: JsonSchema, index: number): unknown[] {
  const first = part["prefixItems"];
  if (Array.isArray(first) && index < first.length) return [first[index]];
  return part["items"] === undefined ? [] : [part["items"]];
}

function mendChoice(
  shop: Workshop,
  branches: unknown[],
  value: unknown,
  path: Path,
): Mended {
  const { judge, reader } = shop;
  const asIs = { value, repairs: [] };
  if (branches.some((branch) => judge.fits([branch], value)) || judge.isSpent())
    return asIs;
  const narrowed = narrowChoice(judge, reader, branches, value);
  const attempts = narrowed.map((branch) => {
    const mended = mendValue(shop, [branch], value, path);
    return { ...mended, isRight: judge.fits([branch], mended.value) };
  });
  const right = attempts.filter(({ isRight }) => isRight);
  const isMarked = narrowed.length === 1 && branches.length > 1;
  return pickAttempt(right) ?? (isMarked ? attempts[0] : undefined) ?? asIs;
}

function wantedBy(node: Node, reader: ShapeReader, path: Path): Wanted {
  const { parts, choices } = reader.shapeOf(node);
  const branches = choices
    .flat()
    .flatMap((branch) => reader.shapeOf([branch]).parts);
  const items = [...parts, ...branches].flatMap((part) =>
    entrySchema(part, Infinity),
  );
  return {
    types: reader.typesOf(node),
    words: reader.wordsOf(node),
    entryTypes: new Set(
      (items.length > 0 ? items : [true]).flatMap((schema) => [
        ...reader.typesOf([schema]),
      ]),
    ),
    entryWords: reader.wordsOf(items),
    isEntry: typeof path.at(-1) === "number",
  };
}
