import { connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import { listen } from "../../cli/host.ts";
import type { Host, Hosted, HostLimits } from "../../cli/host.ts";
import { closeClients, openClient } from "../support/raw-http.ts";
import type { RawClient } from "../support/raw-http.ts";
import { gate } from "../support/switchboard.ts";

const running: Host[] = [];
afterEach(async () => {
  closeClients();
  for (const host of running.splice(0)) await host.close();
});

async function start(
  hosted: Partial<Hosted>,
  limits: Partial<HostLimits> = {},
  errors: string[] = [],
): Promise<Host> {
  const host = await listen(
    { host: "127.0.0.1", port: 0 },
    async () => ({ routers: [], ...hosted }),
    { limits, log: { error: (event) => void errors.push(event) } },
  );
  running.push(host);
  return host;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function ask(url: string, bytes: string) {
  const client = await openClient(url);
  await client.send(bytes);
  return client.answer();
}

/** A server with `/slow`, which answers once it is let go. */
async function startSlow(
  hosted: Partial<Hosted> = {},
  limits: Partial<HostLimits> = {},
) {
  const reached = gate();
  const letGo = gate();
  const router = express.Router();
  router.get("/slow", async (_req, res) => {
    reached.open();
    await letGo.opened;
    res.json({ whole: "answer" });
  });
  const host = await start({ routers: [router], ...hosted }, limits);
  const slow: RawClient = await openClient(host.url);
  await slow.send(get("/slow"));
  await reached.opened;
  return { host, slow, letGo };
}

async function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

describe("a server that is asked to end", () => {
  test("says so on new connections while a running request gets its whole answer", async () => {
    const { host, slow, letGo } = await startSlow();
    const closed = host.close();
    expect(await ask(host.url, get("/readyz"))).toMatchObject({
      status: 503,
      headers: expect.any(Map) as unknown,
    });
    expect(await ask(host.url, get("/healthz"))).toMatchObject({ status: 200 });
    letGo.open();
    const answer = await slow.answer();
    expect(answer).toMatchObject({ status: 200, body: '{"whole":"answer"}' });
    await closed;
    expect(await isRefused(host.url)).toBe(true);
  });

  test("sends clients away with every answer, those who came before too", async () => {
    const { host, slow, letGo } = await startSlow();
    const kept = await openClient(host.url);
    await kept.send(get("/healthz"));
    const before = await kept.answer();
    const closed = host.close();
    await kept.send(get("/readyz"));
    const meanwhile = await kept.answer();
    const fresh = await ask(host.url, get("/nowhere"));
    letGo.open();
    const connections = [before, meanwhile, fresh, await slow.answer()].map(
      (each) =>
        each === "closed"
          ? each
          : [each.status, each.headers.get("connection")],
    );
    expect(connections).toEqual([
      [200, "keep-alive"],
      [503, "close"],
      [404, "close"],
      [200, "close"],
    ]);
    expect(await kept.answer()).toBe("closed");
    await closed;
  });

  test("hangs up while it still listens, and closes what requests work with last", async () => {
    const order: string[] = [];
    const { host, slow, letGo } = await startSlow({
      hangUp: async () => {
        order.push(
          `hang up, ${(await isRefused(host.url)) ? "closed" : "listening"}`,
        );
      },
      close: async () => {
        order.push(
          `close, ${(await isRefused(host.url)) ? "closed" : "listening"}`,
        );
      },
    });
    const closed = host.close();
    letGo.open();
    await slow.answer();
    expect(order).toEqual([]);
    await closed;
    expect(order).toEqual(["hang up, listening", "close, closed"]);
  });

  test("cuts what takes longer than the grace, and ends all the same", async () => {
    let isClosed = false;
    const { host, slow } = await startSlow(
      { close: async () => void (isClosed = true) },
      { graceMs: 20 },
    );
    await host.close();
    expect(await slow.answer()).toBe("closed");
    expect(isClosed).toBe(true);
  });

  test("does not wait for who is connected and says nothing, or half a line", async () => {
    const host = await start({});
    const silent = await openClient(host.url);
    const half = await openClient(host.url);
    await half.send("GET /healthz HT");
    await ask(host.url, get("/healthz")); // both are accepted by now
    await host.close();
    expect(await silent.answer()).toBe("closed");
    expect(await half.answer()).toBe("closed");
  });

  test("may be asked twice, and closes once", async () => {
    let closes = 0;
    const host = await start({ close: async () => void (closes += 1) });
    await Promise.all([host.close(), host.close()]);
    await host.close();
    expect(closes).toBe(1);
  });
});

describe("a client that is slow on purpose", () => {
  const limits = { headersMs: 40, requestMs: 80, checkEveryMs: 10 };
  const halves: [what: string, bytes: string][] = [
    ["nothing but a first line", "POST /healthz HTTP/1.1\r\n"],
    ["half a header", "GET /healthz HTTP/1.1\r\nHost: local"],
    [
      "half a body",
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf",
    ],
    [
      "half a chunk",
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf",
    ],
  ];
  test.each(halves)("is cut off when it sends %s", async (_, bytes) => {
    const router = express.Router();
    router.post("/echo", express.text({ type: () => true }), (req, res) => {
      res.json(req.body);
    });
    const host = await start({ routers: [router] }, limits);
    const client = await openClient(host.url);
    await client.send(bytes);
    const answer = await client.answer();
    if (answer !== "closed") expect(answer.status).toBe(408);
    expect(await client.answer()).toBe("closed");
    expect(await ask(host.url, get("/healthz"))).toMatchObject({ status: 200 });
  });

  test("who has sent all may wait for an answer for longer", async () => {
    const { slow, letGo, host } = await startSlow({}, limits);
    // Somebody else is cut off meanwhile: the limits did look.
    const half = await openClient(host.url);
    await half.send("GET / HT");
    expect(await half.answer()).toMatchObject({ status: 408 });
    letGo.open();
    expect(await slow.answer()).toMatchObject({ status: 200 });
  });
});

describe("a malformed request", () => {
  const head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
  const requests: [what: string, bytes: string, status: number][] = [
    ["no HTTP", "hello\r\n\r\n", 400],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n", 400],
    ["no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
    ["a header without a name", `${head}: x\r\n\r\n`, 400],
    ["a header that is folded", `${head}X-A: 1\r\n 2\r\n\r\n`, 400],
    [
      "two lengths",
      `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
    ],
    [
      "a length and chunks",
      `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
    ["a header above 16 KB", `${head}X-A: ${"x".repeat(17_000)}\r\n\r\n`, 431],
    ["a broken escape", get("/echo/%E0%A4%A"), 400],
    ["a star", `OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n`, 404],
    ["another method", get("/healthz").replace("GET", "PROPFIND"), 404],
    ["dots", get("/../../etc/passwd"), 404],
    ["nothing at all in the path", get("//"), 404],
  ];
  test.each(requests)(
    "with %s is answered, and the server lives on",
    async (_, bytes, status) => {
      const router = express.Router();
      router.get("/echo/:word", (req, res) => void res.json(req.params));
      const host = await start({ routers: [router] });
      const answer = await ask(host.url, bytes);
      expect(answer).toMatchObject({ status });
      expect(JSON.stringify(answer)).not.toMatch(/node_modules|\.ts|at /);
      expect(await ask(host.url, get("/healthz"))).toMatchObject({
        status: 200,
      });
    },
  );

  test("to tunnel elsewhere is not heard", async () => {
    const host = await start({});
    expect(
      await ask(
        host.url,
        "CONNECT example.com:443 HTTP/1.1\r\nHost: e\r\n\r\n",
      ),
    ).toBe("closed");
  });
});

describe("every answer", () => {
  const router = express.Router();
  router.get("/fine", (_req, res) => void res.json({ fine: true }));
  router.get("/late", (_req, res) => {
    res.write("half");
    throw new Error("secret words");
  });
  router.get("/broken", () => {
    throw new Error("secret words");
  });

  test.each([
    ["/healthz", 200],
    ["/readyz", 200],
    ["/fine", 200],
    ["/nowhere", 404],
    ["/broken", 500],
  ])(
    "of %s has helmet's headers and names no software",
    async (path, status) => {
      const { url } = await start({ routers: [router] });
      const response = await fetch(url + path);
      expect(response.status).toBe(status);
      const { headers } = response;
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("strict-transport-security")).toContain("max-age=");
      expect(headers.get("content-security-policy")).toContain(
        "default-src 'self'",
      );
      expect(headers.get("content-security-policy")).not.toContain("upgrade");
      for (const name of ["etag", "x-powered-by", "server"])
        expect(headers.get(name)).toBeNull();
      expect(headers.get("content-type")).toContain("application/json");
    },
  );

  test("of a router that broke says nothing of why; the log does", async () => {
    const errors: string[] = [];
    const { url } = await start({ routers: [router] }, {}, errors);
    expect(await (await fetch(`${url}/broken`)).text()).toBe(
      '{"error":"internal error"}',
    );
    await expect(
      fetch(`${url}/late`).then((response) => response.text()),
    ).rejects.toThrow();
    expect(errors).toEqual(["request.failed", "request.failed"]);
  });

  test("before all is open is 503", async () => {
    const asked = gate();
    const opened = gate();
    const starting = listen({ host: "127.0.0.1", port: 0 }, async (url) => {
      const statuses = [];
      for (const path of ["/healthz", "/readyz", "/appointments/book"])
        statuses.push((await fetch(url + path)).status);
      expect(statuses).toEqual([200, 503, 503]);
      asked.open();
      await opened.opened;
      return { routers: [] };
    });
    await asked.opened;
    opened.open();
    running.push(await starting);
  });
});

test("health says which clock rules and which Node it runs with", async () => {
  const { url } = await start({});
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    status: "ok",
    tz: process.versions.tz,
    node: process.versions.node,
  });
});

test("a client between two requests gets an answer to its next one, and is asked to come back elsewhere", async () => {
  const host = await start({}, { lingerMs: 500 });
  const client = await openClient(host.url);
  await client.send(get("/healthz"));
  expect(await client.answer()).toMatchObject({ status: 200 });
  const closed = host.close();
  await client.send(get("/readyz"));
  expect(await client.answer()).toMatchObject({ status: 503 });
  expect(await client.answer()).toBe("closed");
  await closed;
});
