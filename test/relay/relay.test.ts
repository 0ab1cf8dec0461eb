import { afterEach, describe, expect, test } from "@jest/globals";
import { calls, resultsOf, says } from "../support/messages-api.ts";
import type { MessagesApi } from "../support/messages-api.ts";
import { dialPhone } from "../support/phone.ts";
import {
  closeSwitchboards,
  gate,
  startSwitchboard,
} from "../support/switchboard.ts";

const SEARCH = "search_appointments";
const BOOK = "book_appointment";
const JOKE = "get_programming_joke";
const booking = { date: "2026-03-09", time: "2:30 PM", customer_name: "Maria" };

let standIn: MessagesApi | undefined;
afterEach(async () => {
  await closeSwitchboards();
  // Whatever a test is about, every request was one that the API accepts.
  const violations = standIn?.violations ?? [];
  standIn = undefined;
  expect(violations).toEqual([]);
});

async function start(options: Parameters<typeof startSwitchboard>[0] = {}) {
  const board = await startSwitchboard(options);
  standIn = board.api;
  return board;
}

describe("the tool loop", () => {
  test("joins split arguments, calls the tool signed, and asks the model again with the result", async () => {
    const { api, called, dial, onTool } = await start();
    onTool("/appointments/search", (res) =>
      res.json({ available_slots: ["9:00 AM"], speech: "Nine." }),
    );
    api.script(
      calls(
        [
          {
            id: "toolu_1",
            name: SEARCH,
            pieces: [
              '{"da',
              'te":"2026',
              '-03-09","prefer',
              'red_time":"9 \\u0041M"}',
            ],
          },
        ],
        "Let me look.",
      ),
      says("Nine ", "is free."),
    );
    const phone = await dial("CA42");
    phone.prompt("When are you free on Monday?");
    expect(await phone.answer()).toBe("Let me look. Nine is free.");
    expect(called).toEqual([
      {
        path: "/appointments/search",
        args: { date: "2026-03-09", preferred_time: "9 AM" },
        callId: "CA42",
        key: "toolu_1",
      },
    ]);
    expect(api.requests[1]?.messages).toEqual([
      { role: "user", content: "When are you free on Monday?" },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Let me look." },
          {
            type: "tool_use",
            id: "toolu_1",
            name: SEARCH,
            input: { date: "2026-03-09", preferred_time: "9 AM" },
          },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "toolu_1",
            content: '{"available_slots":["9:00 AM"],"speech":"Nine."}',
          },
        ],
      },
    ]);
    expect(phone.frames.filter(({ last }) => last)).toHaveLength(1);
  });

  test("goes on until the model ends its turn", async () => {
    const { api, called, dial } = await start();
    api.script(
      calls([{ id: "t1", name: SEARCH, input: { date: "tomorrow" } }]),
      calls([{ id: "t2", name: BOOK, input: booking }]),
      says("Booked."),
    );
    const phone = await dial();
    phone.prompt("Book me in.");
    expect(await phone.answer()).toBe("Booked.");
    expect(called.map(({ key }) => key)).toEqual(["t1", "t2"]);
    expect(api.requests).toHaveLength(3);
  });

  test("runs several calls of one message at once, and gives all results in one message", async () => {
    const { api, called, dial, onTool } = await start();
    const both = gate();
    let waiting = 0;
    for (const path of ["/appointments/search", "/jokes/programming"]) {
      onTool(path, (res) => {
        waiting += 1;
        if (waiting === 2) both.open(); // neither answers before both are there
        void both.opened.then(() => res.json({ path }));
      });
    }
    api.script(
      calls([
        { id: "t1", name: SEARCH, input: { date: "tomorrow" } },
        { id: "t2", name: JOKE },
      ]),
      says("Both."),
    );
    const phone = await dial();
    phone.prompt("A time and a joke.");
    expect(await phone.answer()).toBe("Both.");
    expect(called).toHaveLength(2);
    expect(api.requests[1]?.messages.at(-1)).toEqual({
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "t1",
          content: '{"path":"/appointments/search"}',
        },
        {
          type: "tool_result",
          tool_use_id: "t2",
          content: '{"path":"/jokes/programming"}',
        },
      ],
    });
  });

  test("gives thinking back as it came", async () => {
    const { api, dial } = await start();
    api.script((stream) => {
      stream.start();
      stream.thinking("hm", "c2ln");
      stream.tool("t1", JOKE);
      stream.stop("tool_use");
    }, says("Ha."));
    const phone = await dial();
    phone.prompt("A joke?");
    await phone.answer();
    expect(api.requests[1]?.messages[1]?.content).toMatchObject([
      { type: "thinking", thinking: "hm", signature: "c2ln" },
      { type: "tool_use", input: {} },
    ]);
  });

  test("stops a model that calls tools for ever, in words, and the next turn works", async () => {
    const { api, dial } = await start();
    api.script(
      ...Array.from({ length: 6 }, (_, index) =>
        calls([{ id: `t${index}`, name: JOKE }]),
      ),
      says("Hello again."),
    );
    const phone = await dial();
    phone.prompt("A joke?");
    expect(await phone.answer()).toContain("longer than it should");
    phone.prompt("Still there?");
    expect(await phone.answer()).toBe("Hello again.");
    expect(api.requests).toHaveLength(7);
  });
});

