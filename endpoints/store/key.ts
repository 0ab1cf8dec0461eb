import { createHash } from "node:crypto";

/** PostgreSQL refuses an index row above 2704 bytes; three parts of a key have to fit. */
const LONGEST_BYTES = 512;
const PREFIX = "sha256:";

/**
 * A stranger's text as part of a key: as it is while it is short, else its
 * digest. Different texts stay different: what looks like a digest becomes one too.
 */
export function toKey(text: string): string {
  const isShort =
    Buffer.byteLength(text) <= LONGEST_BYTES && !text.startsWith(PREFIX);
  if (isShort) return text;
  return PREFIX + createHash("sha256").update(text).digest("hex");
}
