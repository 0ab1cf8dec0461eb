import type { Scheme } from "./scheme.ts";
import { findScheme } from "./schemes.ts";

/** What a scheme signs besides the body, and in which headers a request carries it. */
export interface SignedPlaces {
  url: boolean;
  method: boolean;
  signatureHeader: string;
  /** Absent: no time is signed, or it stands in the signature's own header. */
  timestampHeader?: string;
  /** Absent: no id is signed. */
  idHeader?: string;
}

/** @throws TypeError for what is no scheme */
export function readSignedPlaces(scheme: string | Scheme): SignedPlaces {
  const { signs, signature, timestamp, messageId } = findScheme(scheme);
  return {
    url: signs.has("url"),
    method: signs.has("method"),
    signatureHeader: signature.sent,
    ...(timestamp ? { timestampHeader: timestamp.sent } : {}),
    ...(messageId ? { idHeader: messageId.sent } : {}),
  };
}