describe("a tool that fails is told to the model, and the call goes on", () => {
  const faults: [
    what: string,
    use: { name: string; input?: object; pieces?: string[] },
    answer: number | "hang" | "drop",
    told: string,
  ][] = [
    ["status 500", { name: JOKE }, 500, "status 500"],
    ["a dropped connection", { name: JOKE }, "drop", "could not be reached"],
    [
      "no answer",
      { name: SEARCH, input: { date: "tomorrow" } },
      "hang",
      "No answer within 0.1 seconds",
    ],
    ["an unknown tool", { name: "teleport" }, 200, "There is no tool teleport"],
    [
      "arguments that are no JSON",
      { name: SEARCH, pieces: ['{"date": "20'] },
      200,
      "not a JSON object",
    ],
    [
      "arguments that do not fit",
      { name: SEARCH, input: {} },
      200,
      "date: expected string (required)",
    ],
  ];
  test.each(faults)("%s", async (_, use, answer, told) => {
    const { api, dial, onTool } = await start({
      limits: { toolTimeoutMs: 100 },
    });
    const respond = (res: {
      status(code: number): { json(body: object): unknown };
      socket: unknown;
    }) => {
      if (answer === "drop") (res.socket as { destroy(): void }).destroy();
      else if (answer !== "hang") res.status(answer).json({ error: "boom" });
    };
    onTool("/jokes/programming", respond);
    onTool("/appointments/search", respond);
    api.script(calls([{ id: "t1", ...use }]), says("That did not work."));
    const phone = await dial();
    phone.prompt("Please.");
    expect(await phone.answer()).toBe("That did not work.");
    const { t1 } = resultsOf(api.requests[1]);
    expect(t1).toMatchObject({ is_error: true });
    expect(t1?.content).toContain(told);
  });

  test("a refusal with status 200 reaches the model as it is", async () => {
    const { api, dial, onTool } = await start();
    onTool("/appointments/book", (res) =>
      res.json({ error: "taken", code: "slot_taken" }),
    );
    api.script(
      calls([{ id: "t1", name: BOOK, input: booking }]),
      says("Taken."),
    );
    const phone = await dial();
    phone.prompt("Book it.");
    await phone.answer();
    expect(resultsOf(api.requests[1])["t1"]).toEqual({
      type: "tool_result",
      tool_use_id: "t1",
      content: '{"error":"taken","code":"slot_taken"}',
    });
  });

  test("an empty answer is no success", async () => {
    const { api, dial, onTool } = await start();
    onTool("/appointments/book", (res) => void res.status(200).end());
    onTool("/jokes/programming", (res) => void res.status(204).end());
    api.script(
      calls([
        { id: "t1", name: BOOK, input: booking },
        { id: "t2", name: JOKE },
      ]),
      says("Hm."),
    );
    const phone = await dial();
    phone.prompt("Book it.");
    await phone.answer();
    const { t1, t2 } = resultsOf(api.requests[1]);
    expect(t1).toMatchObject({
      is_error: true,
      content: "The service answered with status 200 but said nothing.",
    });
    expect(t2?.is_error).toBeUndefined();
  });

  test("a tool that throws instead of answering is a failed tool", async () => {
    const { api, dial } = await start({
      callTool: () => Promise.reject(new Error("bug")),
    });
    api.script(calls([{ id: "t1", name: JOKE }]), says("Sorry."));
    const phone = await dial();
    phone.prompt("A joke?");
    expect(await phone.answer()).toBe("Sorry.");
    expect(resultsOf(api.requests[1])["t1"]).toMatchObject({
      is_error: true,
      content: "The tool failed.",
    });
  });
});

