import type { IncomingMessage, ServerResponse } from "node:http";

/** A verified tool call; set as `req.toolCall`. */
export interface VerifiedCall {
  /** The phone call; signed only where the scheme signs it. */
  callId: string | undefined;
  /** The delivery's signed id, where the scheme has one. */
  id?: string;
  /** The model's tool_use id, where it is part of the signed id. */
  toolUseId?: string;
  /** How long the scheme's clock takes this signature at most, where it signs a time. */
  lifetimeSeconds?: number;
  arguments: Record<string, unknown>;
  rawBody: Buffer;
  scheme: string;
  /** Label or index of the secret that matched. */
  key: string;
}

/** What the middleware needs of a request; Express's own fits. */
export type ToolRequest = IncomingMessage & {
  body?: unknown;
  rawBody?: unknown;
  originalUrl?: string;
  toolCall?: VerifiedCall;
};

/** A middleware of Express 4 or 5, or of anything that calls `(req, res, next)`. */
export type Middleware = (
  req: ToolRequest,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;
