/** How many times longer `subject` takes than `floor`, as the median of interleaved pairs, with its quartiles. */
export async function compare(
  what: string,
  pairs: number,
  subject: () => Promise<void> | void,
  floor: () => Promise<void> | void,
): Promise<void> {
  await subject();
  await floor();
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Who goes first changes, so that neither profits from the other's warm cache.
    const subjectFirst = pair % 2 === 0;
    const first = await time(subjectFirst ? subject : floor);
    const second = await time(subjectFirst ? floor : subject);
    ratios.push(subjectFirst ? first / second : second / first);
  }
  console.log(`${what}: ${describe(ratios)}, ${pairs} pairs`);
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

/** CPU time of this process, which other processes on the machine disturb less than the clock on the wall. */
async function time(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
