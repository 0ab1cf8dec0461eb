import { fileURLToPath } from "node:url";
import express from "express";
import { sign, verifySignature } from "../../middleware/index.ts";
import type { ToolRequest } from "../../middleware/index.ts";
import {
  appointmentsDocument,
  compile,
  createCaller,
} from "../../openapi/index.ts";
import { createRelay, openModel } from "../../relay/index.ts";
import type { Limits, Relay, RelayOptions } from "../../relay/index.ts";
import { startMessagesApi } from "./messages-api.ts";
import { closePhones, dialPhone } from "./phone.ts";
import { closeServers, startServer } from "./server.ts";

const SECRET = "whsec_test_secret";

/** One signed call that reached the tools' server. */
interface ToolRecord {
  path: string;
  args: Record<string, unknown>;
  callId: string | undefined;
  key: string | undefined;
}

export type ToolHandler = (
  res: express.Response,
  args: Record<string, unknown>,
) => void;

const relays: Relay[] = [];

/** A relay between a scripted Messages API and a server of signed tools, all over real sockets. */
export async function startSwitchboard(
  options: Partial<Omit<RelayOptions, "limits">> & {
    limits?: Partial<Limits>;
  } = {},
) {
  const api = await startMessagesApi();
  const called: ToolRecord[] = [];
  const handlers = new Map<string, ToolHandler>();
  const events: { event: string; fields: Record<string, unknown> }[] = [];

  const tools = express();
  tools.use(
    verifySignature({ secrets: SECRET }),
    (req: ToolRequest, res: express.Response) => {
      const path = req.url ?? "";
      const args = req.toolCall?.arguments ?? {};
      called.push({
        path,
        args,
        callId: req.toolCall?.callId,
        key: String(req.headers["idempotency-key"]),
      });
      const handler = handlers.get(path);
      if (handler) handler(res, args);
      else res.json({ done: path });
    },
  );
  const { url: baseUrl } = await startServer(tools);

  const catalog = await compile(fileURLToPath(appointmentsDocument));
  const callTool = createCaller({
    catalog,
    baseUrl,
    timeoutMs: options.limits?.toolTimeoutMs ?? 2000,
    sign: ({ body, callId, toolUseId }) => ({
      ...sign("thunderphone", SECRET, { body: body ?? new Uint8Array() }),
      "X-ThunderPhone-Call-ID": callId,
      "Idempotency-Key": toolUseId,
    }),
  });
  const note = (event: string, fields: object) =>
    void events.push({ event, fields: { ...fields } });
  const relay = createRelay({
    catalog,
    callTool,
    anthropic: openModel({ apiKey: "sk-test", baseUrl: api.url }),
    model: "claude-haiku-5-5",
    twilio: { authTokens: "none" },
    log: { info: note, warn: note, error: note },
    ...options,
    limits: { fillerAfterMs: 60_000, modelStallMs: 60_000, ...options.limits },
  });
  relays.push(relay);
  const { url, server } = await startServer(express().use(relay.router));
  relay.attach(server);
  const wsUrl = `${url.replace("http", "ws")}/ws`;
  return {
    api,
    called,
    events,
    relay,
    server,
    url,
    wsUrl,
    onTool: (path: string, handler: ToolHandler) =>
      void handlers.set(path, handler),
    dial: (callSid = "CA1") => dialPhone(wsUrl, callSid),
  };
}

export async function closeSwitchboards(): Promise<void> {
  await closePhones();
  for (const relay of relays.splice(0)) await relay.close();
  await closeServers();
}

/** Something that is waited for from the other side. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
