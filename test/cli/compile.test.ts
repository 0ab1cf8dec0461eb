import { execFileSync } from "node:child_process";
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { createProgress } from "../../cli/progress.ts";
import { run as runCli } from "../../cli/main.ts";
import type { Io } from "../../cli/io.ts";
import { appointmentsDocument, targetNames } from "../../openapi/index.ts";
import { runCommand } from "../support/terminal.ts";

const bundled = fileURLToPath(appointmentsDocument);

async function run(
  argv: string[],
  options: Parameters<typeof runCommand>[1] = {},
) {
  const { exitCode, stdout, stderr } = runCommand(argv, options);
  return { exitCode: await exitCode, stdout: stdout(), stderr: stderr() };
}

const openFolder = () => mkdtemp(join(tmpdir(), "compile-"));

async function writeSpec(name: string, text: string): Promise<string> {
  const file = join(await openFolder(), name);
  await writeFile(file, text);
  return file;
}

const names = (text: string) =>
  (JSON.parse(text) as { tools: { name: string }[] }).tools.map(
    ({ name }) => name,
  );

const spec = (...ids: string[]) =>
  JSON.stringify({
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: Object.fromEntries(
      ids.map((id) => [
        `/${id}`,
        {
          get: {
            operationId: id,
            summary: `Says ${id}.`,
            description: "More. ".repeat(50),
          },
        },
      ]),
    ),
  });

describe("what is compiled", () => {
  test("is chosen by tag, and by tag and pattern together", async () => {
    expect(
      names((await run(["compile", bundled, "--tag", "small*"])).stdout),
    ).toEqual(["get_programming_joke"]);
    const both = await run([
      "compile",
      bundled,
      "--tag",
      "appointments",
      "--include",
      "book_*",
    ]);
    expect(names(both.stdout)).toEqual(["book_appointment"]);
  });

  test("is read from stdin, as JSON or YAML", async () => {
    const yaml = await readFile(bundled);
    expect(
      names((await run(["compile", "-"], { stdin: yaml })).stdout),
    ).toHaveLength(8);
    expect(
      names((await run(["compile", "-"], { stdin: spec("a") })).stdout),
    ).toEqual(["a"]);
  });

  test("has names and diagnostics with --json", async () => {
    const { stdout, stderr } = await run([
      "compile",
      bundled,
      "--json",
      "--budget",
      "600",
    ]);
    const result = JSON.parse(stdout) as {
      names: object;
      diagnostics: { rule: string }[];
    };
    expect(Object.keys(result)).toEqual(["tools", "names", "diagnostics"]);
    expect(result.diagnostics[0]?.rule).toBe("trimmed");
    expect(stderr).toBe("");
  });

  test("has no arguments for headers with --hide-headers", async () => {
    const file = await writeSpec(
      "spec.yaml",
      "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {operationId: a, parameters: [{name: X-A, in: header, schema: {type: string}}]}}}\n",
    );
    expect((await run(["compile", file])).stdout).toContain("X_A");
    expect(
      (await run(["compile", file, "--hide-headers"])).stdout,
    ).not.toContain("X_A");
  });
});

describe("size", () => {
  const size = (tool: object) => JSON.stringify(tool).length;
  const tools = (text: string) =>
    (JSON.parse(text) as { tools: object[] }).tools;

  test("is lossless without a word about it", async () => {
    const plain = await run(["compile", bundled]);
    expect(
      (await run(["compile", bundled, "--profile", "lossless"])).stdout,
    ).toBe(plain.stdout);
    expect(plain.stderr).toBe("");
  });

  test("is cut by --profile voice and by --budget, which is said on stderr", async () => {
    const file = await writeSpec(
      "spec.json",
      spec("a").replaceAll("More. ", "More. ".repeat(10)),
    );
    const voice = await run(["compile", file, "--profile", "voice"]);
    expect(voice.exitCode).toBe(0);
    expect(size(tools(voice.stdout)[0] as object)).toBeLessThan(2050);
    expect(voice.stderr).toMatch(
      /:1 info trimmed a: [\d,]+ to [\d,]+ characters/,
    );
    const small = await run([
      "compile",
      file,
      "--profile",
      "voice",
      "--budget",
      "tool=300,total=9000",
    ]);
    expect(size(tools(small.stdout)[0] as object)).toBeLessThan(350);
    const total = await run(["compile", bundled, "--budget", "total=3000"]);
    expect(
      tools(total.stdout).reduce((sum, tool) => sum + size(tool), 0),
    ).toBeLessThan(3200);
  });

  test("one rule does not drown the others on stderr", async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `tool_${index}`);
    const file = await writeSpec("spec.json", spec(...ids));
    const { stderr } = await run(["compile", file, "--budget", "200"]);
    expect(stderr.match(/ trimmed /g)).toHaveLength(20);
    expect(stderr).toContain("… and 10 more of trimmed; --json has all\n");
  });
});

