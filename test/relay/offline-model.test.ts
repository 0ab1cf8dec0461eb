import { describe, expect, test } from "@jest/globals";
import type { Block, Message } from "../../relay/history.ts";
import { createOfflineModel } from "../../relay/index.ts";
import { decideReply } from "../../relay/offline-agent.ts";

const TOOLS = [
  "search_appointments",
  "book_appointment",
  "cancel_appointment",
  "get_programming_joke",
];

/** A conversation in which tools answer what is written for them. */
function converse(
  turns: string[],
  answers: Record<string, object> = {},
): { said: string[]; called: unknown[] } {
  const messages: Message[] = [];
  const said: string[] = [];
  const called: unknown[] = [];
  for (const words of turns) {
    messages.push({ role: "user", content: words });
    let decision = decideReply(messages, TOOLS);
    if (decision.calls.length > 0) {
      const uses = decision.calls.map(({ name, input }, index): Block => ({
        type: "tool_use",
        id: `${messages.length}${index}`,
        name,
        input,
      }));
      messages.push({ role: "assistant", content: uses });
      for (const { name, input } of decision.calls) called.push([name, input]);
      const results = decision.calls.map(({ name }, index): Block => ({
        type: "tool_result",
        tool_use_id: `${messages.length - 1}${index}`,
        content: JSON.stringify(answers[name] ?? { speech: "Done." }),
      }));
      messages.push({ role: "user", content: results });
      decision = decideReply(messages, TOOLS);
    }
    said.push(decision.text);
    messages.push({
      role: "assistant",
      content: [{ type: "text", text: decision.text }],
    });
  }
  return { said, called };
}

describe("the offline model's rules", () => {
  test("book step by step, asking for one thing at a time", () => {
    const { said, called } = converse([
      "I'd like to book an appointment.",
      "Next Tuesday.",
      "At 2:30 PM",
      "It's Maria Lopez, (415) 555-2671.",
    ]);
    expect(said.slice(0, 3)).toEqual([
      "Which day would you like to come?",
      "What time would you like?",
      "What name shall I put it under?",
    ]);
    expect(called).toEqual([
      [
        "book_appointment",
        {
          date: "Next Tuesday",
          time: "2:30 PM",
          customer_name: "Maria Lopez",
          customer_phone: "(415) 555-2671",
        },
      ],
    ]);
  });

  test("search, then take an offered time, then another when it was taken", () => {
    const taken = {
      error: "taken",
      code: "slot_taken",
      speech: "That is taken.",
    };
    const free = { available_slots: ["9:00 AM"], speech: "I have 9:00 AM." };
    const { said, called } = converse(
      [
        "What is free on 2027-03-08?",
        "10:30 AM please, my name is Ann.",
        "Then 11 AM.",
      ],
      { search_appointments: free, book_appointment: taken },
    );
    expect(said[0]).toBe("I have 9:00 AM. Which time would you like?");
    expect(called).toEqual([
      ["search_appointments", { date: "2027-03-08" }],
      [
        "book_appointment",
        { date: "2027-03-08", time: "10:30 AM", customer_name: "Ann" },
      ],
      [
        "book_appointment",
        { date: "2027-03-08", time: "11 AM", customer_name: "Ann" },
      ],
    ]);
  });

  test("cancel what was booked, or ask for the number", () => {
    const booked = { confirmation_number: "4827193605", speech: "Booked." };
    expect(
      converse(["Book tomorrow 9 AM for Ann", "Please cancel it."], {
        book_appointment: booked,
      }).called[1],
    ).toEqual(["cancel_appointment", { confirmation_number: "4827193605" }]);
    const asked = converse([
      "I want to cancel.",
      "482 719 3605, last four are 2671",
    ]);
    expect(asked.said[0]).toBe("Certainly. What is your confirmation number?");
    expect(asked.called).toEqual([
      [
        "cancel_appointment",
        { confirmation_number: "4827193605", phone_last_four: "2671" },
      ],
    ]);
  });

  test("call two tools at once", () => {
    expect(
      converse(["Tell me a joke, and what is free tomorrow?"]).called,
    ).toEqual([
      ["get_programming_joke", {}],
      ["search_appointments", { date: "tomorrow" }],
    ]);
  });

  test("always say something", () => {
    const odd = [
      "",
      "?!",
      "hello",
      "asdf",
      "7",
      "[The caller pressed these keys: 4 2]",
      "thanks, bye",
      "when",
      "a".repeat(5000),
    ];
    for (const words of odd) expect(converse([words]).said[0]).toMatch(/\w/);
    expect(decideReply([], []).text).toMatch(/\w/);
    const failed: Message = {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "1",
          content: "No answer",
          is_error: true,
        },
      ],
    };
    expect(decideReply([failed], TOOLS).text).toContain("didn't work");
  });
});

test("the offline model streams the events of the Messages API in their order", async () => {
  const body = JSON.stringify({
    model: "m",
    messages: [{ role: "user", content: "A joke?" }],
    tools: TOOLS.map((name) => ({ name })),
  });
  const response = await createOfflineModel()(
    "https://api.anthropic.com/v1/messages",
    { method: "POST", body },
  );
  const types = [...(await response.text()).matchAll(/^event: (.*)$/gm)].map(
    ([, type]) => type,
  );
  expect(types).toEqual([
    "message_start",
    "ping",
    "content_block_start",
    "content_block_delta",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  expect(
    (await createOfflineModel()("https://api.anthropic.com/v1/models")).status,
  ).toBe(404);
});
