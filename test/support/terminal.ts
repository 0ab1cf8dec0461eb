import { Readable, Writable } from "node:stream";
import { run } from "../../cli/main.ts";
import type { Io } from "../../cli/io.ts";

/** One run of the command: what it printed, and a way to end it. */
export interface Terminal {
  exitCode: Promise<number>;
  stdout: () => string;
  stderr: () => string;
  /** Waits until this stands on stdout. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): void;
}

/** Runs the command in this process, with streams and an environment of its own. */
export function runCommand(
  argv: string[],
  options: { env?: Io["env"]; stdin?: string | Uint8Array; cwd?: string } = {},
): Terminal {
  let out = "";
  let err = "";
  const waiting = new Set<() => void>();
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out += chunk.toString();
      for (const check of waiting) check();
      done();
    },
  });
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      err += chunk.toString();
      done();
    },
  });
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const exitCode = run(argv, {
    env: options.env ?? {},
    cwd: options.cwd ?? "/nonexistent",
    stdin: Readable.from(
      options.stdin === undefined
        ? []
        : [Buffer.from(options.stdin as Uint8Array)],
    ),
    stdout,
    stderr,
    untilStopped: () => stopped,
  });
  return {
    exitCode,
    stdout: () => out,
    stderr: () => err,
    stop,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        function check(): void {
          const found = pattern.exec(out);
          if (!found) return;
          waiting.delete(check);
          resolve(found);
        }
        waiting.add(check);
        exitCode.then(
          (code) => reject(new Error(`ended with ${code}: ${err}`)),
          (error: unknown) => reject(error as Error),
        );
        check();
      }),
  };
}
