/** A block of the Messages API, as it came and as it goes back. */
export type Block =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: unknown }
  | {
      type: "tool_result";
      tool_use_id: string;
      content: string;
      is_error?: boolean;
    }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted_thinking"; data: string };

export interface Message {
  role: "user" | "assistant";
  content: string | Block[];
}

/**
 * A call's conversation. Append-only once sent: `sent` counts the messages that
 * the model has seen, and none of those ever changes (thinking blocks are bound
 * to what stood before them).
 */
export interface History {
  messages: readonly Message[];
  sent: number;
}

export const EMPTY_HISTORY: History = { messages: [], sent: 0 };

export function markSent(history: History): History {
  return { ...history, sent: history.messages.length };
}

/** Adds what the caller said; into the user message that still waits to be sent, where there is one. */
export function addCallerText(history: History, text: string): History {
  const last = history.messages.at(-1);
  if (last?.role !== "user" || history.messages.length <= history.sent) {
    return push(history, { role: "user", content: text });
  }
  const content: Block[] =
    typeof last.content === "string"
      ? [{ type: "text", text: last.content }]
      : last.content;
  return replaceLast(history, {
    role: "user",
    content: [...content, { type: "text", text }],
  });
}

/** Adds the model's reply, without text that the API would refuse to take back. */
export function addReply(history: History, content: Block[]): History {
  const kept = content.filter(
    (block) => block.type !== "text" || block.text.trim() !== "",
  );
  const says = kept.some(({ type }) => type === "text" || type === "tool_use");
  return says ? push(history, { role: "assistant", content: kept }) : history;
}

/** Adds the results of all tool calls of the last reply: each tool_use must be followed by its own. */
export function addResults(history: History, results: Block[]): History {
  return push(history, { role: "user", content: results });
}

/**
 * Cuts the text of a reply that is not yet sent back to what was heard.
 * @returns the history, and false when the reply cannot be cut and stays as it is
 */
export function cutReply(
  history: History,
  index: number,
  heard: string,
): [History, boolean] {
  const message = history.messages[index];
  if (!message || index < history.sent || typeof message.content === "string")
    return [history, false];
  // A thinking block is bound to the text before it, so that text stays.
  const bound = message.content.findLastIndex(
    ({ type }) => type === "thinking" || type === "redacted_thinking",
  );
  const before = message.content
    .slice(0, bound + 1)
    .flatMap((block) => (block.type === "text" ? [block.text] : []));
  if (before.join("").length > heard.length) return [history, false];
  let left = heard.length;
  const content = message.content.flatMap((block): Block[] => {
    if (block.type !== "text") return [block];
    const text = block.text.slice(0, left);
    left -= text.length;
    return text.trim() === "" ? [] : [{ ...block, text }];
  });
  const says = content.some(
    ({ type }) => type === "text" || type === "tool_use",
  );
  const messages = history.messages.toSpliced(
    index,
    1,
    ...(says ? [{ ...message, content }] : []),
  );
  return [{ ...history, messages }, true];
}

function push(history: History, message: Message): History {
  return { ...history, messages: [...history.messages, message] };
}

function replaceLast(history: History, message: Message): History {
  return { ...history, messages: history.messages.with(-1, message) };
}
