import { fileURLToPath } from "node:url";
import { sign } from "../middleware/index.ts";
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
  const { toolScheme, toolHeaders, toolSecrets } = config;
  const [secret] = toolSecrets;
  const addHeaders: CallerOptions["sign"] = ({
    url,
    body,
    callId,
    toolUseId,
  }) => ({
    ...toolHeaders,
    ...(secret === undefined
      ? {}
      : sign(toolScheme, secret, { body: body ?? new Uint8Array(), url })),
    "X-ThunderPhone-Call-ID": callId,
    "Idempotency-Key": toolUseId,
  });
  return createCaller({
    catalog,
    sign: addHeaders,
    timeoutMs: config.toolTimeoutMs,
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
}
