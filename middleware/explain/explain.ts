import { createHash } from "node:crypto";
import { compareCanonical } from "./canonical.ts";
import type { Canonical } from "./canonical.ts";
import { findCauses } from "./causes.ts";
import { lowerNames, readSignedHeaders } from "../signatures/headers.ts";
import type { HeaderSource } from "../signatures/headers.ts";
import type { Scheme } from "../schemes/scheme.ts";
import { findScheme } from "../schemes/schemes.ts";
import {
  requireParts,
  toMessage,
  toPayloads,
} from "../signatures/signature.ts";
import type { SignedParts } from "../signatures/signature.ts";

/** What was hashed for a call, and what may be wrong with it; no secret and no signature is in it. */
export interface Explanation {
  scheme: string;
  /** The message under the signature, with the URL as it was given; absent where headers or URL leave it open. */
  hashed?: Digest;
  body: Digest;
  /** Only for JSON under a scheme whose senders sort the keys and write no white space. */
  canonical?: Canonical;
  /** Likely ones, each a sentence; at least one. */
  causes: string[];
}

interface Digest {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/**
 * For people who look for the reason of a refused call: what the verifier has
 * hashed, and what may be wrong with it. It knows no secret, so it cannot say
 * that the signature is right.
 * @param request  as for `verify`; no clock is asked
 * @throws TypeError as `verify`: an unknown scheme, a missing `url` or `method`, a body that is no bytes
 */
export function explainSignature(
  scheme: string | Scheme,
  request: SignedParts & { headers: HeaderSource },
): Explanation {
  const config = findScheme(scheme);
  requireParts(config, request);
  // With no window every time is right, so the clock does not matter.
  const anyTime = { ...config, pastMs: Infinity, futureMs: Infinity };
  const headers = lowerNames(request.headers);
  const signed = readSignedHeaders(anyTime, headers, new Date(0));
  const [payload] = toPayloads(config, signed.ok ? signed : {}, request);
  const body = Buffer.from(request.body);
  const canonical = config.isCanonicalJson ? compareCanonical(body) : undefined;
  return {
    scheme: config.name,
    ...(signed.ok && payload
      ? { hashed: digestOf(toMessage(config, payload)) }
      : {}),
    body: digestOf(body),
    ...(canonical ? { canonical } : {}),
    causes: findCauses(
      config,
      { ...request, headers },
      {
        signed,
        isDigestRight: payload !== undefined,
        canonical,
      },
    ),
  };
}

function digestOf(bytes: Buffer): Digest {
  return {
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
