/** Variables by name; a `.env` file and flags are joined in by then. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads one variable each; what does not fit is told to `fault` and read as if it were not set. */
export interface Variables {
  /** undefined when not set or blank. */
  text: (name: string) => string | undefined;
  integer: (name: string, fallback: number, min: number, max: number) => number;
  /** @param protocols  as URL has them, with the colon */
  url: (name: string, protocols: string[]) => string | undefined;
  /** Comma-separated. An empty entry is told by its place, because the others may be secrets. */
  list: (name: string) => string[];
  /** `Name: value` lines of a variable's text; the values may be secrets. */
  pairs: (name: string, lines?: string) => Record<string, string>;
}

/**
 * @param fault  takes each variable that does not fit, with what was expected of it
 */
export function readVariables(
  env: Environment,
  fault: (name: string, expected: string) => void,
): Variables {
  function text(name: string): string | undefined {
    const value = env[name]?.trim();
    return value === "" ? undefined : value;
  }

  return {
    text,
    integer(name, fallback, min, max) {
      const value = text(name);
      if (value === undefined) return fallback;
      const isRight =
        /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
      if (isRight) return Number(value);
      fault(name, `a whole number from ${min} to ${max}, received "${value}"`);
      return fallback;
    },
    url(name, protocols) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (URL.canParse(value) && protocols.includes(new URL(value).protocol))
        return value;
      fault(
        name,
        `a URL with ${protocols.join(" or ")}//, received "${value}"`,
      );
      return undefined;
    },
    list(name) {
      const value = text(name);
      if (value === undefined) return [];
      const entries = value.split(",").map((entry) => entry.trim());
      if (!entries.includes("")) return entries;
      fault(
        name,
        `a comma-separated list, entry ${entries.indexOf("") + 1} is empty`,
      );
      return [];
    },
    pairs(name, lines = "") {
      const found = new Map<string, string>();
      for (const line of lines.split(/\r?\n/)) {
        if (line.trim() === "") continue;
        const [, key, value] =
          /^\s*([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
        if (key === undefined || !value)
          fault(name, "lines of the form Name: value");
        else found.set(key, value);
      }
      return Object.fromEntries(found);
    },
  };
}
