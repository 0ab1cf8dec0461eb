import type { Command } from "commander";
import type { Io } from "./io.ts";

const several = (value: string, before: string[]) => [...before, value];

/** The verbs that read a document: compile, lint and diff. */
export async function addDocumentVerbs(
  program: Command,
  io: Io,
  argv: readonly string[],
  done: (exitCode: number) => void,
): Promise<void> {
  select(
    program
      .command("compile <spec>")
      .description(
        'tool definitions of an OpenAPI document (file, URL, - for stdin), as {"tools":[...]}',
      )
      .option("--target <name>", await describeTargets(argv), "anthropic")
      .option("--server <url>", "base URL of the API")
      .option("--gateway <url>", "base URL of a gateway in front of it")
      .option(
        "--header <line>",
        '"Name: value" that the platform sends with each call; repeatable',
        several,
        [],
      )
      .option("--hide-headers", "header parameters are no arguments"),
  )
    .option(
      "--profile <name>",
      "lossless, or voice: at most 2,000 characters a tool (default: lossless)",
    )
    .option(
      "--budget <characters>",
      "of a tool, as 2000; of all, as total=50000; of both, as tool=2000,total=50000",
    )
    .option("-o, --output <file>", "write there instead of stdout")
    .option("--check", "write nothing; exit 1 when the -o file would change")
    .option("--watch", "again whenever the document changes")
    .option("--json", "with names and diagnostics beside the tools")
    .action(async (spec, flags) =>
      done(await (await import("./compile.ts")).compile(io, spec, flags)),
    );

  select(
    program
      .command("lint <spec>")
      .description(
        "what to know about an OpenAPI document before a model meets it",
      )
      .option("--format <name>", "text, json, github or sarif (default: text)")
      .option("--json", "the same as --format json"),
  ).action(async (spec, flags) =>
    done(await (await import("./lint.ts")).lint(io, spec, flags)),
  );

  select(
    program
      .command("diff <old> <new>")
      .description(
        "what changed for who calls the tools; exit 1 when something breaks",
      )
      .option("--json", 'as {"breaking":[...],"compatible":[...]}'),
  ).action(async (old, fresh, flags) =>
    done(await (await import("./diff.ts")).diff(io, old, fresh, flags)),
  );
}

/** What all verbs that compile a document ask of it. */
export function select(command: Command): Command {
  return command
    .option(
      "--include <pattern>",
      "operationId, tag or METHOD /path, * for any text; repeatable",
      several,
      [],
    )
    .option(
      "--exclude <pattern>",
      "the same; wins over --include; repeatable",
      several,
      [],
    )
    .option(
      "--tag <pattern>",
      "only operations with this tag, * for any text; repeatable",
      several,
      [],
    )
    .option("--remote", "read what the document refers to from the network");
}

/** The verb that loads the compiler anyway can name its targets; other verbs need not wait for it. */
async function describeTargets(argv: readonly string[]): Promise<string> {
  if (!argv.includes("compile")) return "platform";
  const { targetNames } = await import("../openapi/index.ts");
  return targetNames.join(", ");
}
