import type { Readable, Writable } from "node:stream";

/** All that a verb touches of the process. */
export interface Io {
  /** Real variables; a `.env` file is read below them. */
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  stdin: Readable;
  /** Results. */
  stdout: Writable;
  /** Words. */
  stderr: Writable;
  /** Resolves when the process is asked to end; only servers ask, the others just die. */
  untilStopped(): Promise<void>;
}

/** Exit codes (design.md section 3). */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  input: 3,
  network: 4,
  signature: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a verb with words for a person and an exit code. */
export class VerbError extends Error {
  readonly code = "ERR_VERB";
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "VerbError";
    this.exitCode = exitCode;
  }
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream)
    chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
