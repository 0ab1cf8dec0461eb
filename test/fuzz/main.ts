import { parseMessage } from "../../relay/protocol.ts";
import { createRandom, playRandomCall } from "../support/random-call.ts";
import { mutateBytes } from "./bytes.ts";
import { fuzzOffered } from "./offered.ts";
import { fuzzParsedBodies } from "./parsed-bodies.ts";
import { fuzzSignatures } from "./signatures.ts";
import type { FuzzResult } from "./signatures.ts";

/** Random bytes and cut frames: read or refused, never thrown at. */
function fuzzFrames(rounds: number): string[] {
  const random = createRandom(2);
  const seed = Buffer.from(
    '{"type":"prompt","voicePrompt":"Hello","lang":"en-US","last":true}',
  );
  const wrong: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const bytes =
      random() < 0.5
        ? mutateBytes(mutateBytes(seed, random), random)
        : Buffer.from(Array.from({ length: 40 }, () => random() * 256));
    try {
      parseMessage(bytes.toString("utf8"));
    } catch (error) {
      wrong.push(`${bytes.toString("base64")}: ${String(error)}`);
    }
  }
  return wrong;
}

function fuzzCalls(rounds: number): string[] {
  return Array.from({ length: rounds }, (_, seed) =>
    playRandomCall(seed).map((fault) => `call ${seed}: ${fault}`),
  ).flat();
}

async function fuzzDays(rounds: number): Promise<string[]> {
  const { wrong, ...count } = await fuzzOffered(rounds, 200);
  console.log(
    `${count.allowed} starts allowed, ${count.free} of them free; ${count.booked} booked, ${count.refused} refused:`,
  );
  return wrong;
}

const runs = [
  {
    what: "signed requests judged wrongly",
    rounds: 1_000_000,
    fuzz: countGood(fuzzSignatures),
  },
  {
    what: "parsed bodies judged wrongly",
    rounds: 100_000,
    fuzz: countGood(fuzzParsedBodies),
  },
  { what: "frames that throw", rounds: 200_000, fuzz: fuzzFrames },
  { what: "random calls that break a rule", rounds: 20_000, fuzz: fuzzCalls },
  {
    what: "random days on which what is offered and what can be booked differ",
    rounds: 100_000,
    fuzz: fuzzDays,
  },
];
for (const { what, rounds, fuzz } of runs) {
  const wrong = await fuzz(rounds);
  console.log(`${wrong.length} ${what}, of ${rounds}`);
  for (const fault of wrong.slice(0, 5)) console.log(`  ${fault}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function countGood(
  fuzz: (rounds: number) => FuzzResult,
): (rounds: number) => string[] {
  return (rounds) => {
    const { altered, good, wrong } = fuzz(rounds);
    console.log(`${altered} altered ones and ${good} good ones:`);
    return wrong;
  };
}