describe("what a platform makes longer than was asked for", () => {
  test("is said", async () => {
    const { exitCode, stderr } = await run([
      "compile",
      bundled,
      "--target",
      "openai-strict",
      "--budget",
      "600",
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /over-budget book_appointment: \d+ characters in the platform's own form, the budget is 600/,
    );
  });

  test("is never an answer's schema for a voice", async () => {
    const { stdout } = await run([
      "compile",
      bundled,
      "--target",
      "mcp",
      "--profile",
      "voice",
    ]);
    expect(stdout).not.toContain("outputSchema");
  });
});

describe("refuses in words", () => {
  const faults: [
    what: string,
    argv: (spec: string) => string[],
    exitCode: number,
    words: RegExp,
    stdin?: string,
  ][] = [
    [
      "a typo of a target",
      (file) => ["compile", file, "--target", "tunderphone"],
      2,
      /received "tunderphone"; did you mean thunderphone\?/,
    ],
    [
      "an unknown profile",
      (file) => ["compile", file, "--profile", "loud"],
      2,
      /--profile: expected lossless or voice, received "loud"/,
    ],
    [
      "a budget of nothing",
      (file) => ["compile", file, "--budget", "0"],
      2,
      /--budget: expected characters/,
    ],
    [
      "a budget in words",
      (file) => ["compile", file, "--budget", "small"],
      2,
      /received "small"/,
    ],
    [
      "a budget twice",
      (file) => ["compile", file, "--budget", "1,tool=2"],
      2,
      /--budget/,
    ],
    [
      "--check without a file",
      (file) => ["compile", file, "--check"],
      2,
      /--check: name the file/,
    ],
    [
      "--check of stdout",
      (file) => ["compile", file, "--check", "-o", "-"],
      2,
      /--check: name the file/,
    ],
    [
      "--watch of stdin",
      () => ["compile", "-", "--watch"],
      2,
      /--watch: expected a file/,
    ],
    [
      "--watch of a URL",
      () => ["compile", "http://127.0.0.1:1/x", "--watch"],
      2,
      /--watch: expected a file/,
    ],
    [
      "--watch of a file that is not there",
      () => ["compile", "/nowhere.yaml", "--watch"],
      3,
      /is not there/,
    ],
    [
      "--watch with --check",
      (file) => ["compile", file, "--watch", "--check", "-o", "x"],
      2,
      /one or the other/,
    ],
    [
      "a folder",
      () => ["compile", tmpdir()],
      3,
      /is a directory; name the document in it/,
    ],
    ["an empty stdin", () => ["compile", "-"], 3, /stdin is empty/],
    [
      "a stdin that is neither",
      () => ["compile", "-"],
      3,
      /stdin: not JSON or YAML/,
      "{{{",
    ],
    [
      "a stdin that is no document",
      () => ["compile", "-"],
      3,
      /stdin is not an OpenAPI document/,
      "[1]",
    ],
    [
      "a stdin that is too deep",
      () => ["compile", "-"],
      3,
      /stdin/,
      "[".repeat(100_000),
    ],
    [
      "a tag that nothing has",
      (file) => ["compile", file, "--tag", "none"],
      3,
      /yields no tool for anthropic/,
    ],
    [
      "an output that is a folder",
      (file) => ["compile", file, "-o", tmpdir()],
      2,
      /--output: .* cannot be written/,
    ],
  ];
  test.each(faults)("%s", async (_, argv, exitCode, words, ...[stdin]) => {
    const result = await run(
      argv(bundled),
      stdin === undefined ? {} : { stdin },
    );
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
    expect(result.stderr).toMatch(words);
  });

  test("an empty file", async () => {
    const { exitCode, stderr } = await run([
      "compile",
      await writeSpec("spec.yaml", ""),
    ]);
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/spec\.yaml is empty\n$/),
    ]);
  });
});

