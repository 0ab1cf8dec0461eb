import type { Claim } from "../scheduling/lanes.ts";
import type { Session } from "./database.ts";
import type { BookingTransaction, ClaimRange } from "./store.ts";

/**
 * Who owns which grain of time.
 * @param offsetMs  from this process's clock to the database's, by which holds end
 */
export function claimStatements(
  session: Session,
  offsetMs: number,
): Pick<
  BookingTransaction,
  "listClaims" | "clearHolds" | "claim" | "releaseClaims"
> {
  const releaseClaims = async (
    owner: string,
    { resources, from, to }: ClaimRange,
  ) => {
    await session.run(
      `DELETE FROM claim WHERE resource IN (${toPlaces(resources, 4)})
         AND start_ms >= $1 AND start_ms < $2 AND owner_id = $3`,
      [from, to, owner, ...resources],
    );
  };
  return {
    listClaims: (range) => listClaims(session, range, offsetMs),

    async clearHolds({ resource, lane }, grains, now, over) {
      await session.run(
        `DELETE FROM claim WHERE resource = $1 AND lane = $2 AND start_ms >= $3 AND start_ms <= $4
           AND expires_ms IS NOT NULL AND (expires_ms <= $5 OR owner_id = $6)`,
        [
          resource,
          lane,
          grains[0] ?? 0,
          grains.at(-1) ?? 0,
          now + offsetMs,
          over ?? "",
        ],
      );
    },

    async claim({ resource, lane }, grains, owner, expires) {
      const rows = grains
        .map((_, index) => `($1, $${index + 5}, $2, $3, $4)`)
        .join(", ");
      // In ascending order everywhere, so that two never wait for each other in a circle.
      const claimed = await session.run(
        `INSERT INTO claim (resource, start_ms, lane, owner_id, expires_ms) VALUES ${rows} ON CONFLICT DO NOTHING`,
        [
          resource,
          lane,
          owner,
          expires === undefined ? null : expires + offsetMs,
          ...grains,
        ],
      );
      if (claimed === grains.length) return true;
      const [from = 0, to = from] = [grains[0], grains.at(-1)];
      await releaseClaims(owner, { resources: [resource], from, to: to + 1 });
      return false;
    },

    releaseClaims,
  };
}

export async function listClaims(
  session: Pick<Session, "all">,
  { resources, from, to }: ClaimRange,
  offsetMs: number,
): Promise<Claim[]> {
  if (resources.length === 0) return [];
  // By resource, because the key begins with it: a day is found as fast among a million bookings.
  const rows = await session.all<ClaimRow>(
    `SELECT resource, lane, start_ms, owner_id, expires_ms FROM claim
     WHERE resource IN (${toPlaces(resources, 3)}) AND start_ms >= $1 AND start_ms < $2`,
    [from, to, ...resources],
  );
  return rows.map((row) => ({
    resource: row.resource,
    lane: Number(row.lane),
    start: Number(row.start_ms),
    owner: row.owner_id,
    ...(row.expires_ms === null
      ? {}
      : { expires: Number(row.expires_ms) - offsetMs }),
  }));
}

function toPlaces(values: string[], first: number): string {
  return values.map((_, index) => `$${index + first}`).join(", ");
}

interface ClaimRow {
  resource: string;
  lane: number;
  start_ms: number;
  owner_id: string;
  expires_ms: number | null;
}
