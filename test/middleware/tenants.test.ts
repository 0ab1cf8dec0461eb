import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import type { ToolRequest } from "../../middleware/index.ts";
import { closeServers, startServer } from "../support/server.ts";
import {
  ask,
  BODY,
  expectRefusal,
  macOf,
  signed,
  startApp,
  watch,
} from "./make-app.ts";

afterEach(closeServers);

const TENANTS = new Map([
  ["/ada", "secret-of-ada"],
  ["/bob", "secret-of-bob"],
  ["/twin", "secret-of-bob"],
]);

/** The tenant comes from the address, which a sender cannot sign for another. */
const secrets = (req: ToolRequest) =>
  Promise.resolve(TENANTS.get(req.url ?? "") ?? null);

describe("a secret per tenant", () => {
  test.each([...TENANTS])("%s is signed with its own", async (path, secret) => {
    const app = await startApp({ options: { secrets } });
    const headers = signed(BODY, secret);
    expect((await ask(app.url + path, { body: BODY, headers })).status).toBe(
      200,
    );
    expect(app.calls.map(({ key }) => key)).toEqual(["0"]);
  });

  test("one tenant's signature opens no other's door", async () => {
    const app = await startApp({ options: { secrets } });
    const headers = signed(BODY, "secret-of-ada");
    const refusal = await ask(`${app.url}/bob`, { body: BODY, headers });
    expectRefusal(refusal, "bad_signature", app, [
      "secret-of-bob",
      macOf(BODY, "secret-of-bob"),
    ]);
  });

  test("an unknown tenant hears what a wrong signature hears", async () => {
    const app = await startApp({ options: { secrets } });
    for (const path of ["/eve", "/constructor", "/__proto__", "/"]) {
      app.refused.length = 0;
      const headers = signed(BODY, "secret-of-ada");
      const refusal = await ask(app.url + path, { body: BODY, headers });
      expectRefusal(refusal, "unknown_key", app);
    }
  });

  test("two tenants with one secret open each other's door: the signature covers no address", async () => {
    const app = await startApp({ options: { secrets } });
    const headers = signed(BODY, "secret-of-bob");
    for (const path of ["/bob", "/twin"])
      expect((await ask(app.url + path, { body: BODY, headers })).status).toBe(
        200,
      );
  });

  test("the function sees the address, the headers and the route, before any body is parsed", async () => {
    const seen: unknown[] = [];
    const watched = watch({
      secrets: (req) => {
        const { params } = req as express.Request;
        seen.push([params["tenant"], req.originalUrl, req.body]);
        return "secret-of-ada";
      },
    });
    const app = express();
    app.post("/t/:tenant/book", watched.verify, watched.handler);
    const { url } = await startServer(app);
    const headers = signed(BODY, "secret-of-ada");
    const address = `${url}/t/ada/book?x=1`;
    expect((await ask(address, { body: BODY, headers })).status).toBe(200);
    expect(seen).toEqual([["ada", "/t/ada/book?x=1", undefined]]);
  });

  test("each request is asked for by itself, whatever answers first", async () => {
    const waiting = new Map<string, (secret: string) => void>();
    let bothWait = () => {};
    const both = new Promise<void>((resolve) => (bothWait = resolve));
    const app = await startApp({
      options: {
        secrets: (req) =>
          new Promise<string>((resolve) => {
            waiting.set(req.url ?? "", resolve);
            if (waiting.size === 2) bothWait();
          }),
      },
    });
    const first = ask(`${app.url}/ada`, {
      body: BODY,
      headers: signed(BODY, "secret-of-ada"),
    });
    const second = ask(`${app.url}/bob`, {
      body: BODY,
      headers: signed(BODY, "secret-of-ada"),
    });
    await both;
    waiting.get("/bob")?.("secret-of-bob");
    expect((await second).status).toBe(401);
    waiting.get("/ada")?.("secret-of-ada");
    expect((await first).status).toBe(200);
  });

  test("labels and lists of a function say which matched", async () => {
    const app = await startApp({
      options: {
        secrets: () => ({ new: "a-new-secret", old: "secret-of-ada" }),
      },
    });
    const headers = signed(BODY, "secret-of-ada");
    expect((await ask(app.url, { body: BODY, headers })).status).toBe(200);
    expect(app.calls.map(({ key }) => key)).toEqual(["old"]);
  });
});
