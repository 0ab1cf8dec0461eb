import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dial } from "../../cli/caller.ts";
import { runCommand } from "../support/terminal.ts";

const ROUNDS = 10;
const CALLS_AT_ONCE = 20;

/**
 * Many calls against one `start`, some hanging up in the middle: each books and
 * cancels. All have to end as they should, none may stay behind, and memory has
 * to settle: the last rounds may not hold 1.3 times what the middle ones did.
 * @returns whether it went as it should
 */
export async function soakCalls(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), "soak-"));
  const env = {
    PORT: "0",
    JOKE_API_URL: "",
    DATABASE_URL: `sqlite:${join(directory, "appointments.db")}`,
  };
  const terminal = runCommand(["start"], { env, cwd: directory });
  const [, url = ""] = await terminal.printed(/"listening":"([^"]+)"/);
  const heaps: number[] = [];
  let failed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: CALLS_AT_ONCE }, (_, index) =>
        call(`${url.replace("http", "ws")}/ws`, round, index),
      ),
    );
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      failed += 1;
      console.log(String(outcome.reason));
    }
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  }
  terminal.stop();
  const exitCode = await terminal.exitCode;
  const count = (event: string) =>
    terminal.stderr().split(`"msg":"${event}"`).length - 1;
  const left = count("call.started") - count("call.ended");
  const growth = (heaps.at(-1) ?? 0) / (heaps[Math.floor(ROUNDS / 2)] ?? 1);
  console.log(
    JSON.stringify({
      calls: ROUNDS * CALLS_AT_ONCE,
      failed,
      left,
      faults: count("call.fault"),
      growth: Number(growth.toFixed(2)),
      exitCode,
    }),
  );
  return (
    failed === 0 &&
    left === 0 &&
    count("call.fault") === 0 &&
    exitCode === 0 &&
    growth < 1.3
  );
}

/** Books a time of its own and cancels it; every fifth caller hangs up in the middle of an answer. */
async function call(url: string, round: number, index: number): Promise<void> {
  const caller = await dial(url, `CA${round}-${index}`, 20_000);
  if (index % 5 === 4) {
    caller.send({
      type: "prompt",
      voicePrompt: "What is free on 2027-03-08?",
      lang: "en-US",
      last: true,
    });
    await caller.hangUp();
    return;
  }
  const minutes = 540 + index * 15;
  const time =
    `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`.padStart(
      5,
      "0",
    );
  const booked = await caller.say(
    `Book a follow-up on 2027-03-08 at ${time}, my name is Ann.`,
  );
  if (!booked.includes("confirmation number"))
    throw new Error(`not booked: ${booked}`);
  const cancelled = await caller.say("Please cancel it.");
  if (!cancelled.includes("is cancelled"))
    throw new Error(`not cancelled: ${cancelled}`);
  await caller.hangUp();
}
