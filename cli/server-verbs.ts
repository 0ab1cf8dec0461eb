import type { Command } from "commander";
import { select } from "./document-verbs.ts";
import type { Io } from "./io.ts";

const toEnvironment = (flags: { port?: string; host?: string }) => ({
  PORT: flags.port,
  HOST: flags.host,
});

/** The verbs that listen until they are asked to end, and the one that tidies up behind them. */
export function addServerVerbs(
  program: Command,
  io: Io,
  done: (exitCode: number) => void,
): void {
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
  select(
    server(
      "gateway <spec>",
      "any API's operations as signed tool endpoints in front of it: POST /tools/NAME",
    ),
  )
    .option(
      "--upstream <url>",
      "base URL of the API, and all that is ever called (default: the document's first server)",
    )
    .option(
      "--platform <name>",
      "whose messages are read: bare, vapi or retell",
      "bare",
    )
    .addHelpText(
      "after",
      `
UPSTREAM_CREDENTIALS holds the API's credentials, a line each: name of the
document's security scheme, colon, value (for basic: user:password).
A write runs once per call and key, as long as this process lives.`,
    )
    .action(async (spec, flags) =>
      done(await (await import("./gateway.ts")).gateway(io, spec, flags)),
    );

  program
    .command("prune")
    .description("deletes what the database knows of appointments long past")
    .option("--days <n>", "how long they are kept after their end (90)")
    .option("--dry-run", "only count what would go")
    .option("--json", "as JSON")
    .action(async (flags) =>
      done(await (await import("./prune.ts")).prune(io, flags)),
    );
}
