import { describe, expect, test } from "@jest/globals";
import type { Block, Message } from "../../relay/history.ts";
import { createOfflineModel } from "../../relay/index.ts";
import { decideReply } from "../../relay/offline-agent.ts";
import { readConversation } from "../../relay/offline-conversation.ts";

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
): { said: string[]; called: [string, object][] } {
  const messages: Message[] = [];
  const said: string[] = [];
  const called: [string, object][] = [];
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
    expect(asked.said[0]).toBe("Certainly. What is its confirmation number?");
    expect(asked.called).toEqual([
      [
        "cancel_appointment",
        { confirmation_number: "4827193605", phone_last_four: "2671" },
      ],
    ]);
  });

  test("cancel nothing on a guess", () => {
    const first = { confirmation_number: "4827193605", speech: "Booked." };
    const one = converse(
      ["Book tomorrow 9 AM for Ann", "Cancel my other appointment."],
      { book_appointment: first },
    );
    expect(one.said[1]).toBe("Certainly. What is its confirmation number?");
    const none = converse(
      ["Book tomorrow 9 AM for Ann", "Cancel it.", "Cancel it."],
      {
        book_appointment: first,
        cancel_appointment: { cancelled: true, speech: "Cancelled." },
      },
    );
    expect(none.said[2]).toBe("Certainly. What is its confirmation number?");
  });

  test("try again with the last four digits when they were missing", () => {
    const refused = {
      error: "no",
      code: "verification_failed",
      speech: "I couldn't find that. The last four digits?",
    };
    const { called } = converse(["Cancel 482 719 3605", "2671"], {
      cancel_appointment: refused,
    });
    expect(called[1]).toEqual([
      "cancel_appointment",
      { confirmation_number: "4827193605", phone_last_four: "2671" },
    ]);
  });

  const days: [
    said: string,
    date: string | undefined,
    time: string | undefined,
    name: string | undefined,
  ][] = [
    ["Book an appointment for Monday at 10 am", "Monday", "10 am", undefined],
    ["Book not Monday but Tuesday at 9 AM for Ann", "Tuesday", "9 AM", "Ann"],
    [
      "book 2026-12-08 10:30 am, my name is Ann",
      "2026-12-08",
      "10:30 am",
      "Ann",
    ],
    ["Book tomorrow at 3 for Ann Lee", "tomorrow", "3", "Ann Lee"],
    ["book next Friday at three pm under Zoë", "next Friday", "3 pm", "Zoë"],
  ];
  test.each(days)("understand %j", (said, date, time, name) => {
    const messages: Message[] = [{ role: "user", content: said }];
    expect(readConversation(messages).all).toEqual({
      date,
      time,
      ...(name === undefined ? {} : { name }),
    });
  });

  test.each([
    "what?",
    "I'd rather not say",
    "Sorry what did you ask?",
    "It's Friday",
    "tell me a joke first",
    "no, 5 pm please",
  ])("take no such words for a name: %s", (words) => {
    const { called } = converse(["Book tomorrow at 3 PM", words]);
    expect(called.filter(([name]) => name === "book_appointment")).toEqual([]);
  });

  test.each(["never mind", "forget it", "stop"])(
    "leave a booking when the caller does: %s",
    (words) => {
      const { said, called } = converse([
        "Book december 2 at 11 am",
        words,
        "Ann Lee",
      ]);
      expect([said[1], called]).toEqual([
        "All right. What else can I do for you?",
        [],
      ]);
    },
  );

  test.each(["wait", "hold on a second", "hmm let me think"])(
    "give time: %s",
    (words) => {
      expect(converse(["Book december 2 at 11 am", words]).said[1]).toBe(
        "Take your time.",
      );
    },
  );

  test("take no confirmation number for a phone number", () => {
    const { called } = converse([
      "cancel please",
      "4155552671",
      "never mind",
      "book december 9 at 2 pm, my name is Otto",
    ]);
    expect(called[1]).toEqual([
      "book_appointment",
      { date: "december 9", time: "2 pm", customer_name: "Otto" },
    ]);
  });

  test("do not book when told not to", () => {
    expect(
      converse([
        "Don't book anything, I'm Bob, just asking about Friday at 3 pm.",
      ]).called,
    ).toEqual([
      ["search_appointments", { date: "Friday", preferred_time: "3 pm" }],
    ]);
  });

  test("leave a question behind when the caller does", () => {
    const { said, called } = converse([
      "I want to cancel.",
      "Forget it, tell me a joke.",
      "bye",
    ]);
    expect([called, said[2]]).toEqual([
      [["get_programming_joke", {}]],
      "You're welcome. Goodbye!",
    ]);
    expect(
      converse(["When are you free?", "What can you do?"]).said[1],
    ).toContain("I can find a free time");
  });

  test("book another day when the first was closed", () => {
    const closed = {
      error: "closed",
      code: "closed",
      speech: "We're closed on Saturday. I have 9:00 AM on Monday.",
    };
    const { called } = converse(
      ["Book Saturday at 10 am for Ann", "ok Monday then"],
      { book_appointment: closed },
    );
    expect(called[1]).toEqual([
      "book_appointment",
      { date: "Monday", time: "10 am", customer_name: "Ann" },
    ]);
  });

  test("know the outcome of what went on after an interrupt, and repeat its number", () => {
    const use: Block = {
      type: "tool_use",
      id: "t1",
      name: "book_appointment",
      input: {},
    };
    const messages: Message[] = [
      { role: "user", content: "Book tomorrow 9 AM for Ann" },
      { role: "assistant", content: [use] },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t1",
            content: "The caller interrupted. This is still running.",
          },
          { type: "text", text: "Hello?" },
        ],
      },
    ];
    expect(decideReply(messages, TOOLS).text).toContain(
      "I can find a free time",
    );
    const note =
      '[book_appointment has finished since the caller interrupted: {"confirmation_number":"4827193605","speech":"Booked.","date":"2027-01-04"}]';
    messages.push({
      role: "user",
      content: `${note}\nWhat is my confirmation number?`,
    });
    expect(decideReply(messages, TOOLS).text).toBe(
      "Your confirmation number is 4 8 2 7 1 9 3 6 0 5.",
    );
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
