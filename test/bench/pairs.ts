/** CPU time of two pieces of work, each pair measured in turn. */
export interface Pair {
  subject: number;
  floor: number;
}

/** Runs both in turn; who goes first changes, so that neither profits from the other's warm cache. */
export async function measurePairs(
  pairs: number,
  subject: () => Promise<number> | number,
  floor: () => Promise<number> | number,
): Promise<Pair[]> {
  await subject();
  await floor();
  const measured: Pair[] = [];
  for (let index = 0; index < pairs; index++) {
    if (index % 2 === 0) {
      const first = await subject();
      measured.push({ subject: first, floor: await floor() });
    } else {
      const first = await floor();
      measured.push({ subject: await subject(), floor: first });
    }
  }
  return measured;
}

/** The value that this share of all values lies below; 0.5 is the median. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

export function describe(values: number[]): string {
  const at = (share: number) => quantile(values, share).toFixed(2);
  return `${at(0.5)} (quartiles ${at(0.25)} to ${at(0.75)})`;
}

/**
 * The median's 95 % confidence interval, whatever the distribution: the k-th
 * smallest and k-th largest value, where a fair coin thrown once for each value
 * shows heads fewer than k times in at most 2.5 % of all cases. Of 21: the 6th
 * and the 16th.
 */
function medianInterval(values: number[]): [low: number, high: number] {
  const count = values.length;
  let chance = 0.5 ** count; // of no heads, then of one more each time
  let below = 0;
  let rank = 0;
  while (below + chance <= 0.025) {
    below += chance;
    chance *= (count - rank) / (rank + 1);
    rank++;
  }
  const sorted = values.toSorted((a, b) => a - b);
  return [
    sorted[Math.max(rank - 1, 0)] ?? Number.NaN,
    sorted[Math.min(count - rank, count - 1)] ?? Number.NaN,
  ];
}

export function describeInterval(values: number[]): string {
  const [low, high] = medianInterval(values);
  return `${quantile(values, 0.5).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

/** CPU microseconds of this process, which other processes on the machine disturb less than the clock on the wall. */
export async function cpuTime(
  work: () => Promise<void> | void,
): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
