import type { Phrases } from "./agent.ts";
import { addCallerText, addResults, markSent } from "./history.ts";
import type { Block } from "./history.ts";
import { abandon, keepReply, toResultBlocks } from "./interruption.ts";
import { joinNotes, toFinishedNote, toKeysNote } from "./notes.ts";
import type { Note } from "./notes.ts";
import { hasSpoken, NO_SPEECH, say } from "./spoken.ts";
import { toSend } from "./state.ts";
import type {
  Action,
  Next,
  Session,
  State,
  ToolOutcome,
  ToolUse,
} from "./state.ts";

// A turn that calls tools for longer than this leads nowhere.
const MAX_ROUNDS = 6;

/** The caller has spoken: whatever runs for the turn before stops, and the model is asked. */
export function startTurn(
  session: Session,
  words: string,
  ...more: Note[]
): Next {
  const [left, stopped] = abandon(session);
  const keys = left.keys === "" ? [] : [toKeysNote(left.keys)];
  const text = joinNotes([...left.notes, ...more, ...keys], words);
  const ready = {
    ...left,
    notes: [],
    keys: "",
    isInterrupted: false,
    speech: NO_SPEECH,
    history: addCallerText(left.history, text),
  };
  const [asking, actions] = ask(ready, 1, false);
  return [
    asking,
    [...stopped, { do: "stop-timer", timer: "keys" }, ...actions],
  ];
}

function ask(session: Session, round: number, retried: boolean): Next {
  const id = session.asks + 1;
  const history = markSent(session.history);
  const state: State = { at: "thinking", ask: id, round, said: "", retried };
  return [
    { ...session, history, asks: id, state },
    [{ do: "ask", ask: id, history }],
  ];
}

export function speak(
  session: Session,
  text: string,
  round: number | undefined,
): Next {
  const [speech, frames] = say(session.speech, text, round);
  return [
    { ...session, speech },
    [{ do: "stop-timer", timer: "filler" }, ...frames.map(toSend)],
  ];
}

/** A reply is complete: its tools are called, or the turn is over. */
export function receiveReply(
  session: Session,
  round: number,
  content: Block[],
  uses: ToolUse[],
  phrases: Phrases,
): Next {
  const replied = keepReply(session, round, content);
  if (uses.length === 0)
    return endTurn(
      replied,
      hasSpoken(replied.speech, round) ? "" : phrases.empty,
    );
  const faults = uses.flatMap((use): [string, ToolOutcome][] =>
    use.fault === undefined
      ? []
      : [[use.id, { content: use.fault, isError: true }]],
  );
  const state: State = {
    at: "tooling",
    round,
    uses,
    results: new Map(faults),
  };
  const calls = uses.filter(({ fault }) => fault === undefined);
  if (calls.length === 0) return goOn({ ...replied, state }, phrases);
  return [
    { ...replied, state },
    [
      ...calls.map((use): Action => ({ do: "call-tool", use })),
      { do: "start-timer", timer: "filler", after: "filler" },
    ],
  ];
}

export function receiveResult(
  session: Session,
  id: string,
  outcome: ToolOutcome,
  phrases: Phrases,
): Next {
  const { state } = session;
  const name = session.loose.get(id);
  if (name !== undefined) {
    const loose = new Map(session.loose);
    loose.delete(id);
    const told = toFinishedNote(name, outcome.content);
    return [{ ...session, loose, notes: [...session.notes, told] }, []];
  }
  if (state.at !== "tooling" || !state.uses.some((use) => use.id === id))
    return [session, []];
  const results = new Map(state.results).set(id, outcome);
  return goOn({ ...session, state: { ...state, results } }, phrases);
}

/** Asks the model again once every result is there. */
function goOn(session: Session, phrases: Phrases): Next {
  const { state } = session;
  if (state.at !== "tooling" || state.results.size < state.uses.length)
    return [session, []];
  const history = addResults(
    session.history,
    toResultBlocks(state.uses, state.results),
  );
  if (state.round < MAX_ROUNDS)
    return ask({ ...session, history }, state.round + 1, false);
  return endTurn({ ...session, history }, phrases.tooManySteps);
}

/** A model that fails before its first word is asked once more; then the caller is told. */
export function recover(
  session: Session,
  state: Extract<State, { at: "thinking" }>,
  { reason, isFinal }: { reason: string; isFinal: boolean },
  phrases: Phrases,
): Next {
  const noted: Action = {
    do: "note",
    event: "model.failed",
    fields: { reason, retried: state.retried },
  };
  if (state.said === "" && !state.retried && !isFinal) {
    // Half of the caller's patience is gone by then.
    const [told, frames] =
      reason === "stalled"
        ? say(session.speech, phrases.filler[0] ?? "", undefined, true)
        : [session.speech, []];
    const [asking, actions] = ask(
      { ...session, speech: told },
      state.round,
      true,
    );
    return [asking, [noted, ...frames.map(toSend), ...actions]];
  }
  const said = keepReply(session, state.round, [
    { type: "text", text: state.said },
  ]);
  const [ended, actions] = endTurn(said, phrases.trouble);
  return [ended, [noted, ...actions]];
}

function endTurn(session: Session, phrase = ""): Next {
  const [speech, frames] =
    phrase === ""
      ? [session.speech, []]
      : say(session.speech, phrase, undefined);
  return [
    { ...session, speech, state: { at: "listening" } },
    [
      { do: "stop-timer", timer: "filler" },
      ...frames.map(toSend),
      toSend({ type: "text", token: "", last: true }),
    ],
  ];
}
