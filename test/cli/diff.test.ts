import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { runCommand } from "../support/terminal.ts";

const document = (paths: object) =>
  JSON.stringify({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths,
  });
const get = (id: string, parameters: object[] = []) => ({
  get: { operationId: id, tags: [id], summary: "Gets it.", parameters },
});
const q = { name: "q", in: "query", schema: { type: "string" } };

const OLD = document({ "/a": get("a", [q]), "/b": get("b") });
const FILES = {
  "old.json": OLD,
  "same.json": OLD,
  "more.json": document({
    "/a": get("a", [q, { ...q, name: "p" }]),
    "/b": get("b"),
    "/c": get("c"),
  }),
  "less.json": document({ "/a": get("a", [{ ...q, required: true }]) }),
  "empty.json": document({}),
  "broken.json": document({
    "/a": get("a", [{ $ref: "#/gone" }]),
    "/b": get("b"),
  }),
};

async function diff(argv: string[], stdin?: string) {
  const cwd = await mkdtemp(join(tmpdir(), "diff-"));
  for (const [name, text] of Object.entries(FILES))
    await writeFile(join(cwd, name), text);
  const { exitCode, stdout, stderr } = runCommand(["diff", ...argv], {
    cwd,
    ...(stdin === undefined ? {} : { stdin }),
  });
  return { exitCode: await exitCode, stdout: stdout(), stderr: stderr() };
}

describe("diff", () => {
  const cases: [
    what: string,
    argv: string[],
    exitCode: number,
    lines: string[],
  ][] = [
    ["the same", ["old.json", "same.json"], 0, []],
    [
      "what only grows",
      ["old.json", "more.json"],
      0,
      [
        "compatible optional-argument-added a p: is new",
        "compatible tool-added c: GET /c",
      ],
    ],
    [
      "what breaks",
      ["old.json", "less.json"],
      1,
      [
        "breaking tool-removed b: GET /b is no tool any more",
        "breaking argument-now-required a q: was optional",
      ],
    ],
    [
      "what is chosen",
      ["old.json", "less.json", "--include", "a", "--exclude", "b"],
      1,
      ["breaking argument-now-required a q: was optional"],
    ],
    ["what has a tag", ["old.json", "more.json", "--tag", "b"], 0, []],
  ];
  test.each(cases)("tells %s", async (_, argv, exitCode, lines) => {
    const result = await diff(argv);
    expect(result).toEqual({
      exitCode,
      stdout: lines.map((line) => `${line}\n`).join(""),
      stderr: "",
    });
  });

  test("--json tells breaking and compatible apart", async () => {
    const { exitCode, stdout } = await diff([
      "old.json",
      "less.json",
      "--json",
    ]);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      1,
      {
        breaking: [
          { rule: "tool-removed", tool: "b", path: "" },
          { rule: "argument-now-required", tool: "a", path: "q" },
        ],
        compatible: [],
      },
    ]);
  });

  test("reads one side from stdin", async () => {
    expect((await diff(["-", "less.json"], OLD)).exitCode).toBe(1);
  });

  test("says what is wrong with a document, because it may look like a change", async () => {
    const { stderr } = await diff(["old.json", "broken.json"]);
    expect(stderr).toContain("error dangling-ref");
  });

  const faults: [
    what: string,
    argv: string[],
    exitCode: number,
    words: RegExp,
  ][] = [
    [
      "a document that is not there",
      ["old.json", "gone.json"],
      3,
      /gone\.json: cannot be read/,
    ],
    [
      "a document without a tool",
      ["empty.json", "old.json"],
      3,
      /empty\.json yields no tool/,
    ],
    [
      "a document without a tool any more",
      ["old.json", "empty.json"],
      3,
      /empty\.json yields no tool/,
    ],
    ["one document", ["old.json"], 2, /missing required argument 'new'/],
    ["stdin twice", ["-", "-"], 2, /only one of the documents can be stdin/],
  ];
  test.each(faults)(
    "refuses in words: %s",
    async (_, argv, exitCode, words) => {
      const result = await diff(argv);
      expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
      expect(result.stderr).toMatch(words);
    },
  );
});
