import { mkdtemp } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { dial } from "../../cli/caller.ts";
import { sign } from "../../middleware/index.ts";
import { closePhones, dialPhone } from "../support/phone.ts";
import { closeServers, startServer } from "../support/server.ts";
import { runCommand } from "../support/terminal.ts";
import type { Terminal } from "../support/terminal.ts";

const SECRET = "whsec_test_secret";
const running: Terminal[] = [];
afterEach(async () => {
  await closePhones();
  await closeServers();
  for (const terminal of running.splice(0)) {
    terminal.stop();
    await terminal.exitCode;
  }
});

async function listen(
  argv: string[],
  env: Record<string, string> = {},
): Promise<{ url: string; terminal: Terminal }> {
  const directory = await mkdtemp(join(tmpdir(), "kit-"));
  const defaults = {
    DATABASE_URL: `sqlite:${join(directory, "appointments.db")}`,
    JOKE_API_URL: "",
    PORT: "0",
  };
  const terminal = runCommand(argv, {
    env: { ...defaults, ...env },
    cwd: directory,
  });
  running.push(terminal);
  const [, url = ""] = await terminal.printed(
    /^\{"listening":"(http:\/\/[^"]+)"\}\n$/,
  );
  return { url, terminal };
}

async function talk(url: string, ...words: string[]): Promise<string[]> {
  const twiml = await (await fetch(`${url}/twiml`, { method: "POST" })).text();
  const caller = await dial(
    /url="([^"]+)"/.exec(twiml)?.[1] ?? "",
    "CA1",
    10_000,
  );
  const answers: string[] = [];
  for (const each of words) answers.push(await caller.say(each));
  await caller.hangUp();
  return answers;
}

const CONVERSATION = [
  "What is free on 2027-03-08?",
  "I'll take 2:30 PM, my name is Maria Lopez.",
  "And a joke?",
  "Please cancel it.",
  "And cancel it once more.",
];
const EXPECTED = [
  /On Monday, March 8, 2027 I have .*2:|9:00 AM.*Which time/,
  /You're booked for Monday, March 8, 2027 at 2:30 PM. Your confirmation number is \d/,
  /\w/,
  /Your appointment is cancelled/,
  /What is its confirmation number/,
];

