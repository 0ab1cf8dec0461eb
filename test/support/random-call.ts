import type { Phrases } from "../../relay/agent.ts";
import type { Message } from "../../relay/history.ts";
import type { Inbound } from "../../relay/protocol.ts";
import { step } from "../../relay/session.ts";
import { NEW_SESSION } from "../../relay/state.ts";
import type { Action, Event, Session, ToolUse } from "../../relay/state.ts";
import { findViolations } from "./api-rules.ts";

export const PHRASES: Phrases = {
  trouble: "Trouble.",
  empty: "Empty.",
  tooManySteps: "Too long.",
  lineLost: "Lost.",
  filler: ["Wait.", "Still."],
};
const STEPS = 60;
const WORDS = [
  "Nine is free. ",
  "The fox",
  " is red. ",
  "The fox",
  "  ",
  "Yes?",
  "",
];

/** The numbers of a seed: the same call again for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Plays one call of random events against the pure session, late and foreign
 * events included.
 * @returns what went wrong: rules of the API that a request broke, a write called twice, a turn that ended in silence
 */
export function playRandomCall(seed: number): string[] {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T =>
    list[Math.floor(random() * list.length)] as T;
  const wrong: string[] = [];
  const called: string[] = [];
  let sent: readonly Message[] = [];
  let session: Session = NEW_SESSION;
  let spoken = "";
  let count = 0;

  function take(event: Event): void {
    const wasListening = session.state.at === "listening";
    const [next, actions] = step(session, event, PHRASES);
    session = next;
    for (const action of actions) perform(action);
    const isOver =
      !wasListening &&
      session.state.at === "listening" &&
      event.type !== "frame" &&
      event.type !== "timer";
    if (isOver && spoken.trim() === "")
      wrong.push(`a turn ended in silence after ${event.type}`);
  }

  function perform(action: Action): void {
    if (action.do === "send" && action.frame.type === "text")
      spoken += action.frame.token;
    if (action.do === "call-tool") {
      if (called.includes(action.use.id))
        wrong.push(`${action.use.id} was called twice`);
      called.push(action.use.id);
    }
    if (action.do !== "ask") return;
    wrong.push(...findViolations(action.history.messages, sent));
    sent = action.history.messages;
    if (action.history.messages.at(-1)?.content === undefined)
      wrong.push("nothing was asked");
  }

  function randomUses(): ToolUse[] {
    return Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
      const onInterrupt = pick(["cancel", "finish"] as const);
      const fault = random() < 0.1 ? { fault: "no such tool" } : {};
      return {
        id: `t${(count += 1)}`,
        name: "tool",
        input: {},
        onInterrupt,
        filler: [],
        ...fault,
      };
    });
  }

  function randomFrame(): Inbound {
    return pick<Inbound>([
      { type: "setup", callSid: "CA1", sessionId: "VX1" },
      { type: "prompt", text: `Words ${(count += 1)}.`, last: true },
      { type: "prompt", text: "Word", last: false },
      { type: "prompt", text: "", last: true },
      { type: "interrupt", heard: pick(WORDS) },
      {
        type: "interrupt",
        heard: spoken.slice(0, Math.floor(random() * spoken.length)),
      },
      { type: "played", text: pick(WORDS) },
      { type: "dtmf", digit: "4" },
      { type: "error", errorCode: "64107" },
      { type: "other", name: "info" },
    ]);
  }

  function startsTurn(event: Event): boolean {
    if (event.type === "timer")
      return event.timer === "keys" && session.keys !== "";
    if (event.type !== "frame" || event.frame.type !== "prompt") return false;
    return event.frame.last && event.frame.text !== "";
  }

  /** An event of the request or tool in hand, or of one that is long over. */
  function randomEvent(): Event {
    const { state } = session;
    const ask =
      random() < 0.1 || state.at !== "thinking"
        ? Math.floor(random() * 5)
        : state.ask;
    const id =
      random() < 0.1 || state.at !== "tooling"
        ? `t${Math.floor(random() * 10)}`
        : pick(state.uses).id;
    const said = state.at === "thinking" ? state.said : "";
    const uses = random() < 0.5 ? randomUses() : [];
    const text = (): Event => ({ type: "text", ask, text: pick(WORDS) });
    const reply = (): Event => ({
      type: "reply",
      ask,
      uses,
      content: [
        { type: "text", text: said },
        ...uses.map(({ id: use, name, input }) => ({
          type: "tool_use" as const,
          id: use,
          name,
          input,
        })),
      ],
    });
    const result = (): Event => ({
      type: "result",
      id,
      outcome: { content: "done", isError: random() < 0.3 },
    });
    const fail = (): Event => ({
      type: "model-failed",
      ask,
      reason: pick(["stalled", "dropped"]),
      isFinal: random() < 0.3,
    });
    const frame = (): Event => ({ type: "frame", frame: randomFrame() });
    const timer = (): Event => ({
      type: "timer",
      timer: pick(["filler", "keys"]),
    });
    // What happens most is what moves the call on.
    const likely = { thinking: [text, text, reply], tooling: [result, result] };
    const live =
      state.at === "thinking" || state.at === "tooling" ? likely[state.at] : [];
    return pick([...live, text, reply, result, fail, frame, frame, timer])();
  }

  for (let index = 0; index < STEPS; index++) {
    const event =
      index === 3
        ? ({
            type: "frame",
            frame: { type: "setup", callSid: "CA1", sessionId: "VX1" },
          } as const)
        : randomEvent();
    if (startsTurn(event)) spoken = "";
    take(event);
  }
  take({ type: "closed" });
  if (session.state.at !== "ended")
    wrong.push("the session outlives its socket");
  const [, late] = step(session, randomEvent(), PHRASES);
  if (late.length > 0) wrong.push("an ended session still acts");
  return wrong;
}
