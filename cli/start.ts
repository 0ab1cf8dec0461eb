import { randomBytes } from "node:crypto";
import { parseConfig, readEnvironment } from "./config.ts";
import type { Config, Environment } from "./config.ts";
import { combine, listen, serveUntilSignal } from "./host.ts";
import type { Hosted } from "./host.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { openRelay, tellModel } from "./relay.ts";
import { openEndpoints } from "./serve.ts";

/** `start`: relay and endpoints in one process; they still speak signed HTTP with each other. */
export async function start(io: Io, flags: Environment): Promise<number> {
  const parsed = parseConfig(readEnvironment(io, flags), ["tools", "relay"]);
  // Nobody else has to know a secret that only this process uses. Hexadecimal
  // digits are base64 too, so they fit every scheme.
  const isSecretGiven = parsed.toolSecrets.length > 0;
  const config = isSecretGiven
    ? parsed
    : { ...parsed, toolSecrets: [randomBytes(32).toString("hex")] };
  const log = createLog(io.stderr, config.logLevel);
  const host = await listen(config, (url) => openBoth(config, log, url), {
    log,
  });
  tellModel(config, io);
  io.stderr.write(
    `Voice webhook for the phone number: ${config.publicUrl ?? host.url}/twiml\n`,
  );
  if (!isSecretGiven)
    io.stderr.write(
      "TOOL_SECRETS is not set: a random one serves this process.\n",
    );
  return serveUntilSignal(host, io);
}

async function openBoth(
  config: Config,
  log: Log,
  url: string,
): Promise<Hosted> {
  // A document of one's own knows its own server; the bundled one is served right here.
  const baseUrl =
    config.toolsBaseUrl ?? (config.toolsSpec === undefined ? url : undefined);
  const relay = await openRelay(config, log, baseUrl);
  return combine(
    await openEndpoints(config, log, { url, callsItself: true }),
    relay,
  );
}