describe("a slow tool", () => {
  test("is covered by fillers that may be cut off, and that are no part of the conversation", async () => {
    const { api, dial, onTool } = await start({
      limits: { fillerAfterMs: 20, fillerAgainMs: 20 },
    });
    const done = gate();
    onTool(
      "/appointments/search",
      (res) => void done.opened.then(() => res.json({ ok: 1 })),
    );
    api.script(
      calls([{ id: "t1", name: SEARCH, input: { date: "tomorrow" } }]),
      says("Nine."),
    );
    const phone = await dial();
    phone.prompt("When?");
    await phone.until(
      "two fillers",
      (frames) => frames.filter(({ preemptible }) => preemptible).length >= 2,
    );
    expect(phone.frames.slice(0, 2).map(({ token }) => token)).toEqual([
      "Let me look at the calendar.",
      " I'm still checking the calendar.",
    ]);
    done.open();
    expect(await phone.answer()).toMatch(/ Nine\.$/);
    expect(JSON.stringify(api.requests[1]?.messages)).not.toContain("calendar");
  });
});

test("a filler also covers the wait for a model that reads the result", async () => {
  const { api, dial } = await start({ limits: { fillerAfterMs: 40 } });
  const heard = gate();
  api.script(calls([{ id: "t1", name: JOKE }]), async (stream) => {
    await heard.opened;
    stream.start();
    stream.text("Ha.");
    stream.stop("end_turn");
  });
  const phone = await dial();
  phone.prompt("A joke?");
  await phone.until("a filler", (frames) =>
    frames.some(({ preemptible }) => preemptible),
  );
  heard.open();
  expect(await phone.answer()).toBe("One moment, please. Ha.");
});

describe("what the caller says", () => {
  test("an unfinished prompt starts no turn", async () => {
    const { api, dial } = await start();
    api.script(says("Yes?"));
    const phone = await dial();
    phone.prompt("I", false);
    phone.prompt("I would", false);
    phone.prompt("", true);
    phone.prompt("I would like a time.", true);
    await phone.answer();
    expect(api.requests.map(({ messages }) => messages)).toEqual([
      [{ role: "user", content: "I would like a time." }],
    ]);
  });

  test("a new prompt stops the answer before it; no old word follows", async () => {
    const { api, dial } = await start();
    const aborted = gate();
    api.script(async (stream) => {
      stream.start();
      stream.text("Once upon ");
      await stream.aborted;
      aborted.open();
    }, says("New answer."));
    const phone = await dial();
    phone.prompt("Tell me a story.");
    await phone.until("the first words", (frames) => frames.length > 0);
    phone.prompt("No, something else.");
    await aborted.opened;
    expect(await phone.answer()).toBe("Once upon New answer.");
    expect(api.requests[1]?.messages).toEqual([
      { role: "user", content: "Tell me a story." },
      { role: "assistant", content: [{ type: "text", text: "Once upon " }] },
      { role: "user", content: "No, something else." },
    ]);
  });

  test("pressed keys reach the model together", async () => {
    const { api, dial } = await start({ limits: { keysAfterMs: 30 } });
    api.script(says("Thank you."));
    const phone = await dial();
    for (const digit of ["4", "2", "#"]) phone.send({ type: "dtmf", digit });
    expect(await phone.answer()).toBe("Thank you.");
    expect(api.requests[0]?.messages[0]?.content).toBe(
      "[The caller pressed these keys: 4 2 #]",
    );
  });

  test("the model knows the date, the greeting and the tools", async () => {
    const { api, dial } = await start({
      now: () => new Date("2026-03-09T05:00:00Z"),
    });
    api.script(says("Hi."));
    const phone = await dial();
    phone.prompt("Hello.");
    await phone.answer();
    expect(api.requests[0]).toMatchObject({
      model: "claude-haiku-5-5",
      stream: true,
    });
    expect(api.requests[0]?.system).toContain(
      "Sunday, March 8, 2026 (2026-03-08)",
    );
    expect(api.requests[0]?.system).toContain(
      "Hello! I can find you an appointment",
    );
    expect(api.requests[0]?.tools.map(({ name }) => name)).toEqual([
      SEARCH,
      BOOK,
      "cancel_appointment",
      "reschedule_appointment",
      "lookup_appointments",
      "hold_appointment",
      "list_services",
      JOKE,
    ]);
    expect(api.headers[0]).toMatchObject({ authorization: "Bearer sk-test" });
  });
});

