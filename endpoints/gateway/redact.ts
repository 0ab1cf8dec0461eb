import { isRecord } from "./platforms/platform.ts";

const HIDDEN = "…";
/** Shorter ones are parts of common words. */
const MIN_SECRET = 4;

/**
 * Takes credentials out of whatever a service says back: some echo the headers
 * that they got.
 * @param credentials  by the document's name of the scheme; for basic `user:password`
 * @returns a function from a JSON value to the same without them
 */
export function createRedactor(
  credentials: Readonly<Record<string, string>>,
): (value: unknown) => unknown {
  const secrets = Object.values(credentials)
    .flatMap((secret) => [
      secret,
      secret.slice(secret.indexOf(":") + 1),
      encodeURIComponent(Buffer.from(secret).toString()), // well-formed, whatever the text was
      Buffer.from(secret).toString("base64"),
    ])
    .filter((secret) => secret.length >= MIN_SECRET)
    // A long one first: it may hold a short one.
    .toSorted((one, other) => other.length - one.length);
  const hide = (text: string) =>
    secrets.reduce((said, secret) => said.replaceAll(secret, HIDDEN), text);

  function redact(value: unknown): unknown {
    if (typeof value === "string") return hide(value);
    if (typeof value === "number")
      return secrets.includes(String(value)) ? HIDDEN : value;
    if (Array.isArray(value)) return value.map(redact);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [hide(key), redact(each)]),
    );
  }
  return secrets.length === 0 ? (value) => value : redact;
}
