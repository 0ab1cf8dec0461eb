import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import { isLocal, mayLook } from "../../cli/access.ts";
import { createMetrics } from "../../cli/metrics.ts";
import { closeServers, startServer } from "../support/server.ts";
import { runCommand } from "../support/terminal.ts";
import type { Terminal } from "../support/terminal.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const running: Terminal[] = [];
afterEach(async () => {
  await closeServers();
  for (const terminal of running.splice(0)) {
    terminal.stop();
    await terminal.exitCode;
  }
});

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

/** fetch sets Host by itself; this one takes any. */
async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text,
        }),
      );
    })
      .on("error", reject)
      .end();
  });
}

async function startMetrics(token?: string) {
  const metrics = createMetrics(["book", "constructor"], token);
  const { url } = await startServer(express().use(metrics.router));
  return { ...metrics, look: (headers = {}) => get(`${url}/metrics`, headers) };
}

describe("who is local", () => {
  const req = (
    remoteAddress: string | undefined,
    headers: IncomingHttpHeaders,
    httpVersion = "1.1",
  ) => ({ socket: { remoteAddress }, headers, httpVersion });

  test.each([
    ["127.0.0.1", "localhost:8080"],
    ["127.0.0.1", "LOCALHOST"],
    ["::1", "[::1]:8080"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["127.1.2.3", "127.1.2.3:1"],
  ])("%s that asks for %s", (address, host) => {
    expect(isLocal(req(address, { host }))).toBe(true);
  });

  const others: [
    what: string,
    address: string | undefined,
    headers: IncomingHttpHeaders,
  ][] = [
    ["another machine", "192.0.2.7", { host: "localhost" }],
    ["another machine by IPv6", "2001:db8::1", { host: "localhost" }],
    ["one that looks like it", "::ffff:10.127.0.0.1", { host: "localhost" }],
    ["a socket that has gone", undefined, { host: "localhost" }],
    ["a name that leads here", "127.0.0.1", { host: "evil.example" }],
    ["a name that begins like it", "127.0.0.1", { host: "localhost.evil.co" }],
    ["an address in a name", "127.0.0.1", { host: "127.0.0.1.evil.co" }],
    ["no name", "127.0.0.1", {}],
    ["every address", "127.0.0.1", { host: "0.0.0.0:8080" }],
    ...[
      "forwarded",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-forwarded-anything",
      "via",
      "x-real-ip",
      "cf-connecting-ip",
    ].map((name): [string, string, IncomingHttpHeaders] => [
      `a proxy that says ${name}`,
      "127.0.0.1",
      { host: "localhost", [name]: "" },
    ]),
  ];
  test.each(others)("not %s", (_, address, headers) => {
    expect(isLocal(req(address, headers))).toBe(false);
  });

  test("not a proxy that says nothing and speaks HTTP/1.0, as nginx does unasked", () => {
    expect(isLocal(req("127.0.0.1", { host: "127.0.0.1:8080" }, "1.0"))).toBe(
      false,
    );
  });

  const outside = (authorization?: string) =>
    req("192.0.2.7", {
      host: "voice.example.com",
      ...(authorization === undefined ? {} : { authorization }),
    });
  test("the token lets others look, in the spellings of RFC 6750 and 9110", () => {
    expect(mayLook(outside(`Bearer ${TOKEN}`), TOKEN)).toBe(true);
    expect(mayLook(outside(`bearer  ${TOKEN} `), TOKEN)).toBe(true);
  });

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer x ${TOKEN}`,
    "Bearer undefined",
  ])("%p does not", (authorization) => {
    expect(mayLook(outside(authorization), TOKEN)).toBe(false);
    expect(mayLook(outside(authorization), undefined)).toBe(false);
  });
});

describe("/metrics", () => {
  test("counts answers and refusals, also those from before the first look", async () => {
    const { onAnswered, onRefused, look } = await startMetrics();
    onAnswered({ tool: "book", code: "ok", ms: 40 });
    onAnswered({ tool: "book", code: "ok", ms: 900 });
    onRefused({ reason: "bad_signature" });
    await look();
    onAnswered({ tool: "book", code: "slot_taken", ms: 9000 });
    const { text, headers } = await look();
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      'tool_calls_total{tool="book",code="ok"} 2',
      'tool_calls_total{tool="book",code="slot_taken"} 1',
      'tool_call_duration_seconds_bucket{le="0.01",tool="book"} 0',
      'tool_call_duration_seconds_bucket{le="0.05",tool="book"} 1',
      'tool_call_duration_seconds_bucket{le="1",tool="book"} 2',
      'tool_call_duration_seconds_bucket{le="8",tool="book"} 2',
      'tool_call_duration_seconds_bucket{le="+Inf",tool="book"} 3',
      'tool_call_duration_seconds_sum{tool="book"} 9.94',
      'tool_calls_refused_total{reason="bad_signature"} 1',
    ])
      expect(text.split("\n")).toContain(line);
    expect(text).toMatch(
      /^tool_endpoint_kit_build_info\{version="\d+\.\d+\.\d+",node="[\d.]+",tz="\d{4}[a-z]"\} 1$/m,
    );
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  test("counts more calls than it keeps while nobody looks", async () => {
    const { onAnswered, look } = await startMetrics();
    for (let each = 0; each < 2500; each++)
      onAnswered({ tool: "book", code: "ok", ms: 1 });
    expect((await look()).text).toContain(
      'tool_calls_total{tool="book",code="ok"} 2500',
    );
  });

  test("strangers make no series: unknown tools are one, and codes stay few", async () => {
    const { onAnswered, onRefused, look } = await startMetrics();
    for (let each = 0; each < 200; each++) {
      onAnswered({ tool: `tool_${each}`, code: `code_${each}`, ms: 1 });
      onRefused({ reason: `reason_${each}` });
    }
    onAnswered({ tool: "constructor", code: "ok", ms: 1 });
    const { text } = await look();
    const series = text
      .split("\n")
      .filter((line) => line.startsWith("tool_call"));
    expect(series.join("\n")).not.toMatch(/tool="tool_/);
    expect(series.join("\n")).toContain('tool="constructor"');
    expect(series.length).toBeLessThan(100);
  });

  test("two servers of one process count apart", async () => {
    const [one, two] = [await startMetrics(), await startMetrics()];
    one.onAnswered({ tool: "book", code: "ok", ms: 1 });
    await one.look();
    expect((await two.look()).text).not.toContain('tool="book"');
  });

  test("without a token, others are told that nothing opens it", async () => {
    const { look } = await startMetrics();
    const { status, text } = await look({ Host: "voice.example.com" });
    expect([status, JSON.parse(text)]).toEqual([
      403,
      { error: expect.stringContaining("CONSOLE_TOKEN is not set") as unknown },
    ]);
  });

  test("with a token, others are asked for it", async () => {
    const { look } = await startMetrics(TOKEN);
    const tunnel = { "X-Forwarded-For": "192.0.2.7" };
    const asked = await look(tunnel);
    expect([asked.status, asked.headers["www-authenticate"]]).toEqual([
      401,
      "Bearer",
    ]);
    expect(asked.text).not.toContain("tool_calls");
    const wrong = { ...tunnel, Authorization: `Bearer ${TOKEN}1` };
    expect((await look(wrong)).status).toBe(401);
    const right = { ...tunnel, Authorization: `Bearer ${TOKEN}` };
    expect((await look(right)).status).toBe(200);
    expect((await look()).status).toBe(200);
  });
});

describe("serve", () => {
  async function serve(env: Record<string, string>) {
    const directory = await mkdtemp(join(tmpdir(), "kit-"));
    const terminal = runCommand(["serve"], {
      env: {
        DATABASE_URL: `sqlite:${join(directory, "a.db")}`,
        JOKE_API_URL: "",
        PORT: "0",
        ...env,
      },
      cwd: directory,
    });
    running.push(terminal);
    const [, url = ""] = await terminal.printed(/"listening":"([^"]+)"/);
    const post = async (path: string, headers = {}) => {
      const response = await fetch(url + path, { method: "POST", headers });
      return (await response.json()) as Record<string, unknown>;
    };
    const look = async () => (await get(`${url}/metrics`)).text;
    return { post, look };
  }

  test("counts its tool calls by the document's names", async () => {
    const { post, look } = await serve({});
    await post("/jokes/programming");
    await post("/appointments/search");
    await post("/tools/made_up");
    const text = await look();
    expect(text).toContain(
      'tool_calls_total{tool="get_programming_joke",code="ok"} 1',
    );
    expect(text).toContain(
      'tool_calls_total{tool="search_appointments",code="invalid_arguments"} 1',
    );
    expect(text).not.toContain("made_up");
  });

  test("counts what its guard refuses, by reason", async () => {
    const { post, look } = await serve({ TOOL_SECRETS: "whsec_test_secret" });
    await post("/jokes/programming");
    await post("/jokes/programming", {
      "X-ThunderPhone-Signature": "0".repeat(64),
    });
    const text = await look();
    expect(text).toMatch(
      /^tool_calls_refused_total\{reason="missing_\w+"\} 1$/m,
    );
    expect(text).toContain(
      'tool_calls_refused_total{reason="bad_signature"} 1',
    );
    expect(text).not.toContain("tool_calls_total{");
  });

  test("lets one phone call make no more calls a minute than it may", async () => {
    const { post, look } = await serve({ CALL_RATE_PER_MINUTE: "2" });
    const call = (id: string) =>
      post("/jokes/programming", { "X-ThunderPhone-Call-ID": id });
    const codes = [];
    for (const id of ["CA1", "CA1", "CA1", "CA2"])
      codes.push((await call(id))["code"]);
    expect(codes).toEqual([undefined, undefined, "rate_limited", undefined]);
    expect(await look()).toContain('code="rate_limited"} 1');
  });
});
