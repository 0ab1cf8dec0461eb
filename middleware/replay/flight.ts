import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import {
  captureAnswer,
  isRefusal,
  packAnswer,
  unpackAnswer,
} from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { Delivery } from "./key.ts";
import { askStore } from "./store.ts";
import type { ReplayStore } from "./store.ts";
import type { ToolRequest } from "../tool-request.ts";

/** What came of a delivery that others wait for. "free": it took no effect, so one of them may run. */
export type Outcome =
  | { at: "done"; answer: Answer }
  | { at: "free" }
  | { at: "mismatch" }
  | { at: "unavailable" };

/** A delivery that runs in this process, or that asks the store about one that runs elsewhere. */
interface Flight {
  req: ToolRequest;
  landed: Promise<Outcome>;
  /** From here on nobody finds it; who waits goes on waiting. */
  leave: () => void;
  land: (outcome: Outcome) => void;
}

export interface FlightConfig {
  store: ReplayStore;
  ttlSeconds: number;
}

/** A delivery that wants to run, and until when it waits (of the process's own clock). */
interface Wish {
  req: ToolRequest;
  res: ServerResponse;
  giveUp: number;
}

const POLL_MS = 50;

/** By store object: guards of one store see each other's deliveries. */
const flights = new WeakMap<ReplayStore, Map<string, Flight>>();

/** An equal delivery that is under way in this process; with other arguments it is not equal. */
export function findFlight(
  store: ReplayStore,
  delivery: Delivery,
): Flight | undefined {
  return flights.get(store)?.get(nameOf(delivery));
}

/**
 * Asks the store for the delivery's place until it has it ("run": the answer
 * is captured and kept) or somebody else's answer. Found by `findFlight` from
 * the moment of the call.
 */
export async function takeOff(
  config: FlightConfig,
  delivery: Delivery,
  wish: Wish,
): Promise<Outcome | "run"> {
  const flight = createFlight(config.store, delivery, wish.req);
  let found: Outcome | "run";
  try {
    found = await ask(config, delivery, wish);
  } catch {
    found = { at: "unavailable" };
  }
  if (found === "run") {
    // A handler may never answer a sender that has gone: nothing is held for it.
    if (wish.res.destroyed) flight.leave();
    else wish.res.once("close", flight.leave);
    captureAnswer(wish.res, (answer) => keep(config, delivery, flight, answer));
  } else {
    flight.land(found);
  }
  return found;
}

async function ask(
  config: FlightConfig,
  delivery: Delivery,
  { res, giveUp }: Wish,
): Promise<Outcome | "run"> {
  const { store } = config;
  for (let isFree = true; ;) {
    if (isFree && (await addMarker(config, delivery))) return "run";
    const value = await askStore(() => store.get(delivery.name));
    isFree = value === undefined; // forgotten or expired in between
    if (value !== undefined) {
      const known = readValue(value);
      if (known.print !== delivery.print) return { at: "mismatch" };
      if (known.answer) return { at: "done", answer: known.answer };
    }
    if (res.destroyed) return { at: "free" };
    if (performance.now() >= giveUp) return { at: "unavailable" };
    await pause(POLL_MS);
  }
}

async function addMarker(
  { store, ttlSeconds }: FlightConfig,
  { name, print }: Delivery,
): Promise<boolean> {
  const adding = new Promise<unknown>((resolve) =>
    resolve(store.addIfAbsent(name, JSON.stringify({ print }), ttlSeconds)),
  );
  try {
    const isKept = await askStore(() => adding);
    if (typeof isKept === "boolean") return isKept;
    throw new TypeError("addIfAbsent: expected true or false");
  } catch (error) {
    // Added after all, once nobody waited any more: nothing runs under it.
    adding
      .then((isKept) => (isKept === true ? store.put(name, "", 0) : undefined))
      .catch(() => {}); // then it expires
    throw error;
  }
}

/** In the store first, then for those who wait here. Never throws or rejects. */
function keep(
  { store, ttlSeconds }: FlightConfig,
  { name, print }: Delivery,
  flight: Flight,
  answer: Answer,
): void | Promise<void> {
  const isFree = isRefusal(answer);
  const land = () =>
    flight.land(isFree ? { at: "free" } : { at: "done", answer });
  let putting: void | Promise<void>;
  try {
    putting = isFree
      ? store.put(name, "", 0)
      : store.put(
          name,
          JSON.stringify({ print, answer: packAnswer(answer) }),
          ttlSeconds,
        );
  } catch {
    putting = undefined; // the marker stays: repeats are refused, none runs
  }
  if (!isPromise(putting)) {
    land();
    return undefined;
  }
  const put = putting;
  return askStore(() => put).then(land, land);
}

/** @throws when the value is none that was written here */
function readValue(value: string): { print: unknown; answer?: Answer } {
  const known: unknown = JSON.parse(value);
  if (typeof known !== "object" || known === null || !("print" in known))
    throw new TypeError("the store's value is no delivery");
  if (!("answer" in known)) return { print: known.print };
  return { print: known.print, answer: unpackAnswer(known.answer) };
}

function createFlight(
  store: ReplayStore,
  delivery: Delivery,
  req: ToolRequest,
): Flight {
  const all = flights.get(store) ?? new Map<string, Flight>();
  flights.set(store, all);
  const name = nameOf(delivery);
  let resolve: (outcome: Outcome) => void = () => {};
  const landed = new Promise<Outcome>((settle) => (resolve = settle));
  const flight: Flight = {
    req,
    landed,
    leave: () => {
      if (all.get(name) === flight) all.delete(name);
    },
    land: (outcome) => {
      flight.leave();
      resolve(outcome);
    },
  };
  all.set(name, flight);
  return flight;
}

function nameOf({ name, print }: Delivery): string {
  return `${name} ${print}`;
}

function isPromise(value: unknown): value is Promise<void> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
