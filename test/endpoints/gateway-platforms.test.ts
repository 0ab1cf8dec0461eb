import { afterEach, describe, expect, test } from "@jest/globals";
import type express from "express";
import { sign, verifySignature } from "../../middleware/index.ts";
import { newMemory } from "../support/replay-app.ts";
import { closeServers } from "../support/server.ts";
import { SECRET, startGateway, startUpstream } from "./gateway-app.ts";

afterEach(closeServers);

async function start(
  platform: "vapi" | "retell",
  answer?: (req: express.Request, res: express.Response) => unknown,
) {
  const upstream = await startUpstream(answer);
  const gateway = await startGateway({
    upstream: upstream.url,
    platform,
    replay: { store: newMemory() },
  });
  return { upstream, ...gateway };
}

/** A message as https://docs.vapi.ai/tools/custom-tools shows it. */
const toMessage = (fields: object) => ({
  message: {
    timestamp: 1678901234567,
    type: "tool-calls",
    call: { id: "vapi-call-1" },
    ...fields,
  },
});
const listOne = {
  id: "toolu_01DTPAzUm5Gk3zxrpJ969oMF",
  name: "list_orders",
  arguments: {},
};

describe("vapi", () => {
  test("gets each result as one line of text beside the id of its call", async () => {
    const { send, upstream } = await start("vapi", (_, res) =>
      res.json({ text: "a\nb\u2028c" }),
    );
    const { text } = await send(
      "/tools/list_orders",
      toMessage({ toolCallList: [{ ...listOne, arguments: { limit: 2 } }] }),
    );
    expect(text).toBe(
      String.raw`{"results":[{"toolCallId":"toolu_01DTPAzUm5Gk3zxrpJ969oMF","result":"{\"text\":\"a\\nb\\u2028c\"}"}]}`,
    );
    expect(upstream.received[0]?.url).toBe("/orders?limit=2");
  });

  test.each<[how: string, fields: object]>([
    [
      "as an object",
      {
        toolCallList: [
          { id: "1", name: "place_order", arguments: { item: "tea" } },
        ],
      },
    ],
    [
      "as OpenAI's text",
      {
        toolCallList: [
          {
            id: "1",
            type: "function",
            function: { name: "place_order", arguments: '{"item":"tea"}' },
          },
        ],
      },
    ],
    [
      "as parameters",
      {
        toolCallList: [
          { id: "1", name: "place_order", parameters: { item: "tea" } },
        ],
      },
    ],
    [
      "in toolCalls",
      {
        toolCalls: [
          {
            id: "1",
            function: { name: "place_order", arguments: { item: "tea" } },
          },
        ],
      },
    ],
    [
      "in toolWithToolCallList",
      {
        toolWithToolCallList: [
          {
            type: "function",
            name: "place_order",
            toolCall: { id: "1", parameters: { item: "tea" } },
          },
        ],
      },
    ],
    [
      "in a tool with a function",
      {
        toolWithToolCallList: [
          {
            function: { name: "place_order" },
            toolCall: {
              id: "1",
              function: { name: "place_order", arguments: '{"item":"tea"}' },
            },
          },
        ],
      },
    ],
    [
      "in all of them",
      {
        toolCallList: [
          { id: "1", name: "place_order", arguments: { item: "tea" } },
        ],
        toolCalls: [
          {
            id: "1",
            function: { name: "place_order", arguments: { item: "tea" } },
          },
        ],
      },
    ],
  ])("may write arguments %s", async (_, fields) => {
    const { send, upstream } = await start("vapi");
    const { body } = await send("/tools/place_order", toMessage(fields));
    expect(body).toEqual({
      results: [{ toolCallId: "1", result: '{"fine":true}' }],
    });
    expect(upstream.received.map((each) => each.body)).toEqual([
      '{"item":"tea"}',
    ]);
  });

  test("several calls of one message are answered in their order", async () => {
    let waiting: (() => void)[] = [];
    // Each waits until all have come: they run side by side.
    const { send } = await start("vapi", async (req, res) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 3) {
          for (const go of waiting.toReversed()) go();
          waiting = [];
        }
      });
      res.json({ url: req.originalUrl });
    });
    const { body } = await send(
      "/tools",
      toMessage({
        toolCallList: [
          { id: "c", name: "get_order", arguments: { id: "1" } },
          { id: "a", name: "list_orders", arguments: {} },
          { id: "x", name: "teleport", arguments: {} },
          { id: "b", name: "get_order", arguments: { id: "2" } },
        ],
      }),
    );
    expect(body).toEqual({
      results: [
        { toolCallId: "c", result: '{"url":"/orders/1"}' },
        { toolCallId: "a", result: '{"url":"/orders"}' },
        {
          toolCallId: "x",
          error: expect.stringMatching(
            /^There is no tool "teleport"/,
          ) as unknown,
        },
        { toolCallId: "b", result: '{"url":"/orders/2"}' },
      ],
    });
  });

  test("hears a refusal as one line, with status 200", async () => {
    const { send } = await start("vapi");
    const { status, body } = await send(
      "/tools/place_order",
      toMessage({
        toolCallList: [{ id: "1", name: "place_order", arguments: "{oops" }],
      }),
    );
    const [result] = body["results"] as { error: string }[];
    expect(status).toBe(200);
    expect(result?.error).toMatch(/^[^\n]+$/);
    expect(result).not.toHaveProperty("result");
  });

  test("a message of one call has to agree with its address", async () => {
    const { send, upstream } = await start("vapi");
    const { body } = await send(
      "/tools/get_order",
      toMessage({ toolCallList: [listOne] }),
    );
    expect(body["results"]).toEqual([
      {
        toolCallId: listOne.id,
        error:
          "This address belongs to another tool; list_orders is at /tools/list_orders",
      },
    ]);
    expect(upstream.received).toEqual([]);
  });

  test.each([
    "status-update",
    "end-of-call-report",
    "transcript",
    "not-known-yet",
  ])("gets {} for a message %s", async (type) => {
    const { send, upstream } = await start("vapi");
    const { status, text } = await send("/tools", toMessage({ type }));
    expect([status, text]).toEqual([200, "{}"]);
    expect(upstream.received).toEqual([]);
  });

  test.each<[body: object]>([
    [{}],
    [{ message: null }],
    [{ message: [] }],
    [{ message: {} }],
    [{ item: "tea" }],
  ])("%j is told to be no message", async (message) => {
    const { send } = await start("vapi");
    const { status, body } = await send("/tools/place_order", message);
    expect([status, body]).toEqual([
      200,
      { error: expect.stringMatching(/Vapi's server messages/) as unknown },
    ]);
  });

  test.each<[list: unknown]>([
    [[null]],
    [[[]]],
    [["x"]],
    [[{ name: 8 }]],
    [[{ function: null }]],
    [[{ name: "place_order", arguments: { item: "tea" } }]],
    [[{ id: "", name: "place_order", arguments: { item: "tea" } }]],
    [[{ id: null, name: "place_order", arguments: { item: "tea" } }]],
    [[{ id: [1], name: "place_order", arguments: { item: "tea" } }]],
  ])("calls %j are refused and end nothing", async (toolCallList) => {
    const { send, upstream } = await start("vapi");
    const { status, body } = await send("/tools", toMessage({ toolCallList }));
    expect(status).toBe(200);
    expect(body["results"]).toEqual([
      { toolCallId: "", error: expect.stringMatching(/ no id/) as unknown },
    ]);
    expect(upstream.received).toEqual([]);
  });

  test("an id that is a number stays one, and tells a repeat", async () => {
    const { send, upstream } = await start("vapi");
    const message = toMessage({
      toolCallList: [
        { id: 5, name: "place_order", arguments: { item: "tea" } },
        { id: 0, name: "place_order", arguments: { item: "tea" } },
        { id: 2 ** 53, name: "place_order", arguments: { item: "tea" } },
      ],
    });
    const { body } = await send("/tools", message);
    expect(body["results"]).toEqual([
      { toolCallId: 5, result: '{"fine":true}' },
      { toolCallId: 0, result: '{"fine":true}' },
      { toolCallId: "", error: expect.any(String) as unknown }, // its digits may have changed
    ]);
    await send("/tools", message);
    expect(upstream.received).toHaveLength(2);
  });

  test("a message that comes again runs its writes once, by their own ids", async () => {
    const { send, upstream } = await start("vapi");
    const order = (id: string) => ({
      id,
      name: "place_order",
      arguments: { item: "tea" },
    });
    await send("/tools", toMessage({ toolCallList: [order("1"), order("2")] }));
    await send("/tools", toMessage({ toolCallList: [order("1"), order("2")] }));
    await send("/tools", toMessage({ toolCallList: [order("2")] }));
    expect(upstream.received).toHaveLength(2);
    // The call is the one that was signed, not the header's.
    await send("/tools", toMessage({ toolCallList: [order("1")] }), {
      "X-ThunderPhone-Call-ID": "call-9",
    });
    expect(upstream.received).toHaveLength(2);
  });

  test("no more than 32 calls of one message are made", async () => {
    const { send, upstream } = await start("vapi");
    const { body } = await send(
      "/tools",
      toMessage({
        toolCallList: Array.from({ length: 40 }, (_, id) => ({
          ...listOne,
          id: `${id}`,
        })),
      }),
    );
    expect(body["results"]).toHaveLength(40);
    expect(upstream.received).toHaveLength(32);
  });
});

