const TOKEN = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/;

/** What a body of unknown kind is (RFC 2046, section 4.5.1). */
export const OCTET_STREAM = "application/octet-stream";

/** JSON and its vendor forms (RFC 6839, section 3.1); a range that has room for JSON counts, since JSON is what we send then. */
export function isJson(mediaType: string): boolean {
  const type = essenceOf(mediaType);
  return (
    ["application/json", "text/json", "*/*", "application/*"].includes(type) ||
    /^[^/\s]+\/[^/\s]+\+json$/.test(type)
  );
}

export function isForm(mediaType: string): boolean {
  return essenceOf(mediaType) === "application/x-www-form-urlencoded";
}

export function isMultipart(mediaType: string): boolean {
  return essenceOf(mediaType).startsWith("multipart/");
}

/** Text that is written as given: no JSON, no form, no bytes. */
export function isText(mediaType: string): boolean {
  const type = essenceOf(mediaType);
  if (isJson(type)) return false;
  return (
    type.startsWith("text/") ||
    /[/+](xml|yaml)$/.test(type) ||
    ["application/graphql", "application/x-yaml"].includes(type)
  );
}

/** A range such as `image/*` names no type that a request could have. */
export function isRange(mediaType: string): boolean {
  return essenceOf(mediaType).includes("*");
}

/** The type to send for what the document says: a range becomes the commonest of its types. */
export function toSent(mediaType: string): string {
  if (!isRange(mediaType)) return mediaType;
  if (isJson(mediaType)) return "application/json";
  if (isText(mediaType)) return "text/plain";
  return isMultipart(mediaType) ? "multipart/form-data" : OCTET_STREAM;
}

/**
 * Chooses the type of bytes whose own type may be known.
 * @param accepted  a list of types and ranges (OpenAPI 3.1, section 4.8.15.1, `contentType`)
 * @param known     what the bytes say of themselves
 */
export function chooseType(accepted: string, known?: string): string {
  const types = accepted.split(",").map((type) => type.trim());
  const isAccepted = types.some(
    (type) => known !== undefined && matches(type, known),
  );
  if (known !== undefined && (isAccepted || accepted === "")) return known;
  const [first = ""] = types;
  // What stands in a part's head must not end the line.
  return TOKEN.test(essenceOf(first)) &&
    !isRange(first) &&
    /^[\x20-\x7e]+$/.test(first)
    ? first
    : OCTET_STREAM;
}

/** Type and subtype in small letters, without parameters (RFC 9110, section 8.3.1). */
export function essenceOf(mediaType: string): string {
  return (mediaType.split(";")[0] ?? "").trim().toLowerCase();
}

function matches(range: string, type: string): boolean {
  const [wanted, given] = [essenceOf(range), essenceOf(type)];
  return (
    wanted === "*/*" ||
    wanted === given ||
    (wanted.endsWith("/*") && given.startsWith(wanted.slice(0, -1)))
  );
}
