import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { readSignedPlaces, schemes, sign } from "../middleware/index.ts";
import {
  appointmentsDocument,
  compile,
  createCaller,
  DocumentError,
} from "../openapi/index.ts";
import type { CallerOptions, CallTool, Catalog } from "../openapi/index.ts";
import type { Config } from "./config.ts";
import { EXIT, VerbError } from "./io.ts";

/** The document's tools; a document that yields none is an error, never an empty success. */
export async function readCatalog(spec: string | undefined): Promise<Catalog> {
  const source = spec ?? fileURLToPath(appointmentsDocument);
  try {
    const catalog = await compile(source);
    if (catalog.tools.length > 0) return catalog;
    const why = catalog.diagnostics.map(({ message }) => message).join("; ");
    throw new VerbError(
      EXIT.input,
      `${source} has no operation that can be a tool${why === "" ? "" : `: ${why}`}`,
    );
  } catch (error) {
    if (error instanceof DocumentError)
      throw new VerbError(EXIT.input, error.message, { cause: error });
    throw error;
  }
}

/** Joins the room that makes requests with the room that signs them. */
export function openCaller(
  config: Config,
  catalog: Catalog,
  baseUrl: string | undefined,
): CallTool {
  const { toolHeaders, toolSecrets } = config;
  const [secret] = toolSecrets;
  const [name = "thunderphone"] = config.toolSchemes;
  const scheme = secret === undefined ? undefined : schemes[name];
  const digestParameter = scheme?.bodyDigestParameter;
  const signsId = readSignedPlaces(name).idHeader !== undefined;
  const addHeaders: CallerOptions["sign"] = (request) => {
    const { method, headers, callId, toolUseId } = request;
    const body = request.body ?? new Uint8Array();
    const url = withDigest(digestParameter, request.url, headers, body);
    const id = signsId ? { id: toDeliveryId(callId, toolUseId) } : {};
    return {
      ...toolHeaders,
      ...(secret === undefined
        ? {}
        : sign(name, secret, { body, method, url, now: new Date(), ...id })),
      "X-ThunderPhone-Call-ID": callId,
      "Idempotency-Key": toolUseId,
    };
  };
  return createCaller({
    catalog,
    sign: addHeaders,
    // What the signature says of the URL has to be in it.
    fetch: (url, options = {}) =>
      fetch(
        withDigest(
          digestParameter,
          String(url as string),
          options.headers,
          options.body as Uint8Array | undefined,
        ),
        options,
      ),
    timeoutMs: config.toolTimeoutMs,
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
}

/**
 * The signed id of one use of a tool. The last dot parts the two.
 * @throws TypeError when they could not be told apart again
 */
function toDeliveryId(callId: string, toolUseId: string): string {
  if (!toolUseId.includes(".")) return `${callId}.${toolUseId}`;
  throw new TypeError("a tool_use id with a dot in it cannot be signed");
}

/** The URL as it is called; one that covers a body which is no form has its digest in the query. */
function withDigest(
  parameter: string | undefined,
  url: string,
  headers: ConstructorParameters<typeof Headers>[0],
  body: Uint8Array | undefined,
): string {
  const type = new Headers(headers).get("content-type") ?? "";
  const isForm = type.startsWith("application/x-www-form-urlencoded");
  if (parameter === undefined || !body?.length || isForm) return url;
  const called = new URL(url);
  called.searchParams.append(
    parameter,
    createHash("sha256").update(body).digest("hex"),
  );
  return called.href;
}
