import type { CompileOptions } from "../openapi/index.ts";
import { EXIT, VerbError } from "./io.ts";
import { isUrl } from "./source.ts";

export function parseUrl(flag: string, value: string | undefined): void {
  if (value !== undefined && !(isUrl(value) && URL.canParse(value)))
    throw usage(`${flag}: expected an http or https URL, received "${value}"`);
}

export function parseHeaders(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([^\s:]+)\s*:\s*(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw usage(`--header: expected "Name: value", received "${line}"`);
    }),
  );
}

export function parseProfile(
  value: string | undefined,
): Pick<CompileOptions, "profile"> {
  if (value === undefined) return {};
  if (value === "lossless" || value === "voice") return { profile: value };
  throw usage(`--profile: expected lossless or voice, received "${value}"`);
}

/** `2000` is characters a tool; `tool=2000,total=50000` says both. */
export function parseBudget(
  value: string | undefined,
): Pick<CompileOptions, "budget"> {
  if (value === undefined) return {};
  const budget = new Map<string, number>();
  for (const part of value.split(",")) {
    const [, name = "tool", digits] =
      /^(?:(tool|total)=)?([1-9][0-9]{0,8})$/.exec(part.trim()) ?? [];
    if (digits === undefined || budget.has(name))
      throw usage(
        `--budget: expected characters, as 2000, total=50000 or tool=2000,total=50000, received "${value}"`,
      );
    budget.set(name, Number(digits));
  }
  const perTool = budget.get("tool");
  const total = budget.get("total");
  return {
    budget: {
      ...(perTool === undefined ? {} : { perTool }),
      ...(total === undefined ? {} : { total }),
    },
  };
}

function usage(message: string): VerbError {
  return new VerbError(EXIT.usage, message);
}
