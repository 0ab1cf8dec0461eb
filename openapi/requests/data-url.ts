import { RequestError } from "../errors.ts";

/** Bytes, and their media type where they say it. */
export interface Content {
  bytes: Uint8Array;
  type?: string;
}

/**
 * Reads `data:<type>;base64,<...>` (RFC 2397), the way for a model to give bytes.
 * @returns undefined where the text is none
 * @throws RequestError where it says base64 and is none
 */
export function parseDataUrl(key: string, text: string): Content | undefined {
  const comma = text.indexOf(",");
  const head = comma === -1 ? "" : text.slice(0, comma);
  if (!/^data:[^\r\n]*;base64$/i.test(head)) return undefined;
  const base64 = text.slice(comma + 1).replaceAll(/\s/g, "");
  const digits = base64.replace(/={1,2}$/, "");
  if (!/^[A-Za-z0-9+/_-]*$/.test(digits) || digits.length % 4 === 1)
    throw new RequestError(
      "invalid_arguments",
      `${key}: expected base64 after "base64,"`,
    );
  const type = /^data:([\w!#$&^.+-]+\/[\w!#$&^.+-]+);/i.exec(head)?.[1];
  return {
    bytes: Buffer.from(base64, "base64"),
    ...(type === undefined ? {} : { type: type.toLowerCase() }),
  };
}
