import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "@jest/globals";
import { sign } from "../../middleware/index.ts";
import {
  CREDENTIAL,
  ordersDocument,
  SECRET,
  startUpstream,
} from "../endpoints/gateway-app.ts";
import { closeServers } from "../support/server.ts";
import { runCommand } from "../support/terminal.ts";
import type { Terminal } from "../support/terminal.ts";

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const tsx = import.meta.resolve("tsx");
const running: Terminal[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const terminal of running.splice(0)) {
    terminal.stop();
    await terminal.exitCode;
  }
  await closeServers();
});

const ENV = {
  TOOL_SECRETS: SECRET,
  UPSTREAM_CREDENTIALS: `key: ${CREDENTIAL}`,
};

async function writeSpec(more: object = {}): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "gateway-")), "orders.json");
  await writeFile(file, JSON.stringify({ ...ordersDocument, ...more }));
  return file;
}

async function listen(
  flags: string[] = [],
  env: Record<string, string> = ENV,
  more: object = {},
) {
  const upstream = await startUpstream((req, res) =>
    res.json({ path: req.originalUrl }),
  );
  const terminal = runCommand(
    [
      "gateway",
      await writeSpec(more),
      "--upstream",
      `${upstream.url}/v1`,
      "--port",
      "0",
      ...flags,
    ],
    { env },
  );
  running.push(terminal);
  const [, url = ""] = await terminal.printed(
    /^\{"listening":"(http:\/\/[^"]+)"\}\n$/,
  );
  return { url, terminal, upstream };
}

async function post(
  url: string,
  value: unknown,
  options: { scheme?: string; secret?: string; callId?: string } = {},
) {
  const { scheme = "thunderphone", secret = SECRET, callId = "1" } = options;
  const body = JSON.stringify(value);
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      "X-ThunderPhone-Call-ID": callId,
      ...sign(scheme, secret, { body, now: new Date(), id: "1" }),
    },
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** Runs to its end. */
async function run(argv: string[], env: Record<string, string> = ENV) {
  const terminal = runCommand(["gateway", ...argv], { env });
  return {
    exitCode: await terminal.exitCode,
    stdout: terminal.stdout(),
    stderr: terminal.stderr(),
  };
}

