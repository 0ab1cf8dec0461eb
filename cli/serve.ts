import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import express from "express";
import { parse } from "yaml";
import {
  BusinessError,
  compileAppointments,
  createEndpoints,
  exampleBusiness,
  parseBusiness,
} from "../endpoints/index.ts";
import type { Business } from "../endpoints/index.ts";
import type { Middleware } from "../middleware/index.ts";
import { appointmentsDocument } from "../openapi/index.ts";
import { parseConfig, readEnvironment } from "./config.ts";
import type { Config, Environment } from "./config.ts";
import { openDatabase } from "./database.ts";
import { guard } from "./guard.ts";
import { listen, serveUntilSignal } from "./host.ts";
import type { Hosted } from "./host.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import type { ThunderPhoneParts } from "./thunderphone.ts";

/** `serve`: the tool endpoints on their own. */
export async function serve(io: Io, flags: Environment): Promise<number> {
  const config = parseConfig(readEnvironment(io, flags), ["tools"]);
  const log = createLog(io.stderr, config.logLevel);
  if (config.toolSecrets.length === 0) {
    io.stderr.write(
      "TOOL_SECRETS is not set: anybody on this machine can call the tools.\n",
    );
  }
  const host = await listen(
    config,
    (url) => openEndpoints(config, log, { url }),
    { log },
  );
  return serveUntilSignal(host, io);
}

/** Where the endpoints listen. */
interface Place {
  /** Without it, and without PUBLIC_URL, there is no webhook: it tells where the tools are. */
  url?: string;
  /** This process calls its own tools there, whatever the public address is. */
  callsItself?: boolean;
}

/**
 * The endpoints with their database, their metrics, and ThunderPhone's webhook
 * where its scheme is one of those that verify.
 */
export async function openEndpoints(
  config: Config,
  log: Log,
  place: Place = {},
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
  const metrics = createMetrics(async () => {
    const { tools } = await compileAppointments();
    return tools.map(({ name }) => name);
  }, config.consoleToken);
  const store = await openDatabase(config.databaseUrl);
  try {
    const { verify, webhooks } = await openGuard(config, log, place, {
      store: store.replay,
      onRefused: metrics.onRefused,
    });
    const tools = createEndpoints({
      store,
      business,
      verify,
      jokes: { url: config.jokeApiUrl },
      callRatePerMinute: config.callRatePerMinute,
      phoneRatePerMinute: config.callRatePerMinute,
      log,
      onAnswered: metrics.onAnswered,
    });
    return {
      routers: [describeTools(config), metrics.router, ...webhooks, tools],
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What lets tool calls in, and the webhook that tells it which calls have ended. */
async function openGuard(
  config: Config,
  log: Log,
  { url, callsItself = false }: Place,
  parts: Pick<ThunderPhoneParts, "store"> & {
    onRefused: (event: { reason: string }) => void;
  },
): Promise<{ verify: Middleware[] | "none"; webhooks: express.Router[] }> {
  if (config.toolSecrets.length === 0) return { verify: "none", webhooks: [] };
  const server = config.publicUrl ?? url;
  const { openThunderPhone } = await import("./thunderphone.ts");
  const phone =
    server === undefined
      ? undefined
      : await openThunderPhone(config, log, {
          ...parts,
          catalog: await compileAppointments(),
          tools: { server },
        });
  const verify = guard(config, log, {
    ...(callsItself && url !== undefined ? { ownUrl: url } : {}),
    ...(phone === undefined ? {} : { replay: phone.window }),
    onRefused: parts.onRefused,
  });
  return { verify: [verify], webhooks: phone ? [phone.router] : [] };
}

/**
 * `/openapi.json`: the tools' document, with the address under which it was asked
 * for. Read when it is first asked for: a start has no time for that.
 */
function describeTools(config: Config): express.Router {
  let reading: Promise<object> | undefined;
  async function readDocument(): Promise<object> {
    const text = await readFile(fileURLToPath(appointmentsDocument), "utf8");
    return parse(text) as object;
  }
  const router = express.Router();
  router.get("/openapi.json", async (req, res) => {
    const document = await (reading ??= readDocument());
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
