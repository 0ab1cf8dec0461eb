import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { WebSocketServer } from "ws";
import { sign } from "../../middleware/index.ts";
import { createRelay, openModel, parseAgent } from "../../relay/index.ts";
import { closeSwitchboards, startSwitchboard } from "../support/switchboard.ts";
import { dialPhone } from "../support/phone.ts";

afterEach(closeSwitchboards);

const TOKEN = "12345";
const PUBLIC = "https://voice.example.com/agent";

const start = () =>
  startSwitchboard({
    twilio: { authTokens: ["old", TOKEN], publicUrl: `${PUBLIC}/` },
  });
const signed = (url: string, body = "", token = TOKEN) =>
  sign("twilio", token, { url, body });

describe("the WebSocket's door", () => {
  const spellings = [
    "wss://voice.example.com/agent/ws",
    "wss://voice.example.com:443/agent/ws",
    "wss://voice.example.com/agent/ws/",
    "wss://voice.example.com:443/agent/ws/",
  ];
  test.each(spellings)("opens for what Twilio signed as %s", async (url) => {
    const { wsUrl } = await start();
    const phone = await dialPhone(wsUrl, "CA1", signed(url));
    await phone.hangUp();
  });

  test("opens at a path with a slash at its end too", async () => {
    const { wsUrl } = await start();
    await (
      await dialPhone(
        `${wsUrl}/`,
        "CA1",
        signed("wss://voice.example.com/agent/ws"),
      )
    ).hangUp();
  });

  const strangers: [what: string, headers: Record<string, string>][] = [
    ["no signature", {}],
    ["another token", signed("wss://voice.example.com/agent/ws", "", "wrong")],
    ["another address", signed("wss://evil.example.com/agent/ws")],
    ["https instead of wss", signed("https://voice.example.com/agent/ws")],
  ];
  test.each(strangers)("stays shut with 403: %s", async (_, headers) => {
    const { wsUrl } = await start();
    await expect(dialPhone(wsUrl, "CA1", headers)).rejects.toThrow("403");
  });

  test("is at /ws only, also behind a proxy that keeps the mount path", async () => {
    const { url } = await start();
    const base = url.replace("http", "ws");
    const headers = signed("wss://voice.example.com/agent/ws");
    await expect(dialPhone(`${base}/other`, "CA1", headers)).rejects.toThrow(
      "404",
    );
    await (await dialPhone(`${base}/agent/ws`, "CA1", headers)).hangUp();
  });
});

describe("an upgrade that is refused", () => {
  const ask = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;

  async function connectTo(url: string, path: string): Promise<Socket> {
    const { port, hostname } = new URL(url);
    const socket = connect({
      port: Number(port),
      host: hostname,
      allowHalfOpen: true,
    });
    await once(socket, "connect");
    socket.write(ask(path));
    return socket;
  }

  test.each(["/nope", "/ws"])(
    "does not end the process when its sender breaks off: %s",
    async (path) => {
      const { url } = await start();
      for (let round = 0; round < 5; round++)
        (await connectTo(url, path)).resetAndDestroy();
      expect((await fetch(`${url}/twiml`)).status).toBe(403);
    },
  );

  test.each(["/nope", "/ws"])(
    "is over on our side too, whatever its sender keeps open: %s",
    async (path) => {
      const { url, server } = await start();
      const socket = await connectTo(url, path);
      socket.resume();
      await once(socket, "end");
      await once(server.close(), "close"); // waits for every connection
      socket.destroy();
    },
  );
});

test("another WebSocket server on the same port keeps its paths", async () => {
  const { server, wsUrl } = await startSwitchboard();
  const others = new WebSocketServer({ noServer: true });
  server.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (req.url === "/chat/ws")
      others.handleUpgrade(req, socket, head, (opened) => opened.close(4000));
  });
  expect(
    await (
      await dialPhone(wsUrl.replace("/ws", "/chat/ws"), "")
    ).closed,
  ).toBe(4000);
  await (await dialPhone(wsUrl, "CA1")).hangUp();
});

