import {
  MAX_BUFFER_MINUTES,
  MAX_SERVICE_MINUTES,
} from "../business/business.ts";
import type { Service } from "../business/business.ts";
import { freeLanes, listLanes, toBusy, toGrains } from "../scheduling/lanes.ts";
import type { Lane } from "../scheduling/lanes.ts";
import { MINUTE_MS } from "../scheduling/starts.ts";
import type { Start } from "../scheduling/starts.ts";
import type { BookingTransaction, Hold, Place } from "../store/store.ts";
import { toClock } from "../times/spoken.ts";
import type { Caller, Desk } from "./tool.ts";

/**
 * Takes the first lane that is free for an owner; the unique key of the claims
 * is the last judge.
 * @param over     whose claims do not count: the call's own hold
 * @param expires  when the claim ends by itself, in epoch milliseconds
 */
export async function claimLane(
  { business, now }: Desk,
  transaction: BookingTransaction,
  service: Service,
  start: Start,
  owner: string,
  { over, expires }: { over: string | undefined; expires?: number },
): Promise<Lane | undefined> {
  const grains = toGrains(start.instant, service);
  const lanes = listLanes(business, service);
  const claims = await transaction.listClaims({
    resources: [...new Set(lanes.map(({ resource }) => resource))],
    from: grains[0] ?? 0,
    to: (grains.at(-1) ?? 0) + 1,
  });
  const busy = toBusy(claims, now(), over);
  const holds = claims.filter((claim) => claim.expires !== undefined);
  for (const lane of freeLanes(lanes, grains, busy)) {
    // What is listed as a hold and does not block is over, or our own.
    if (holds.some((hold) => isIn(lane, hold)))
      await transaction.clearHolds(lane, grains, now().getTime(), over);
    if (await transaction.claim(lane, grains, owner, expires)) return lane;
  }
  return undefined;
}

function isIn(lane: Lane, claim: Lane): boolean {
  return claim.lane === lane.lane && claim.resource === lane.resource;
}

/** Where and when a booking is, with the wall time that was agreed. */
export function toPlace(
  { business }: Desk,
  service: Service,
  { date, minutes, instant }: Start,
  lane: Lane,
): Place {
  return {
    ...lane,
    start: instant,
    end: instant + service.minutes * MINUTE_MS,
    zone: business.timezone,
    localStart: `${date}T${toClock(minutes)}`,
  };
}

/** A call that has what it wanted needs its hold no more. */
export async function dropOwnHold(
  desk: Desk,
  transaction: BookingTransaction,
  { callId }: Caller,
): Promise<void> {
  const hold =
    callId === undefined ? undefined : await transaction.findHold(callId);
  if (callId === undefined || !hold) return;
  await transaction.dropHold(callId);
  await releaseHold(desk, transaction, hold);
}

/** Any of the resources can have it, and any service that there was when it began. */
export async function releaseHold(
  { business }: Desk,
  transaction: BookingTransaction,
  { owner, start }: Hold,
): Promise<void> {
  const before = MAX_BUFFER_MINUTES * MINUTE_MS;
  const after = (MAX_SERVICE_MINUTES + MAX_BUFFER_MINUTES) * MINUTE_MS;
  await transaction.releaseClaims(owner, {
    resources: business.resources.map(({ key }) => key),
    from: start - before,
    to: start + after,
  });
}
