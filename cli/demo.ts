import { randomBytes } from "node:crypto";
import { DateTime } from "luxon";
import { dial } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { parseConfig } from "./config.ts";
import { listen } from "./host.ts";
import type { Host } from "./host.ts";
import { EXIT } from "./io.ts";
import type { Io } from "./io.ts";
import type { Log } from "./log.ts";
import { openRelay } from "./relay.ts";
import { openEndpoints } from "./serve.ts";

/** One thing that the caller says, and what has to come of it. */
interface Step {
  says: string;
  tool?: string;
  hears: RegExp;
}

type Print = (who: string, words: string) => void;

const ANSWER_WITHIN_MS = 15_000;

/**
 * `demo`: one phone call through the whole chain on free ports: endpoints and
 * relay as two servers, a caller on a real WebSocket, signed HTTP between them,
 * the offline model. Exit 1 when a step does not come out as it should.
 */
export async function demo(
  io: Io,
  flags: { json?: boolean } = {},
  steps: Step[] = script(),
): Promise<number> {
  const config = parseConfig({
    PORT: "0",
    TOOL_SECRETS: randomBytes(32).toString("hex"),
    DATABASE_URL: "sqlite::memory:",
    JOKE_API_URL: io.env["JOKE_API_URL"],
  });
  const print: Print = (who, words) => {
    const line = flags.json
      ? JSON.stringify({ who, words })
      : `${who.padStart(8)}  ${words}`;
    io.stdout.write(`${line}\n`);
  };
  const verified: string[] = [];
  const log = createDemoLog(print, verified);
  const hosts: Host[] = [];
  try {
    const endpoints = await listen(config, () => openEndpoints(config, log));
    hosts.push(endpoints);
    const relay = await listen(config, () =>
      openRelay(config, log, endpoints.url),
    );
    hosts.push(relay);
    print(
      "demo",
      `endpoints at ${endpoints.url}, relay at ${relay.url}, the offline model answers`,
    );
    const caller = await dialIn(relay.url, print);
    for (const step of steps) {
      if (!(await play(step, caller, verified, print))) return EXIT.findings;
    }
    await caller.hangUp();
    return await tryUnsigned(endpoints.url, print);
  } catch (error) {
    print("failed", error instanceof Error ? error.message : String(error));
    return EXIT.findings;
  } finally {
    for (const host of hosts.toReversed()) await host.close();
  }
}

/** Prints each tool call as the endpoints saw it, and keeps the names of those with a right signature. */
function createDemoLog(print: Print, verified: string[]): Log {
  return {
    info(event, fields) {
      if (event !== "tool.answered") return;
      const { tool, key, code, ms } = fields as {
        tool: string;
        key?: string;
        code: string;
        ms: number;
      };
      if (key !== undefined) verified.push(tool);
      print(
        "tool",
        `${tool}: signature ${key === undefined ? "missing" : "verified"}, ${code}, ${ms} ms`,
      );
    },
    warn: (event, fields) =>
      print("note", `${event} ${JSON.stringify(fields)}`),
    error: (event, fields) =>
      print("error", `${event} ${JSON.stringify(fields)}`),
  };
}

/** What Twilio does: asks for TwiML and opens the WebSocket it names. */
async function dialIn(relayUrl: string, print: Print): Promise<Caller> {
  const response = await fetch(`${relayUrl}/twiml`, { method: "POST" });
  const [, url = "", greeting = ""] =
    /url="([^"]+)" welcomeGreeting="([^"]+)"/.exec(await response.text()) ?? [];
  print("agent", greeting);
  return dial(url, `CA${randomBytes(16).toString("hex")}`, ANSWER_WITHIN_MS);
}

async function play(
  step: Step,
  caller: Caller,
  verified: string[],
  print: Print,
): Promise<boolean> {
  print("caller", step.says);
  const before = verified.length;
  const heard = await caller.say(step.says);
  print("agent", heard);
  const called = verified.slice(before);
  const isRight =
    step.hears.test(heard) &&
    (step.tool === undefined || called.includes(step.tool));
  if (isRight) return true;
  const expected = `${step.tool ?? "any tool"} and ${String(step.hears)}`;
  print(
    "failed",
    `expected ${expected}, received ${called.join(", ") || "no verified call"}`,
  );
  return false;
}

async function tryUnsigned(url: string, print: Print): Promise<number> {
  print("stranger", "sends an unsigned call");
  const { status } = await fetch(`${url}/appointments/search`, {
    method: "POST",
    body: '{"date":"tomorrow"}',
  });
  print("tool", `refused with status ${status}`);
  return status === 401 ? EXIT.ok : EXIT.findings;
}

function script(): Step[] {
  const soon = DateTime.now().setLocale("en-US").plus({ days: 7 });
  const day = soon.weekday > 5 ? soon.plus({ days: 8 - soon.weekday }) : soon;
  const spoken = day.toFormat("LLLL d");
  return [
    {
      says: `Hi, when do you have time on ${spoken}?`,
      tool: "search_appointments",
      hears: /9:00 AM/,
    },
    { says: `I'll take 10:30 AM on ${spoken}, please.`, hears: /name/i },
    {
      says: "My name is Maria Lopez, my number is (415) 555-2671.",
      tool: "book_appointment",
      hears: /confirmation number is \d/i,
    },
    {
      says: "Great. Do you know a joke?",
      tool: "get_programming_joke",
      hears: /\w+/,
    },
    {
      says: "Sorry, something came up. Please cancel it again.",
      tool: "cancel_appointment",
      hears: /is cancelled/i,
    },
    { says: "Thank you, bye!", hears: /goodbye/i },
  ];
}
