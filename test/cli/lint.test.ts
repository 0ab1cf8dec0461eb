import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { runCommand } from "../support/terminal.ts";

const SPEC = [
  "openapi: 3.1.0",
  "info: {title: T, version: '1'}",
  "paths:",
  "  /a:",
  "    get: {operationId: a, responses: {'200': {description: fine}}}",
  "  /b,c:",
  "    get:",
  "      operationId: b",
  "      summary: Says something of use.",
  "      parameters: [{name: q, in: query, schema: {type: string}}]",
  "      responses: {'200': {description: fine}}",
].join("\n");

async function lint(argv: string[], text = SPEC) {
  const cwd = await mkdtemp(join(tmpdir(), "lint-"));
  await writeFile(join(cwd, "my spec.yaml"), text);
  const { exitCode, stdout, stderr } = runCommand(
    ["lint", "my spec.yaml", ...argv],
    { cwd },
  );
  return { cwd, exitCode: await exitCode, stdout: stdout(), stderr: stderr() };
}

test("findings are lines of text on stdout, and exit 1", async () => {
  const { cwd, exitCode, stdout, stderr } = await lint([]);
  expect([exitCode, stderr]).toEqual([1, ""]);
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/my spec\.yaml:5 warning missing-description a: /),
    expect.stringMatching(/my spec\.yaml:7 info missing-description b: .*: q;/),
    "",
  ]);
  expect(stdout).toContain(cwd);
});

test("an info alone is no finding: exit 0", async () => {
  const { exitCode, stdout } = await lint(["--include", "b"]);
  expect([exitCode, stdout.split("\n").length]).toEqual([0, 2]);
});

test("--format json and --json are one document", async () => {
  const { stdout } = await lint(["--json"]);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: object[] };
  expect(diagnostics).toMatchObject([
    {
      rule: "missing-description",
      severity: "warning",
      line: 5,
      operation: "GET /a",
    },
    { rule: "missing-description", severity: "info", line: 7 },
  ]);
  expect(JSON.parse((await lint(["--format", "json"])).stdout)).toMatchObject({
    diagnostics: [{ line: 5 }, {}],
  });
});

test("--format github is workflow commands with paths from the working directory", async () => {
  const { stdout } = await lint(["--format", "github"]);
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(
      /^::warning file=my spec\.yaml,line=5,title=missing-description::a: /,
    ),
    expect.stringMatching(
      /^::notice file=my spec\.yaml,line=7,title=missing-description::b: /,
    ),
    "",
  ]);
});

test("--format github escapes what would end a command", async () => {
  const text = SPEC.replace(
    "operationId: b",
    "operationId: b\n      description: 100%",
  ).replace("summary: Says something of use.", 'summary: "100%\\nTODO"');
  const { stdout } = await lint(
    ["--format", "github"],
    text.replace("description: 100%", ""),
  );
  expect(stdout).toContain('::b: "100%25%0ATODO"');
});

test("--format sarif is a log of one run, with relative URIs and the rules once", async () => {
  const { stdout } = await lint(["--format", "sarif"]);
  const log = JSON.parse(stdout) as {
    version: string;
    runs: { tool: { driver: { rules: object[] } }; results: object[] }[];
  };
  expect(log.version).toBe("2.1.0");
  const [run] = log.runs;
  expect(run?.tool.driver.rules).toEqual([
    {
      id: "missing-description",
      shortDescription: { text: "missing description" },
    },
  ]);
  expect(run?.results).toMatchObject([
    {
      ruleId: "missing-description",
      ruleIndex: 0,
      level: "warning",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "my%20spec.yaml", uriBaseId: "%SRCROOT%" },
            region: { startLine: 5 },
          },
          logicalLocations: [
            { fullyQualifiedName: "/paths/~1a/get", name: "GET /a" },
          ],
        },
      ],
    },
    { level: "note" },
  ]);
});

test("nothing found is nothing printed, and in every format one that can be read", async () => {
  const good = SPEC.replace(
    "schema: {type: string}",
    "description: What to look for., schema: {type: string}",
  );
  const only = ["--include", "b"];
  expect(await lint(only, good)).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: "",
  });
  expect((await lint([...only, "--format", "github"], good)).stdout).toBe("");
  expect(
    JSON.parse((await lint([...only, "--format", "sarif"], good)).stdout),
  ).toMatchObject({ runs: [{ results: [] }] });
});

test("an unknown format is a usage error, a document that is not there an input error", async () => {
  expect(await lint(["--format", "xml"])).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr:
      '--format: expected one of text, json, github, sarif, received "xml"\n',
  });
  const { exitCode, stderr } = runCommand(["lint", "/nowhere.yaml"]);
  expect([await exitCode, stderr()]).toEqual([
    3,
    expect.stringContaining("/nowhere.yaml: cannot be read"),
  ]);
});

test("a document on stdin is linted, too", async () => {
  const { exitCode, stdout } = runCommand(["lint", "-"], { stdin: SPEC });
  expect(await exitCode).toBe(1);
  expect(stdout()).toContain("/paths/~1a/get warning missing-description a: ");
});

test("a document without a tool ends with 3 and says so", async () => {
  const { exitCode, stdout } = await lint(["--include", "nobody"]);
  expect([exitCode, stdout]).toEqual([
    3,
    expect.stringContaining("error no-tools no operation becomes a tool"),
  ]);
});

test("merge keys are read as compile reads them", async () => {
  const merged = SPEC.replace(
    "    get: {operationId: a, responses: {'200': {description: fine}}}",
    "    get: {<<: *op, operationId: a, summary: Says something of use too.}",
  ).replace(
    "paths:",
    "x-op: &op {responses: {'200': {description: fine}}}\npaths:",
  );
  const { exitCode, stdout } = await lint([], merged);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.not.stringContaining("invalid-document"),
  ]);
});