test("a cough that interrupts does not end in silence", async () => {
  const { api, dial } = await start();
  api.script(says("Nine is free."), says("Shall I book it?"));
  const phone = await dial();
  phone.prompt("When?");
  await phone.answer();
  phone.interrupt("Nine is");
  phone.prompt("");
  expect(await phone.answer()).toBe("Shall I book it?");
  expect(api.requests[1]?.messages.at(-1)?.content).toContain(
    "no words were understood",
  );
});

describe("a reply", () => {
  test("is there with its last event, though the connection stays open", async () => {
    const { api, dial } = await start();
    const over = gate();
    api.script(async (stream) => {
      stream.start();
      stream.tool("t1", JOKE);
      stream.stop("tool_use", { keepOpen: true });
      await over.opened;
      stream.end();
    }, says("Ha."));
    const phone = await dial();
    phone.prompt("A joke?");
    expect(await phone.answer()).toBe("Ha.");
    over.open();
  });

  test("with one id twice calls its tool once and goes on", async () => {
    const { api, called, dial } = await start();
    api.script(
      calls([
        { id: "t1", name: JOKE },
        { id: "t1", name: JOKE },
      ]),
      says("Ha."),
    );
    const phone = await dial();
    phone.prompt("A joke?");
    expect(await phone.answer()).toBe("Ha.");
    expect(called).toHaveLength(1);
  });

  test("that is empty after a preamble is no end in silence", async () => {
    const { api, dial } = await start();
    api.script(
      calls([{ id: "t1", name: JOKE }], "Let me look."),
      (stream) => (stream.start(), stream.stop("end_turn")),
    );
    const phone = await dial();
    phone.prompt("A joke?");
    expect(await phone.answer()).toBe(
      "Let me look. I'm sorry, I don't have an answer to that. What else can I do for you?",
    );
  });
});

