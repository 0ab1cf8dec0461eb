import type { IncomingMessage, ServerResponse } from "node:http";
import type { Block, Message } from "../../relay/history.ts";
import { findViolations } from "./api-rules.ts";
import { startServer } from "./server.ts";

/** What the relay sent to the Messages API. */
export interface ModelRequest {
  model: string;
  system: string;
  messages: Message[];
  tools: { name: string }[];
  stream: boolean;
}

/** One scripted answer, written event by event in the API's true order (research/relay.md section 3). */
export type Script = (
  stream: ReplyStream,
  request: ModelRequest,
) => Promise<void> | void;

export interface MessagesApi {
  url: string;
  requests: ModelRequest[];
  headers: IncomingMessage["headers"][];
  /** Rules of the real API that a request broke; such a request is refused with 400. */
  violations: string[];
  /** Answers to come, one per request. */
  script(...scripts: Script[]): void;
}

/** A stand-in of the Messages API on a free port. */
export async function startMessagesApi(): Promise<MessagesApi> {
  const scripts: Script[] = [];
  const api: Omit<MessagesApi, "url"> = {
    requests: [],
    headers: [],
    violations: [],
    script: (...more) => void scripts.push(...more),
  };
  const { url } = await startServer((req, res) => void answer(req, res));
  return { ...api, url };

  async function answer(
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<void> {
    let body = "";
    for await (const chunk of req) body += String(chunk);
    const request = JSON.parse(body) as ModelRequest;
    api.requests.push(request);
    api.headers.push(req.headers);
    const broken = findViolations(
      request.messages,
      api.requests.at(-2)?.messages,
    );
    api.violations.push(...broken);
    if (broken.length > 0)
      return fail(res, 400, "invalid_request_error", broken.join("; "));
    const script = scripts.shift();
    if (!script) return fail(res, 500, "api_error", "nothing is scripted");
    await script(createStream(res), request);
  }
}

function fail(
  res: ServerResponse,
  status: number,
  type: string,
  message: string,
): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify({ type: "error", error: { type, message } }));
}

interface ReplyStream {
  start(): void;
  text(...deltas: string[]): void;
  thinking(thinking: string, signature: string): void;
  /** The arguments' JSON in pieces; the API's first piece is empty. */
  tool(id: string, name: string, ...pieces: string[]): void;
  stop(reason: string, options?: { keepOpen: boolean }): void;
  error(type: string): void;
  /** Ends the connection in the middle. */
  drop(): void;
  /** Writes just this, whatever it is. */
  raw(text: string): void;
  /** Ends the answer without its last event. */
  end(): void;
  status(status: number, type: string): void;
  /** Resolves when the relay has hung up on the stream. */
  aborted: Promise<void>;
}

function createStream(res: ServerResponse): ReplyStream {
  let index = 0;
  const send = (event: { type: string } & Record<string, unknown>) =>
    void res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

  function block(start: object, deltas: object[]): void {
    send({ type: "content_block_start", index, content_block: start });
    for (const delta of deltas)
      send({ type: "content_block_delta", index, delta });
    send({ type: "content_block_stop", index });
    index += 1;
  }
  const usage = { input_tokens: 1, output_tokens: 1 };
  return {
    start() {
      res.writeHead(200, { "content-type": "text/event-stream" });
      const message = {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "m",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage,
      };
      send({ type: "message_start", message });
      send({ type: "ping" });
    },
    text: (...deltas) =>
      block(
        { type: "text", text: "" },
        deltas.map((text) => ({ type: "text_delta", text })),
      ),
    thinking: (thinking, signature) =>
      block({ type: "thinking", thinking: "", signature: "" }, [
        { type: "thinking_delta", thinking },
        { type: "signature_delta", signature },
      ]),
    tool: (id, name, ...pieces) =>
      block(
        { type: "tool_use", id, name, input: {} },
        ["", ...pieces].map((partial_json) => ({
          type: "input_json_delta",
          partial_json,
        })),
      ),
    stop(reason, options) {
      send({ type: "some_future_event" });
      send({
        type: "message_delta",
        delta: { stop_reason: reason, stop_sequence: null },
        usage,
      });
      send({ type: "message_stop" });
      if (!options?.keepOpen) res.end();
    },
    error(type) {
      send({ type: "error", error: { type, message: type } });
      res.end();
    },
    raw: (text) => void res.write(text),
    end: () => void res.end(),
    drop: () => void res.socket?.destroy(),
    status: (status, type) => fail(res, status, type, type),
    aborted: new Promise((resolve) => res.on("close", () => resolve())),
  };
}

/** The model says this and ends its turn. */
export const says =
  (...deltas: string[]): Script =>
  (stream) => {
    stream.start();
    stream.text(...deltas);
    stream.stop("end_turn");
  };

/** The model calls tools, after a sentence where there is one. */
export const calls =
  (
    uses: { id: string; name: string; input?: object; pieces?: string[] }[],
    sentence = "",
  ): Script =>
  (stream) => {
    stream.start();
    if (sentence !== "") stream.text(sentence);
    for (const { id, name, input, pieces } of uses) {
      stream.tool(
        id,
        name,
        ...(pieces ?? (input ? [JSON.stringify(input)] : [])),
      );
    }
    stream.stop("tool_use");
  };

/** The results that a request gives back, by tool_use id. */
export function resultsOf(
  request: ModelRequest | undefined,
): Record<string, Extract<Block, { type: "tool_result" }>> {
  const blocks = (request?.messages ?? []).flatMap(({ content }) =>
    typeof content === "string" ? [] : content,
  );
  return Object.fromEntries(
    blocks.flatMap((block) =>
      block.type === "tool_result" ? [[block.tool_use_id, block]] : [],
    ),
  );
}
