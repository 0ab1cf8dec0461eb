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
  ratios.sort((a, b) => a - b);
  const at = (share: number) =>
    (ratios[Math.floor(share * (ratios.length - 1))] ?? Number.NaN).toFixed(2);
  console.log(
    `${what}: ${at(0.5)} (quartiles ${at(0.25)} to ${at(0.75)}, ${pairs} pairs)`,
  );
}

/** CPU time of this process, which other processes on the machine disturb less than the clock on the wall. */
async function time(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
