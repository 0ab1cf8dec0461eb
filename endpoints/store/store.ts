import type { ReplayStore } from "../../middleware/index.ts";
import type { Answer } from "../answer.ts";
import type { Claim, Lane } from "../scheduling/lanes.ts";
import type { CallStore } from "./calls.ts";

export interface Booking {
  id: string;
  /** Ten digits, unique. */
  number: string;
  resource: string;
  lane: number;
  /** Epoch milliseconds, without buffers. */
  start: number;
  end: number;
  /** The zone and its wall time beside the instant, so that a change of clock rules can be seen. */
  zone: string;
  localStart: string;
  service: string;
  customerName: string;
  /** E.164. */
  customerPhone: string | null;
  /** The phone call that booked it. */
  callId: string | null;
  status: "confirmed" | "cancelled";
  created: number;
}

/** The part of a booking that a reschedule changes. */
export type Place = Pick<
  Booking,
  "resource" | "lane" | "start" | "end" | "zone" | "localStart"
>;

/** Time that one call keeps free while it talks. One for each call. */
export interface Hold {
  /** Owner of its claims. */
  owner: string;
  /** Epoch milliseconds. */
  start: number;
  service: string;
  /** How often it was prolonged. */
  extensions: number;
  /** Epoch milliseconds. */
  expires: number;
}

/** What makes a write the same write when it comes again. */
export interface Execution {
  callId: string;
  tool: string;
  key: string;
  /** Canonical JSON of the arguments. */
  arguments: string;
  /** The key is made of the arguments, because the sender gave none. */
  derived: boolean;
  /** Epoch milliseconds. */
  created: number;
}

/** What a write came to: kept with its answer, or rolled back as if it had never run. */
export interface Outcome {
  answer: Answer;
  commit: boolean;
  /** The booking it made or changed. */
  bookingId?: string;
  /** Give this answer again when the same call comes again. */
  remember: boolean;
}

/** Grains of some resources that start in [from, to), epoch milliseconds. */
export interface ClaimRange {
  resources: string[];
  from: number;
  to: number;
}

/** The statements of one booking transaction. */
export interface BookingTransaction {
  listClaims(range: ClaimRange): Promise<Claim[]>;
  /** Takes holds that have ended, and those of `over`, out of the way. */
  clearHolds(
    lane: Lane,
    grains: number[],
    now: number,
    over: string | undefined,
  ): Promise<void>;
  /**
   * Takes all grains of a lane for an owner.
   * @param expires  when it ends by itself: a hold
   * @returns false, with nothing claimed, when one of the grains has an owner
   */
  claim(
    lane: Lane,
    grains: number[],
    owner: string,
    expires?: number,
  ): Promise<boolean>;
  /** Frees what an owner has within a range. */
  releaseClaims(owner: string, range: ClaimRange): Promise<void>;
  /** As `releaseClaims`, for a booking as it is stored. */
  releaseBooking(booking: Booking): Promise<void>;

  /** @returns false when the confirmation number is taken */
  insertBooking(booking: Booking): Promise<boolean>;
  /** The booking as nobody else can change it until this transaction ends. */
  lockBooking(number: string): Promise<Booking | undefined>;
  /** Frees the argument-derived keys that led to the booking as it was. */
  moveBooking(id: string, place: Place): Promise<void>;
  /** Frees the booking's time and its argument-derived keys. */
  cancelBooking(booking: Booking): Promise<void>;
  /** Live bookings of a phone that have not ended; others of the same phone wait until this transaction ends. */
  countBookings(phone: string, now: number): Promise<number>;

  findHold(callId: string): Promise<Hold | undefined>;
  /** As `findHold`; nobody else changes the call's hold until this transaction ends. */
  lockHold(callId: string): Promise<Hold | undefined>;
  putHold(callId: string, hold: Hold): Promise<void>;
  dropHold(callId: string): Promise<void>;

  /** Of wrong numbers and factors; others of the same subject wait until this transaction ends. */
  countFailures(
    subject: string,
    now: number,
  ): Promise<{ failures: number; last: number }>;
  setFailures(subject: string, failures: number, now: number): Promise<void>;

  audit(entry: {
    bookingId: string;
    action: "booked" | "cancelled" | "rescheduled";
    callId: string | undefined;
    /** Of the booking after it, epoch milliseconds. */
    start: number;
    at: number;
  }): Promise<void>;
}

/** How many rows of each kind were, or would be, deleted. */
export interface Pruned {
  bookings: number;
  /** Grains of time. */
  claims: number;
  audits: number;
  executions: number;
  holds: number;
  attempts: number;
  replays: number;
  calls: number;
}

export interface Store {
  /** For the middleware's replayGuard and callWindow; shared by all processes of one database. */
  replay: ReplayStore;
  /** For the relay: a call's state and what happened in it. */
  calls: CallStore;
  listClaims(range: ClaimRange): Promise<Claim[]>;
  /** Live bookings of a phone that have not begun, the next first. */
  findUpcoming(phone: string, now: number, limit: number): Promise<Booking[]>;
  /**
   * Runs a write once: the work in one transaction, its answer stored with it;
   * the same execution again gets that answer. "mismatch": same key, other arguments.
   */
  execute(
    execution: Execution | undefined,
    work: (transaction: BookingTransaction) => Promise<Outcome>,
  ): Promise<Answer | "mismatch">;
  /** The stored answer of an execution that ran before, if so. */
  recall(
    execution: Execution | undefined,
  ): Promise<Answer | "mismatch" | undefined>;
  /**
   * Deletes what is about people and past: bookings that ended before, with all
   * that belongs to them, and what has ended by itself.
   */
  prune(options: {
    before: Date;
    now: Date;
    dryRun?: boolean;
  }): Promise<Pruned>;
  close(): Promise<void>;
}