describe("an interrupt", () => {
  test("aborts the model's stream at once; not one token follows", async () => {
    const { api, dial } = await start();
    const aborted = gate();
    api.script(async (stream) => {
      stream.start();
      stream.text("One two ", "three ");
      await stream.aborted;
      stream.text("four");
      aborted.open();
    }, says("Yes?"));
    const phone = await dial();
    phone.prompt("Count.");
    await phone.until("three", (frames) => frames.length === 2);
    phone.interrupt("One two");
    await aborted.opened;
    phone.prompt("Stop.");
    expect(await phone.answer()).toBe("One two three Yes?");
  });

  const cuts: [
    what: string,
    said: string[],
    played: string[],
    fragment: string,
    kept: string | undefined,
  ][] = [
    [
      "keeps what was heard",
      ["Nine is free. ", "Ten is free."],
      [],
      "Nine is free. Ten",
      "Nine is free. Ten",
    ],
    [
      "counts from the clause that was played",
      ["The fox is red. The fox is fast."],
      ["The fox is red."],
      "The fox",
      "The fox is red. The fox",
    ],
    [
      "keeps only what was played when no fragment is told",
      ["Nine. Ten. Eleven."],
      ["Nine.", "Ten."],
      "",
      "Nine. Ten.",
    ],
    [
      "keeps nothing when nothing was heard",
      ["Nine is free."],
      [],
      "",
      undefined,
    ],
    [
      "does not care for signs that nobody speaks",
      ["Great 😀 I have nine or ten."],
      [],
      "Great I have nine",
      "Great 😀 I have nine",
    ],
    [
      "looks for whole words",
      ["Three hundred. The red one?"],
      ["Three"],
      "red",
      "Three hundred. The red",
    ],
    [
      "does not care for marks, which the voice leaves out",
      ["Sure! It's 9:00 AM; shall I book it?"],
      [],
      "sure its 900 am",
      "Sure! It's 9:00 AM",
    ],
    [
      "does not care for white space",
      ["Nine\nis  free,", " really."],
      [],
      "Nine is free,",
      "Nine\nis  free,",
    ],
  ];
  test.each(cuts)(
    "after the answer: %s",
    async (_, said, played, fragment, kept) => {
      const { api, dial } = await start();
      api.script(says(...said), says("Yes?"));
      const phone = await dial();
      phone.prompt("When?");
      await phone.answer();
      for (const value of played)
        phone.send({ type: "info", name: "tokensPlayed", value });
      phone.interrupt(fragment);
      phone.prompt("Wait.");
      await phone.answer();
      const [, reply] = api.requests[1]?.messages ?? [];
      expect(reply).toEqual(
        kept === undefined
          ? { role: "user", content: "Wait." }
          : { role: "assistant", content: [{ type: "text", text: kept }] },
      );
    },
  );

  test("of a reply that the model already has back is told with the next words", async () => {
    const { api, dial } = await start();
    const aborted = gate();
    api.script(
      calls([{ id: "t1", name: JOKE }], "Let me think of a really good one."),
      async (stream) => {
        stream.start();
        stream.text("Knock knock.");
        await stream.aborted;
        aborted.open();
      },
      says("Fine."),
    );
    const phone = await dial();
    phone.prompt("A joke?");
    await phone.until("the joke", (frames) =>
      frames.some(({ token }) => token.includes("Knock")),
    );
    phone.interrupt("Let me think");
    await aborted.opened;
    phone.prompt("Never mind.");
    await phone.answer();
    expect(api.requests[2]?.messages.slice(-2)).toEqual([
      {
        role: "user",
        content: [
          expect.objectContaining({ type: "tool_result", tool_use_id: "t1" }),
        ],
      },
      {
        role: "user",
        content:
          '[The caller interrupted your last answer and heard only: "Let me think"]\nNever mind.',
      },
    ]);
  });

  test("takes nothing away in front of a thinking block, but tells it", async () => {
    const { api, dial, onTool } = await start();
    const reached = gate();
    onTool("/jokes/programming", reached.open);
    api.script((stream) => {
      stream.start();
      stream.text("Let me think about that.");
      stream.thinking("hm", "c2ln");
      stream.tool("t1", JOKE);
      stream.stop("tool_use");
    }, says("Fine."));
    const phone = await dial();
    phone.prompt("A joke?");
    await reached.opened;
    phone.interrupt("Let me");
    phone.prompt("Stop.");
    await phone.answer();
    expect(api.requests[1]?.messages[1]?.content).toMatchObject([
      { text: "Let me think about that." },
      { type: "thinking" },
      { type: "tool_use" },
    ]);
    expect(JSON.stringify(api.requests[1]?.messages[2])).toContain(
      'heard only: \\"Let me\\"',
    );
  });

  test("stops a read that runs, and the conversation stays whole", async () => {
    const { api, dial, onTool } = await start();
    const [reached, stopped] = [gate(), gate()];
    onTool("/appointments/search", (res) => {
      reached.open();
      res.on("close", stopped.open);
    });
    api.script(
      calls(
        [{ id: "t1", name: SEARCH, input: { date: "tomorrow" } }],
        "One moment.",
      ),
      says("All right."),
    );
    const phone = await dial();
    phone.prompt("When?");
    await reached.opened;
    phone.interrupt("One");
    await stopped.opened;
    phone.prompt("Forget it.");
    expect(await phone.answer()).toContain("All right.");
    expect(api.requests[1]?.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "text", text: "One" },
          expect.objectContaining({ type: "tool_use", id: "t1" }),
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t1",
            content: "Stopped, because the caller interrupted.",
            is_error: true,
          },
          { type: "text", text: "Forget it." },
        ],
      },
    ]);
  });

  test("lets a booking finish, once, and tells the model in the next turn", async () => {
    const { api, called, dial, events, onTool } = await start();
    const [reached, finish] = [gate(), gate()];
    onTool("/appointments/book", (res) => {
      reached.open();
      void finish.opened.then(() =>
        res.json({ confirmation_number: "4827193605" }),
      );
    });
    api.script(
      calls([{ id: "t1", name: BOOK, input: booking }]),
      says("One moment."),
      says("You are booked."),
    );
    const phone = await dial();
    phone.prompt("Book it.");
    await reached.opened;
    phone.interrupt("");
    phone.prompt("Are you there?");
    expect(await phone.answer()).toBe("One moment.");
    expect(resultsOf(api.requests[1])["t1"]?.content).toContain(
      "still running",
    );
    finish.open();
    while (!events.some(({ event }) => event === "tool.called"))
      await new Promise(setImmediate);
    phone.prompt("And now?");
    expect(await phone.answer()).toBe("You are booked.");
    expect(api.requests[2]?.messages.at(-1)?.content).toBe(
      '[book_appointment has finished since the caller interrupted: {"confirmation_number":"4827193605"}]\nAnd now?',
    );
    expect(called).toHaveLength(1);
  });
});

