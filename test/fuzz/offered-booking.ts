import { parseBusiness } from "../../endpoints/business/parse.ts";
import { createAvailability } from "../../endpoints/scheduling/availability.ts";
import type { Claim } from "../../endpoints/scheduling/lanes.ts";
import { openStore } from "../../endpoints/store/index.ts";
import type { Store } from "../../endpoints/store/store.ts";
import { bookAppointment } from "../../endpoints/tools/book.ts";
import { createRandom } from "../support/random-call.ts";
import { pick } from "./bytes.ts";
import { CALL_ID } from "./offered-case.ts";
import type { OfferedCase } from "./offered-case.ts";
import { createIsFree, listAllowed } from "./offered-oracle.ts";
import type { Allowed } from "./offered-oracle.ts";

const TRIES = 8;
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const NOT_OFFERED = ["outside_rules", "closed", "date_in_past"];

/**
 * Asks for some times of a case's day through the tool and a real store, each
 * after those before it: what the rules allow and is free is booked, and
 * nothing else is.
 */
export async function bookCase(
  played: OfferedCase,
  seed: number,
  count: { booked: number; refused: number },
): Promise<string[]> {
  const random = createRandom(seed);
  const store = await openStore("sqlite::memory:");
  try {
    await putClaims(store, played.claims);
    const book = createBook(store, played);
    const allowed = listAllowed(played);
    const faults: string[] = [];
    for (let round = 0; round < TRIES; round++) {
      const claims = await listClaims(store, played);
      const wish = chooseWish(
        random,
        allowed,
        createIsFree({ ...played, claims }),
      );
      const answer = await book(wish.time);
      const code = "code" in answer ? answer.code : "booked";
      if (code === "booked") count.booked++;
      else count.refused++;
      if (!wish.expected.includes(String(code))) {
        faults.push(
          `${wish.time} expected ${wish.expected.join(" or ")}, received ${JSON.stringify(answer)}`,
        );
      } else if (code === "booked" && wish.start) {
        const now = await listClaims(store, played);
        faults.push(...checkClaims(played, wish.start, claims, now));
      }
    }
    return faults;
  } finally {
    await store.close();
  }
}

/** A time in words, the start it means, and what has to come of it. */
interface Wished {
  time: string;
  expected: string[];
  start?: Allowed;
}

/** A start that the rules allow, else any fifth minute of a day, else one between. */
function chooseWish(
  random: () => number,
  allowed: Allowed[],
  isFree: (instant: number) => boolean,
): Wished {
  if (allowed.length > 0 && random() < 0.6) {
    const start = pick(random, allowed);
    const expected = [isFree(start.instant) ? "booked" : "slot_taken"];
    return { time: toWords(start.minutes, start.which), expected, start };
  }
  const minutes =
    5 * Math.floor(random() * 288) +
    (random() < 0.1 ? 1 + Math.floor(random() * 4) : 0);
  const meant = allowed.filter((start) => start.minutes === minutes);
  const [start] = meant;
  if (!start) return { time: toWords(minutes), expected: NOT_OFFERED };
  if (meant.length > 1)
    return { time: toWords(minutes), expected: ["ambiguous_time"] };
  const expected = [isFree(start.instant) ? "booked" : "slot_taken"];
  return { time: toWords(minutes), expected, start };
}

function createBook(store: Store, { file, service, date, now }: OfferedCase) {
  const business = parseBusiness(file);
  const clock = () => now;
  const desk = {
    business,
    store,
    availability: createAvailability(business, store, clock),
    tellJoke: () => Promise.reject(new Error("nobody asked for a joke")),
    now: clock,
  };
  let uses = 0;
  return (time: string) =>
    bookAppointment(
      desk,
      { date, time, service: service.name, customer_name: "Maria Lopez" },
      {
        callId: CALL_ID,
        idempotencyKey: `use ${uses++}`, // each time is asked for anew
        address: "127.0.0.1",
      },
    );
}

/** The new booking owns just its time, in one lane that was free and gives the service. */
function checkClaims(
  { file, service, now, viewer }: OfferedCase,
  { instant }: Allowed,
  before: Claim[],
  after: Claim[],
): string[] {
  const key = ({ resource, lane, start, owner }: Claim) =>
    `${resource}/${lane}/${start}/${owner}`;
  const old = new Set(before.map(key));
  const own = after.filter((claim) => !old.has(key(claim)));
  const from = instant - (service.buffer_before ?? 0) * MINUTE_MS;
  const to =
    instant + (service.minutes + (service.buffer_after ?? 0)) * MINUTE_MS;
  const starts = own.map(({ start }) => start).toSorted((a, b) => a - b);
  const expected = Array.from(
    { length: (to - from) / MINUTE_MS / 5 },
    (_, index) => from + index * 5 * MINUTE_MS,
  );
  const places = new Set(
    own.map(({ resource, lane }) => `${resource}/${lane}`),
  );
  const giver = file.resources.find(({ name }) => name === own[0]?.resource);
  const faults: string[] = [];
  if (starts.join() !== expected.join()) faults.push("claimed other time");
  if (places.size !== 1) faults.push(`claimed ${places.size} lanes`);
  if (!giver || (own[0]?.lane ?? 0) >= (giver.capacity ?? 1))
    faults.push("claimed a lane that there is not");
  if (giver?.services && !giver.services.includes(service.name))
    faults.push(`${giver.name} does not give it`);
  const kept = new Set(after.map(key));
  const lost = before.filter(
    (claim) =>
      !kept.has(key(claim)) &&
      claim.owner !== viewer &&
      (claim.expires ?? Infinity) > now.getTime(),
  );
  if (lost.length > 0) faults.push("took what somebody else has");
  return faults;
}

async function putClaims(store: Store, claims: Claim[]): Promise<void> {
  await store.execute(undefined, async (transaction) => {
    for (const { resource, lane, start, owner, expires } of claims) {
      if (
        !(await transaction.claim({ resource, lane }, [start], owner, expires))
      )
        throw new Error("two claims of one grain");
    }
    return { answer: { speech: "" }, commit: true, remember: false };
  });
}

function listClaims(
  store: Store,
  { file, date }: OfferedCase,
): Promise<Claim[]> {
  return store.listClaims({
    resources: file.resources.map(({ name }) => name),
    from: Date.parse(date) - 9 * DAY_MS,
    to: Date.parse(date) + 9 * DAY_MS,
  });
}

/** "1:30 AM (second)": as a caller's agent says it back. */
function toWords(minutes: number, which?: "first" | "second"): string {
  const hours = Math.floor(minutes / 60);
  const time = `${hours % 12 === 0 ? 12 : hours % 12}:${String(minutes % 60).padStart(2, "0")} ${hours < 12 ? "AM" : "PM"}`;
  return which === undefined ? time : `${time} (${which})`;
}
