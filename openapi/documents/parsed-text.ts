/** The value of a JSON or YAML text and the way back from it to its lines. */
export interface ParsedText {
  value: unknown;
  /** What is odd and was read all the same. */
  faults: { message: string; pointer: string; line: number }[];
  /** Line (from 1) of each pointer's nearest known ancestor. */
  linesOf(pointers: Iterable<string>): Map<string, number>;
}
