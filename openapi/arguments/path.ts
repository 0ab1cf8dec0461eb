/** Where a value is: keys, and the places of entries. */
export type Path = readonly (string | number)[];

/** Dotted, e.g. `customer.phones[0]`; a key with dots or signs in quotes, `labels["a.b"]`. */
export function toPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!/^[\p{L}_$@][\p{L}\p{N}_$@-]*$/u.test(step))
      return `${text}[${JSON.stringify(step)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** What a JSON pointer (RFC 6901) into a value names. */
export function parsePointer(pointer: string, value: unknown): Path {
  let at = value;
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const isEntry = Array.isArray(at);
      const isThere =
        typeof at === "object" && at !== null && Object.hasOwn(at, key);
      at = isThere ? (at as Record<string, unknown>)[key] : undefined;
      return isEntry ? Number(key) : key;
    });
}
