#!/usr/bin/env node
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { addDocumentVerbs } from "./document-verbs.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { readVersion } from "./version.ts";
import { addServerVerbs } from "./server-verbs.ts";

/**
 * Runs one command line.
 * @returns the exit code (design.md section 3)
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = await createProgram(argv, io, (code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof VerbError) {
      io.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    throw error;
  }
}

/** The verbs; each loads its rooms when it runs, so that `--help` loads none. */
async function createProgram(
  argv: readonly string[],
  io: Io,
  done: (exitCode: number) => void,
): Promise<Command> {
  const program = new Command("tool-endpoint-kit")
    .description("Tool endpoints for phone agents, from one OpenAPI document.")
    .version(await readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  const several = (value: string, before: string[]) => [...before, value];

  addServerVerbs(program, io, done);
  await addDocumentVerbs(program, io, argv, done);

  program
    .command("call <tool>")
    .description("one signed tool call, as the relay makes it")
    .option("--arg <name=value>", "an argument; repeatable", several, [])
    .option("--data <json>", "all arguments as JSON, - for stdin")
    .option("--url <url>", "base URL of the tools (TOOLS_BASE_URL)")
    .option("--spec <file>", "OpenAPI document of the tools (TOOLS_SPEC)")
    .option("--call-id <id>", "the phone call it belongs to")
    .option("--key <key>", "Idempotency-Key: the same key runs once")
    .option("--json", "a failure as JSON too; an answer always is")
    .action(async (tool, flags) =>
      done(await (await import("./call.ts")).call(io, tool, flags)),
    );

  const signing = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option(
        "--scheme <name>",
        "a shipped scheme, or a .json file with one (TOOL_SCHEME: the first signs, all verify)",
      )
      .option(
        "--url <url>",
        "the URL as the sender calls it, where it is signed",
      )
      .option("--method <method>", "where it is signed (POST)")
      .option("--id <id>", "id of the delivery, where it is signed")
      .option("--now <time>", "ISO time or seconds since 1970 (the clock)")
      .option("--secret-file <file>", "read the secret from a file")
      .option("--json", "as JSON")
      .addOption(new Option("--secret [value]").hideHelp());

  signing(
    "sign [file]",
    "the headers to send with a body (file or stdin); secret from TOOL_SECRETS",
  ).action(async (file, flags) =>
    done(await (await import("./sign.ts")).sign(io, file, flags)),
  );

  signing(
    "verify [file]",
    "whether a body (file or stdin) was signed with a secret of TOOL_SECRETS",
  )
    .option("--signature <value>", "value of the signature header")
    .option(
      "--header <line>",
      '"Name: value" as received; repeatable',
      several,
      [],
    )
    .action(async (file, flags) =>
      done(await (await import("./verify.ts")).verify(io, file, flags)),
    );

  program
    .command("demo")
    .description(
      "one scripted call through the whole chain: search, book, joke, cancel",
    )
    .option("--json", "one JSON document a line")
    .action(async (flags) =>
      done(await (await import("./demo.ts")).demo(io, flags)),
    );

  return program;
}

function isMain(): boolean {
  const [, script] = process.argv;
  return (
    script !== undefined &&
    realpathSync(script) === fileURLToPath(import.meta.url)
  );
}

function interrupt(): void {
  process.exit(EXIT.interrupted);
}

/** The first SIGTERM or SIGINT asks; a second one ends the process at once. */
async function untilStopped(): Promise<void> {
  process.off("SIGINT", interrupt);
  const signals = ["SIGTERM", "SIGINT"] as const;
  await Promise.race(signals.map((signal) => once(process, signal)));
  for (const signal of signals) process.once(signal, interrupt);
}

if (isMain()) {
  process.once("SIGINT", interrupt);
  process.stderr.on("error", () => {}); // nobody reads the log any more; calls go on
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read the results has gone, as head does; anything else loses them.
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    process.stderr.write(`stdout: ${error.message}\n`);
    process.exit(EXIT.findings);
  });
  const { env, stdin, stdout, stderr } = process;
  const exitCode = await run(process.argv.slice(2), {
    env,
    cwd: process.cwd(),
    stdin,
    stdout,
    stderr,
    untilStopped,
  });
  // A pipe takes its time; exiting would cut what it has not taken yet.
  for (const stream of [stdout, stderr]) {
    await new Promise((resolve) => stream.write("", resolve));
  }
  process.exit(exitCode);
}
