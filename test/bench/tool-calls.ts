import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBuilt } from "./built.ts";
import { installPeers } from "./candidates.ts";
import { describeInterval, measurePairs, quantile } from "./pairs.ts";
import type { Pair } from "./pairs.ts";
import { createToolCaller, SECRET } from "./tool-calls-client.ts";
import type { ToolCaller } from "./tool-calls-client.ts";

// As for requests.ts: two processes of one program differ as long as they live.
const PAIRS = 3;
const WARM_UPS = 4;
const CALLS = 800;
// The first is the goal, the second what a busy machine may make of it.
const GOAL = 1.3;
const LIMIT = 1.6;
/** Both schemes are an HMAC of the body; only ThunderPhone tells when a call ends, which is asked at each of its tool calls. */
const CASES = [
  { name: "without storage", scheme: "github", launches: 7, isGoal: true },
  {
    name: "with ThunderPhone's call window, which is one read of the database",
    scheme: "thunderphone",
    launches: 3,
    isGoal: false,
  },
];

type Room = typeof import("../../middleware/index.ts");

/**
 * A tool call that needs no rows, `list_services`, through the whole of `serve`
 * (signature, limiter, helmet, arguments, log, metrics) beside Express 5 as it
 * comes, with its body parser, helmet, express-rate-limit and a line of pino: CPU
 * time of the server, a process of its own.
 * @returns false when the goal is missed by so much that a noisy machine is no excuse
 */
export async function benchToolCalls(): Promise<boolean> {
  installPeers();
  const built = openBuilt("cli");
  const folder = mkdtempSync(join(tmpdir(), "bench-tool-calls-"));
  try {
    const { sign } = (await import(
      join(built.folder, "middleware/index.js")
    )) as Room;
    console.log(
      `A verified, checked tool call / Express with helmet, limiter and logger, CPU time of the server; medians of interleaved pairs, ${PAIRS} for each launch of both, with their 95 % intervals:`,
    );
    let isFine = true;
    for (const { name, scheme, launches, isGoal } of CASES) {
      const caller = createToolCaller(sign, {
        scheme,
        path: "/services/list",
        args: {},
        sockets: 16,
      });
      const launch = () =>
        measureLaunch({ main: built.module, scheme, folder }, caller);
      const pairs: Pair[] = [];
      for (let done = 0; done < launches; done++)
        pairs.push(...(await launch()));
      caller.close();
      const ratios = pairs.map(({ subject, floor }) => subject / floor);
      const eachUs = quantile(
        pairs.map(({ subject }) => subject / CALLS),
        0.5,
      );
      const median = quantile(ratios, 0.5);
      const isBad = isGoal && median > LIMIT;
      console.log(
        `${name}: ${describeInterval(ratios)}, ${eachUs.toFixed(0)} us a call` +
          (isGoal
            ? `; goal at most ${GOAL.toFixed(2)}: ${median <= GOAL ? "met" : "MISSED"}`
            : "") +
          (isBad ? `, and above ${LIMIT}: a failure` : ""),
      );
      isFine &&= !isBad;
    }
    return isFine;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    built.dispose();
  }
}

/** What `serve` is started with. */
interface Serve {
  main: string;
  scheme: string;
  folder: string;
}

/** One new process of each kind, warmed up and measured in turn. */
async function measureLaunch(
  serve: Serve,
  caller: ToolCaller,
): Promise<Pair[]> {
  const ours = await startServer(["ours", serve.main], serve);
  // The same answer, so that both write as much.
  const answer = await caller.call(ours.url);
  const bare = await startServer(["bare", answer], serve);
  const run = (server: Server) => () => measure(server, caller);
  try {
    for (let done = 0; done < WARM_UPS; done++)
      for (const server of [ours, bare]) await run(server)();
    return await measurePairs(PAIRS, run(ours), run(bare));
  } finally {
    ours.process.kill();
    bare.process.kill();
  }
}

interface Server {
  process: ChildProcess;
  url: string;
}

async function startServer(
  args: string[],
  { scheme, folder }: Serve,
): Promise<Server> {
  const log = openSync(join(folder, `${args[0]}.log`), "w");
  const child = fork(
    fileURLToPath(new URL("tool-calls-server.mjs", import.meta.url)),
    args,
    {
      execArgv: [], // plain Node, without this process's loader
      cwd: folder, // without a .env
      stdio: ["ignore", log, log, "ipc"],
      env: {
        PORT: "0",
        TOOL_SECRETS: SECRET,
        TOOL_SCHEME: scheme,
        DATABASE_URL: `sqlite:${join(folder, "appointments.db")}`,
        JOKE_API_URL: "",
      },
    },
  );
  closeSync(log);
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return { process: child, url };
}

/** CPU microseconds that the server took for a round of calls. */
async function measure(server: Server, caller: ToolCaller): Promise<number> {
  const before = await askCpu(server);
  await caller.callAll(server.url, CALLS);
  return (await askCpu(server)) - before;
}

async function askCpu({ process: child }: Server): Promise<number> {
  child.send("cpu");
  const [{ cpu }] = (await once(child, "message")) as [
    { cpu: NodeJS.CpuUsage },
  ];
  return cpu.user + cpu.system;
}
