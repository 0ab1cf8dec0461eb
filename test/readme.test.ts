import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { runCommand } from "./support/terminal.ts";

const root = new URL("..", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const commands = [
  ...readme.matchAll(
    /^ *(?:printf '([^']*)' \| )?((?:[A-Z_]+=\S+ )*)npx tool-endpoint-kit (.+)$/gm,
  ),
];
// These do not end by themselves, or need one that runs; servers.test.ts runs them.
const SERVERS = ["start", "serve", "relay", "gateway", "call"];

describe("the README", () => {
  test("has commands to run", () => {
    expect(commands.length).toBeGreaterThan(7);
  });

  test.each(
    commands
      .filter(
        ([, , , line = ""]) => !SERVERS.includes(line.split(" ")[0] ?? ""),
      )
      .map((match) => [match[0].trim(), match] as const),
  )("%s", async (_, [, stdin = "", variables = "", line = ""]) => {
    const env = Object.fromEntries(
      variables
        .trim()
        .split(" ")
        .filter(Boolean)
        .map((pair) => pair.split("=") as [string, string]),
    );
    const terminal = runCommand(line.split(" "), {
      env,
      stdin,
      cwd: fileURLToPath(root),
    });
    expect([await terminal.exitCode, terminal.stderr()]).toEqual([0, ""]);
  });

  test("names every verb and no other", async () => {
    const help = runCommand(["--help"]);
    await help.exitCode;
    const verbs = [...help.stdout().matchAll(/^ {2}([a-z]+) (?:\[|<| {2})/gm)]
      .map(([, verb]) => verb)
      .filter((verb) => verb !== "help");
    const table = readme.slice(
      readme.indexOf("## Commands"),
      readme.indexOf("## Configuration"),
    );
    const rows = table.split("\n").filter((line) => line.startsWith("| `"));
    const cells = rows.map((line) => line.split("|")[1]).join();
    const named = [...cells.matchAll(/`([a-z]+)(?: [A-Z[\]]+)*`/g)].map(
      ([, verb]) => verb,
    );
    expect(new Set(named)).toEqual(new Set(verbs));
  });

  test("names every variable that is read and no other", () => {
    const source = readFileSync(new URL("cli/config.ts", root), "utf8");
    const read = [
      ...source.matchAll(
        /(?:text|integer|url|list)\(\s*"([A-Z_]+)"|env\["([A-Z_]+)"\]/g,
      ),
    ].map(([, called, indexed]) => called ?? indexed);
    const table = readme.slice(
      readme.indexOf("## Configuration"),
      readme.indexOf("## Security notes"),
    );
    const rows = table.split("\n").filter((line) => line.startsWith("| `"));
    const named = rows.flatMap((line) =>
      [...(line.split("|")[1] ?? "").matchAll(/`([A-Z_]+)`/g)].map(
        ([, name]) => name,
      ),
    );
    expect(new Set(named)).toEqual(new Set(read));
  });
});
