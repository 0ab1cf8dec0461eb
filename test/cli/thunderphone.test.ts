import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import { parseConfig } from "../../cli/config.ts";
import { openThunderPhone } from "../../cli/thunderphone.ts";
import { compileAppointments } from "../../endpoints/index.ts";
import { sign, verifySignature } from "../../middleware/index.ts";
import type { ReplayStore } from "../../middleware/index.ts";
import { newMemory } from "../support/replay-app.ts";
import { closeServers, startServer } from "../support/server.ts";

afterEach(closeServers);

const SECRET = "a secret of the test";

async function open(
  env: Record<string, string> = {},
  store: ReplayStore = newMemory(),
) {
  const logs: [event: string, fields: object][] = [];
  const note = (event: string, fields: object) =>
    void logs.push([event, fields]);
  const phone = await openThunderPhone(
    parseConfig({ TOOL_SECRETS: SECRET, ...env }),
    { info: note, warn: note, error: note },
    {
      catalog: await compileAppointments(),
      tools: { server: "http://tools.example" },
      store,
    },
  );
  const app = express();
  if (phone) {
    const verify = verifySignature({ secrets: SECRET, replay: phone.window });
    app.use(phone.router).post("/tool", verify, (_req, res) => {
      res.json({ speech: "done" });
    });
  }
  const { url } = await startServer(app);
  const send = async (type: string, path = "/thunderphone") => {
    const body = JSON.stringify({ type, data: { call_id: 42 } });
    const response = await fetch(url + path, {
      method: "POST",
      body,
      headers: {
        ...sign("thunderphone", SECRET, { body }),
        "X-ThunderPhone-Call-ID": "42",
      },
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  return { logs, send };
}

describe("ThunderPhone's webhook at its start", () => {
  const warning = [
    "thunderphone.address",
    { message: expect.stringMatching(/^PUBLIC_URL is not set: .*reach/) },
  ];

  test.each(["0.0.0.0", "::", "192.168.0.7"])(
    "warns that ThunderPhone cannot reach the tools of HOST %s without PUBLIC_URL",
    async (HOST) => {
      expect((await open({ HOST })).logs).toEqual([warning]);
    },
  );

  test.each<[env: Record<string, string>]>([
    [{}],
    [{ HOST: "127.0.0.1" }],
    [{ HOST: "0.0.0.0", PUBLIC_URL: "https://tools.example" }],
    [{ HOST: "0.0.0.0", TOOL_SCHEME: "github" }],
  ])("says nothing with %j", async (env) => {
    expect((await open(env)).logs).toEqual([]);
  });
});

describe("ThunderPhone's webhook without its store", () => {
  const faults: [how: string, fault: () => Promise<never>][] = [
    ["that fails", () => Promise.reject(new Error("down"))],
    ["that hangs", () => new Promise<never>(() => {})],
  ];

  test.each(faults)(
    "%s still answers an incoming call before ThunderPhone gives up on it",
    async (_, fault) => {
      const store = { addIfAbsent: fault, get: fault, put: fault };
      const { send, logs } = await open({}, store);
      const started = performance.now();
      const { status, body } = await send("telephony.incoming");
      expect(status).toBe(200);
      expect(Object.keys(body).sort()).toEqual(["prompt", "tools", "voice"]);
      expect(performance.now() - started).toBeLessThan(2000); // ThunderPhone's own limit
      expect(logs).toContainEqual([
        "thunderphone.window",
        { reason: "store_unavailable" },
      ]);
    },
  );

  test("is sent the end of a call again", async () => {
    const fault = () => Promise.reject(new Error("down"));
    const store = { addIfAbsent: fault, get: fault, put: fault };
    const { send } = await open({}, store);
    expect((await send("telephony.complete")).status).toBe(503);
  });

  test("says so to who calls a tool, in words that can be spoken, and runs nothing", async () => {
    const fault = () => Promise.reject(new Error("down"));
    const store = { addIfAbsent: fault, get: fault, put: fault };
    const { send } = await open({}, store);
    expect(await send("", "/tool")).toMatchObject({
      status: 200,
      body: {
        code: "unavailable",
        speech: expect.stringMatching(/\w/) as unknown,
      },
    });
    const up = await open();
    expect((await up.send("", "/tool")).body).toEqual({ speech: "done" });
    await up.send("telephony.complete");
    expect((await up.send("", "/tool")).status).toBe(401);
  });
});
