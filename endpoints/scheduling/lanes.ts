import { GRAIN_MINUTES } from "../business/business.ts";
import type { Business, Service } from "../business/business.ts";
import { MINUTE_MS } from "./starts.ts";

/** One of the places of one resource that a booking can take. */
export interface Lane {
  /** The resource's key. */
  resource: string;
  lane: number;
}

/** A grain of time that is taken in one lane. */
export interface Claim extends Lane {
  /** Epoch milliseconds, a multiple of the grain. */
  start: number;
  /** The booking or hold it belongs to. */
  owner: string;
  /** When a hold ends by itself, in epoch milliseconds. */
  expires?: number;
}

/** The time that is taken, by lane. */
export type Busy = ReadonlyMap<string, ReadonlySet<number>>;

/** The grains that a booking owns, buffers with it, as epoch milliseconds in ascending order. */
export function toGrains(instant: number, service: Service): number[] {
  const { bufferBefore, minutes, bufferAfter } = service;
  const from = instant - bufferBefore * MINUTE_MS;
  const count = (bufferBefore + minutes + bufferAfter) / GRAIN_MINUTES;
  return Array.from(
    { length: count },
    (_, index) => from + index * GRAIN_MINUTES * MINUTE_MS,
  );
}

/** What blocks this viewer at this moment: not holds that are over, nor their own. */
export function toBusy(
  claims: Claim[],
  now: Date,
  viewer: string | undefined,
): Busy {
  const busy = new Map<string, Set<number>>();
  for (const claim of claims) {
    const isOver =
      claim.expires !== undefined && claim.expires <= now.getTime();
    if (isOver || claim.owner === viewer) continue;
    const key = toKey(claim);
    const grains = busy.get(key) ?? new Set();
    busy.set(key, grains.add(claim.start));
  }
  return busy;
}

/** All lanes of the resources that give this service, in order of preference. */
export function listLanes(business: Business, service: Service): Lane[] {
  return business.resources
    .filter(({ services }) => services.includes(service.name))
    .flatMap(({ key, capacity }) =>
      Array.from({ length: capacity }, (_, lane) => ({ resource: key, lane })),
    );
}

/** Those of the lanes in which all grains are free. */
export function freeLanes(lanes: Lane[], grains: number[], busy: Busy): Lane[] {
  return lanes.filter((lane) => isFree(lane, grains, busy));
}

export function hasFreeLane(
  lanes: Lane[],
  grains: number[],
  busy: Busy,
): boolean {
  return lanes.some((lane) => isFree(lane, grains, busy));
}

function isFree(lane: Lane, grains: number[], busy: Busy): boolean {
  const taken = busy.get(toKey(lane));
  return taken === undefined || !grains.some((grain) => taken.has(grain));
}

function toKey({ resource, lane }: Lane): string {
  return `${lane} ${resource}`;
}
