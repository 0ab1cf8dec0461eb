import { expect, test } from "@jest/globals";
import { step } from "../../relay/session.ts";
import { NEW_SESSION } from "../../relay/state.ts";
import type { Event } from "../../relay/state.ts";
import { PHRASES, playRandomCall } from "../support/random-call.ts";

test("any sequence of frames, replies, faults and timers leaves a conversation that the API accepts", () => {
  for (let seed = 1; seed <= 2000; seed++)
    expect([seed, playRandomCall(seed)]).toEqual([seed, []]);
});

test("words take along the keys pressed just before, and the keys start no turn of their own", () => {
  const events: Event[] = [
    {
      type: "frame",
      frame: { type: "setup", callSid: "CA1", sessionId: "VX1" },
    },
    { type: "frame", frame: { type: "dtmf", digit: "7" } },
    { type: "frame", frame: { type: "prompt", text: "Hello.", last: true } },
    { type: "timer", timer: "keys" },
  ];
  let session = NEW_SESSION;
  const asked = events.flatMap((event) => {
    const [next, actions] = step(session, event, PHRASES);
    session = next;
    return actions.flatMap((action) =>
      action.do === "ask" ? [action.history.messages] : [],
    );
  });
  expect(asked).toEqual([
    [{ role: "user", content: "[The caller pressed these keys: 7]\nHello." }],
  ]);
});
