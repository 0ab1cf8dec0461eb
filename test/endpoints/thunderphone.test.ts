import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import { createThunderPhone } from "../../endpoints/thunderphone.ts";
import type { ThunderPhoneOptions } from "../../endpoints/thunderphone.ts";
import { callWindow, sign, verifySignature } from "../../middleware/index.ts";
import { newMemory } from "../support/replay-app.ts";
import { closeServers, startServer } from "../support/server.ts";
import { compileOrders } from "./gateway-app.ts";

afterEach(closeServers);

const SECRETS = ["whsec_of_the_endpoint", "whsec_of_the_organisation"];
const agent = {
  prompt: "You help. Today is {{today}} in {{timezone}}.",
  voice: "en-US-James1",
  timezone: "America/Los_Angeles",
};
/** The keys of https://docs.thunderphone.com/webhooks/call-incoming (read November 2026); any other is refused. */
const ACCEPTED = [
  "prompt",
  "voice",
  "product",
  "thinking_level",
  "background_track",
  "acknowledgement_prompt_mode",
  "acknowledgement_prompt",
  "tools",
];

async function start(options: Partial<ThunderPhoneOptions> = {}) {
  const logs: unknown[] = [];
  const note = (event: string, fields: object) =>
    void logs.push([event, fields]);
  const window = callWindow({
    store: newMemory(),
    unknown: "accept",
    graceSeconds: 0,
  });
  const app = express();
  app.use(
    createThunderPhone({
      agent,
      catalog: await compileOrders(),
      gateway: "https://gate.example",
      verify: [verifySignature({ secrets: SECRETS, replay: window.events })],
      now: () => new Date("2026-03-09T03:00:00Z"),
      log: { info: note, warn: note, error: note },
      ...options,
    }),
  );
  app.post(
    "/tools/x",
    verifySignature({ secrets: SECRETS, replay: window }),
    (_, res) => void res.json({ ran: true }),
  );
  const { url } = await startServer(app);

  async function send(
    path: string,
    value: unknown,
    { secret = SECRETS[0] as string, headers = {} } = {},
  ) {
    const body = JSON.stringify(value);
    const response = await fetch(url + path, {
      method: "POST",
      body,
      headers: { ...sign("thunderphone", secret, { body }), ...headers },
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
    };
  }
  const sendEvent = (type: unknown, data: unknown = { call_id: 42 }) =>
    send("/thunderphone", { type, data });
  const callTool = async () =>
    (
      await send(
        "/tools/x",
        {},
        { headers: { "X-ThunderPhone-Call-ID": "42" } },
      )
    ).status;
  return { url, logs, send, sendEvent, callTool };
}

describe("an incoming call", () => {
  test.each(["telephony.incoming", "web.incoming", "call.incoming"])(
    "%s is answered with prompt, voice and tools",
    async (type) => {
      const { sendEvent } = await start({ headers: { "X-Api-Key": "k" } });
      const { status, body } = await sendEvent(type, {
        call_id: 42,
        from_number: "+14155550100",
        to_number: "+14155550199",
      });
      expect(status).toBe(200);
      expect(Object.keys(body).sort()).toEqual(["prompt", "tools", "voice"]);
      expect(body).toMatchObject({
        prompt:
          "You help. Today is Sunday, March 8, 2026 (2026-03-08) in America/Los_Angeles.",
        voice: "en-US-James1",
      });
      expect((body["tools"] as unknown[])[0]).toMatchObject({
        type: "function",
        function: { name: "get_order", parameters: { type: "object" } },
        endpoint: {
          url: "https://gate.example/tools/get_order",
          method: "POST",
          headers: { "X-Api-Key": "k" },
        },
      });
    },
  );

  test("says all that an agent may say, in keys that ThunderPhone takes", async () => {
    const { sendEvent } = await start({
      agent: {
        ...agent,
        product: "storm-base-with-ack",
        thinkingLevel: "base",
        backgroundTrack: "CALL_CENTER",
        acknowledgementPrompt: "Say that you are looking.",
      },
    });
    const { body } = await sendEvent("telephony.incoming");
    expect(Object.keys(body).sort()).toEqual(ACCEPTED.toSorted());
    expect(body["acknowledgement_prompt_mode"]).toBe("manual");
  });

  test("tools at their own endpoints: what needs a gateway is left out and told", async () => {
    const { sendEvent, logs } = await start({
      catalog: await compileOrders(),
      gateway: undefined as never,
      server: "https://api.example",
    });
    const { body } = await sendEvent("telephony.incoming");
    const tools = body["tools"] as { endpoint: { url: string } }[];
    expect(tools.map(({ endpoint }) => endpoint.url)).toContain(
      "https://api.example/orders",
    );
    expect(logs).toContainEqual([
      "thunderphone.tool",
      expect.objectContaining({ rule: "needs-gateway" }),
    ]);
  });

  test("opens the call, and its end closes it for tools", async () => {
    const { sendEvent, callTool } = await start();
    await sendEvent("telephony.incoming");
    expect(await callTool()).toBe(200);
    const end = await sendEvent("telephony.complete", {
      call_id: 42,
      transcripts: [{ role: "user", content: "x".repeat(200_000) }],
    });
    expect(end).toEqual({ status: 200, body: {} });
    expect(await callTool()).toBe(401);
    await sendEvent("telephony.incoming");
    expect(await callTool()).toBe(401);
  });
});

describe("the webhook", () => {
  test.each<[type: unknown]>([
    ["telephony.complete"],
    ["telephony.tool"],
    ["call.graded"],
    ["alert.triggered"],
    ["incoming"],
    [".incoming"],
    ["telephony.incoming.more"],
    [["telephony.incoming"]],
    [7],
    [undefined],
  ])("acknowledges %j with {}", async (type) => {
    const { sendEvent } = await start();
    expect(await sendEvent(type)).toEqual({ status: 200, body: {} });
  });

  test("takes every secret of the list, and no other", async () => {
    const { send } = await start();
    const event = { type: "telephony.incoming", data: { call_id: 1 } };
    for (const secret of SECRETS)
      expect((await send("/thunderphone", event, { secret })).status).toBe(200);
    const stranger = await send("/thunderphone", event, { secret: "other" });
    expect(stranger).toEqual({
      status: 401,
      body: { error: "invalid signature" },
    });
  });

  test("tells an unsigned sender nothing", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/thunderphone`, {
      method: "POST",
      body: '{"type":"telephony.incoming","data":{"call_id":42}}',
    });
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: "invalid signature" },
    ]);
  });

  test("logs the kind of event and nothing of the caller", async () => {
    const { sendEvent, logs } = await start();
    await sendEvent("telephony.incoming", { from_number: "+14155550100" });
    await sendEvent("Maria +14155550100");
    expect(logs).toEqual([
      ["thunderphone.event", { type: "telephony.incoming" }],
      ["thunderphone.event", { type: "unknown" }],
    ]);
  });

  test.each<[wrong: Partial<ThunderPhoneOptions>]>([
    [{ verify: [] }],
    [{ agent: { ...agent, prompt: " " } }],
    [{ agent: { ...agent, voice: "" } }],
    [{ agent: { ...agent, timezone: "Mars/Olympus" } }],
  ])("cannot be made with %j", async (wrong) => {
    const catalog = await compileOrders();
    expect(() =>
      createThunderPhone({
        agent,
        catalog,
        verify: [verifySignature({ secrets: SECRETS })],
        ...wrong,
      }),
    ).toThrow(TypeError);
  });
});