describe("gateway", () => {
  test("puts a document's operations in front of their API, with its credential", async () => {
    const { url, terminal, upstream } = await listen();
    expect(await post(`${url}/tools/get_order`, { id: "7" })).toEqual({
      status: 200,
      body: { path: "/v1/orders/7" },
    });
    expect(upstream.received[0]?.headers["x-key"]).toBe(CREDENTIAL);
    expect(
      (await post(`${url}/tools/get_order`, { id: "7" }, { secret: "other" }))
        .status,
    ).toBe(401);
    for (const path of ["/healthz", "/readyz"])
      expect((await fetch(url + path)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /tool_calls_total\{tool="get_order",code="ok"\} 1/,
    );
    expect(terminal.stderr()).not.toContain(CREDENTIAL);
    terminal.stop();
    expect(await terminal.exitCode).toBe(0);
  });

  test.each<[lines: string, word: RegExp]>([
    ["key: a\u0001b", /^UPSTREAM_CREDENTIALS: key holds a control character$/m],
    ["login: nopassword", /^UPSTREAM_CREDENTIALS: login .*user:password$/m],
  ])("refuses credentials that cannot be sent: %j", async (lines, word) => {
    const directory = await mkdtemp(join(tmpdir(), "kit-"));
    const file = join(directory, "orders.json");
    const { components } = ordersDocument;
    const securitySchemes = {
      ...components.securitySchemes,
      login: { type: "http", scheme: "basic" },
    };
    await writeFile(
      file,
      JSON.stringify({
        ...ordersDocument,
        components: { securitySchemes },
        security: [{ key: [] }, { login: [] }],
      }),
    );
    const { exitCode, stdout, stderr } = await run(
      [file, "--upstream", "https://a.example"],
      { ...ENV, UPSTREAM_CREDENTIALS: lines },
    );
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(word);
    expect(stderr).not.toMatch(/nopassword/);
  });

  test("runs a write once, and lets reads through", async () => {
    const { url, upstream } = await listen();
    for (let times = 0; times < 2; times++) {
      await post(`${url}/tools/place_order`, { item: "tea" });
      await post(`${url}/tools/list_orders`, {});
    }
    expect(upstream.received.map(({ method }) => method)).toEqual([
      "POST",
      "GET",
      "GET",
    ]);
  });

  test("offers what was selected only", async () => {
    const { url } = await listen(["--exclude", "*_order", "--include", "*"]);
    const { body } = await post(`${url}/tools/place_order`, { item: "tea" });
    expect(body).toMatchObject({
      code: "not_found",
      error: expect.stringMatching(
        /the tools are list_orders, get_brief, write_brief$/,
      ) as unknown,
    });
  });

  test("takes the document's own server without --upstream", async () => {
    const upstream = await startUpstream();
    const spec = await writeSpec({
      servers: [{ url: "/relative" }, { url: `${upstream.url}/own` }],
    });
    const terminal = runCommand(["gateway", spec, "--port", "0"], { env: ENV });
    running.push(terminal);
    const [, url = ""] = await terminal.printed(/"listening":"([^"]+)"/);
    await post(`${url}/tools/list_orders`, {});
    expect(upstream.received[0]?.url).toBe("/own/orders");
  });

  test("speaks Vapi's messages, signed by its scheme", async () => {
    const { url } = await listen(["--platform", "vapi"]);
    const message = {
      message: {
        type: "tool-calls",
        call: { id: "c", transcript: "x".repeat(50_000) },
        toolCallList: [{ id: "a", name: "list_orders", arguments: {} }],
      },
    };
    const answer = {
      results: [{ toolCallId: "a", result: '{"path":"/v1/orders"}' }],
    };
    const options = { scheme: "vapi" };
    expect(await post(`${url}/tools`, message, options)).toEqual({
      status: 200,
      body: answer,
    });
    expect((await post(`${url}/tools`, message)).status).toBe(401);
    expect((await post(`${url}/thunderphone`, {})).status).toBe(404);
  });

  test("speaks Retell's messages, signed by its scheme", async () => {
    const { url } = await listen(["--platform", "retell"]);
    const body = { name: "list_orders", args: {}, call: { call_id: "c" } };
    expect(
      await post(`${url}/tools/list_orders`, body, { scheme: "retell" }),
    ).toEqual({ status: 200, body: { path: "/v1/orders" } });
  });

  test("sets up ThunderPhone's agent, whose tools end with its call", async () => {
    const { url } = await listen();
    const event = (type: string) =>
      post(`${url}/thunderphone`, { type, data: { call_id: 42 } });
    const { status, body } = await event("telephony.incoming");
    expect(status).toBe(200);
    expect(body["prompt"]).toMatch(
      /for Orders\..*Today is \w+, .*, time zone /s,
    );
    expect(body["voice"]).toBe("en-US-James1");
    const [tool] = body["tools"] as { endpoint: { url: string } }[];
    expect(tool?.endpoint.url).toBe(`${url}/tools/get_order`);
    const call = async (callId: string) =>
      (await post(tool?.endpoint.url ?? "", { id: "7" }, { callId })).status;
    expect([await call("42"), await call("other")]).toEqual([200, 200]);
    expect(await event("telephony.complete")).toEqual({
      status: 200,
      body: {},
    });
    expect([await call("42"), await call("other")]).toEqual([401, 200]);
  });

  test("tells ThunderPhone the prompt and the voice of AGENT_CONFIG", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "agent-")), "agent.yaml");
    const agent = [
      "system: 'Hi. It is {{today}}.'",
      "greeting: Hello!",
      "language: en-US",
      "timezone: Asia/Tokyo",
      "voice: a-voice-of-twilio",
      "thunderphone: { voice: en-GB-Ann2, product: bolt }",
    ];
    await writeFile(file, agent.join("\n"));
    const { url } = await listen([], { ...ENV, AGENT_CONFIG: file });
    const event = { type: "web.incoming", data: { call_id: 1 } };
    const { body } = await post(`${url}/thunderphone`, event);
    expect(body).toMatchObject({
      prompt: expect.stringMatching(/^Hi\. It is \w+day, .*\)\.$/) as unknown,
      voice: "en-GB-Ann2",
      product: "bolt",
    });
    await writeFile(file, [...agent, "thunderphones: {}"].join("\n"));
    const wrong = runCommand(
      ["gateway", await writeSpec(), "--upstream", "https://a.example"],
      { env: { ...ENV, AGENT_CONFIG: file, PORT: "0" } },
    );
    expect(await wrong.exitCode).toBe(2);
    expect(wrong.stderr()).toMatch(/AGENT_CONFIG .*\n.*thunderphones/);
  });

  test("serves no webhook that nothing could verify", async () => {
    const { url, terminal } = await listen([], {});
    expect((await post(`${url}/thunderphone`, {})).status).toBe(404);
    const open = await fetch(`${url}/tools/list_orders`, { method: "POST" });
    expect(await open.json()).toEqual({ path: "/v1/orders" });
    expect(terminal.stderr()).toMatch(/TOOL_SECRETS is not set: anybody/);
    expect(terminal.stderr()).toMatch(
      /6 of 6 tools need a credential .*\(schemes: key\)/,
    );
  });

  test("names a credential that nothing asks for", async () => {
    const { terminal } = await listen([], {
      ...ENV,
      UPSTREAM_CREDENTIALS: `key: ${CREDENTIAL}\nkye: other-secret`,
    });
    expect(terminal.stderr()).toContain(
      "UPSTREAM_CREDENTIALS: no operation asks for kye; the document's schemes: key",
    );
    expect(terminal.stderr()).not.toContain("other-secret");
  });

  test.each<
    [
      why: string,
      flags: string[],
      env: Record<string, string>,
      exitCode: number,
      words: RegExp,
    ]
  >([
    [
      "no server at all",
      [],
      ENV,
      2,
      /--upstream: the document names no absolute server/,
    ],
    [
      "an upstream that is none",
      ["--upstream", "nowhere"],
      ENV,
      2,
      /--upstream: expected an http or https URL/,
    ],
    [
      "an upstream with a password",
      ["--upstream", "https://u:p@a.example"],
      ENV,
      2,
      /--upstream: expected .* without user/,
    ],
    [
      "an unknown platform",
      ["--platform", "vapy", "--upstream", "https://a.example"],
      ENV,
      2,
      /--platform: expected one of bare, vapi, retell.*did you mean vapi/,
    ],
    [
      "no tools",
      ["--include", "nothing", "--upstream", "https://a.example"],
      ENV,
      3,
      /yields no tool/,
    ],
    [
      "a public address without secrets",
      ["--host", "0.0.0.0", "--upstream", "https://a.example"],
      {},
      2,
      /TOOL_SECRETS: a public address needs/,
    ],
    [
      "headers without secrets",
      ["--upstream", "https://a.example"],
      { TOOL_HEADERS: "X-A: b" },
      2,
      /TOOL_HEADERS/,
    ],
  ])("refuses %s", async (_, flags, env, exitCode, words) => {
    const result = await run([await writeSpec(), "--port", "0", ...flags], env);
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
    expect(result.stderr).toMatch(words);
  });

  test("refuses a document that is not there", async () => {
    const { exitCode } = await run([
      "nowhere.yaml",
      "--upstream",
      "https://a.example",
    ]);
    expect(exitCode).toBe(3);
  });

  test("is a process that ends with 0 on SIGTERM", async () => {
    const upstream = await startUpstream();
    const child = spawn(
      process.execPath,
      [
        "--import",
        tsx,
        main,
        "gateway",
        await writeSpec(),
        "--upstream",
        upstream.url,
      ],
      {
        cwd: tmpdir(),
        env: { PATH: process.env["PATH"], PORT: "0", ...ENV },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    children.push(child);
    const [line] = (await once(
      child.stdout as NodeJS.ReadableStream,
      "data",
    )) as [Buffer];
    const { listening } = JSON.parse(line.toString()) as { listening: string };
    expect(await post(`${listening}/tools/list_orders`, {})).toEqual({
      status: 200,
      body: { fine: true },
    });
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});
