import { schemes, verify, verifySignature } from "../middleware/index.ts";
import type { Scheme } from "../middleware/index.ts";

/** Schemes that both sign and verify, with a secret that both sides have. */
const symmetric = Object.keys(schemes).filter(
  (name) => schemes[name]?.algorithm !== "ed25519",
);

/** Why tool calls cannot be signed with these; a fault for each name. */
export function findSchemeFaults(names: string[]): string[] {
  return names
    .filter((name) => !symmetric.includes(name))
    .map((name) =>
      Object.hasOwn(schemes, name)
        ? `expected schemes with a shared secret, ${name} signs with a private key: it can only be verified`
        : `expected names of ${symmetric.join(", ")}, received "${name}"`,
    );
}

/**
 * Secrets that are not encoded as a scheme has them, and, where calls are taken,
 * those that can be guessed: the middleware's own rules. Told by their place,
 * never shown. Whoever only signs uses what the other side gave it.
 * @param list  schemes; names that are unknown are passed over
 */
export function findSecretFaults(
  list: (string | Scheme)[],
  secrets: string[],
  use: "signs" | "takes calls",
): string[] {
  const faults = new Set<string>();
  for (const scheme of list) {
    if (typeof scheme === "string" && !Object.hasOwn(schemes, scheme)) continue;
    for (const [index, secret] of secrets.entries()) {
      const labelled = { [index]: secret };
      try {
        if (use === "takes calls")
          verifySignature({ scheme, secrets: labelled });
        else verify(scheme, labelled, NO_REQUEST);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        faults.add(error.message);
      }
    }
  }
  return [...faults];
}

const NO_REQUEST = {
  headers: {},
  body: new Uint8Array(),
  url: "https://localhost/",
  method: "POST",
  now: new Date(0),
};