describe("/twiml", () => {
  test("hands the call to the WebSocket, with greeting, language and what comes after", async () => {
    const { url } = await start();
    const body = "CallSid=CA1&From=%2B14155550100";
    const response = await fetch(`${url}/twiml`, {
      method: "POST",
      body,
      headers: {
        ...signed(`${PUBLIC}/twiml`, body),
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(response.headers.get("content-type")).toContain("text/xml");
    expect(await response.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://voice.example.com/agent/twiml/action">' +
        '<ConversationRelay url="wss://voice.example.com/agent/ws" welcomeGreeting="Hello! I can find you an appointment, book it, or cancel one. How can I help?"' +
        ' language="en-US" dtmfDetection="true" interruptible="any" events="tokens-played"/></Connect></Response>',
    );
  });

  test("is found too behind a proxy that keeps the mount path", async () => {
    const { url } = await start();
    const headers = signed(`${PUBLIC}/twiml`);
    expect((await fetch(`${url}/agent/twiml`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/twiml`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/other/twiml`, { headers })).status).toBe(404);
  });

  test("answers a signed GET too", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/twiml?a=b`, {
      headers: signed(`${PUBLIC}/twiml?a=b`),
    });
    expect(response.status).toBe(200);
  });

  test("refuses unsigned and altered requests with 403", async () => {
    const { url } = await start();
    const post = (
      path: string,
      body: string,
      headers: Record<string, string>,
    ) => fetch(url + path, { method: "POST", body, headers });
    expect((await post("/twiml", "a=b", {})).status).toBe(403);
    expect(
      (await post("/twiml", "a=c", signed(`${PUBLIC}/twiml`, "a=b"))).status,
    ).toBe(403);
    expect((await post("/twiml/action", "", {})).status).toBe(403);
    expect(
      (await post("/twiml/action", "", signed(`${PUBLIC}/twiml`))).status,
    ).toBe(403);
  });

  test("takes JSON by the digest in the signed URL, and no other body", async () => {
    const { url } = await start();
    const body = '{"CallSid":"CA1"}';
    // printf '{"CallSid":"CA1"}' | sha256sum
    const query =
      "?bodySHA256=85264246de8d570722726062407cde49dc5bb2c2569c179765b178e3ffe30825";
    const post = async (sent: string) => {
      const headers = signed(`${PUBLIC}/twiml${query}`, body);
      const path = `${url}/twiml${query}`;
      return (await fetch(path, { method: "POST", headers, body: sent }))
        .status;
    };
    expect(await post(body)).toBe(200);
    expect(await post('{"CallSid":"CA2"}')).toBe(403);
    expect(await post("")).toBe(403);
  });

  test("on this machine needs no address: the request's host is it", async () => {
    const { url } = await startSwitchboard();
    const xml = await (await fetch(`${url}/twiml`, { method: "POST" })).text();
    expect(xml).toContain(`url="${url.replace("http", "ws")}/ws"`);
    expect(xml).toContain(`action="${url}/twiml/action"`);
  });

  test("refuses a body that is too large in a word, without a stack", async () => {
    const { url } = await startSwitchboard();
    const response = await fetch(`${url}/twiml`, {
      method: "POST",
      body: "x".repeat(70_000),
    });
    expect([response.status, await response.text()]).toEqual([
      413,
      '{"error":"bad request"}',
    ]);
  });

  test("escapes what the agent says", async () => {
    const agent = parseAgent({
      system: "s",
      greeting: 'Tom & "Jerry" <here>\u0000',
      language: "en-US",
      voice: "v",
      tts_provider: "Google",
      timezone: "UTC",
    });
    const { url } = await startSwitchboard({ agent });
    const xml = await (await fetch(`${url}/twiml`)).text();
    expect(xml).toContain(
      'welcomeGreeting="Tom &amp; &quot;Jerry&quot; &lt;here&gt;"',
    );
    expect(xml).toContain('voice="v" ttsProvider="Google"');
  });
});

describe("/twiml/action", () => {
  test.each([
    ["completed", /<Response><Hangup\/><\/Response>/],
    [
      "failed",
      /<Say language="en-US">I&apos;m sorry, the connection was lost. Please call again.<\/Say><Hangup\/>/,
    ],
  ])("after a session that %s", async (status, expected) => {
    const { url } = await startSwitchboard();
    const response = await fetch(`${url}/twiml/action`, {
      method: "POST",
      body: new URLSearchParams({ CallSid: "CA1", SessionStatus: status }),
    });
    expect(await response.text()).toMatch(expected);
  });
});

describe("what a relay is made of", () => {
  test("it does not start without tokens unless open access is asked for", () => {
    const catalog = {
      title: "",
      version: "",
      servers: [],
      tools: [],
      diagnostics: [],
    };
    const callTool = () => Promise.reject(new Error("unused"));
    for (const authTokens of [[], [""], [" "]]) {
      expect(() =>
        createRelay({
          catalog,
          callTool,
          anthropic: openModel({ apiKey: "k" }),
          model: "m",
          twilio: { authTokens },
        }),
      ).toThrow(TypeError);
    }
  });

  const faults: [what: string, file: unknown, fault: RegExp][] = [
    ["no YAML", "a: [", /not YAML/],
    ["nothing", {}, /must have required property 'system'/],
    [
      "an unknown word",
      {
        system: "s",
        greeting: "g",
        language: "en",
        timezone: "UTC",
        colour: "red",
      },
      /additional properties: colour/,
    ],
    [
      "a zone that does not exist",
      { system: "s", greeting: "g", language: "en", timezone: "Mars" },
      /timezone Mars/,
    ],
    [
      "a language that is none",
      {
        system: "s",
        greeting: "g",
        language: "english please",
        timezone: "UTC",
      },
      /language must match/,
    ],
  ];
  test.each(faults)("an agent file's fault is named: %s", (_, file, fault) => {
    expect(() => parseAgent(file)).toThrow(fault);
  });
});
