import type { Rows } from "./booking-rows.ts";
import { FIGHT_SERVICES } from "./errands.ts";
import type { Answered } from "./errands.ts";

const MINUTE_MS = 60_000;
const GRAIN_MS = 5 * MINUTE_MS;

/** What a service of the fight takes at a start, buffers with it: [from, to). */
function spanOf(service: string, start: number): { from: number; to: number } {
  const found = FIGHT_SERVICES.find(({ name }) => name === service);
  if (!found) throw new Error(`no service ${service}`);
  const { minutes, buffer_before = 0, buffer_after = 0 } = found;
  return {
    from: start - buffer_before * MINUTE_MS,
    to: start + (minutes + buffer_after) * MINUTE_MS,
  };
}

const confirmedOf = ({ bookings }: Rows) =>
  bookings.filter(({ status }) => status === "confirmed");

/** Pairs of confirmed bookings that have the same time in the same lane. */
export function findDoubles(rows: Rows): string[] {
  const bookings = confirmedOf(rows)
    .map((booking) => ({
      ...booking,
      ...spanOf(booking.service, booking.start),
    }))
    .toSorted((a, b) => a.from - b.from);
  return bookings.flatMap((one, index) =>
    bookings
      .slice(index + 1)
      .filter(
        (other) =>
          other.resource === one.resource &&
          other.lane === one.lane &&
          other.from < one.to,
      )
      .map((other) => `${one.number} and ${other.number} overlap`),
  );
}

/** What of the rows does not fit together. */
export function findFaults(rows: Rows, capacity: number): string[] {
  const faults = findDoubles(rows);
  const claimsByOwner = new Map<string, Rows["claims"]>();
  for (const claim of rows.claims) {
    const claims = claimsByOwner.get(claim.owner) ?? [];
    claimsByOwner.set(claim.owner, [...claims, claim]);
  }
  const expected = new Map<string, string>();
  for (const booking of confirmedOf(rows)) {
    expected.set(booking.id, toGrains(booking));
    if (booking.lane < 0 || booking.lane >= capacity)
      faults.push(`${booking.number} is in lane ${booking.lane}`);
  }
  for (const [owner, place] of expected) {
    const claims = claimsByOwner.get(owner) ?? [];
    const first = claims[0];
    const grains = `${first?.resource} ${first?.lane} ${claims
      .map(({ start }) => start)
      .toSorted((a, b) => a - b)
      .join(" ")}`;
    const isElsewhere = claims.some(({ lane }) => lane !== first?.lane);
    if (grains !== place || isElsewhere)
      faults.push(`booking ${owner} has not the claims that it should`);
    if (claims.some(({ expires }) => expires !== null))
      faults.push(`claims of booking ${owner} end by themselves`);
  }
  const holds = new Set(rows.holds.map(({ owner }) => owner));
  for (const [owner, claims] of claimsByOwner) {
    if (expected.has(owner)) continue;
    if (!holds.has(owner)) faults.push(`claims of nobody: ${owner}`);
    if (claims.some(({ expires }) => expires === null))
      faults.push(`a hold for ever: ${owner}`);
  }
  for (const hold of rows.holds) {
    const { from, to } = spanOf(hold.service, hold.start);
    const claims = claimsByOwner.get(hold.owner) ?? [];
    if (claims.length !== (to - from) / GRAIN_MS)
      faults.push(`${hold.owner} has ${claims.length} claims`);
  }
  const ids = new Set(rows.bookings.map(({ id }) => id));
  for (const { key, hasAnswer, bookingId } of rows.executions) {
    if (!hasAnswer) faults.push(`no answer is kept for ${key}`);
    if (bookingId !== null && !ids.has(bookingId))
      faults.push(`no booking belongs to ${key}`);
  }
  return faults;
}

function toGrains({
  resource,
  lane,
  service,
  start,
}: Rows["bookings"][number]): string {
  const { from, to } = spanOf(service, start);
  const grains = Array.from(
    { length: (to - from) / GRAIN_MS },
    (_, index) => from + index * GRAIN_MS,
  );
  return `${resource} ${lane} ${grains.join(" ")}`;
}

interface Told {
  code?: string;
  confirmation_number?: string;
}

/** What the callers were told of each booking, in the end: its time and service, or that it is cancelled. */
export function toBelief(answered: Answered[][]): Map<string, string> {
  const belief = new Map<string, string>();
  for (const answers of answered) {
    let service = "";
    for (const { tool, args, body } of answers) {
      const told = JSON.parse(body) as Told;
      if (told.code !== undefined) continue;
      if (tool === "book") service = args["service"] ?? "";
      const number = told.confirmation_number ?? args["confirmation_number"];
      if (number === undefined) continue; // a hold
      belief.set(
        number,
        tool === "cancel"
          ? "cancelled"
          : `${service} ${args["date"]}T${args["time"]}`,
      );
    }
  }
  return belief;
}

/** Where the database is not what the callers were told: lost, kept without a word, or elsewhere. */
export function findLies(rows: Rows, belief: Map<string, string>): string[] {
  const facts = new Map(
    rows.bookings.map(({ number, status, service, localStart }) => [
      number,
      status === "cancelled" ? status : `${service} ${localStart}`,
    ]),
  );
  const numbers = new Set([...facts.keys(), ...belief.keys()]);
  return [...numbers].flatMap((number) => {
    const [told, fact] = [belief.get(number), facts.get(number)];
    return told === fact ? [] : [`${number}: told ${told}, is ${fact}`];
  });
}

/** How often each answer was given: "ok", a code, or the status of what is no answer. */
export function countAnswers(answered: Answered[][]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status, body } of answered.flat()) {
    const word =
      status === 200 ? ((JSON.parse(body) as Told).code ?? "ok") : `${status}`;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
