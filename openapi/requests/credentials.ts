import { RequestError } from "../errors.ts";
import { isHeaderValue } from "./header-fields.ts";
import { encodeCookie, encodeText, toCookieName } from "./percent.ts";
import type { RequestPlan, SecurityScheme } from "../types.ts";

/** What proves who calls, by the place where it goes. */
export interface Proof {
  query: string[];
  headers: [name: string, value: string][];
  cookies: string[];
}

/**
 * Writes the first alternative for which every credential is known; the one
 * that needs none comes last, and sends nothing (OpenAPI 3.1, section 4.8.30).
 * @param credentials  by the document's name of the scheme; for basic `user:password`
 */
export function toProof(
  { security, schemes }: Pick<RequestPlan, "security" | "schemes">,
  credentials: Record<string, string>,
): Proof {
  const isWritable = (name: string) => Object.hasOwn(schemes, name);
  // A stranger to TypeScript may hand in an unset variable of the environment.
  const isKnown = (name: string) =>
    Object.hasOwn(credentials, name) && typeof credentials[name] === "string";
  const isComplete = (names: string[]) =>
    names.some(isWritable) &&
    names.every((name) => !isWritable(name) || isKnown(name));
  // A scheme that is no header, such as mutual TLS, is left to the connection if nothing else will do.
  const chosen =
    security.find((names) => isComplete(names) && names.every(isWritable)) ??
    security.find(isComplete) ??
    [];
  const proof: Proof = { query: [], headers: [], cookies: [] };
  for (const name of chosen.filter(isWritable))
    add(
      proof,
      name,
      schemes[name] as SecurityScheme,
      credentials[name] as string,
    );
  return proof;
}

/** Control characters, and half of a character. */
const UNSENDABLE = /[\p{Cc}\p{Surrogate}]/u;

function add(
  proof: Proof,
  name: string,
  scheme: SecurityScheme,
  secret: string,
): void {
  const isSentAsIs =
    scheme.type === "bearer" ||
    (scheme.type === "apiKey" && scheme.in === "header");
  // The text names the scheme only: the secret must reach no log and no model.
  if (UNSENDABLE.test(secret) || (isSentAsIs && !isHeaderValue(secret)))
    throw new RequestError(
      "unsupported_request",
      `the credential ${name} has line breaks, control characters or letters that cannot be sent`,
    );
  if (scheme.type === "bearer")
    proof.headers.push(["Authorization", `Bearer ${secret}`]);
  if (scheme.type === "basic")
    proof.headers.push([
      "Authorization",
      `Basic ${Buffer.from(secret).toString("base64")}`, // RFC 7617, in UTF-8
    ]);
  if (scheme.type !== "apiKey") return;
  if (scheme.in === "header") proof.headers.push([scheme.name, secret]);
  if (scheme.in === "query")
    proof.query.push(`${encodeText(scheme.name)}=${encodeText(secret)}`);
  if (scheme.in === "cookie")
    proof.cookies.push(`${toCookieName(scheme.name)}=${encodeCookie(secret)}`);
}
