import { sign, verify } from "../../middleware/index.ts";
import { parseMessage } from "../../relay/protocol.ts";
import { createRandom, playRandomCall } from "../support/random-call.ts";

const SECRET = "whsec_test_secret";
const HEADER = "x-thunderphone-signature";

/** Changes one byte of a text or body: turned, taken out, doubled or put in. */
function mutate(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length);
  const byte = Buffer.from([Math.floor(random() * 256)]);
  const rest = bytes.subarray(at + 1);
  const kinds = [
    Buffer.concat([bytes.subarray(0, at), byte, rest]),
    Buffer.concat([bytes.subarray(0, at), rest]),
    Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at)]),
  ];
  return kinds[Math.floor(random() * kinds.length)] ?? bytes;
}

/** Signed requests with one change in body or header: none may be accepted. */
function fuzzSignatures(rounds: number): string[] {
  const random = createRandom(1);
  const wrong: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const body = Buffer.from(
      JSON.stringify({
        date: "2026-03-09",
        note: "é".repeat(Math.floor(random() * 20)),
        n: round,
      }),
    );
    const [signature = ""] = Object.values(
      sign("thunderphone", SECRET, { body }),
    );
    const isBody = random() < 0.5;
    const sentBody = isBody ? mutate(body, random) : body;
    const sentHeader = isBody
      ? signature
      : mutate(Buffer.from(signature), random).toString("latin1");
    if (sentBody.equals(body) && sentHeader === signature) continue;
    const verdict = verify("thunderphone", SECRET, {
      headers: { [HEADER]: sentHeader },
      body: sentBody,
    });
    if (verdict.ok)
      wrong.push(`accepted ${sentBody.toString("base64")} with ${sentHeader}`);
  }
  return wrong;
}

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
        ? mutate(mutate(seed, random), random)
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

const runs = [
  {
    what: "mutated signed requests accepted",
    rounds: 200_000,
    fuzz: fuzzSignatures,
  },
  { what: "frames that throw", rounds: 200_000, fuzz: fuzzFrames },
  { what: "random calls that break a rule", rounds: 20_000, fuzz: fuzzCalls },
];
for (const { what, rounds, fuzz } of runs) {
  const wrong = fuzz(rounds);
  console.log(`${wrong.length} ${what}, of ${rounds}`);
  for (const fault of wrong.slice(0, 5)) console.log(`  ${fault}`);
  if (wrong.length > 0) process.exitCode = 1;
}