describe("start", () => {
  test("answers health, tools, TwiML and a whole call with the offline model", async () => {
    const { url, terminal } = await listen(["start"]);
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({
      status: "ok",
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({
      openapi: "3.1.0",
      servers: [{ url }],
    });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    const answers = await talk(url, ...CONVERSATION);
    answers.forEach((answer, index) =>
      expect(answer).toMatch(EXPECTED[index] as RegExp),
    );
    expect(terminal.stderr()).toContain("the offline model answers");
    const unsigned = await fetch(`${url}/appointments/search`, {
      method: "POST",
      body: '{"date":"tomorrow"}',
    });
    expect(unsigned.status).toBe(401);
  });

  test("ends with 0 when it is asked to, with a call on the line", async () => {
    const { url, terminal } = await listen(["start"]);
    const phone = await dialPhone(`${url.replace("http", "ws")}/ws`, "CA1");
    terminal.stop();
    expect(await terminal.exitCode).toBe(0);
    await phone.closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test("refuses a public address without secrets, and does not listen", async () => {
    const terminal = runCommand(["start"], {
      env: { PORT: "0", HOST: "0.0.0.0" },
    });
    expect(await terminal.exitCode).toBe(2);
    expect(terminal.stderr()).toMatch(/TOOL_SECRETS[^]*TWILIO_AUTH_TOKEN/);
    expect(terminal.stdout()).toBe("");
  });

  test("names a taken port and exits 4", async () => {
    const { url } = await listen(["start"]);
    const terminal = runCommand(["start", "--port", new URL(url).port], {
      env: { DATABASE_URL: "sqlite::memory:" },
    });
    expect(await terminal.exitCode).toBe(4);
    expect(terminal.stderr()).toMatch(
      /cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/,
    );
  });

  const faults: [what: string, env: Record<string, string>, words: RegExp][] = [
    [
      "a business file that is not there",
      { BUSINESS_CONFIG: "/nowhere.yaml" },
      /BUSINESS_CONFIG \/nowhere.yaml/,
    ],
    [
      "an agent file that is not there",
      { AGENT_CONFIG: "/nowhere.yaml" },
      /AGENT_CONFIG \/nowhere.yaml/,
    ],
    [
      "a database that cannot be opened",
      { DATABASE_URL: "sqlite:/dev/null/x.db" },
      /DATABASE_URL: cannot open/,
    ],
  ];
  test.each(faults)("names %s and exits 2", async (_, env, words) => {
    const terminal = runCommand(["start"], {
      env: { PORT: "0", DATABASE_URL: "sqlite::memory:", ...env },
    });
    expect(await terminal.exitCode).toBe(2);
    expect(terminal.stderr()).toMatch(words);
  });

  test("a database server that nobody answers at is exit 4, and no password is shown", async () => {
    const { url, close } = await startServer(() => {});
    await close();
    const terminal = runCommand(["serve"], {
      env: {
        PORT: "0",
        DATABASE_URL: `postgres://kit:hunter2hunter2@127.0.0.1:${new URL(url).port}/kit`,
      },
    });
    expect(await terminal.exitCode).toBe(4);
    expect(terminal.stderr()).toContain("DATABASE_URL: ");
    expect(terminal.stderr()).not.toContain("hunter2");
    expect(terminal.stdout()).toBe("");
  });

  test("a document of one's own that yields no tool is exit 3", async () => {
    const terminal = runCommand(["start"], {
      env: {
        PORT: "0",
        DATABASE_URL: "sqlite::memory:",
        TOOLS_SPEC: "/nowhere.yaml",
      },
    });
    expect(await terminal.exitCode).toBe(3);
  });
});

describe("ThunderPhone's webhook", () => {
  const post = async (url: string, body: object, callId = "") => {
    const text = JSON.stringify(body);
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...sign("thunderphone", SECRET, { body: text }),
        ...(callId === "" ? {} : { "X-ThunderPhone-Call-ID": callId }),
      },
      body: text,
    });
    return [response.status, await response.json()];
  };

  test.each(["serve", "start"])(
    "of %s hands out prompt, voice and tools, and a call that has ended gets no more of them",
    async (verb) => {
      const { url } = await listen([verb], { TOOL_SECRETS: SECRET });
      const event = (type: string) =>
        post(`${url}/thunderphone`, { type, data: { call_id: 4711 } });
      const joke = () => post(`${url}/jokes/programming`, {}, "4711");
      expect(await event("telephony.incoming")).toMatchObject([
        200,
        {
          prompt: expect.stringMatching(/\w/) as unknown,
          voice: expect.stringMatching(/\w/) as unknown,
          tools: expect.arrayContaining([
            expect.objectContaining({
              endpoint: expect.objectContaining({
                url: `${url}/appointments/book`,
              }) as unknown,
            }),
          ]) as unknown,
        },
      ]);
      expect(await joke()).toMatchObject([200, { source: "offline" }]);
      expect(await event("telephony.complete")).toMatchObject([200, {}]);
      expect(await joke()).toEqual([401, { error: "invalid signature" }]);
      // Who had no incoming event may call: relays, and calls that ThunderPhone makes.
      expect(
        (await post(`${url}/jokes/programming`, {}, "unheard-of"))[0],
      ).toBe(200);
    },
  );

  test("is not there without a secret", async () => {
    const { url } = await listen(["serve"]);
    expect((await post(`${url}/thunderphone`, {}))[0]).toBe(404);
  });

  test("an agent file that cannot be used is exit 2, and the database is closed again", async () => {
    const terminal = runCommand(["serve"], {
      env: {
        PORT: "0",
        DATABASE_URL: "sqlite::memory:",
        TOOL_SECRETS: SECRET,
        AGENT_CONFIG: "/nowhere.yaml",
      },
    });
    expect(await terminal.exitCode).toBe(2);
    expect(terminal.stderr()).toMatch(/AGENT_CONFIG \/nowhere.yaml/);
  });
});

describe("serve and relay as two processes", () => {
  test("do the same together", async () => {
    const secret = { TOOL_SECRETS: SECRET, TOOL_HEADERS: "X-Api-Key: k" };
    const { url: toolsUrl, terminal: serve } = await listen(["serve"], secret);
    const { url } = await listen(["relay"], {
      ...secret,
      TOOLS_BASE_URL: toolsUrl,
    });
    const answers = await talk(url, ...CONVERSATION);
    answers.forEach((answer, index) =>
      expect(answer).toMatch(EXPECTED[index] as RegExp),
    );
    expect(serve.stderr()).not.toContain("tool.refused");
    expect(serve.stderr()).not.toMatch(/Maria/);
  });

  test("with different secrets the caller hears that it did not work", async () => {
    const { url: toolsUrl, terminal: serve } = await listen(["serve"], {
      TOOL_SECRETS: SECRET,
    });
    const { url } = await listen(["relay"], {
      TOOL_SECRETS: "other",
      TOOLS_BASE_URL: toolsUrl,
    });
    expect((await talk(url, "What is free tomorrow?"))[0]).toContain(
      "that didn't work",
    );
    expect(serve.stderr()).toContain('"reason":"bad_signature"');
  });

  test("serve with headers to ask for and no secret is refused: nothing would ask", async () => {
    const terminal = runCommand(["serve"], {
      env: {
        PORT: "0",
        DATABASE_URL: "sqlite::memory:",
        TOOL_HEADERS: "X-Api-Key: k",
      },
    });
    expect(await terminal.exitCode).toBe(2);
    expect(terminal.stderr()).toContain("TOOL_HEADERS: without TOOL_SECRETS");
  });

  test("a request that runs when serve is asked to end gets its answer", async () => {
    const { url, terminal } = await listen(["serve"]);
    const body = '{"date":"2027-03-08","time":"9 AM","customer_name":"Ann"}';
    const answered = new Promise<string>((resolve, reject) => {
      const sent = request(
        `${url}/appointments/book`,
        {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "content-length": body.length,
          },
        },
        (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => (text += chunk.toString()));
          response.on("end", () => resolve(text));
        },
      );
      sent.on("error", reject);
      sent.write(body.slice(0, 10));
      void fetch(`${url}/healthz`).then(() => {
        terminal.stop(); // the first half is there, as the request behind it was answered
        sent.end(body.slice(10));
      });
    });
    expect(await answered).toContain("confirmation_number");
    expect(await terminal.exitCode).toBe(0);
  });

  test("serve without secrets says that anybody can call", async () => {
    const { url, terminal } = await listen(["serve"]);
    const open = await fetch(`${url}/jokes/programming`, { method: "POST" });
    expect(await open.json()).toMatchObject({ source: "offline" });
    expect(terminal.stderr()).toContain("TOOL_SECRETS is not set");
  });
});

