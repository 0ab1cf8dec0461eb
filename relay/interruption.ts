import { addReply, addResults } from "./history.ts";
import type { Block } from "./history.ts";
import { cutToHeard, keepRound, NO_SPEECH } from "./spoken.ts";
import type { Action, Next, Session, ToolOutcome, ToolUse } from "./state.ts";

/** Adds a reply to the history and remembers which message it is. */
export function keepReply(
  session: Session,
  round: number,
  content: Block[],
): Session {
  const history = addReply(session.history, content);
  if (history === session.history) return session;
  return {
    ...session,
    history,
    speech: keepRound(session.speech, round, history),
  };
}

/** The caller spoke over the agent: what they did not hear was not said. */
export function interrupt(session: Session, fragment: string): Next {
  const [left, actions] = abandon(session);
  const { history, told } = cutToHeard(left.history, left.speech, fragment);
  return [
    {
      ...left,
      history,
      speech: NO_SPEECH,
      isInterrupted: true,
      notes: [...left.notes, ...told],
    },
    actions,
  ];
}

/** Stops what runs for the turn and leaves a history that can be sent: each tool_use has its result. */
export function abandon(session: Session): Next {
  const { state } = session;
  if (state.at === "thinking") {
    const said = keepReply(session, state.round, [
      { type: "text", text: state.said },
    ]);
    return [
      { ...said, state: { at: "listening" } },
      [{ do: "stop-asking" }, { do: "stop-timer", timer: "filler" }],
    ];
  }
  if (state.at !== "tooling") return [session, []];
  const running = state.uses.filter(({ id }) => !state.results.has(id));
  const loose = new Map(session.loose);
  const results = new Map(state.results);
  for (const { id, name, onInterrupt } of running) {
    if (onInterrupt === "finish") loose.set(id, name);
    results.set(id, onInterrupt === "finish" ? STILL_RUNNING : STOPPED);
  }
  const history = addResults(
    session.history,
    toResultBlocks(state.uses, results),
  );
  const stops = running.filter(({ onInterrupt }) => onInterrupt === "cancel");
  return [
    { ...session, state: { at: "listening" }, history, loose },
    [
      ...stops.map(({ id }): Action => ({ do: "stop-tool", id })),
      { do: "stop-timer", timer: "filler" },
    ],
  ];
}

const STILL_RUNNING: ToolOutcome = {
  content:
    "The caller interrupted. This is still running; its result will be told as soon as it is there. Do not call it again.",
  isError: false,
};
const STOPPED: ToolOutcome = {
  content: "Stopped, because the caller interrupted.",
  isError: true,
};

export function toResultBlocks(
  uses: ToolUse[],
  results: ReadonlyMap<string, ToolOutcome>,
): Block[] {
  return uses.map(({ id }) => {
    const { content, isError } = results.get(id) ?? STOPPED;
    return {
      type: "tool_result",
      tool_use_id: id,
      content,
      ...(isError ? { is_error: true } : {}),
    };
  });
}