describe("a model that fails", () => {
  test("before its first word is asked once more", async () => {
    const { api, dial } = await start();
    api.script((stream) => {
      stream.start();
      stream.error("overloaded_error");
    }, says("Here I am."));
    const phone = await dial();
    phone.prompt("Hello?");
    expect(await phone.answer()).toBe("Here I am.");
  });

  const faults: [
    what: string,
    fail: (stream: Parameters<Parameters<MessagesApi["script"]>[0]>[0]) => void,
  ][] = [
    [
      "an error event in mid-stream",
      (stream) => (
        stream.start(),
        stream.text("Well, "),
        stream.error("overloaded_error")
      ),
    ],
    [
      "a connection that drops",
      (stream) => (stream.start(), stream.text("Well, "), stream.drop()),
    ],
    [
      "a stream that ends too early",
      (stream) => (stream.start(), stream.text("Well, "), stream.end()),
    ],
    [
      "a stream that stalls",
      (stream) => (stream.start(), stream.text("Well, ")),
    ],
    ["a refused key", (stream) => stream.status(401, "authentication_error")],
    [
      "an overload for good",
      (stream) => stream.status(529, "overloaded_error"),
    ],
  ];
  test.each(faults)(
    "in the end says so, and the next turn works: %s",
    async (_, fail) => {
      const { api, dial } = await start({ limits: { modelStallMs: 150 } });
      const phone = await dial();
      // The SDK and the session each try once more where nothing was said.
      api.script(fail, fail, fail, fail);
      phone.prompt("Hello?");
      expect(await phone.answer()).toMatch(
        /(Well, )?I'm sorry, I'm having trouble/,
      );
      api.script(says("unused"), says("unused"), says("unused"));
      const before = api.requests.length;
      phone.prompt("Again?");
      await phone.answer();
      expect(api.requests.length).toBeGreaterThan(before);
      expect(api.requests.at(-1)?.messages.at(-1)?.content).toBe("Again?");
    },
  );

  test("for good is not asked again", async () => {
    const { api, dial } = await start();
    api.script((stream) => stream.status(401, "authentication_error"));
    const phone = await dial();
    phone.prompt("Hello?");
    expect(await phone.answer()).toContain("having trouble");
    expect(api.requests).toHaveLength(1);
  });

  test("to say anything is covered by a sentence, and nothing empty is kept", async () => {
    const { api, dial } = await start();
    api.script(
      (stream) => (stream.start(), stream.stop("refusal")),
      (stream) => (stream.start(), stream.text("  "), stream.stop("end_turn")),
      says("Now."),
    );
    const phone = await dial();
    phone.prompt("One.");
    expect(await phone.answer()).toContain("I don't have an answer");
    phone.prompt("Two.");
    expect(await phone.answer()).toContain("I don't have an answer");
    phone.prompt("Three.");
    expect(await phone.answer()).toBe("Now.");
    expect(api.requests[2]?.messages.map(({ content }) => content)).toEqual([
      "One.",
      "Two.",
      "Three.",
    ]);
  });
});