describe("call", () => {
  test("makes one signed call and prints the answer", async () => {
    const { url } = await listen(["serve"], { TOOL_SECRETS: SECRET });
    const env = { TOOL_SECRETS: SECRET, TOOLS_BASE_URL: url };
    const call = async (argv: string[], more: object = {}) => {
      const terminal = runCommand(["call", ...argv], {
        env: { ...env, ...more },
      });
      return {
        exitCode: await terminal.exitCode,
        stdout: terminal.stdout(),
        stderr: terminal.stderr(),
      };
    };
    const found = await call([
      "search_appointments",
      "--arg",
      "date=2027-03-08",
      "--arg",
      "limit=2",
    ]);
    expect([found.exitCode, JSON.parse(found.stdout)]).toMatchObject([
      0,
      { available_slots: ["9:00 AM", "4:30 PM"] },
    ]);
    const data = JSON.stringify({
      date: "2027-03-08",
      time: "9 AM",
      customer_name: "Ann",
    });
    expect((await call(["book_appointment", "--data", data])).exitCode).toBe(0);
    expect(await call(["book_appointment", "--data", data])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("slot_taken") as unknown,
    });
    expect(
      await call(["get_programming_joke"], { TOOL_SECRETS: "wrong" }),
    ).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("invalid signature") as unknown,
    });
    expect(
      (await call(["get_programming_joke", "--url", "http://127.0.0.1:1"]))
        .exitCode,
    ).toBe(4);
    expect(await call(["teleport"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        "Known tools: search_appointments",
      ) as unknown,
    });
    expect(await call(["search_appointments"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        "date: expected string (required)",
      ) as unknown,
    });
    expect(
      (await call(["search_appointments", "--arg", "date"])).exitCode,
    ).toBe(2);
    expect(
      (await call(["search_appointments", "--data", "{oops"])).exitCode,
    ).toBe(2);
  });
});

test("call takes an answer that says nothing for no success", async () => {
  const { url } = await startServer((_req, res) => void res.end());
  const terminal = runCommand(["call", "list_services", "--url", url]);
  expect(await terminal.exitCode).toBe(4);
  expect([terminal.stdout(), terminal.stderr()]).toEqual([
    "",
    expect.stringContaining("said nothing"),
  ]);
});

describe("demo", () => {
  test("shows search, book, joke and cancel with verified signatures, and a refused stranger", async () => {
    const terminal = runCommand(["demo"], { env: { JOKE_API_URL: "" } });
    expect(await terminal.exitCode).toBe(0);
    for (const tool of [
      "search_appointments",
      "book_appointment",
      "get_programming_joke",
      "cancel_appointment",
    ]) {
      expect(terminal.stdout()).toMatch(
        new RegExp(`${tool}: signature verified, ok, [\\d.]+ ms`),
      );
    }
    expect(terminal.stdout()).toContain("refused with status 401");
  });

  test("prints one JSON document a line when asked to", async () => {
    const terminal = runCommand(["demo", "--json"], {
      env: { JOKE_API_URL: "" },
    });
    expect(await terminal.exitCode).toBe(0);
    const lines = terminal
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { who: string });
    expect(new Set(lines.map(({ who }) => who))).toEqual(
      new Set(["demo", "agent", "caller", "tool", "stranger", "note"]),
    );
  });
});
