#!/usr/bin/env node
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { addDocumentVerbs } from "./document-verbs.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";

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

  const server = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option("--port <port>", "port to listen on, 0 for any (PORT)")
      .option("--host <host>", "address to listen on (HOST)")
      .option(
        "--json",
        "the line that says where it listens is JSON with or without it",
      );
  const toEnvironment = (flags: { port?: string; host?: string }) => ({
    PORT: flags.port,
    HOST: flags.host,
  });

  server("start", "relay and endpoints in one process").action(async (flags) =>
    done(await (await import("./start.ts")).start(io, toEnvironment(flags))),
  );
  server("serve", "the tool endpoints: appointments and the joke").action(
    async (flags) =>
      done(await (await import("./serve.ts")).serve(io, toEnvironment(flags))),
  );
  server(
    "relay",
    "the agent on the phone: Twilio ConversationRelay and Claude",
  ).action(async (flags) =>
    done(await (await import("./relay.ts")).relay(io, toEnvironment(flags))),
  );

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

async function readVersion(): Promise<string> {
  // From cli/ as from dist/cli/, the nearest package.json above is the package's.
  for (const path of ["../package.json", "../../package.json"]) {
    const text = await readFile(new URL(path, import.meta.url), "utf8").catch(
      () => undefined,
    );
    if (text !== undefined)
      return (JSON.parse(text) as { version: string }).version;
  }
  return "unknown";
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
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
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
