/** There is no document to compile: unreadable, not JSON or YAML, or not an object. */
export class DocumentError extends Error {
  readonly code = "ERR_DOCUMENT";
  readonly source: string;
  constructor(source: string, message: string, options?: ErrorOptions) {
    super(`${source}: ${message}`, options);
    this.name = "DocumentError";
    this.source = source;
  }
}

/** These arguments cannot become an HTTP request of this operation. */
export class RequestError extends Error {
  readonly code = "ERR_REQUEST";
  readonly reason: "invalid_arguments" | "unsupported_request" | "no_server";
  constructor(reason: RequestError["reason"], message: string) {
    super(message);
    this.name = "RequestError";
    this.reason = reason;
  }
}
