import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { createEndpoints, parseBusiness } from "../../endpoints/index.ts";
import type { Store } from "../../endpoints/index.ts";
import type { Database } from "../../endpoints/store/database.ts";
import { openDatabase, openStore } from "../../endpoints/store/index.ts";
import { createStore } from "../../endpoints/store/queries.ts";
import { FIGHT_NOW, fightBusiness, OWN_NUMBER } from "./errands.ts";
import type { Answered, Errand } from "./errands.ts";

/** What the parent asks for; each is answered with one message. */
export type Order =
  | {
      do: "open";
      databaseUrl: string;
      capacity: number;
      /** The control: every statement is a transaction of its own. */
      isTorn: boolean;
    }
  | { do: "run"; errands: Errand[]; clients: number }
  | { do: "close" };

export interface Fought {
  /** One list for each errand. */
  answered: Answered[][];
  /** What the log called an error. */
  faults: string[];
}

// A process of its own, with a store and a server of its own, fights for time through real HTTP.
let url = "";
let close = async () => {};
const faults: string[] = [];

async function open({
  databaseUrl,
  capacity,
  isTorn,
}: Extract<Order, { do: "open" }>): Promise<void> {
  const store: Store = isTorn
    ? createStore(tear(await openDatabase(databaseUrl)))
    : await openStore(databaseUrl);
  const router = createEndpoints({
    store,
    business: parseBusiness(fightBusiness(capacity)),
    verify: "none",
    timeoutMs: 60_000, // a busy machine is no fault
    now: () => FIGHT_NOW,
    log: {
      info() {},
      warn() {},
      error: (event, fields) =>
        void faults.push(`${event} ${JSON.stringify(fields)}`),
    },
  });
  const server = createServer(express().use(router));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
  };
}

/** Check, then insert: what a transaction would hold together comes apart. */
function tear(database: Database): Database {
  return {
    ...database,
    transaction: async (work) => {
      const { value } = await work({
        all: (sql, values) => database.all(sql, values),
        run: (sql, values) =>
          database.transaction(async (session) => ({
            commit: true,
            value: await session.run(sql, values),
          })),
      });
      return value;
    },
  };
}

async function run(errands: Errand[], clients: number): Promise<Fought> {
  const answered: Answered[][] = errands.map(() => []);
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < errands.length; index = next++) {
      const errand = errands[index];
      if (errand) answered[index] = await runErrand(errand);
    }
  }
  await Promise.all(Array.from({ length: clients }, work));
  return { answered, faults: faults.splice(0) };
}

async function runErrand({ callId, steps }: Errand): Promise<Answered[]> {
  const answered: Answered[] = [];
  let number: unknown;
  for (const step of steps) {
    const needsNumber = step.args["confirmation_number"] === OWN_NUMBER;
    if (needsNumber && typeof number !== "string") continue;
    const args = needsNumber
      ? { ...step.args, confirmation_number: String(number) }
      : step.args;
    const response = await fetch(`${url}/appointments/${step.tool}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-ThunderPhone-Call-ID": callId,
        ...(step.key === undefined ? {} : { "Idempotency-Key": step.key }),
      },
      body: JSON.stringify(args),
    });
    const body = await response.text();
    answered.push({ ...step, args, callId, status: response.status, body });
    const answer = JSON.parse(body) as { confirmation_number?: string };
    if (step.tool === "book") number = answer.confirmation_number;
  }
  return answered;
}

async function obey(order: Order): Promise<Fought | "done"> {
  switch (order.do) {
    case "open":
      await open(order);
      return "done";
    case "run":
      return run(order.errands, order.clients);
    case "close":
      await close();
      return "done";
  }
}

process.on("message", (order: Order) => {
  obey(order).then(
    (told) => process.send?.(told),
    (error: unknown) => {
      process.stderr.write(`fighter: ${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0)); // the parent is gone
process.send?.("done");
