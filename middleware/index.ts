export { captureRawBody } from "./raw-body.ts";
export { schemes } from "./schemes.ts";
export type { Scheme } from "./schemes.ts";
export type { Secrets } from "./secrets.ts";
export { sign, verify } from "./signature.ts";
export type { HeaderSource, Reason, Verdict } from "./signature.ts";
export { verifySignature } from "./verify.ts";
export type {
  Middleware,
  ToolRequest,
  VerifiedCall,
  VerifyOptions,
} from "./verify.ts";
