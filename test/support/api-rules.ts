import type { Block, Message } from "../../relay/history.ts";

/**
 * What the Messages API refuses with 400 (its documented rules and quoted errors,
 * research/relay.md sections 3 and 4), and one rule more: what was sent once stays
 * as it was, because thinking blocks are bound to what stood before them.
 * @param before  the messages of the same call's request before this one
 */
export function findViolations(
  messages: readonly Message[],
  before: readonly Message[] = [],
): string[] {
  const found: string[] = [];
  const ids = new Set<string>();
  let open: string[] = [];
  if (messages[0]?.role !== "user")
    found.push("the first message is not the user's");
  if (messages.at(-1)?.role !== "user")
    found.push("the last message is not the user's (prefill)");
  messages.forEach((message, index) => {
    const blocks = blocksOf(message);
    if (blocks.length === 0) found.push(`message ${index} is empty`);
    if (
      blocks.some((block) => block.type === "text" && block.text.trim() === "")
    )
      found.push(`message ${index} has empty text`);
    const results = blocks.flatMap((block) =>
      block.type === "tool_result" ? [block.tool_use_id] : [],
    );
    for (const id of open.filter((each) => !results.includes(each)))
      found.push(`tool_use ${id} has no result`);
    for (const id of results.filter((each) => !open.includes(each)))
      found.push(`tool_result ${id} has no tool_use`);
    const firstOther = blocks.findIndex(({ type }) => type !== "tool_result");
    if (
      firstOther >= 0 &&
      blocks.slice(firstOther).some(({ type }) => type === "tool_result")
    )
      found.push(`message ${index} has a tool_result behind text`);
    open = blocks.flatMap((block) =>
      block.type === "tool_use" ? [block.id] : [],
    );
    if (open.length > 0 && message.role === "user")
      found.push(`message ${index} is a user's tool_use`);
    for (const id of open) {
      if (ids.has(id)) found.push(`tool_use ${id} is there twice`);
      ids.add(id);
    }
  });
  const isSameCall = JSON.stringify(before[0]) === JSON.stringify(messages[0]);
  before.forEach((message, index) => {
    if (
      isSameCall &&
      JSON.stringify(message) !== JSON.stringify(messages[index])
    )
      found.push(`message ${index} was changed after it was sent`);
  });
  return found;
}

function blocksOf({ content }: Message): Block[] {
  if (typeof content !== "string") return content;
  return content === "" ? [] : [{ type: "text", text: content }];
}
