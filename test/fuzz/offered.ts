import { parseBusiness } from "../../endpoints/business/parse.ts";
import { createAvailability } from "../../endpoints/scheduling/availability.ts";
import type { Start } from "../../endpoints/scheduling/starts.ts";
import type { Store } from "../../endpoints/store/store.ts";
import { bookCase } from "./offered-booking.ts";
import { createCase } from "./offered-case.ts";
import type { OfferedCase } from "./offered-case.ts";
import { createIsFree, listAllowed } from "./offered-oracle.ts";
import type { Allowed } from "./offered-oracle.ts";

export interface OfferedResult {
  /** Starts that both sides allow, and those of them that both call free. */
  allowed: number;
  free: number;
  booked: number;
  refused: number;
  /** With the seed: `playOffered(seed)` is the same case again. */
  wrong: string[];
}

/**
 * What the kit offers is what the rules' words allow, no more and no less, and
 * in each `bookEach`th case what is offered is booked and all else refused.
 * Cases have the seeds 0 to `rounds` - 1.
 */
export async function fuzzOffered(
  rounds: number,
  bookEach: number,
): Promise<OfferedResult> {
  const result = { allowed: 0, free: 0, booked: 0, refused: 0, wrong: [] };
  for (let seed = 0; seed < rounds; seed++)
    await playOffered(seed, { isBooked: seed % bookEach === 0, result });
  return result;
}

async function playOffered(
  seed: number,
  { isBooked, result }: { isBooked: boolean; result: OfferedResult },
): Promise<void> {
  const played = createCase(seed);
  const faults = await compare(played, result);
  if (isBooked && faults.length === 0)
    faults.push(...(await bookCase(played, seed, result)));
  const { file, date, service } = played;
  const title = `case ${seed}, ${file.timezone} ${date} ${service.minutes} min`;
  result.wrong.push(...faults.map((fault) => `${title}: ${fault}`));
}

/** The two sides' answers to what the rules allow, and to what of it is free. */
async function compare(
  played: OfferedCase,
  result: OfferedResult,
): Promise<string[]> {
  const { file, date, now, claims, viewer } = played;
  const business = parseBusiness(file);
  const service = business.services.find(
    ({ name }) => name === played.service.name,
  );
  if (!service) throw new Error("a service got lost");
  const store: Pick<Store, "listClaims"> = {
    listClaims: ({ resources, from, to }) =>
      Promise.resolve(
        claims.filter(
          ({ resource, start }) =>
            resources.includes(resource) && start >= from && start < to,
        ),
      ),
  };
  const { offeredStarts, freeStarts } = createAvailability(
    business,
    store as Store, // nothing else of it is read here
    () => now,
  );
  const offered = offeredStarts(service, date);
  const allowed = listAllowed(played);
  const free = await freeStarts({ service, viewer }, offered);
  const isFree = createIsFree(played);
  const allowedFree = allowed.filter(({ instant }) => isFree(instant));
  result.allowed += allowed.length;
  result.free += allowedFree.length;
  return [
    ...offered
      .filter((start) => start.date !== date)
      .map((start) => `${toText(start)} is of ${start.date}`),
    ...differ("offered", offered, allowed),
    ...differ("free", free, allowedFree),
  ];
}

/** In order, and each thing in it with its time and which of two it is. */
function differ(what: string, ours: Start[], theirs: Allowed[]): string[] {
  const isSame =
    ours.length === theirs.length &&
    ours.every(({ instant, minutes, which }, index) => {
      const other = theirs[index];
      return (
        other?.instant === instant &&
        other.minutes === minutes &&
        other.which === which
      );
    });
  if (isSame) return [];
  const [left, right] = [ours.map(toText), theirs.map(toText)];
  const more = left.filter((text) => !right.includes(text));
  const less = right.filter((text) => !left.includes(text));
  return [
    `${what} but not by the rules: ${more.join(", ") || "-"}; not ${what}: ${less.join(", ") || "-"}`,
  ];
}

function toText({ instant, minutes, which }: Allowed): string {
  return `${new Date(instant).toISOString()} as ${minutes}${which === undefined ? "" : ` ${which}`}`;
}
