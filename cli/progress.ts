import type { Io } from "./io.ts";

const SILENT_MS = 500;
const REWRITE_MS = 100;
const ERASE = "\r\u001B[2K"; // ECMA-48: to the first column, erase the line

/** One line that says how far a long job is. */
export interface Progress {
  onProgress: (done: number, total: number) => void;
  /** Leaves the line empty. */
  end: () => void;
}

/**
 * Progress for a person who looks: on a terminal, after half a second, never
 * in a pipe, a log or CI.
 * @param isLarge  it is known to take longer, so the first word comes at once
 */
export function createProgress(
  { stderr, env }: Pick<Io, "stderr" | "env">,
  what: string,
  {
    isLarge = false,
    now = Date.now,
  }: { isLarge?: boolean; now?: () => number } = {},
): Progress {
  const isSeen =
    "isTTY" in stderr &&
    stderr.isTTY === true &&
    !env["CI"] &&
    env["TERM"] !== "dumb";
  if (!isSeen) return { onProgress() {}, end() {} };
  const from = now();
  let written = 0;
  const say = (text: string) => {
    if (now() - Math.max(from + SILENT_MS, written + REWRITE_MS) < 0) return;
    written = now();
    stderr.write(`${ERASE}${what}${text}`);
  };
  if (isLarge) {
    written = from;
    stderr.write(`${what} …`);
  }
  const timer = setTimeout(() => say(" …"), SILENT_MS); // reading may take long, too
  timer.unref();
  return {
    onProgress: (done, total) => say(` ${done} of ${total}`),
    end() {
      clearTimeout(timer);
      if (written > 0) stderr.write(ERASE);
      written = 0;
    },
  };
}
