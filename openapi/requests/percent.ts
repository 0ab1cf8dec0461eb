import { RequestError } from "../errors.ts";

/** How names and values are made safe for the place where they go. */
export interface TextEncoding {
  name: (text: string) => string;
  /** A value that stands alone. */
  value: (text: string) => string;
  /** A value between delimiters. */
  entry: (text: string) => string;
}

/** Percent-encodes all but letters, digits and `-_.!~*'()`; half of a surrogate pair cannot be (it is no text in UTF-8). */
export function encodeText(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new RequestError(
      "invalid_arguments",
      "expected text, received half of a character (a lone surrogate)",
    );
  }
}

export const PERCENT: TextEncoding = {
  name: encodeText,
  value: encodeText,
  entry: encodeText,
};

/**
 * `allowReserved` (RFC 6570, section 3.2.3) as far as a value stays in its
 * parameter: "&" and "+" would end or change it, "#" the query, "%" would be
 * read as an escape, "[" and "]" are no query characters (RFC 3986, section
 * 3.4); OpenAPI 3.1, section 4.8.12.1, leaves those to the application.
 */
export const QUERY_RESERVED = keeping(":/?@$;=");
/** The same for one segment of the path: "/" and "?" would end it (RFC 3986, section 3.3). */
export const PATH_RESERVED = keeping(":@$&+");

function keeping(kept: string): TextEncoding {
  const keep = (text: string, characters: string) =>
    encodeText(text).replaceAll(/%[0-9A-F]{2}/g, (triplet) => {
      const character = String.fromCharCode(parseInt(triplet.slice(1), 16));
      return characters.includes(character) ? character : triplet;
    });
  return {
    name: encodeText,
    value: (text) => keep(text, `${kept},`),
    entry: (text) => keep(text, kept), // a comma there would look like a delimiter
  };
}

/** As `URLSearchParams` writes: a space is "+" (WHATWG URL, section 5.2). */
function encodeForm(text: string): string {
  return encodeText(text)
    .replaceAll("%20", "+")
    .replaceAll(/[!'()~]/g, toTriplets);
}

export const FORM: TextEncoding = {
  name: encodeForm,
  value: encodeForm,
  entry: encodeForm,
};

const formReserved = (encode: (text: string) => string) => (text: string) =>
  encode(text).replaceAll("%20", "+");
export const FORM_RESERVED: TextEncoding = {
  name: encodeForm,
  value: formReserved(QUERY_RESERVED.value),
  entry: formReserved(QUERY_RESERVED.entry),
};

/** Parts of a multipart body hold any text. */
export const PLAIN: TextEncoding = {
  name: String,
  value: String,
  entry: String,
};

/** Percent-encodes what a cookie's value cannot hold: cookie-octet of RFC 6265, section 4.1.1. */
export function encodeCookie(text: string): string {
  return text.replaceAll(
    /[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+/g,
    encodeText,
  );
}

export const COOKIE: TextEncoding = {
  name: toCookieName,
  value: encodeCookie,
  entry: encodeCookie,
};

/** A cookie's name is a token (RFC 6265, section 4.1.1); what is none is percent-encoded. */
export function toCookieName(name: string): string {
  return isToken(name) && !name.includes("%")
    ? name
    : encodeText(name).replaceAll(/[()]/g, toTriplets);
}

/** RFC 9110, section 5.6.2. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

/** Encodes what the document wrote itself, as far as it may not stand there; escapes in it are kept. */
export function encodeLiteral(text: string): string {
  return text.replaceAll(
    /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+/g,
    toTriplets,
  );
}

function toTriplets(text: string): string {
  return Array.from(
    Buffer.from(text),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
