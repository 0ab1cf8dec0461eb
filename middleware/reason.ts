/** Why a call was refused. For logs and `onRefused`; the caller never hears it. */
export type Reason =
  | "missing_header"
  | "duplicate_header"
  | "malformed_header"
  | "bad_signature"
  | "too_old"
  | "too_new"
  | "unknown_key"
  | "bad_static_header"
  | "body_already_parsed"
  | "body_too_large"
  | "body_stalled"
  | "unsupported_encoding"
  | "not_json_object"
  | "secrets_unavailable"
  | "store_unavailable"
  | "replayed";
