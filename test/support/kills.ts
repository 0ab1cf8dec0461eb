import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fightBusiness } from "./errands.ts";
import type { Answered, Step } from "./errands.ts";
import { startServe } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

export interface KillOptions {
  databaseUrl: string;
  processes: number;
  clients: number;
  /** The next booking that some client wants; undefined: there are no more. */
  nextStep: () => Step | undefined;
}

/** Equal `serve` processes on one database, and clients who ask until they are answered. */
export interface Kills {
  /** Kills the process with the most requests under way, and starts another one. */
  killBusiest(): Promise<void>;
  /** How many processes take requests. */
  countLive(): number;
  /** Told of each whole answer that a client has read. */
  onAnswered: (count: number) => void;
  /** Lets the clients run until there is nothing more to ask for. */
  run(): Promise<KillResult>;
}

interface KillResult {
  /** One list for each request, with the one answer that was read whole. */
  answered: Answered[][];
  /** Requests that were sent again because the connection broke before the answer was there. */
  broken: number;
  /** Answers that said to come again. */
  unavailable: number;
  kills: number;
}

interface Live {
  server: ServerProcess;
  underWay: number;
}

export async function startKills({
  databaseUrl,
  processes,
  clients,
  nextStep,
}: KillOptions): Promise<Kills> {
  const file = join(await mkdtemp(join(tmpdir(), "kill-")), "business.yaml");
  await writeFile(file, JSON.stringify(fightBusiness(1))); // JSON is YAML
  const start = () =>
    startServe({ DATABASE_URL: databaseUrl, BUSINESS_CONFIG: file });
  const live = new Set<Live>();
  const starting = new Set<Promise<void>>();
  const result: KillResult = {
    answered: [],
    broken: 0,
    unavailable: 0,
    kills: 0,
  };

  function startOne(): Promise<void> {
    const started = start().then((server) => {
      live.add({ server, underWay: 0 });
      starting.delete(started);
    });
    starting.add(started);
    return started;
  }

  async function anyLive(): Promise<Live> {
    while (live.size === 0) await Promise.race(starting);
    const all = [...live];
    return all[Math.floor(Math.random() * all.length)] as Live;
  }

  /** Again with the same key, mostly at another process, until an answer was read whole. */
  async function insist(callId: string, step: Step): Promise<Answered> {
    for (;;) {
      const one = await anyLive();
      one.underWay++;
      try {
        const answered = await ask(one.server.url, callId, step);
        if (!answered.body.includes('"unavailable"')) return answered;
        result.unavailable++;
      } catch {
        result.broken++;
      } finally {
        one.underWay--;
      }
    }
  }

  async function work(): Promise<void> {
    for (let step = nextStep(); step; step = nextStep()) {
      const callId = `call-${result.answered.length}-${Math.random()}`;
      result.answered.push([await insist(callId, step)]);
      kills.onAnswered(result.answered.length);
    }
  }

  const kills: Kills = {
    onAnswered: () => {},
    countLive: () => live.size,
    async killBusiest() {
      const [busiest] = [...live].toSorted((a, b) => b.underWay - a.underWay);
      if (!busiest) return;
      live.delete(busiest);
      result.kills++;
      void startOne().catch(() => {}); // told by the race in anyLive, or at the end
      await busiest.server.kill();
    },
    async run() {
      await Promise.all(Array.from({ length: clients }, work));
      await Promise.all(starting);
      const codes = await Promise.all(
        [...live].map(({ server }) => server.stop()),
      );
      const wrong = codes.filter((code) => code !== 0);
      if (wrong.length > 0) throw new Error(`ended with ${wrong.join(", ")}`);
      return result;
    },
  };
  await Promise.all(Array.from({ length: processes }, startOne));
  return kills;
}

async function ask(url: string, callId: string, step: Step): Promise<Answered> {
  const response = await fetch(`${url}/appointments/${step.tool}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-ThunderPhone-Call-ID": callId,
      ...(step.key === undefined ? {} : { "Idempotency-Key": step.key }),
    },
    body: JSON.stringify(step.args),
  });
  return {
    ...step,
    callId,
    status: response.status,
    body: await response.text(),
  };
}

/** Days ahead of the real clock, which `serve` goes by. */
export function daysAhead(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.now() + (from + index) * 86_400_000)
      .toISOString()
      .slice(0, 10),
  );
}
