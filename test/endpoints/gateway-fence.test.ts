import { afterEach, describe, expect, test } from "@jest/globals";
import { isInside, parseUpstream } from "../../endpoints/gateway/fence.ts";
import type { Catalog, Tool } from "../../openapi/index.ts";
import { closeServers } from "../support/server.ts";
import { compileOrders, startGateway, startUpstream } from "./gateway-app.ts";

afterEach(closeServers);

describe("the fence", () => {
  const base = parseUpstream("https://api.example/v1/");
  test.each([
    "https://api.example/v1",
    "https://api.example/v1/",
    "https://api.example/v1/orders?x=../..",
    "https://api.example/v1/a%20b/c.d/...",
    "https://API.example:443/v1/x",
    "https://api.example/v1//evil.example",
  ])("lets %s through", (url) => {
    expect(isInside(url, base)).toBe(true);
  });

  test.each([
    "http://api.example/v1/x",
    "https://api.example:8443/v1/x",
    "https://api.example.evil.example/v1/x",
    "https://evil.example/v1/x",
    "https://api.example@evil.example/v1/x",
    "https://u@api.example/v1/x",
    "https://u:p@api.example/v1/x",
    "https://api.example/",
    "https://api.example/v10/x",
    "https://api.example/v1/../admin",
    "https://api.example/v1/%2e%2e/admin",
    "https://api.example/v1/.%2E/admin",
    "https://api.example/v1/..%2fadmin",
    "https://api.example/v1/x%2f..%2f..%2fadmin",
    "https://api.example/v1/..%5cadmin",
    "https://api.example/v1/%252e%252e%252fadmin",
    "https://api.example/v1/%25252e%25252e/admin",
    "https://api.example/v1/x\\..\\admin",
    "https:\\\\evil.example\\v1",
    "//evil.example/v1/x",
    "/v1/x",
    "file:///etc/passwd",
    "data:text/plain,x",
    "",
  ])("stops %s", (url) => {
    expect(isInside(url, base)).toBe(false);
  });
});

describe("through a gateway", () => {
  const STEPS = [
    "..",
    ".",
    "%2e%2e",
    "../admin",
    "..%2fadmin",
    "..\\admin",
    "x/../../admin",
    "%252e%252e%252fadmin",
  ];
  test.each(STEPS)("an argument %s sends nothing", async (id) => {
    const upstream = await startUpstream();
    const { call } = await startGateway({ upstream: `${upstream.url}/v1` });
    const { status, body } = await call("get_order", { id });
    expect([status, body["code"]]).toEqual([200, "invalid_arguments"]);
    expect(upstream.received).toEqual([]);
  });

  test.each([
    "//evil.example",
    "https://evil.example/",
    "@evil.example",
    "\\\\evil.example",
    "x?admin=1#y",
    "a\r\nX-Injected: 1",
    "…",
  ])("an argument %j stays one step of the path", async (id) => {
    const upstream = await startUpstream();
    const { call } = await startGateway({ upstream: `${upstream.url}/v1` });
    await call("get_order", { id });
    expect(upstream.received.map(({ url }) => url)).toEqual([
      `/v1/orders/${encodeURIComponent(id)}`,
    ]);
    expect(upstream.received[0]?.headers["x-injected"]).toBeUndefined();
  });

  test.each([301, 302, 307, 308])(
    "a redirect (%d) to another host is not followed",
    async (status) => {
      const other = await startUpstream();
      const upstream = await startUpstream((_, res) =>
        res.redirect(status, `${other.url}/stolen`),
      );
      const { call } = await startGateway({ upstream: upstream.url });
      const { body, text } = await call("list_orders");
      expect(body["code"]).toBe("unavailable");
      expect(text).not.toContain("stolen");
      expect(other.received).toEqual([]);
    },
  );

  test("the document's own servers are not called", async () => {
    const [other, upstream] = [await startUpstream(), await startUpstream()];
    const catalog = await compileOrders();
    const lured: Catalog = {
      ...catalog,
      servers: [other.url],
      tools: catalog.tools.map((tool) => ({
        ...tool,
        request: { ...tool.request, servers: [other.url] },
      })),
    };
    const { call } = await startGateway({
      catalog: lured,
      upstream: upstream.url,
    });
    await call("list_orders");
    expect([other.received.length, upstream.received.length]).toEqual([0, 1]);
  });

  test.each(["@evil.example/x", "//evil.example/x", "/../admin", "/%2e%2e/x"])(
    "an operation whose path is %s does not leave it",
    async (path) => {
      const upstream = await startUpstream();
      const catalog = await compileOrders();
      const [tool] = catalog.tools.filter(({ name }) => name === "list_orders");
      const odd = {
        ...(tool as Tool),
        operation: { ...(tool as Tool).operation, path },
      };
      const hosts: string[] = [];
      const { call } = await startGateway({
        catalog: { ...catalog, tools: [odd] },
        upstream: `${upstream.url}/v1`,
        fetch: (url, init) => {
          hosts.push(new URL(url as string).origin);
          return fetch(url, init);
        },
      });
      await call("list_orders");
      expect(hosts.every((host) => host === upstream.url)).toBe(true);
      for (const { url } of upstream.received)
        expect(url.startsWith("/v1/")).toBe(true);
    },
  );
});
