import { randomUUID } from "node:crypto";
import { decideReply } from "./offline-agent.ts";
import type { Decision } from "./offline-agent.ts";
import type { Message } from "./history.ts";

/**
 * The offline model: a `fetch` that answers like the Messages API, in the same
 * order of events (research/relay.md section 3), from a few rules instead of a
 * model. For trying the kit without a key; the SDK's code path is the same.
 */
export function createOfflineModel(): typeof fetch {
  const run = randomUUID().slice(0, 8);
  let count = 0;
  return async function answer(input, init) {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (pathname !== "/v1/messages" || typeof init?.body !== "string") {
      return Response.json(
        {
          type: "error",
          error: { type: "not_found_error", message: pathname },
        },
        { status: 404 },
      );
    }
    // The SDK of this very process wrote the body.
    const body = JSON.parse(init.body) as {
      messages: Message[];
      tools?: { name: string }[];
      model: string;
    };
    const names = (body.tools ?? []).map(({ name }) => name);
    const id = `offline_${run}_${(count += 1)}`;
    const events = toEvents(decideReply(body.messages, names), id, body.model);
    return new Response(toStream(events), {
      headers: { "content-type": "text/event-stream" },
    });
  };
}

type StreamEvent = { type: string } & Record<string, unknown>;

function toEvents(
  decision: Decision,
  id: string,
  model: string,
): StreamEvent[] {
  const usage = { input_tokens: 0, output_tokens: 0 };
  const message = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const blocks: StreamEvent[][] = [];
  if (decision.text !== "") {
    const words = decision.text.match(/\s*\S+/g) ?? [];
    blocks.push(
      toBlock(
        blocks.length,
        { type: "text", text: "" },
        words.map((text) => ({ type: "text_delta", text })),
      ),
    );
  }
  for (const { name, input } of decision.calls) {
    const index = blocks.length;
    const start = {
      type: "tool_use",
      id: `toolu_${id}_${index}`,
      name,
      input: {},
    };
    // The API cuts the arguments' JSON anywhere; its first piece is empty.
    const pieces = ["", ...(JSON.stringify(input).match(/.{1,12}/gsu) ?? [])];
    blocks.push(
      toBlock(
        index,
        start,
        pieces.map((partial_json) => ({
          type: "input_json_delta",
          partial_json,
        })),
      ),
    );
  }
  const stop_reason = decision.calls.length > 0 ? "tool_use" : "end_turn";
  return [
    { type: "message_start", message },
    { type: "ping" },
    ...blocks.flat(),
    {
      type: "message_delta",
      delta: { stop_reason, stop_sequence: null },
      usage,
    },
    { type: "message_stop" },
  ];
}

function toBlock(
  index: number,
  content_block: object,
  deltas: object[],
): StreamEvent[] {
  return [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

function toStream(events: StreamEvent[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const left = events.values();
  return new ReadableStream({
    pull(controller) {
      const next = left.next();
      if (next.done) return controller.close();
      const event = next.value;
      controller.enqueue(
        encoder.encode(
          `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
        ),
      );
    },
  });
}
