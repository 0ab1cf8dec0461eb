/** RFC 6901, section 4. */
export function unescapePart(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

export function escapePart(part: string): string {
  if (!part.includes("/") && !part.includes("~")) return part;
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The keys that a pointer names, from the root on; none for the root itself. */
export function toParts(pointer: string): string[] {
  return pointer.split("/").slice(1).map(unescapePart);
}
