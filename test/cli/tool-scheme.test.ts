import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { sign } from "../../middleware/index.ts";
import { closePhones, dialPhone } from "../support/phone.ts";
import { runCommand } from "../support/terminal.ts";
import type { Terminal } from "../support/terminal.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BOOKING = JSON.stringify({
  customer_name: "Ann",
  date: "2027-03-08",
  time: "9 AM",
});

const running: Terminal[] = [];
afterEach(async () => {
  await closePhones();
  for (const terminal of running.splice(0)) {
    terminal.stop();
    await terminal.exitCode;
  }
});

async function listen(verb: string, env: Record<string, string>) {
  const cwd = await mkdtemp(join(tmpdir(), "scheme-"));
  const terminal = runCommand([verb, "--port", "0"], {
    env: { DATABASE_URL: "sqlite::memory:", JOKE_API_URL: "", ...env },
    cwd,
  });
  running.push(terminal);
  const [, url = ""] = await terminal.printed(/"listening":"(http:[^"]+)"/);
  return { url, terminal };
}

async function call(
  env: Record<string, string>,
  argv: string[],
): Promise<{ exitCode: number; data: Record<string, unknown>; err: string }> {
  const terminal = runCommand(["call", ...argv, "--json"], { env });
  const exitCode = await terminal.exitCode;
  return {
    exitCode,
    data: JSON.parse(terminal.stdout() || "{}") as Record<string, unknown>,
    err: terminal.stderr(),
  };
}

