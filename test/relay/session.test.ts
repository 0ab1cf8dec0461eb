import { expect, test } from "@jest/globals";
import { playRandomCall } from "../support/random-call.ts";

test("any sequence of frames, replies, faults and timers leaves a conversation that the API accepts", () => {
  for (let seed = 1; seed <= 2000; seed++)
    expect([seed, playRandomCall(seed)]).toEqual([seed, []]);
});
