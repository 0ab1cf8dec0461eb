/** UTF-8's byte order mark, which a JSON text may begin with (RFC 8259, section 8.1). */
export function hasBom(body: Uint8Array): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}