describe("retell", () => {
  const call = { call_id: "retell-1", transcript: "x".repeat(30_000) };

  test("gets the answer as it is for its wrapped arguments", async () => {
    const { send, upstream, logs } = await start("retell");
    const { status, text } = await send("/tools/place_order", {
      name: "place_order",
      args: { item: "tea" },
      call,
    });
    expect([status, text]).toEqual([200, '{"fine":true}']);
    expect(upstream.received[0]?.body).toBe('{"item":"tea"}');
    expect(logs).toMatchObject([{ fields: { callId: "retell-1" } }]);
  });

  test("sends arguments at the root where it is set so", async () => {
    const { send, upstream } = await start("retell");
    await send("/tools/place_order", { item: "tea" });
    expect(upstream.received[0]?.body).toBe('{"item":"tea"}');
  });

  test("one address for all tools: the name is in the message", async () => {
    const { send, upstream } = await start("retell");
    await send("/tools", { name: "list_orders", args: {}, call });
    expect(upstream.received[0]?.url).toBe("/orders");
    const { body } = await send("/tools", { item: "tea" });
    expect(body["code"]).toBe("not_found");
  });

  test.each<[how: string, body: object]>([
    ["as JSON text", { args: '{"limit":2}', call }],
    ["as JSON text, without a call", { args: '{"limit":2}' }],
    ["without a call", { args: { limit: 2 } }],
  ])("arguments may come %s", async (_, body) => {
    const { send, upstream } = await start("retell");
    await send("/tools", { name: "list_orders", ...body });
    expect(upstream.received.map(({ url }) => url)).toEqual([
      "/orders?limit=2",
    ]);
  });

  test.each<[how: string, body: object]>([
    ["are missing", { call }],
    ["are null", { args: null, call }],
    ["are an empty text", { args: "", call }],
  ])("a tool without parameters is called where they %s", async (_, body) => {
    const { send, upstream, logs } = await start("retell");
    await send("/tools/list_orders", { name: "list_orders", ...body });
    expect(upstream.received.map(({ url }) => url)).toEqual(["/orders"]);
    expect(logs).toMatchObject([{ fields: { callId: "retell-1" } }]);
  });

  test.each<[args: unknown]>([[["tea"]], ["{oops"], [7]])(
    "arguments %j are what is refused, not the name",
    async (args) => {
      const { send, upstream } = await start("retell");
      const message = { name: "place_order", args, call };
      const { body } = await send("/tools", message);
      expect(body["code"]).toBe("invalid_arguments");
      expect(upstream.received).toEqual([]);
    },
  );

  test("a name that does not fit the address is refused", async () => {
    const { send, upstream } = await start("retell");
    const { body } = await send("/tools/place_order", {
      name: "list_orders",
      args: {},
      call,
    });
    expect(body["code"]).toBe("invalid_arguments");
    expect(upstream.received).toEqual([]);
  });

  test("a repeat of a write runs once, for a call of its own", async () => {
    const { send, upstream } = await start("retell");
    const order = (callId: string) => ({
      name: "place_order",
      args: { item: "tea" },
      call: { call_id: callId },
    });
    await send("/tools/place_order", order("1"));
    await send("/tools/place_order", order("1"));
    await send("/tools/place_order", order("2"));
    expect(upstream.received).toHaveLength(2);
  });

  test("is verified by its own scheme", async () => {
    const upstream = await startUpstream();
    const { url } = await startGateway({
      upstream: upstream.url,
      platform: "retell",
      verify: [verifySignature({ secrets: SECRET, scheme: "retell" })],
    });
    const body = JSON.stringify({ name: "list_orders", args: {}, call });
    const response = await fetch(`${url}/tools/list_orders`, {
      method: "POST",
      body,
      headers: sign("retell", SECRET, { body, now: new Date() }),
    });
    expect([response.status, await response.json()]).toEqual([
      200,
      { fine: true },
    ]);
  });
});

test("bare arguments need the tool in the address", async () => {
  const upstream = await startUpstream();
  const { send } = await startGateway({ upstream: upstream.url });
  const { status, body } = await send("/tools", { name: "list_orders" });
  expect([status, body["code"]]).toEqual([200, "not_found"]);
});
