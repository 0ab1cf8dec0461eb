import { escapePart } from "../documents/pointer.ts";
import type { Limits } from "./limits.ts";
import { sizeOf, trimTool } from "./trim.ts";
import type { Cuts } from "./trim.ts";
import type { Report, Tool } from "../types.ts";

const SHOWN_FIELDS = 5;

/**
 * Cuts tools to a number of characters each and in total: descriptions first,
 * then examples, then optional fields, deepest first. What is required stays,
 * and what was cut is reported (`trimmed`, and `over-budget` where it is not
 * enough). Tools that fit are the same objects; none is written into.
 */
export function fitTools(
  tools: Tool[],
  limits: Limits,
  report: Report,
): Tool[] {
  const before = tools.map(sizeOf);
  const perTool = limits.perTool ?? Infinity;
  const allowed = before.map((size) => Math.min(size, perTool));
  const total = limits.total ?? Infinity;
  const isTight = sum(allowed) > total;
  const shares = isTight ? toShares(tools, allowed, total) : allowed;
  const fitted = tools.map((tool, index) => {
    const limit = shares[index] as number;
    const size = before[index] as number;
    if (size <= limit) return { tool, size };
    const result = trimTool(tool, limit);
    reportCuts(tool, size, result, report);
    if (result.size > perTool) {
      report({
        rule: "over-budget",
        severity: "warning",
        message: `${tool.name}: ${count(result.size)} characters, the budget of a tool is ${count(perTool)}; what is left is required`,
        ...placeOf(tool),
      });
    }
    return result;
  });
  const size = sum(fitted.map((result) => result.size));
  if (size > total) {
    report({
      rule: "over-budget",
      severity: "warning",
      message: `all ${count(tools.length)} tools: ${count(size)} characters, the budget in total is ${count(total)}; include fewer operations`,
      pointer: "",
    });
  }
  return fitted.map(({ tool }) => tool);
}

/**
 * What each tool may keep so that all fit together: the largest give first, so
 * all that give come down to one size, as far as what they require lets them.
 */
function toShares(tools: Tool[], allowed: number[], total: number): number[] {
  const floors = tools.map((tool) => trimTool(tool, 0).size);
  const at = (level: number) =>
    allowed.map((size, index) => {
      const floor = floors[index] as number;
      return Math.max(floor, Math.min(size, level));
    });
  let low = 0;
  let high = Math.max(0, ...allowed);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sum(at(middle)) <= total) low = middle;
    else high = middle - 1;
  }
  return at(low);
}

function reportCuts(
  tool: Tool,
  before: number,
  { size, cuts }: { size: number; cuts: Cuts },
  report: Report,
): void {
  const dropped = outermost(cuts.fields);
  const shown = dropped.slice(0, SHOWN_FIELDS).join(", ");
  const words = [
    [cuts.shortened, "descriptions shortened"],
    [cuts.descriptions, "descriptions dropped"],
    [cuts.examples, "examples"],
    [cuts.defaults, "defaults"],
    [
      dropped.length,
      `optional fields dropped (${shown}${dropped.length > SHOWN_FIELDS ? ", …" : ""})`,
    ],
  ] as const;
  const what = words
    .filter(([number]) => number > 0)
    .map(([number, noun]) => `${count(number)} ${noun}`);
  if (what.length === 0) return;
  report({
    rule: "trimmed",
    severity: "info",
    message: `${tool.name}: ${count(before)} to ${count(size)} characters: ${what.join(", ")}`,
    ...placeOf(tool),
  });
}

/** Fields that went with another one are not told of. */
function outermost(paths: string[]): string[] {
  const all = new Set(paths);
  return [...all].filter((path) => {
    const parts = path.split(".");
    return !parts.some(
      (_, index) =>
        index > 0 &&
        (all.has(parts.slice(0, index).join(".")) ||
          all.has(
            parts
              .slice(0, index)
              .join(".")
              .replace(/(?:\[\])+$/, ""),
          )),
    );
  });
}

function placeOf({ operation: { method, path } }: Tool) {
  return {
    pointer: `/paths/${escapePart(path)}/${method.toLowerCase()}`,
    operation: `${method} ${path}`,
  };
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
