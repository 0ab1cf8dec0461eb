import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { openBuilt } from "./built.ts";
import { describeInterval, measurePairs, quantile } from "./pairs.ts";
import { createToolCaller, SECRET } from "./tool-calls-client.ts";
import type { ToolCaller } from "./tool-calls-client.ts";

const STARTS = 11;
const RESTS = 5;
/** Answers before a process comes to rest, and how long that takes. */
const ANSWERS = 20;
const REST_MS = 5000;
// The first is the goal, the second what a busy machine may make of it.
const TO_FIRST_ANSWER_MS = { goal: 500, limit: 1000 };
const RESIDENT_MB = { goal: 110, limit: 125 };

type Room = typeof import("../../middleware/index.ts");

/**
 * How long `serve` takes from its start to the first answer of a tool, on a
 * database that is there already, and how much memory it holds at rest.
 * @returns false when a goal is missed by so much that a noisy machine is no excuse
 */
export async function benchStart(): Promise<boolean> {
  const built = openBuilt("cli");
  const folder = mkdtempSync(join(tmpdir(), "bench-start-"));
  try {
    const { sign } = (await import(
      join(built.folder, "middleware/index.js")
    )) as Room;
    const caller = createToolCaller(sign, {
      scheme: "thunderphone",
      path: "/appointments/search",
      args: { date: "next Monday" }, // a day that is open, whatever today is
      sockets: 1,
    });
    const start = () => startServe(built.module, folder, caller);
    // The first one makes the database, and both fill the disk's cache.
    const pairs = await measurePairs(
      STARTS,
      async () => end(await start()),
      timeBareNode,
    );
    const firstAnswers = pairs.map(({ subject }) => subject);
    const bare = quantile(
      pairs.map(({ floor }) => floor),
      0.5,
    );
    const resident: number[] = [];
    for (let count = 0; count < RESTS; count++)
      resident.push(await measureRest(await start(), caller));
    caller.close();
    return [
      judge(
        `Start of serve to the first answer, in ms (Node alone ends after ${bare.toFixed(0)}), ${STARTS} starts`,
        firstAnswers,
        TO_FIRST_ANSWER_MS,
      ),
      judge(
        `Resident memory ${REST_MS / 1000} s after ${ANSWERS} answers, in MB, ${RESTS} starts`,
        resident,
        RESIDENT_MB,
      ),
    ].every(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    built.dispose();
  }
}

interface Serving {
  process: ChildProcess;
  url: string;
  /** From its start to the first answer. */
  ms: number;
}

async function startServe(
  main: string,
  folder: string,
  caller: ToolCaller,
): Promise<Serving> {
  const started = performance.now();
  const child = spawn(process.execPath, [main, "serve"], {
    cwd: folder, // without a .env
    stdio: ["ignore", "pipe", "ignore"],
    env: {
      PORT: "0",
      TOOL_SECRETS: SECRET,
      DATABASE_URL: `sqlite:${join(folder, "appointments.db")}`,
      JOKE_API_URL: "",
    },
  });
  const url = await readUrl(child.stdout);
  await caller.call(url);
  return { process: child, url, ms: performance.now() - started };
}

async function readUrl(stdout: Readable): Promise<string> {
  for await (const line of createInterface(stdout))
    return (JSON.parse(line) as { listening: string }).listening;
  throw new Error("serve did not start");
}

async function end({ process: child, ms }: Serving): Promise<number> {
  const exited = once(child, "exit");
  child.kill();
  await exited;
  return ms;
}

async function timeBareNode(): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - started;
}

/** Megabytes in memory, as Linux counts them (proc(5), VmRSS). */
async function measureRest(
  serving: Serving,
  caller: ToolCaller,
): Promise<number> {
  await caller.callAll(serving.url, ANSWERS);
  await setTimeout(REST_MS);
  const status = readFileSync(`/proc/${serving.process.pid}/status`, "utf8");
  await end(serving);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

function judge(
  what: string,
  values: number[],
  { goal, limit }: { goal: number; limit: number },
): boolean {
  const median = quantile(values, 0.5);
  console.log(
    `${what}: ${describeInterval(values)}; goal below ${goal}: ${median < goal ? "met" : "MISSED"}` +
      (median > limit ? `, and above ${limit}: a failure` : ""),
  );
  return median <= limit;
}
