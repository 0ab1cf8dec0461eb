/**
 * A pattern as JSON Schema wants it: ECMA-262 with Unicode (2020-12, section
 * 6.4). Documents are full of escapes that only the old grammar allows, as in
 * `[\w-.]` or `\_`, and those mean the same without or with another escape.
 */
export function toUnicodePattern(pattern: unknown): string | undefined {
  if (typeof pattern !== "string") return undefined;
  if (isRegExp(pattern, "u")) return pattern;
  if (!isRegExp(pattern, "")) return undefined;
  const modern = pattern
    .replaceAll(/\\([^\w^$\\.*+?()[\]{}|/-])/g, "$1")
    .replaceAll(/\\([_-])(?![^[]*\])/g, "$1")
    .replaceAll("\\_", "_")
    .replaceAll(/(\\[dswDSW])-(?!\])/g, String.raw`$1\-`)
    .replaceAll(/(?<!\\)-(\\[dswDSW])/g, String.raw`\-$1`);
  return isRegExp(modern, "u") ? modern : undefined;
}

function isRegExp(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}
