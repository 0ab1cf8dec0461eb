import type { Phrases } from "./agent.ts";
import { abandon, interrupt } from "./interruption.ts";
import { NO_WORDS } from "./notes.ts";
import type { Inbound } from "./protocol.ts";
import { countAsides, say } from "./spoken.ts";
import { toSend } from "./state.ts";
import type { Event, Next, Session } from "./state.ts";
import {
  receiveReply,
  receiveResult,
  recover,
  speak,
  startTurn,
} from "./turn.ts";

/** One step of a call: pure, so a late event of an old turn meets a state that does not know it and is dropped. */
export function step(session: Session, event: Event, phrases: Phrases): Next {
  const { state } = session;
  if (state.at === "ended") return [session, []];
  switch (event.type) {
    case "frame":
      return stepFrame(session, event.frame);
    case "text":
      if (state.at !== "thinking" || state.ask !== event.ask)
        return [session, []];
      return speak(
        { ...session, state: { ...state, said: state.said + event.text } },
        event.text,
        state.round,
      );
    case "reply":
      if (state.at !== "thinking" || state.ask !== event.ask)
        return [session, []];
      return receiveReply(
        session,
        state.round,
        event.content,
        event.uses,
        phrases,
      );
    case "model-failed":
      if (state.at !== "thinking" || state.ask !== event.ask)
        return [session, []];
      return recover(session, state, event, phrases);
    case "result":
      return receiveResult(session, event.id, event.outcome, phrases);
    case "timer":
      return event.timer === "filler"
        ? fill(session, phrases)
        : tellKeys(session);
    case "closed": {
      const [left, actions] = abandon(session);
      return [
        { ...left, state: { at: "ended" } },
        [...actions, { do: "stop-timer", timer: "keys" }],
      ];
    }
    default:
      return event satisfies never;
  }
}

function stepFrame(session: Session, frame: Inbound): Next {
  if (frame.type === "setup") {
    if (session.state.at !== "waiting")
      return note(session, "frame.unexpected", { type: "setup" });
    return [
      { ...session, state: { at: "listening" }, callSid: frame.callSid },
      [],
    ];
  }
  if (session.state.at === "waiting")
    return note(session, "frame.before-setup", { type: frame.type });
  switch (frame.type) {
    case "prompt":
      // A partial prompt repeats itself until it is whole.
      if (!frame.last) return [session, []];
      if (frame.text !== "") return startTurn(session, frame.text);
      return session.isInterrupted
        ? startTurn(session, "", NO_WORDS)
        : [session, []];
    case "interrupt":
      return interrupt(session, frame.heard);
    case "played":
      return [
        {
          ...session,
          speech: {
            ...session.speech,
            played: [...session.speech.played, frame.text],
          },
        },
        [],
      ];
    case "dtmf":
      return [
        { ...session, keys: session.keys + frame.digit },
        [{ do: "start-timer", timer: "keys", after: "keys" }],
      ];
    case "error":
      return note(session, "twilio.error", { code: frame.errorCode });
    case "other":
      return note(session, "frame.ignored", { name: frame.name });
    default:
      return frame satisfies never;
  }
}

/** Nothing was said for a while: a tool runs, or the model reads its result. */
function fill(session: Session, phrases: Phrases): Next {
  const { state, speech } = session;
  const isWaiting =
    state.at === "tooling" || (state.at === "thinking" && state.said === "");
  if (!isWaiting) return [session, []];
  const running =
    state.at === "tooling"
      ? state.uses.filter(({ id }) => !state.results.has(id))
      : [];
  const own = running.find(({ filler }) => filler.length > 0)?.filler;
  const lines = own ?? phrases.filler;
  const line = lines[Math.min(countAsides(speech), lines.length - 1)] ?? "";
  const [filled, frames] = say(speech, line, undefined, true);
  return [
    { ...session, speech: filled },
    [
      ...frames.map(toSend),
      { do: "start-timer", timer: "filler", after: "filler-again" },
    ],
  ];
}

/** Keys are told when no more have come for a while; words that come first take them along. */
function tellKeys(session: Session): Next {
  if (session.keys === "" || session.state.at === "waiting")
    return [session, []];
  return startTurn(session, "");
}

function note(
  session: Session,
  event: string,
  fields: Record<string, unknown>,
): Next {
  return [session, [{ do: "note", event, fields }]];
}
