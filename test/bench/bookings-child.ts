import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What an errand took: on the clock on the wall, and of the process's CPU. */
interface Spent {
  ms: number;
  cpuMs: number;
}

/** A process with desks on databases; bookings-desk.mjs says what they do. */
export interface Desks {
  /** Which database, through how large batches, by which of the two businesses. */
  open(desk: {
    desk: string;
    url: string;
    business: "book" | "search";
    batch?: number;
  }): Promise<void>;
  /** Through the booking tool, or the store's transaction alone. */
  book(order: {
    desk: string;
    count: number;
    through: "tool" | "store";
  }): Promise<Spent>;
  fill(order: {
    desk: string;
    resources: number;
    bookings: number;
  }): Promise<void>;
  search(order: { desk: string; count: number }): Promise<Spent>;
  /** @returns milliseconds of each synchronous write */
  fsync(order: { file: string; count: number }): Promise<number[]>;
  /** The databases, and then the process. */
  close(): Promise<void>;
}

/** @param folder  of the built rooms */
export function startDesks(folder: string): Desks {
  const child = fork(
    fileURLToPath(new URL("bookings-desk.mjs", import.meta.url)),
    [folder],
    { execArgv: [] }, // plain Node, without this process's loader
  );
  const died = once(child, "exit").then(() => {
    throw new Error("the desks' process died");
  });
  died.catch(() => {}); // it ends one day
  async function ask<T>(errand: string, order: object = {}): Promise<T> {
    const answered = once(child, "message");
    child.send({ errand, ...order });
    const [answer] = (await Promise.race([answered, died])) as [
      { done: T } | { failed: string },
    ];
    if ("failed" in answer) throw new Error(answer.failed);
    return answer.done;
  }
  return {
    open: (desk) => ask("open", desk),
    book: (order) => ask("book", order),
    fill: (order) => ask("fill", order),
    search: (order) => ask("search", order),
    fsync: (order) => ask("fsync", order),
    close: async () => {
      if (child.exitCode === null && child.connected) await ask("close");
      child.kill();
    },
  };
}
