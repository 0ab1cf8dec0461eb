import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Errand } from "./errands.ts";
import type { Fought, Order } from "./fighter.ts";

interface FightOptions {
  databaseUrl: string;
  /** Bookings that the one resource can have at a time. Default 1. */
  capacity?: number;
  /** Concurrent clients in each process. Default 32. */
  clients?: number;
  /** The control: without transactions. */
  isTorn?: boolean;
}

/** Several processes with a store each on the same database. */
export interface Fighters {
  /** Shares the errands out among the processes, each at once with all others. */
  fight(errands: Errand[], options: FightOptions): Promise<Fought>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("fighter.ts", import.meta.url));

export async function startFighters(count: number): Promise<Fighters> {
  const children = Array.from({ length: count }, () =>
    fork(program, [], { execArgv: ["--import", import.meta.resolve("tsx")] }),
  );
  await Promise.all(children.map(nextMessage));
  const askAll = (order: Order) =>
    Promise.all(children.map((child) => ask(child, order)));

  return {
    async fight(errands, { databaseUrl, capacity = 1, clients = 32, isTorn }) {
      await askAll({
        do: "open",
        databaseUrl,
        capacity,
        isTorn: isTorn ?? false,
      });
      const fought = await Promise.all(
        children.map((child, index) =>
          ask(child, {
            do: "run",
            errands: errands.filter((_, at) => at % count === index),
            clients,
          }),
        ),
      );
      await askAll({ do: "close" });
      const results = fought.filter((each) => each !== "done");
      return {
        answered: results.flatMap(({ answered }) => answered),
        faults: results.flatMap(({ faults }) => faults),
      };
    },
    async stop() {
      const living = children.filter(({ exitCode }) => exitCode === null);
      const ended = living.map((child) => once(child, "exit"));
      for (const child of living) child.disconnect();
      await Promise.all(ended);
    },
  };
}

async function ask(
  child: ChildProcess,
  order: Order,
): Promise<Fought | "done"> {
  const told = nextMessage(child);
  child.send(order);
  return told;
}

function nextMessage(child: ChildProcess): Promise<Fought | "done"> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`a fighter ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (told) => {
      child.off("exit", onExit);
      resolve(told as Fought | "done"); // what fighter.ts sends
    });
  });
}
