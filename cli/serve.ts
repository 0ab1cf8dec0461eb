import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import express from "express";
import { parse } from "yaml";
import {
  BusinessError,
  createEndpoints,
  exampleBusiness,
  openStore,
  parseBusiness,
  StoreError,
} from "../endpoints/index.ts";
import type { Business } from "../endpoints/index.ts";
import { verifySignature } from "../middleware/index.ts";
import type { Middleware } from "../middleware/index.ts";
import { appointmentsDocument } from "../openapi/index.ts";
import { parseConfig, readEnvironment } from "./config.ts";
import type { Config, Environment } from "./config.ts";
import { listen, serveUntilSignal } from "./host.ts";
import type { Hosted } from "./host.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";

const MAX_BODY_BYTES = 16 * 1024;

/** `serve`: the tool endpoints on their own. */
export async function serve(io: Io, flags: Environment): Promise<number> {
  const config = parseConfig(readEnvironment(io, flags), ["tools"]);
  const log = createLog(io.stderr, config.logLevel);
  if (config.toolSecrets.length === 0) {
    io.stderr.write(
      "TOOL_SECRETS is not set: anybody on this machine can call the tools.\n",
    );
  }
  const host = await listen(config, () => openEndpoints(config, log));
  return serveUntilSignal(host, io);
}

/**
 * The endpoints with their database.
 * @param ownUrl  where this process listens, if it calls its own tools
 */
export async function openEndpoints(
  config: Config,
  log: Log,
  ownUrl?: string,
): Promise<Hosted> {
  if (
    config.toolSecrets.length === 0 &&
    Object.keys(config.toolHeaders).length > 0
  ) {
    throw new VerbError(
      EXIT.usage,
      "TOOL_HEADERS: without TOOL_SECRETS the tools are open and no header is asked for",
    );
  }
  const business = await readBusiness(config.businessConfig);
  const store = await openStore(config.databaseUrl).catch((error: unknown) => {
    if (error instanceof StoreError)
      throw new VerbError(EXIT.usage, `DATABASE_URL: ${error.message}`, {
        cause: error,
      });
    throw error;
  });
  const router = createEndpoints({
    store,
    business,
    verify:
      config.toolSecrets.length > 0 ? [guard(config, log, ownUrl)] : "none",
    jokes: { url: config.jokeApiUrl },
    log,
  });
  return {
    routers: [await describeTools(config), router],
    close: () => store.close(),
  };
}

/**
 * Where the URL is signed, who calls from this process signs the address that it
 * calls, and all others the public one.
 */
function guard(
  config: Config,
  log: Log,
  ownUrl: string | undefined,
): Middleware {
  const make = (publicUrl: string | undefined) =>
    verifySignature({
      secrets: config.toolSecrets,
      scheme: config.toolSchemes,
      headers: config.toolHeaders,
      maxBodyBytes: MAX_BODY_BYTES,
      ...(publicUrl === undefined ? {} : { publicUrl }),
      onRefused: ({ reason, req, hint }) =>
        log.warn("tool.refused", {
          reason,
          path: (req.url ?? "").split("?")[0],
          ...(hint === undefined ? {} : { hint }),
        }),
    });
  const outside = make(config.publicUrl);
  if (config.publicUrl === undefined || ownUrl === undefined) return outside;
  const inside = make(ownUrl);
  const ownHost = new URL(ownUrl).host;
  return (req, res, next) =>
    (req.headers.host === ownHost ? inside : outside)(req, res, next);
}

/** `/openapi.json`: the tools' document, with the address under which it was asked for. */
async function describeTools(config: Config): Promise<express.Router> {
  const document = parse(
    await readFile(fileURLToPath(appointmentsDocument), "utf8"),
  ) as object;
  const router = express.Router();
  router.get("/openapi.json", (req, res) => {
    const url =
      config.publicUrl ??
      `http://${req.get("host") ?? `${config.host}:${config.port}`}`;
    res.json({ ...document, servers: [{ url }] });
  });
  return router;
}

async function readBusiness(file: string | undefined): Promise<Business> {
  const path = file ?? fileURLToPath(exampleBusiness);
  try {
    return parseBusiness(await readFile(path, "utf8"));
  } catch (error) {
    const why =
      error instanceof BusinessError
        ? error.faults.join("\n  ")
        : String(error);
    throw new VerbError(EXIT.usage, `BUSINESS_CONFIG ${path}:\n  ${why}`, {
      cause: error,
    });
  }
}
