import type { Answer } from "../answer.ts";

/** Answers stay below it (design.md section 4): a model waits for and pays for each byte. */
const LIMIT_BYTES = 1024;

/**
 * The answer that tells as many entries as fit.
 * @param most  how many there are to tell; one is always told
 * @param tell  the answer with so many of them, the first first
 */
export function fit<Told extends Answer>(
  most: number,
  tell: (count: number) => Told,
): Told {
  for (let count = most; count > 1; count--) {
    const answer = tell(count);
    if (Buffer.byteLength(JSON.stringify(answer)) < LIMIT_BYTES) return answer;
  }
  return tell(Math.min(most, 1));
}
