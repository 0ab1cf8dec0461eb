/**
 * How a sender signs: data only, so the verifier names no sender.
 * `message` is what goes under the MAC, spliced as bytes in this order; `form`
 * is the sorted `key + value` text of a form body, empty for any other.
 */
export interface Scheme {
  readonly name: string;
  readonly header: string;
  readonly algorithm: "sha1" | "sha256";
  readonly encoding: "hex" | "base64";
  readonly message: readonly ("body" | "url" | "form")[];
  /** Header that names the phone call; no scheme here signs it. */
  readonly callIdHeader?: string;
}

/** The schemes that ship, by name. */
export const schemes: Readonly<Record<string, Scheme>> = Object.freeze({
  // https://docs.thunderphone.com/guides/verify-webhook-signatures (read November 2026)
  thunderphone: Object.freeze({
    name: "thunderphone",
    header: "X-ThunderPhone-Signature",
    algorithm: "sha256",
    encoding: "hex",
    message: Object.freeze(["body"] as const),
    callIdHeader: "X-ThunderPhone-Call-ID",
  }),
  // https://www.twilio.com/docs/usage/security#validating-requests (read November 2026)
  twilio: Object.freeze({
    name: "twilio",
    header: "X-Twilio-Signature",
    algorithm: "sha1",
    encoding: "base64",
    message: Object.freeze(["url", "form"] as const),
  }),
});

/** @throws TypeError for a name that no scheme has */
export function findScheme(scheme: string | Scheme): Scheme {
  if (typeof scheme !== "string") return scheme;
  const known = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  if (known) return known;
  throw new TypeError(
    `unknown signature scheme "${scheme}"; expected one of ${Object.keys(schemes).join(", ")}`,
  );
}
