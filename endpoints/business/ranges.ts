import { GRAIN_MINUTES } from "./business.ts";
import type { Business, Range } from "./business.ts";

/** "09:00-12:00" and more of them as ranges in order; what lies between them is a break. */
export function parseRanges(
  texts: string[],
  path: string,
  faults: string[],
): Range[] {
  const ranges = texts
    .flatMap((text, index) => {
      const range = parseRange(text);
      if (!range)
        faults.push(
          `${path}/${index} expected HH:MM-HH:MM in steps of ${GRAIN_MINUTES} minutes, up to 24:00 (over midnight: the rest on the next day), received ${text}`,
        );
      return range ? [range] : [];
    })
    .toSorted((a, b) => a.from - b.from);
  const overlaps = ranges.some(
    ({ from }, index) => from < (ranges[index - 1]?.to ?? 0),
  );
  if (overlaps) faults.push(`${path} has ranges that overlap`);
  return ranges;
}

/** "24:00" is the end of the day. */
function parseRange(text: string): Range | undefined {
  const match = /^\s*(\d?\d):(\d\d)\s*-\s*(\d?\d):(\d\d)\s*$/.exec(text);
  if (!match) return undefined;
  const [from, to] = [clock(match[1], match[2]), clock(match[3], match[4])];
  const isRange =
    from < to &&
    to <= 1440 &&
    from % GRAIN_MINUTES === 0 &&
    to % GRAIN_MINUTES === 0;
  return isRange ? { from, to } : undefined;
}

function clock(hours = "", minutes = ""): number {
  return Number(minutes) < 60 ? Number(hours) * 60 + Number(minutes) : NaN;
}

/** Services that fit no open time of a plain week nor of an override: nobody could ever book them. */
export function findUnusable({
  services,
  hours,
  exceptions,
}: Business): string[] {
  // Twice the week, because its end touches its beginning.
  const week = [...hours, ...hours].flatMap((ranges, day) =>
    ranges.map(({ from, to }) => ({
      from: day * 1440 + from,
      to: day * 1440 + to,
    })),
  );
  const overrides = exceptions.flatMap(({ ranges }) => ranges);
  // What an override at midnight joins depends on the days beside it.
  if (overrides.some(({ from, to }) => from === 0 || to === 1440)) return [];
  const longest = Math.max(longestOf(week), longestOf(overrides));
  return services.flatMap(({ name, minutes }, index) =>
    minutes > longest
      ? [`services/${index} ${name}: ${minutes} minutes fit into no open hours`]
      : [],
  );
}

/** Of ranges in order, joined where they touch. */
function longestOf(ranges: Range[]): number {
  let longest = 0;
  let open = { from: 0, to: 0 };
  for (const { from, to } of ranges) {
    open = from === open.to ? { from: open.from, to } : { from, to };
    longest = Math.max(longest, open.to - open.from);
  }
  return longest;
}
