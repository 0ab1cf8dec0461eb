import type { Start } from "./starts.ts";

/**
 * At most `limit` starts in order of time: spread over the day with its first
 * and last; with a wish the nearest to it, and from four on the day's first and
 * last beside them, so that a caller hears what else there is.
 */
export function pickStarts(
  starts: Start[],
  limit: number,
  wishedMinutes?: number,
): Start[] {
  if (starts.length <= limit) return starts;
  if (wishedMinutes === undefined) return spread(starts, limit);
  const distance = ({ minutes }: Start) => Math.abs(minutes - wishedMinutes);
  const ends = limit < 4 ? [] : [starts[0], starts.at(-1)];
  const nearest = starts
    .filter((start) => !ends.includes(start))
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, limit - ends.length);
  return starts.filter(
    (start) => ends.includes(start) || nearest.includes(start),
  );
}

function spread(starts: Start[], limit: number): Start[] {
  if (limit === 1) return starts.slice(0, 1);
  return Array.from(
    { length: limit },
    (_, index) =>
      starts[Math.round((index * (starts.length - 1)) / (limit - 1))] as Start,
  );
}
