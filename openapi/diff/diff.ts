import type { Change, Differences, Tell } from "./change.ts";
import { compareArguments } from "./schemas.ts";
import type { Catalog, Tool } from "../types.ts";

export type { Change, Differences } from "./change.ts";

/**
 * What changed from one catalog to another, for who calls the tools: a call
 * that was right before and is wrong now is breaking. Answers are not compared.
 */
export function diffCatalogs(old: Catalog, fresh: Catalog): Differences {
  const differences: Differences = { breaking: [], compatible: [] };
  const told = new Set<string>();
  const tell =
    (tool: string): Tell =>
    (kind, rule, path, message) => {
      const change: Change = { rule, tool, path, message };
      const text = JSON.stringify(change);
      if (told.has(text)) return; // two branches of a choice may say the same
      told.add(text);
      differences[kind].push(change);
    };
  const { pairs, removed, added } = pair(old.tools, fresh.tools);
  for (const { name, operation } of removed)
    tell(name)(
      "breaking",
      "tool-removed",
      "",
      `${operation.method} ${operation.path} is no tool any more`,
    );
  for (const [before, after] of pairs)
    compareTools(before, after, tell(after.name));
  for (const { name, operation } of added)
    tell(name)(
      "compatible",
      "tool-added",
      "",
      `${operation.method} ${operation.path}`,
    );
  return differences;
}

/** Tools of one name belong together; of the rest, those of one method and path. */
function pair(old: Tool[], fresh: Tool[]) {
  const byName = new Map(fresh.map((tool) => [tool.name, tool]));
  const oldNames = new Set(old.map(({ name }) => name));
  const byOperation = new Map(
    fresh
      .filter(({ name }) => !oldNames.has(name))
      .map((tool) => [toOperationKey(tool), tool]),
  );
  const pairs: [Tool, Tool][] = [];
  const removed: Tool[] = [];
  const taken = new Set<Tool>();
  for (const tool of old) {
    const renamed = byOperation.get(toOperationKey(tool));
    const other = byName.get(tool.name) ?? renamed;
    if (!other || taken.has(other)) {
      removed.push(tool);
      continue;
    }
    taken.add(other);
    pairs.push([tool, other]);
  }
  return { pairs, removed, added: fresh.filter((tool) => !taken.has(tool)) };
}

/** What a path's parameters are called does not matter. */
function toOperationKey({ operation: { method, path } }: Tool): string {
  return `${method} ${path.replaceAll(/\{[^{}]*\}/g, "{}")}`;
}

function compareTools(old: Tool, fresh: Tool, tell: Tell): void {
  if (old.name !== fresh.name)
    tell("breaking", "tool-renamed", "", `was ${old.name}`);
  if (old.description !== fresh.description)
    tell("compatible", "description-changed", "", "another description");
  if (toOperationKey(old) !== toOperationKey(fresh))
    tell(
      "compatible",
      "operation-moved",
      "",
      `was ${old.operation.method} ${old.operation.path}, is ${fresh.operation.method} ${fresh.operation.path}`,
    );
  compareEffect(old, fresh, tell);
  const places = new Map(old.inputs.map((input) => [input.key, input.in]));
  for (const input of fresh.inputs) {
    const before = places.get(input.key);
    if (before !== undefined && before !== input.in)
      tell(
        "compatible",
        "argument-moved",
        input.key,
        `goes to the ${input.in}, went to the ${before}`,
      );
  }
  compareArguments(old.parameters, fresh.parameters, tell);
}

/** Who takes a tool for harmless, or for asked for, must not be wrong. */
function compareEffect(old: Tool, fresh: Tool, tell: Tell): void {
  if (old.effect !== fresh.effect)
    tell(
      fresh.effect === "write" ? "breaking" : "compatible",
      "effect-changed",
      "",
      `was a ${old.effect}, is a ${fresh.effect}`,
    );
  if (old.destructive !== fresh.destructive)
    tell(
      fresh.destructive ? "breaking" : "compatible",
      "destructive-changed",
      "",
      fresh.destructive ? "destroys now" : "destroys no more",
    );
  if (old.idempotent !== fresh.idempotent)
    tell(
      fresh.idempotent ? "compatible" : "breaking",
      "idempotent-changed",
      "",
      fresh.idempotent ? "may be sent twice now" : "may be sent twice no more",
    );
  if (old.policy.confirm !== fresh.policy.confirm)
    tell(
      "compatible",
      "confirm-changed",
      "",
      fresh.policy.confirm ? "asks first now" : "asks first no more",
    );
}
