import type { ReplayStore } from "../../middleware/index.ts";
import type { Answer } from "../answer.ts";
import type { Claim, Lane } from "../scheduling.ts";

export interface Booking {
  id: string;
  /** Ten digits, unique. */
  number: string;
  resource: string;
  lane: number;
  /** Epoch milliseconds. */
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

/** The statements of one booking transaction. */
export interface BookingTransaction {
  listClaims(from: number, to: number): Promise<Claim[]>;
  /** @returns false, with nothing claimed, when one of the grains has an owner */
  claim(lane: Lane, grains: number[], bookingId: string): Promise<boolean>;
  /** @returns false when the confirmation number is taken */
  insertBooking(booking: Booking): Promise<boolean>;
  findBooking(number: string): Promise<Booking | undefined>;
  /** Frees the booking's time and the argument-derived keys that led to it. */
  cancelBooking(id: string): Promise<void>;
}

export interface Store {
  /** For the middleware's replayGuard and callWindow; shared by all processes of one database. */
  replay: ReplayStore;
  /** Claims that start in [from, to), epoch milliseconds. */
  listClaims(from: number, to: number): Promise<Claim[]>;
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
  close(): Promise<void>;
}