test("--help names every target", async () => {
  const { stdout } = await run(["compile", "--help"]);
  for (const target of targetNames) expect(stdout).toContain(target);
});

describe("-o", () => {
  test("leaves nothing beside the file, and a link a link", async () => {
    const folder = await openFolder();
    await writeFile(join(folder, "real.json"), "old");
    await symlink(join(folder, "real.json"), join(folder, "tools.json"));
    await run(["compile", bundled, "-o", "tools.json"], { cwd: folder });
    expect((await readdir(folder)).sort()).toEqual(["real.json", "tools.json"]);
    expect((await lstat(join(folder, "tools.json"))).isSymbolicLink()).toBe(
      true,
    );
    expect(
      names(await readFile(join(folder, "real.json"), "utf8")),
    ).toHaveLength(8);
  });

  test("writes into a pipe, and does not take its place", async () => {
    const pipe = join(await openFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    const read = readFile(pipe, "utf8");
    expect((await run(["compile", bundled, "-o", pipe])).exitCode).toBe(0);
    expect(names(await read)).toHaveLength(8);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  test("- is stdout", async () => {
    expect(
      names((await run(["compile", bundled, "-o", "-"])).stdout),
    ).toHaveLength(8);
  });
});

describe("the document itself", () => {
  test("is never the output", async () => {
    const file = await writeSpec("api.json", spec("a"));
    const { exitCode, stderr } = await run(["compile", file, "-o", file]);
    expect([exitCode, stderr]).toEqual([
      2,
      "-o: this is the document itself\n",
    ]);
    expect(await readFile(file, "utf8")).toBe(spec("a"));
  });

  test("says in which file an operation is that a platform cannot take", async () => {
    const root = await writeSpec(
      "api.json",
      JSON.stringify({
        openapi: "3.1.0",
        info: { title: "T", version: "1" },
        paths: { "/a/{id}": { $ref: "./part.yaml" } },
      }),
    );
    const part = join(root, "..", "part.yaml");
    await writeFile(
      part,
      "# a part\nget:\n  operationId: a\n  parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n",
    );
    const { stderr } = await run(["compile", root, "--target", "thunderphone"]);
    expect(stderr).toContain(`${part}:2 error needs-gateway`);
  });
});

describe("--check", () => {
  const argv = ["compile", bundled, "-o", "tools.json"];

  test("exits 0 on the same tools, however they are laid out", async () => {
    const cwd = await openFolder();
    await run(argv, { cwd });
    const file = join(cwd, "tools.json");
    await writeFile(
      file,
      JSON.stringify(JSON.parse(await readFile(file, "utf8"))),
    );
    expect(await run([...argv, "--check"], { cwd })).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("exits 1 on others, says which, and writes nothing", async () => {
    const cwd = await openFolder();
    await run([...argv, "--exclude", "book_*"], { cwd });
    const before = await readFile(join(cwd, "tools.json"), "utf8");
    const { exitCode, stdout, stderr } = await run(
      [...argv, "--check", "--exclude", "cancel_*", "--budget", "700"],
      { cwd },
    );
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(
      "book_appointment: added\ncancel_appointment: removed\nsearch_appointments: changed\n",
    );
    expect(stderr).toContain("tools.json is out of date");
    expect(await readFile(join(cwd, "tools.json"), "utf8")).toBe(before);
  });

  test("exits 1 when there is no file, or none of JSON", async () => {
    const cwd = await openFolder();
    expect(await run([...argv, "--check"], { cwd })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is not there yet"),
    });
    await writeFile(join(cwd, "tools.json"), "{");
    expect(await run([...argv, "--check"], { cwd })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is not JSON"),
    });
  });
});

/** A terminal whose stderr can be waited for, too. */
function openTerminal(argv: string[], cwd: string) {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const written = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        for (const check of waiting) check();
        done();
      },
    });
  const exitCode = runCli(argv, {
    env: {},
    cwd,
    stdin: Readable.from([]),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    untilStopped: () => stopped,
  });
  /** What came up to and with this; it is taken off. */
  const take = (name: keyof typeof written, pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const check = () => {
        const found = pattern.exec(written[name]);
        if (!found) return;
        waiting.delete(check);
        const end = found.index + found[0].length;
        const text = written[name].slice(0, end);
        written[name] = written[name].slice(end);
        resolve(text);
      };
      waiting.add(check);
      check();
    });
  return { exitCode, take, stop };
}

