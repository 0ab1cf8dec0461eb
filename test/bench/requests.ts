import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import type { sign as signRequest } from "../../middleware/index.ts";
import { describeInterval, measurePairs, quantile } from "./pairs.ts";
import type { Pair } from "./pairs.ts";

const SECRET = "whsec_test_secret_0123456789";
// Two processes of the same program differ by some percent as long as they live,
// so each pair of them is measured a few times only.
const LAUNCHES = 7;
const PAIRS = 3;
const WARM_UPS = 4;
const SOCKETS = 16;
const MAX_BODY_BYTES = 2 ** 21;
const LIMIT = 1.3; // what a busy machine may make of a goal
const CASES: { bytes: number; requests: number; goal?: number }[] = [
  { bytes: 180, requests: 800, goal: 1.05 },
  { bytes: 16_384, requests: 640, goal: 1 },
  { bytes: 1_048_576, requests: 32 },
];

/**
 * A whole call through Express, checked by us, beside the same handler behind
 * bare `express.json()`: CPU time of the server, which is a process of its own.
 * @param module  index.js of the middleware room, as built
 * @returns false when a goal is missed by so much that a noisy machine is no excuse
 */
export async function benchRequests(
  module: string,
  sign: typeof signRequest,
): Promise<boolean> {
  console.log(
    `\nA checked call / bare express.json(), CPU time of the server; medians of ${LAUNCHES * PAIRS} interleaved pairs (${LAUNCHES} launches of both) with their 95 % intervals:`,
  );
  let isFastEnough = true;
  for (const { bytes, requests, goal } of CASES) {
    const body = JSON.stringify({ note: "x".repeat(bytes - 11) });
    const headers = {
      "content-type": "application/json",
      "content-length": String(bytes),
      ...sign("thunderphone", SECRET, { body }),
    };
    const pairs: Pair[] = [];
    for (let launch = 0; launch < LAUNCHES; launch++)
      pairs.push(...(await measureLaunch(module, { headers, body }, requests)));
    const ratios = pairs.map(({ subject, floor }) => subject / floor);
    const each = quantile(
      pairs.map(({ subject }) => subject / requests),
      0.5,
    );
    const median = quantile(ratios, 0.5);
    const isBad = goal !== undefined && median > LIMIT;
    console.log(
      `${bytes} B: ${describeInterval(ratios)}, ${each.toFixed(0)} us a call` +
        (goal === undefined
          ? ""
          : `; goal at most ${goal.toFixed(2)}: ${median <= goal ? "met" : "MISSED"}`) +
        (isBad ? `, and above ${LIMIT}: a failure` : ""),
    );
    isFastEnough &&= !isBad;
  }
  return isFastEnough;
}

/** One new process of each kind, warmed up and measured in turn. */
async function measureLaunch(
  module: string,
  call: Pick<Call, "headers" | "body">,
  requests: number,
): Promise<Pair[]> {
  const ours = await startServer("ours", module);
  const bare = await startServer("bare", module);
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const run = (server: Server) => () =>
    measure(server, () =>
      sendAll({ agent, port: server.port, ...call }, requests),
    );
  try {
    // For the compiler to come to rest.
    for (let done = 0; done < WARM_UPS; done++)
      for (const server of [ours, bare]) await run(server)();
    return await measurePairs(PAIRS, run(ours), run(bare));
  } finally {
    agent.destroy();
    ours.process.kill();
    bare.process.kill();
  }
}

interface Server {
  process: ChildProcess;
  port: number;
}

async function startServer(
  kind: "ours" | "bare",
  module: string,
): Promise<Server> {
  const child = fork(
    fileURLToPath(new URL("express-server.mjs", import.meta.url)),
    [kind, module, SECRET, String(MAX_BODY_BYTES)],
    { execArgv: [] }, // plain Node, without this process's loader
  );
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return { process: child, port };
}

/** CPU microseconds that the server took for it. */
async function measure(
  server: Server,
  work: () => Promise<void>,
): Promise<number> {
  const before = await askCpu(server);
  await work();
  return (await askCpu(server)) - before;
}

async function askCpu({ process: child }: Server): Promise<number> {
  child.send("cpu");
  const [{ cpu }] = (await once(child, "message")) as [
    { cpu: NodeJS.CpuUsage },
  ];
  return cpu.user + cpu.system;
}

interface Call {
  agent: Agent;
  port: number;
  headers: Record<string, string>;
  body: string;
}

/** As many at once as there are sockets. */
async function sendAll(call: Call, requests: number): Promise<void> {
  let left = requests;
  const sendOn = async () => {
    while (left-- > 0) await send(call);
  };
  await Promise.all(Array.from({ length: SOCKETS }, sendOn));
}

function send({ agent, port, headers, body }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, method: "POST", agent, headers },
      (response) => {
        if (response.statusCode !== 200)
          reject(new Error(`a good call got ${response.statusCode}`));
        response.resume().on("end", resolve);
      },
    );
    sent.on("error", reject).end(body);
  });
}
