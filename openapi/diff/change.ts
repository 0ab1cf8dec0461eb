/** One difference between two versions of a tool. */
export interface Change {
  rule: string;
  /** Name in the new catalog, or in the old one when the tool is gone. */
  tool: string;
  /** The argument that it is about, as `order.lines[].amount`; empty for the tool itself. */
  path: string;
  message: string;
}

export interface Differences {
  /** A call that was right before and is wrong now, or does what it did not. */
  breaking: Change[];
  compatible: Change[];
}

/** Takes a change of one tool. */
export type Tell = (
  kind: keyof Differences,
  rule: string,
  path: string,
  message: string,
) => void;
