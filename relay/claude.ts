import { createRequire } from "node:module";
import type Anthropic from "@anthropic-ai/sdk";
import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import { ModelError } from "./errors.ts";
import type { Block, Message } from "./history.ts";

const require = createRequire(import.meta.url);

export type ModelClient = Anthropic;

export interface ModelOptions {
  apiKey: string;
  /** Base URL of the Messages API (default: Anthropic's). */
  baseUrl?: string;
  fetch?: typeof fetch;
}

/** Opens the SDK's client with what a phone call needs: one retry, and no waiting for minutes. */
export function openModel(options: ModelOptions): ModelClient {
  // Loaded when it is needed: who only hosts tools reads the agent's file too, and the SDK takes 20 MB.
  const sdk = require("@anthropic-ai/sdk") as { Anthropic: typeof Anthropic };
  return new sdk.Anthropic({
    apiKey: options.apiKey,
    // An explicit null keeps the SDK from reading the environment.
    authToken: null,
    baseURL: options.baseUrl ?? "https://api.anthropic.com",
    // The SDK's own log has the words of a conversation in it, and stdout is for results.
    logLevel: "off",
    maxRetries: 1,
    timeout: 10_000,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

export interface ModelRequest {
  model: string;
  system: string;
  /** Definitions in the form of the Messages API. */
  tools: object[];
  messages: readonly Message[];
}

/** A complete reply; a tool call's `input` is undefined where its text is no JSON object. */
export interface ModelReply {
  content: Block[];
  calls: {
    id: string;
    name: string;
    input: object | undefined;
    json: string;
  }[];
}

const MAX_TOKENS = 1024;

/**
 * Asks the model and streams its reply.
 * @param onText  gets each piece of text as it comes
 * @param stallMs  longest silence between two events of the stream
 * @throws ModelError when the stream stalls or breaks off, else the SDK's error
 */
export function streamReply(
  client: ModelClient,
  request: ModelRequest,
  options: {
    signal: AbortSignal;
    stallMs: number;
    onText: (text: string) => void;
  },
): Promise<ModelReply> {
  const stall = new AbortController();
  const watchdog = setTimeout(() => stall.abort(), options.stallMs);
  const signal = AbortSignal.any([options.signal, stall.signal]);
  const reply = createReply(options.onText);

  /** Reads to the end, so that the connection can be used again, but the reply is there at its last event. */
  async function read(done: (reply: ModelReply) => void): Promise<void> {
    try {
      const stream = await client.messages.create(toParams(request), {
        signal,
      });
      for await (const event of stream) {
        watchdog.refresh();
        reply.take(event);
        if (event.type === "message_stop") done(reply.read());
      }
      // An aborted or broken stream may end without an error of its own.
      throw stall.signal.aborted
        ? stalled(options.stallMs)
        : new ModelError("dropped", "the model's stream broke off");
    } catch (error) {
      if (stall.signal.aborted && !options.signal.aborted)
        throw stalled(options.stallMs);
      throw error;
    } finally {
      clearTimeout(watchdog);
    }
  }
  return new Promise((resolve, reject) => {
    read(resolve).catch(reject);
  });
}

function toParams(
  request: ModelRequest,
): Anthropic.MessageCreateParamsStreaming {
  return {
    model: request.model,
    max_tokens: MAX_TOKENS,
    stream: true,
    system: request.system,
    messages: request.messages as Anthropic.MessageParam[],
    ...(request.tools.length > 0
      ? { tools: request.tools as Anthropic.Tool[] }
      : {}),
    ...thinkingOf(request.model),
  };
}

function stalled(stallMs: number): ModelError {
  return new ModelError("stalled", `no event from the model for ${stallMs} ms`);
}

/** The 5.5 models think before the first word unless told otherwise, which a caller hears as silence. */
function thinkingOf(
  model: string,
): Pick<Anthropic.MessageCreateParams, "thinking" | "output_config"> {
  if (!model.endsWith("-5-5")) return {};
  return {
    thinking: { type: "between_tools" },
    output_config: { effort: "low" },
  };
}

/** Joins the events of one stream (order: research/relay.md section 3); unknown events are passed over. */
function createReply(onText: (text: string) => void) {
  const blocks = new Map<number, Block>();
  const json = new Map<number, string>();

  function take(event: RawMessageStreamEvent): void {
    if (event.type === "content_block_start") {
      const block = event.content_block;
      if (block.type === "text")
        blocks.set(event.index, { type: "text", text: "" });
      if (block.type === "thinking")
        blocks.set(event.index, {
          type: "thinking",
          thinking: block.thinking,
          signature: block.signature,
        });
      if (block.type === "redacted_thinking")
        blocks.set(event.index, {
          type: "redacted_thinking",
          data: block.data,
        });
      if (block.type === "tool_use")
        blocks.set(event.index, {
          type: "tool_use",
          id: block.id,
          name: block.name,
          input: {},
        });
      if (block.type === "text" && typeof block.text === "string")
        addText(event.index, block.text);
    }
    if (event.type !== "content_block_delta") return;
    const { delta, index } = event;
    const block = blocks.get(index);
    if (delta.type === "text_delta") addText(index, delta.text);
    if (delta.type === "input_json_delta")
      json.set(index, (json.get(index) ?? "") + delta.partial_json);
    if (delta.type === "thinking_delta" && block?.type === "thinking")
      block.thinking += delta.thinking;
    if (delta.type === "signature_delta" && block?.type === "thinking")
      block.signature += delta.signature;
  }

  function addText(index: number, text: string): void {
    const block = blocks.get(index);
    if (block?.type !== "text" || text === "") return;
    block.text += text;
    onText(text);
  }

  /** `input` is always {} at the block's start; the joined pieces are the arguments. */
  function read(): ModelReply {
    const calls: ModelReply["calls"] = [];
    for (const [index, block] of blocks) {
      if (block.type !== "tool_use") continue;
      // An id that is there twice could have one result only, and the API would refuse both.
      if (calls.some(({ id }) => id === block.id)) {
        blocks.delete(index);
        continue;
      }
      const text = json.get(index) ?? "";
      const input = parseInput(text);
      block.input = input ?? {};
      calls.push({ id: block.id, name: block.name, input, json: text });
    }
    return { content: [...blocks.values()], calls };
  }

  return { take, read };
}

function parseInput(json: string): object | undefined {
  if (json === "") return {};
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}