describe("one call's fault stays its own", () => {
  test("frames that make no sense, and a prompt before setup, end nothing", async () => {
    const { api, dial, events, relay } = await start();
    api.script(says("Hello."));
    const phone = await dial("");
    const nonsense = [
      "not JSON",
      "[]",
      "null",
      "5",
      '{"type":5}',
      '{"type":"prompt"}',
      '{"type":"setup"}',
      '{"type":"dtmf","digit":12}',
      '{"type":"info","name":"agentSpeaking","value":"on"}',
      '{"type":"unheard-of"}',
      '{"type":"error","description":"64107"}',
      '{"type":"__proto__"}',
    ];
    for (const frame of nonsense) phone.send(frame);
    phone.send(Buffer.from([0, 255, 1]));
    phone.prompt("Too early.");
    phone.interrupt("x");
    phone.send({ type: "setup", callSid: "CA1", sessionId: "VX1" });
    phone.send({ type: "setup", callSid: "CA2", sessionId: "VX2" });
    for (const frame of nonsense) phone.send(frame);
    phone.prompt("Now.");
    expect(await phone.answer()).toBe("Hello.");
    expect(api.requests).toHaveLength(1);
    expect(events.filter(({ event }) => event === "call.fault")).toEqual([]);
    expect(relay).toBeDefined();
  });

  test("a hang-up in mid-answer stops the stream, and another call goes on", async () => {
    const { api, dial } = await start();
    const [begun, aborted, finish] = [gate(), gate(), gate()];
    api.script(
      async (stream) => {
        stream.start();
        stream.text("One ");
        begun.open();
        await stream.aborted;
        aborted.open();
      },
      async (stream) => {
        stream.start();
        stream.text("Other ");
        await finish.opened;
        stream.text("call.");
        stream.stop("end_turn");
      },
    );
    const one = await dial("CA1");
    one.prompt("Hello.");
    await begun.opened;
    const other = await dial("CA2");
    other.prompt("Hello.");
    await other.until(
      "the other call's first word",
      (frames) => frames.length > 0,
    );
    await one.hangUp();
    await aborted.opened;
    finish.open();
    expect(await other.answer()).toBe("Other call.");
    expect(one.frames.map(({ token }) => token)).toEqual(["One "]);
  });

  test("a hang-up in mid-tool stops a read and lets a write finish", async () => {
    const { api, called, dial, onTool } = await start();
    const [reads, writes, stopped] = [gate(), gate(), gate()];
    const finished = gate();
    onTool("/appointments/search", (res) => {
      reads.open();
      res.on("close", stopped.open);
    });
    onTool("/appointments/book", (res) => {
      writes.open();
      void stopped.opened.then(() => {
        res.json({ ok: 1 });
        finished.open();
      });
    });
    api.script(
      calls([
        { id: "t1", name: SEARCH, input: { date: "tomorrow" } },
        { id: "t2", name: BOOK, input: booking },
      ]),
    );
    const phone = await dial();
    phone.prompt("Both.");
    await Promise.all([reads.opened, writes.opened]);
    await phone.hangUp();
    await finished.opened;
    expect(called).toHaveLength(2);
    expect(api.requests).toHaveLength(1);
  });

  test("a frame that is too large ends its own call only", async () => {
    const { api, dial } = await start();
    api.script(says("Fine."));
    const [big, other] = [await dial("CA1"), await dial("CA2")];
    big.send(
      JSON.stringify({
        type: "prompt",
        voicePrompt: "x".repeat(70_000),
        last: true,
      }),
    );
    expect(await big.closed).toBe(1009);
    other.prompt("Hello.");
    expect(await other.answer()).toBe("Fine.");
  });

  test("a socket without setup is closed", async () => {
    const { dial } = await start({ limits: { setupWithinMs: 30 } });
    expect(await (await dial("")).closed).toBe(1008);
  });

  test("closing the relay does not wait for a line that is dead", async () => {
    const { relay, wsUrl } = await start({ limits: { hangUpWithinMs: 30 } });
    const phone = await dialPhone(wsUrl, "CA1");
    phone.freeze();
    await relay.close();
  });

  test("closing the relay lets a booking come to its end", async () => {
    const { api, dial, onTool, relay, url } = await start();
    const [reached, finish] = [gate(), gate()];
    let isBooked = false;
    onTool("/appointments/book", (res) => {
      reached.open();
      void finish.opened.then(() => {
        isBooked = true;
        res.json({ ok: 1 });
      });
    });
    api.script(calls([{ id: "t1", name: BOOK, input: booking }]));
    const phone = await dial();
    phone.prompt("Book it.");
    await reached.opened;
    let isClosed = false;
    const closing = relay.close().then(() => (isClosed = true));
    await phone.closed;
    for (let round = 0; round < 3; round++) await fetch(`${url}/twiml`); // whatever could close has closed by now
    expect(isClosed).toBe(false);
    finish.open();
    await closing;
    expect(isBooked).toBe(true);
  });

  test("closing the relay hangs up, twice without harm", async () => {
    const { dial, relay } = await start();
    const phone = await dial();
    await Promise.all([relay.close(), relay.close()]);
    expect(await phone.closed).toBe(1001);
  });
});