/** What the endpoints said of the calls that they answered or refused. */
function logged(terminal: Terminal): Record<string, unknown>[] {
  return terminal
    .stderr()
    .split("\n")
    .filter((line) => /"tool\.(answered|refused)"/.test(line))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("TOOL_SCHEME=standard-webhooks", () => {
  const env = { TOOL_SCHEME: "standard-webhooks", TOOL_SECRETS: SECRET };

  test("a call is signed, verified and booked once", async () => {
    const { url, terminal } = await listen("serve", env);
    const book = (key: string) =>
      call({ ...env, TOOLS_BASE_URL: url }, [
        "book_appointment",
        "--data",
        BOOKING,
        "--call-id",
        "CA1",
        "--key",
        key,
      ]);
    const first = await book("toolu_1");
    expect(first).toMatchObject({
      exitCode: 0,
      data: { confirmation_number: expect.stringMatching(/^\d{10}$/) },
    });
    expect(await book("toolu_1")).toEqual(first);
    expect(await book("toolu_2")).toMatchObject({
      exitCode: 1,
      data: { code: "slot_taken" },
    });
    expect(logged(terminal)).toMatchObject([
      { msg: "tool.answered", callId: "CA1", code: "ok", key: "0" },
      { msg: "tool.answered", callId: "CA1", code: "ok", key: "0" },
      { msg: "tool.answered", callId: "CA1", code: "slot_taken" },
    ]);
  });

  test("headers that are not signed change neither the call nor the use of the tool", async () => {
    const { url, terminal } = await listen("serve", env);
    const signed = sign("standard-webhooks", SECRET, {
      body: BOOKING,
      now: new Date(),
      id: "CA1.toolu_1",
    });
    const send = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}/appointments/book`, {
        method: "POST",
        headers: { ...signed, ...headers },
        body: BOOKING,
      });
      return [response.status, await response.json()] as const;
    };
    const first = await send({
      "X-ThunderPhone-Call-ID": "CA1",
      "Idempotency-Key": "toolu_1",
    });
    expect(first).toEqual([
      200,
      expect.objectContaining({ confirmation_number: expect.anything() }),
    ]);
    const other = { "X-ThunderPhone-Call-ID": "CA2", "Idempotency-Key": "x" };
    expect(await send(other)).toEqual(first);
    expect(await send({})).toEqual(first);
    for (const { callId } of logged(terminal)) expect(callId).toBe("CA1");
    // Nor can the signed id be changed.
    expect(await send({ "webhook-id": "CA2.toolu_1" })).toEqual([
      401,
      { error: "invalid signature" },
    ]);
    expect(logged(terminal).at(-1)).toMatchObject({
      msg: "tool.refused",
      reason: "bad_signature",
      hint: expect.stringContaining("secret"),
    });
  });

  test("an id that says nothing of a call leaves the header to say it", async () => {
    const { url, terminal } = await listen("serve", env);
    const body = '{"date":"2027-03-08"}';
    const id = "msg_1";
    await fetch(`${url}/appointments/search`, {
      method: "POST",
      headers: {
        ...sign("standard-webhooks", SECRET, { body, now: new Date(), id }),
        "X-ThunderPhone-Call-ID": "CA7",
      },
      body,
    });
    expect(logged(terminal)).toMatchObject([{ callId: "CA7", code: "ok" }]);
  });

  test("start makes a secret up that fits, and relay and endpoints agree", async () => {
    const { url, terminal } = await listen("start", {
      TOOL_SCHEME: "standard-webhooks,thunderphone,slack",
    });
    const phone = await dialPhone(`${url.replace("http", "ws")}/ws`, "CA1");
    phone.prompt("What is free on 2027-03-08?");
    expect(await phone.answer()).toContain("9:00 AM");
    expect(logged(terminal)).toMatchObject([
      { msg: "tool.answered", callId: "CA1", code: "ok", key: "0" },
    ]);
  });

  const unsignable: [what: string, argv: string[], words: RegExp][] = [
    ["a key with a dot", ["--key", "a.b"], /^--key: expected no dot/],
    [
      "more than one id can hold",
      ["--key", "k".repeat(128), "--call-id", "c".repeat(128)],
      /^--call-id, --key: expected 255/,
    ],
  ];
  test.each(unsignable)("call refuses %s", async (_, argv, words) => {
    const result = await call(
      { ...env, TOOLS_BASE_URL: "http://127.0.0.1:1" },
      ["get_programming_joke", ...argv],
    );
    expect(result.exitCode).toBe(2);
    expect(result.err).toMatch(words);
  });
});

describe("TOOL_SCHEME as a list", () => {
  test("the first signs, all verify", async () => {
    const { url } = await listen("serve", {
      TOOL_SCHEME: "standard-webhooks,thunderphone",
      TOOL_SECRETS: SECRET,
    });
    const answered = async (TOOL_SCHEME: string) => {
      const env = { TOOL_SCHEME, TOOL_SECRETS: SECRET, TOOLS_BASE_URL: url };
      return (await call(env, ["get_programming_joke"])).exitCode;
    };
    expect(await answered("thunderphone,github")).toBe(0);
    expect(await answered("standard-webhooks")).toBe(0);
    expect(await answered("github,thunderphone")).toBe(5);
  });

  test.each(["svix", "stripe", "slack", "retell", "vapi", "shopify"])(
    "%s alone will do",
    async (TOOL_SCHEME) => {
      const env = { TOOL_SCHEME, TOOL_SECRETS: SECRET };
      const { url, terminal } = await listen("serve", env);
      const result = await call({ ...env, TOOLS_BASE_URL: url }, [
        "get_programming_joke",
        "--call-id",
        "CA1",
        "--key",
        "k",
      ]);
      expect(result.exitCode).toBe(0);
      expect(logged(terminal)).toMatchObject([{ callId: "CA1", key: "0" }]);
    },
  );
});

describe("a scheme that signs the URL", () => {
  const env = { TOOL_SCHEME: "twilio", TOOL_SECRETS: "a_token_of_twilio" };
  const search = ["search_appointments", "--arg", "date=2027-03-08"];

  test("signs the URL that is called, and the body by its digest", async () => {
    const { url, terminal } = await listen("serve", env);
    const result = await call({ ...env, TOOLS_BASE_URL: url }, search);
    expect(result).toMatchObject({
      exitCode: 0,
      data: { date: "2027-03-08" },
    });
    expect(logged(terminal)).toMatchObject([{ code: "ok", key: "0" }]);
  });

  test("is checked against PUBLIC_URL, which a proxy stands for", async () => {
    const PUBLIC_URL = "https://tools.example.com/agent";
    const { url } = await listen("serve", { ...env, PUBLIC_URL });
    const post = async (signedUrl: string) => {
      const body = "date=2027-03-08";
      const headers = sign("twilio", env.TOOL_SECRETS, {
        url: signedUrl,
        body,
      });
      const path = `${url}/appointments/search`;
      return (await fetch(path, { method: "POST", headers, body })).status;
    };
    expect(await post(`${PUBLIC_URL}/appointments/search`)).toBe(200);
    expect(await post(`${PUBLIC_URL}/appointments/book`)).toBe(401);
    expect(await post(`${url}/appointments/search`)).toBe(401);
  });

  test("a public start takes both: its own relay's calls, and those to PUBLIC_URL", async () => {
    const PUBLIC_URL = "https://voice.example.com";
    const TWILIO_AUTH_TOKEN = "12345";
    const { url, terminal } = await listen("start", {
      ...env,
      PUBLIC_URL,
      TWILIO_AUTH_TOKEN,
    });
    const phone = await dialPhone(
      `${url.replace("http", "ws")}/ws`,
      "CA1",
      sign("twilio", TWILIO_AUTH_TOKEN, {
        url: "wss://voice.example.com/ws",
        body: "",
      }),
    );
    phone.prompt("What is free on 2027-03-08?");
    expect(await phone.answer()).toContain("9:00 AM");
    const send = async (base: string) => {
      const body = "date=2027-03-08";
      const signedUrl = `${base}/appointments/search`;
      const headers = sign("twilio", env.TOOL_SECRETS, {
        url: signedUrl,
        body,
      });
      const { port } = new URL(url);
      // Another name of this machine, as a proxy would give it.
      const path = `http://localhost:${port}/appointments/search`;
      return (await fetch(path, { method: "POST", headers, body })).status;
    };
    expect(await send(PUBLIC_URL)).toBe(200);
    expect(await send(url)).toBe(401);
    expect(logged(terminal)).toMatchObject([
      { callId: "CA1", code: "ok" },
      { code: "ok" },
      { reason: "bad_signature" },
    ]);
  });
});
