import express from "express";
import { createGateway } from "../../endpoints/gateway/gateway.ts";
import type { GatewayOptions } from "../../endpoints/gateway/gateway.ts";
import { sign, verifySignature } from "../../middleware/index.ts";
import type { Reason } from "../../middleware/index.ts";
import { compileDocument } from "../../openapi/index.ts";
import type { Catalog } from "../../openapi/index.ts";
import { startServer } from "../support/server.ts";

export const SECRET = "a secret of the test";
export const CREDENTIAL = "key-0123456789-secret";

const ok = { "200": { description: "OK" } };
const id = {
  name: "id",
  in: "path",
  required: true,
  schema: { type: "string" },
};

/** An API of orders: every kind of operation that a gateway meets. */
export const ordersDocument = {
  openapi: "3.1.0",
  info: { title: "Orders", version: "1" },
  components: {
    securitySchemes: {
      key: { type: "apiKey", in: "header", name: "X-Key" },
    },
  },
  security: [{ key: [] }],
  paths: {
    "/orders/{id}": {
      get: { operationId: "get_order", parameters: [id], responses: ok },
      delete: { operationId: "drop_order", parameters: [id], responses: ok },
    },
    "/orders": {
      get: {
        operationId: "list_orders",
        parameters: [
          { name: "limit", in: "query", schema: { type: "integer" } },
        ],
        responses: ok,
      },
      post: {
        operationId: "place_order",
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["item"],
                properties: {
                  item: { type: "string" },
                  count: { type: "integer" },
                },
              },
            },
          },
        },
        responses: ok,
      },
    },
    "/brief": {
      get: {
        operationId: "get_brief",
        "x-tool": { response: ["/name", "/items/*/title"] },
        responses: ok,
      },
      post: {
        operationId: "write_brief",
        "x-tool": { response: ["/name", "/items/*/title"] },
        responses: ok,
      },
    },
  },
};

export async function compileOrders(): Promise<Catalog> {
  return (await compileDocument(ordersDocument)).catalog;
}

/** What came to the API. */
interface Received {
  method: string;
  url: string;
  headers: Record<string, unknown>;
  body: string;
}

/** A real API that writes down what comes; its answers are the test's. */
export async function startUpstream(
  answer: (req: express.Request, res: express.Response) => unknown = (_, res) =>
    res.json({ fine: true }),
) {
  const received: Received[] = [];
  const app = express();
  app.use(express.text({ type: "*/*" }));
  app.use((req, res, next) => {
    const body = typeof req.body === "string" ? req.body : "";
    const { method, originalUrl: url, headers } = req;
    received.push({ method, url, headers, body });
    Promise.resolve(answer(req, res)).catch(next);
  });
  const { url, server, close } = await startServer(app);
  return { url, received, server, close };
}

/** A gateway behind a signature, and a way to call it. */
export async function startGateway(
  options: Partial<GatewayOptions> & { upstream: string },
) {
  const logs: { level: string; event: string; fields: object }[] = [];
  const reasons: Reason[] = [];
  const answered: { tool: string; code: string; ms: number }[] = [];
  const note = (level: string) => (event: string, fields: object) =>
    void logs.push({ level, event, fields });
  const app = express();
  app.use(
    createGateway({
      catalog: await compileOrders(),
      credentials: { key: CREDENTIAL },
      verify: [
        verifySignature({
          secrets: SECRET,
          onRefused: ({ reason }) => reasons.push(reason),
        }),
      ],
      log: { info: note("info"), warn: note("warn"), error: note("error") },
      onAnswered: (event) => void answered.push(event),
      ...options,
    }),
  );
  const { url } = await startServer(app);

  async function send(
    path: string,
    value: unknown,
    headers: Record<string, string> = {},
  ) {
    const body = typeof value === "string" ? value : JSON.stringify(value);
    const response = await fetch(url + path, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json",
        "X-ThunderPhone-Call-ID": "call-1",
        ...sign("thunderphone", SECRET, { body }),
        ...headers,
      },
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: JSON.parse(text) as Record<string, unknown>,
    };
  }
  return {
    url,
    logs,
    reasons,
    answered,
    send,
    /** One call of a tool with bare arguments. */
    call: async (
      name: string,
      args: unknown = {},
      headers: Record<string, string> = {},
    ) => send(`/tools/${name}`, args, headers),
  };
}
