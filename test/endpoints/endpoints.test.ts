import { describe, expect, test } from "@jest/globals";
import { createEndpoints, openStore } from "../../endpoints/index.ts";
import { verifySignature } from "../../middleware/index.ts";
import { startServer } from "../support/server.ts";
import {
  business,
  maria,
  MONDAY,
  startEndpoints,
} from "../support/start-endpoints.ts";

const SEARCH = "/appointments/search";

describe("the door", () => {
  test("what is none of the tools is left to others, signed or not", async () => {
    const { url, post } = await startEndpoints();
    for (const path of ["/appointments/teleport", "/tools/x", "/jokes/a/b"]) {
      expect((await post(path, "{}")).status).toBe(404);
      expect((await fetch(url + path, { method: "POST" })).status).toBe(404);
    }
    expect((await post(`${SEARCH}/`, '{"date":"tomorrow"}')).status).toBe(200);
    expect((await fetch(`${url}${SEARCH}/`, { method: "POST" })).status).toBe(
      401,
    );
    expect((await fetch(url + SEARCH)).status).toBe(404);
    expect((await post("/appointments", "{}")).status).toBe(404);
  });

  test("open endpoints have to be asked for, and still want JSON", async () => {
    const { url } = await startEndpoints({ verify: "none" });
    const send = (path: string, body?: string, type = "application/json") =>
      fetch(url + path, {
        method: "POST",
        headers: { "Content-Type": type },
        ...(body === undefined ? {} : { body }),
      });
    const found = await send(SEARCH, `{"date":"${MONDAY}"}`);
    expect(await found.json()).toHaveProperty("available_slots");
    for (const body of ["{oops", "[1]"]) {
      const malformed = await send(SEARCH, body);
      expect([malformed.status, await malformed.text()]).toEqual([
        400,
        '{"error":"body is not a JSON object"}',
      ]);
    }
    // What a form of a stranger's page can send.
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const page = await send(SEARCH, `{"date":"${MONDAY}"}`, type);
      expect([page.status, await page.json()]).toEqual([
        415,
        { error: "send the arguments as application/json" },
      ]);
    }
    expect(await (await send("/jokes/programming")).json()).toHaveProperty(
      "joke",
    );
  });

  test("a body above 16 KB is refused, whatever the check of signatures takes", async () => {
    const { post } = await startEndpoints({
      verify: [verifySignature({ secrets: "whsec_test_secret" })],
    });
    const toBody = (bytes: number) =>
      JSON.stringify({ date: "x".repeat(bytes - 11) });
    expect((await post(SEARCH, toBody(16_384))).status).toBe(200);
    expect((await post(SEARCH, toBody(16_385))).status).toBe(413);
  });

  test("what cannot work is told when it is set up", async () => {
    const { store } = await startEndpoints();
    const good = { store, business, verify: "none" as const };
    for (const [name, wrong] of [
      ["verify", { ...good, verify: [] }],
      ["verify", { ...good, verify: undefined }],
      ["store", { ...good, store: undefined }],
      ["business", { ...good, business: "name: Example" }],
    ] as const)
      expect(() => createEndpoints(wrong as never)).toThrow(`${name}: give`);
  });

  test("a slow database is a sentence before the caller hangs up, and the write that it made is told to the retry", async () => {
    const opened = await openStore("sqlite::memory:");
    let go = () => {};
    let finish = () => {};
    const wait = new Promise<void>((resolve) => (go = resolve));
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const slow = {
      ...opened,
      execute: async (...args: Parameters<typeof opened.execute>) => {
        await wait;
        return opened.execute(...args).finally(finish);
      },
    };
    const first = await startEndpoints({ store: slow, timeoutMs: 20 });
    expect(await first.book(maria)).toMatchObject({
      code: "unavailable",
      error: expect.stringContaining("may have been done") as unknown,
    });
    go();
    await finished;
    const { book, search } = await startEndpoints({ store: opened });
    expect(await book(maria)).toHaveProperty("confirmation_number");
    expect((await search({ date: MONDAY })).more).toBe(9);
  });

  test("each answer is told to whoever counts, by tool and code", async () => {
    const events: { tool: string; code: string; ms: number }[] = [];
    const { search, book, post } = await startEndpoints({
      onAnswered: (event) => void events.push(event),
    });
    await search({ date: MONDAY });
    await book(maria);
    await book(maria, { callId: "CA2" });
    await post("/tools/x", "{}");
    await post(SEARCH, "{oops");
    expect(events.map(({ tool, code }) => `${tool} ${code}`)).toEqual([
      "search_appointments ok",
      "book_appointment ok",
      "book_appointment slot_taken",
    ]);
    for (const { ms } of events) expect(ms).toBeGreaterThanOrEqual(0);
  });

  test("the log has call, tool, code, key and milliseconds of each answer", async () => {
    const events: [string, object][] = [];
    const note = (event: string, fields: object) =>
      void events.push([event, fields]);
    const { book, store } = await startEndpoints({
      log: { info: note, warn: note, error: note },
    });
    await book(maria);
    await store.close();
    await book({ ...maria, time: "3 PM" });
    expect(events).toEqual([
      [
        "tool.answered",
        {
          tool: "book_appointment",
          code: "ok",
          ms: expect.any(Number) as unknown,
          callId: "CA1",
          key: expect.anything() as unknown,
        },
      ],
      [
        "tool.failed",
        {
          tool: "book_appointment",
          callId: "CA1",
          error: "StoreError ERR_STORE",
        },
      ],
      ["tool.answered", expect.objectContaining({ code: "unavailable" })],
    ]);
  });
});

describe("get_programming_joke", () => {
  test("comes from the joke API, with its source", async () => {
    const api = await startServer((_req, res) => {
      res.setHeader("Content-Type", "application/json");
      res.end('{"type":"twopart","setup":"Why?","delivery":"Because."}');
    });
    const { call } = await startEndpoints({ jokes: { url: api.url } });
    expect(await call("get_programming_joke", {})).toEqual({
      joke: "Why? Because.",
      source: "jokeapi",
      speech: "Why? Because.",
    });
  });
});
