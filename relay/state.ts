import { EMPTY_HISTORY } from "./history.ts";
import type { Block, History } from "./history.ts";
import type { Note } from "./notes.ts";
import type { Inbound, Outbound } from "./protocol.ts";
import { NO_SPEECH } from "./spoken.ts";
import type { Speech } from "./spoken.ts";

/** A tool call that the model asked for. */
export interface ToolUse {
  id: string;
  name: string;
  input: unknown;
  /** Why it cannot be called, e.g. its arguments are not JSON. */
  fault?: string;
  /** What becomes of it when the caller interrupts. */
  onInterrupt: "cancel" | "finish";
  /** What is said while it runs. */
  filler: string[];
}

/** How a call went that the model asked for, in words for the model. */
export interface ToolOutcome {
  content: string;
  isError: boolean;
}

export type Event =
  | { type: "frame"; frame: Inbound }
  | { type: "text"; ask: number; text: string }
  | { type: "reply"; ask: number; content: Block[]; uses: ToolUse[] }
  /** `isFinal`: asking again cannot help. */
  | { type: "model-failed"; ask: number; reason: string; isFinal: boolean }
  | { type: "result"; id: string; outcome: ToolOutcome }
  | { type: "timer"; timer: Timer }
  | { type: "closed" };

/** What the edge has to do; plain data. */
export type Action =
  | { do: "send"; frame: Outbound }
  | { do: "ask"; ask: number; history: History }
  | { do: "stop-asking" }
  | { do: "call-tool"; use: ToolUse }
  | { do: "stop-tool"; id: string }
  | {
      do: "start-timer";
      timer: Timer;
      after: "filler" | "filler-again" | "keys";
    }
  | { do: "stop-timer"; timer: Timer }
  | { do: "note"; event: string; fields: Record<string, unknown> };

export type Timer = "filler" | "keys";

export type State =
  | { at: "waiting" }
  | { at: "listening" }
  /** A model stream runs; `said` is what it has said so far. */
  | {
      at: "thinking";
      ask: number;
      round: number;
      said: string;
      retried: boolean;
    }
  /** Tool calls of one reply run; results are kept by id until all are there. */
  | {
      at: "tooling";
      round: number;
      uses: ToolUse[];
      results: ReadonlyMap<string, ToolOutcome>;
    }
  | { at: "ended" };

/** One call. */
export interface Session {
  state: State;
  callSid: string;
  history: History;
  /** What was sent to be spoken in the last turn. */
  speech: Speech;
  /** Last number given to a model request; events of older ones are dropped. */
  asks: number;
  /** Writes that go on after the caller interrupted them, by id. */
  loose: ReadonlyMap<string, string>;
  /** What the model is told with the caller's next words. */
  notes: readonly Note[];
  /** The caller spoke over the agent, and what they said is not there yet. */
  isInterrupted: boolean;
  /** Keys pressed and not yet told. */
  keys: string;
}

export const NEW_SESSION: Session = {
  state: { at: "waiting" },
  callSid: "",
  history: EMPTY_HISTORY,
  speech: NO_SPEECH,
  asks: 0,
  loose: new Map(),
  notes: [],
  isInterrupted: false,
  keys: "",
};

/** What a step leads to. */
export type Next = [Session, Action[]];

export function toSend(frame: Outbound): Action {
  return { do: "send", frame };
}