describe("--watch", () => {
  test("compiles again when the document changes, tells a broken save and goes on", async () => {
    const cwd = await openFolder();
    const file = join(cwd, "spec.json");
    await writeFile(file, spec("a"));
    const { exitCode, take, stop } = openTerminal(
      ["compile", "spec.json", "--watch"],
      cwd,
    );
    await take("stderr", /watching .*\n/);
    expect(names(await take("stdout", /^\}\n/m))).toEqual(["a"]);
    await writeFile(file, "{ broken");
    expect(await take("stderr", /watching .*\n/)).toContain(
      "spec.json: not JSON or YAML",
    );
    await writeFile(file, spec("a", "b"));
    await take("stderr", /watching .*\n/);
    expect(names(await take("stdout", /^\}\n/m))).toEqual(["a", "b"]);
    stop();
    expect(await exitCode).toBe(0);
  });

  test("compiles again when a file that the document refers to changes, into the -o file", async () => {
    const cwd = await openFolder();
    await mkdir(join(cwd, "parts"));
    const part = (summary: string) =>
      JSON.stringify({ get: { operationId: "a", summary } });
    await writeFile(join(cwd, "parts", "a.json"), part("First words."));
    await writeFile(
      join(cwd, "spec.yaml"),
      "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    $ref: './parts/a.json'\n",
    );
    const { exitCode, take, stop } = openTerminal(
      ["compile", "spec.yaml", "--watch", "-o", "tools.json"],
      cwd,
    );
    expect(await take("stderr", /watching .*\n/)).toContain("and 1 more");
    await writeFile(join(cwd, "parts", "a.json"), part("Second words."));
    await take("stderr", /watching .*\n/);
    expect(await readFile(join(cwd, "tools.json"), "utf8")).toContain(
      "Second words.",
    );
    stop();
    expect(await exitCode).toBe(0);
  });
});

describe("progress", () => {
  function watchProgress(isTTY: boolean, env: Io["env"] = {}, isLarge = false) {
    let text = "";
    const stderr = Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          text += chunk.toString();
          done();
        },
      }),
      { isTTY },
    );
    let now = 0;
    const progress = createProgress({ stderr, env }, "compiling spec.yaml", {
      now: () => now,
      isLarge,
    });
    return { progress, at: (ms: number) => (now = ms), text: () => text };
  }

  test("of a large document begins at once, since nothing can be said while it is read", () => {
    expect(watchProgress(true, {}, true).text()).toBe("compiling spec.yaml …");
    expect(watchProgress(false, {}, true).text()).toBe("");
  });

  test("is a line on a terminal after half a second, and gone at the end", () => {
    const { progress, at, text } = watchProgress(true);
    at(400);
    progress.onProgress(10, 100);
    expect(text()).toBe("");
    at(600);
    progress.onProgress(50, 100);
    expect(text()).toBe("\r\u001B[2Kcompiling spec.yaml 50 of 100");
    progress.end();
    expect(text().endsWith("\r\u001B[2K")).toBe(true);
  });

  test.each([
    ["a pipe", false, {}],
    ["CI", true, { CI: "true" }],
    ["a dumb terminal", true, { TERM: "dumb" }],
  ])("is nothing in %s", (_, isTTY, env) => {
    const { progress, at, text } = watchProgress(isTTY, env);
    at(9000);
    progress.onProgress(50, 100);
    progress.end();
    expect(text()).toBe("");
  });
});
