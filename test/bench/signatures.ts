import { createHash } from "node:crypto";
import { openBuilt } from "./built.ts";
import { installPeers } from "./candidates.ts";
import { cpuTime, describeInterval, measurePairs, quantile } from "./pairs.ts";
import { benchRequests } from "./requests.ts";
import { floors, loadPeers } from "./verifiers.ts";
import type { BenchRequest, Peer } from "./verifiers.ts";

const PAIRS = 21;
const SIZES = [100, 1024, 16_384, 1_048_576];
/** Long enough for a clock of microseconds and a collection of garbage. */
const CELL_US = 25_000;
// The first is the goal, the second what a busy machine may make of it.
const GOAL = 0.95;
const LIMIT = 0.85;

type Room = typeof import("../../middleware/index.ts");

/**
 * What checking a signature costs: beside the least that can be done, beside
 * the senders' own packages, and in a whole request. Throws where a package
 * refuses what we signed, or we do: so it is the differential test too.
 * @returns false when a goal is missed by so much that a noisy machine is no excuse
 */
export async function benchSignatures(): Promise<boolean> {
  installPeers();
  const built = openBuilt("middleware");
  try {
    const room = (await import(built.module)) as Room;
    const isFastEnough = await benchFloors(room);
    await benchPeers(room);
    return (await benchRequests(built.module, room.sign)) && isFastEnough;
  } finally {
    built.dispose();
  }
}

async function benchFloors(room: Room): Promise<boolean> {
  console.log(
    `verify, CPU time; medians of ${PAIRS} interleaved pairs with their 95 % intervals.\nSpeed of ours / of createHmac + timingSafeEqual, goal at least ${GOAL}:`,
  );
  let isFastEnough = true;
  for (const floor of floors) {
    for (const bytes of SIZES) {
      const ratios = await compareWith(room, floor, bytes);
      const isGoal = floor === floors[0];
      const median = quantile(ratios, 0.5);
      const verdict = median >= GOAL ? ": met" : ": MISSED";
      const isBad = isGoal && median < LIMIT;
      console.log(
        `${floor.name}, ${bytes} B: ${describeInterval(ratios)}${isGoal ? verdict : ""}` +
          (isBad ? `, and below ${LIMIT}: a failure` : ""),
      );
      isFastEnough &&= !isBad;
    }
  }
  return isFastEnough;
}

async function benchPeers(room: Room): Promise<void> {
  console.log(
    `\nTime of each package / of ours, each on its sender's own scheme, at ${SIZES.join(", ")} B:`,
  );
  for (const peer of await loadPeers()) {
    const cells: string[] = [];
    for (const bytes of SIZES)
      cells.push(describeInterval(await compareWith(room, peer, bytes)));
    console.log(`${peer.name}: ${cells.join("  ")}`);
  }
}

/** Of each pair, the peer's time by ours for one request. */
async function compareWith(
  { sign, verify }: Room,
  { name, scheme, secret, prepare }: Peer,
  bytes: number,
): Promise<number[]> {
  // The packages look at the clock themselves.
  const request = signRequest(sign, scheme, secret, bytes, new Date());
  const ours = await toCell(
    `ours, for ${name}`,
    () => verify(scheme, secret, request).ok,
  );
  const theirs = await toCell(name, prepare(request));
  const pairs = await measurePairs(PAIRS, ours, theirs);
  return pairs.map(({ subject, floor }) => floor / subject);
}

function signRequest(
  sign: Room["sign"],
  scheme: string,
  secret: string,
  bytes: number,
  now: Date,
): BenchRequest {
  const body = Buffer.from(JSON.stringify({ note: "x".repeat(bytes - 11) }));
  const digest = createHash("sha256").update(body).digest("hex");
  const url = `https://kit.example/tools?bodySHA256=${digest}`; // as Twilio sends JSON
  const headers = sign(scheme, secret, { body, url, now, id: "msg_bench" });
  const names = Object.entries(headers).map(([key, value]) => [
    key.toLowerCase(),
    value,
  ]);
  return {
    body,
    url,
    now,
    headers: {
      host: "kit.example",
      "content-type": "application/json",
      ...(Object.fromEntries(names) as Record<string, string>),
    },
  };
}

/** Measures a check in rounds that take about `CELL_US`: CPU microseconds of one check. */
async function toCell(
  name: string,
  check: () => unknown,
): Promise<() => Promise<number>> {
  const first = check();
  const isAsync = first instanceof Promise;
  const insist = (answer: unknown) => {
    if (answer === false) throw new Error(`${name} refuses a good request`);
  };
  insist(await first);
  const run = async (rounds: number) => {
    // Awaiting what is no promise would cost a synchronous check a turn each.
    if (isAsync)
      for (let done = 0; done < rounds; done++) insist(await check());
    else for (let done = 0; done < rounds; done++) insist(check());
  };
  let rounds = 4;
  let taken = await cpuTime(() => run(rounds));
  while (taken < CELL_US) {
    rounds = Math.ceil(rounds * Math.min((CELL_US * 1.2) / taken, 10));
    taken = await cpuTime(() => run(rounds));
  }
  return async () => (await cpuTime(() => run(rounds))) / rounds;
}
