import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { appointmentsDocument } from "../../openapi/index.ts";
import { runCommand } from "../support/terminal.ts";

const bundled = fileURLToPath(appointmentsDocument);
const secret = { TOOL_SECRETS: "whsec_test_secret" };
// printf '{"date":"2026-03-09"}' | openssl dgst -sha256 -hmac whsec_test_secret
const BODY = '{"date":"2026-03-09"}';
const SIGNATURE =
  "34015fdb1d1d18bb14a43e2659dea7e1ab359ecd6b40b2e853430885043d2460";

async function writeTemp(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "cli-")), name);
  await writeFile(file, text);
  return file;
}

async function run(
  argv: string[],
  options: Parameters<typeof runCommand>[1] = {},
) {
  const { exitCode, stdout, stderr } = runCommand(argv, options);
  return { exitCode: await exitCode, stdout: stdout(), stderr: stderr() };
}

describe("compile", () => {
  test("prints ThunderPhone's eight tools", async () => {
    const { exitCode, stdout, stderr } = await run([
      "compile",
      bundled,
      "--target",
      "thunderphone",
      "--server",
      "https://api.example.com",
      "--header",
      "X-Api-Key: k",
    ]);
    const { tools } = JSON.parse(stdout) as {
      tools: { type: string; function: { name: string }; endpoint: object }[];
    };
    expect([exitCode, stderr, tools.length]).toEqual([0, "", 8]);
    expect(tools[1]).toMatchObject({
      type: "function",
      function: {
        name: "book_appointment",
        parameters: {
          type: "object",
          required: ["date", "time", "customer_name"],
        },
      },
      endpoint: {
        url: "https://api.example.com/appointments/book",
        method: "POST",
        headers: { "X-Api-Key": "k" },
      },
    });
  });

  test("prints Claude's eight tools, and nothing else", async () => {
    const { exitCode, stdout } = await run([
      "compile",
      bundled,
      "--target",
      "anthropic",
    ]);
    const document = JSON.parse(stdout) as { tools: { name: string }[] };
    expect([exitCode, Object.keys(document)]).toEqual([0, ["tools"]]);
    expect(document.tools.map(({ name }) => name)).toEqual([
      "search_appointments",
      "book_appointment",
      "cancel_appointment",
      "reschedule_appointment",
      "lookup_appointments",
      "hold_appointment",
      "list_services",
      "get_programming_joke",
    ]);
  });

  test("selects, and writes to a file", async () => {
    const file = await writeTemp("tools.json", "");
    const { exitCode, stdout } = await run([
      "compile",
      bundled,
      "--include",
      "appointments",
      "--exclude",
      "cancel_*",
      "-o",
      file,
    ]);
    const { tools } = JSON.parse(await readFile(file, "utf8")) as {
      tools: { name: string }[];
    };
    expect([exitCode, stdout, tools.map(({ name }) => name)]).toEqual([
      0,
      "",
      [
        "search_appointments",
        "book_appointment",
        "reschedule_appointment",
        "lookup_appointments",
        "hold_appointment",
        "list_services",
      ],
    ]);
  });

  test("says what it could not do on stderr, with file and line, and exits 1", async () => {
    const file = await writeTemp(
      "spec.yaml",
      [
        "openapi: 3.1.0",
        "info: {title: T, version: '1'}",
        "paths:",
        "  /a/{id}:",
        "    get: {operationId: a, parameters: [{name: id, in: path}]}",
        "  /b:",
        "    post: {operationId: b, requestBody: {$ref: '#/gone'}}",
      ].join("\n"),
    );
    const { exitCode, stdout, stderr } = await run([
      "compile",
      file,
      "--target",
      "thunderphone",
      "--server",
      "https://api.example.com",
    ]);
    expect([
      exitCode,
      (JSON.parse(stdout) as { tools: object[] }).tools.length,
    ]).toEqual([1, 1]);
    expect(stderr).toContain(`${file}:7 error dangling-ref`);
    expect(stderr).toContain("needs-gateway a: ThunderPhone");
  });

  const faults: [
    what: string,
    argv: (spec: string) => string[],
    exitCode: number,
    words: RegExp,
  ][] = [
    [
      "an unknown target",
      (spec) => ["compile", spec, "--target", "nobody"],
      2,
      /--target: expected one of anthropic, .*thunderphone.*, cartesia, received "nobody"/,
    ],
    [
      "a server that is no URL",
      (spec) => ["compile", spec, "--server", "api"],
      2,
      /--server: expected an http/,
    ],
    [
      "a header without a colon",
      (spec) => ["compile", spec, "--header", "x"],
      2,
      /--header: expected "Name: value"/,
    ],
    [
      "a file that is not there",
      () => ["compile", "/nowhere.yaml"],
      3,
      /nowhere.yaml: cannot be read/,
    ],
    [
      "no tool left",
      (spec) => ["compile", spec, "--include", "nothing"],
      3,
      /yields no tool/,
    ],
    [
      "a file that cannot be written",
      (spec) => ["compile", spec, "-o", "/nowhere/tools.json"],
      2,
      /--output: \/nowhere\/tools.json cannot be written/,
    ],
    [
      "no document named",
      () => ["compile"],
      2,
      /missing required argument 'spec'/,
    ],
    [
      "an unknown flag",
      (spec) => ["compile", spec, "--loud"],
      2,
      /unknown option '--loud'/,
    ],
    ["an unknown verb", () => ["dance"], 2, /unknown command 'dance'/],
    ["a typo of a verb", () => ["complie", "x"], 2, /Did you mean compile/],
  ];
  test.each(faults)(
    "refuses in words: %s",
    async (_, argv, exitCode, words) => {
      const result = await run(argv(bundled));
      expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
      expect(result.stderr).toMatch(words);
    },
  );
});

describe("lint", () => {
  test("finds nothing in the bundled document", async () => {
    expect(await run(["lint", bundled])).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("finds what is no valid OpenAPI", async () => {
    const file = await writeTemp(
      "spec.yaml",
      "openapi: 3.1.0\ninfo: {title: T}\npaths: {}\n",
    );
    const { exitCode, stdout } = await run(["lint", file, "--json"]);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      1,
      { diagnostics: [{ rule: "invalid-document", severity: "error" }] },
    ]);
    expect((await run(["lint", "/nowhere.yaml"])).exitCode).toBe(3);
  });
});

describe("sign and verify", () => {
  test("sign prints the header for exactly these bytes, from stdin or a file", async () => {
    expect(await run(["sign"], { env: secret, stdin: BODY })).toEqual({
      exitCode: 0,
      stdout: `X-ThunderPhone-Signature: ${SIGNATURE}\n`,
      stderr: "",
    });
    const file = await writeTemp("body.json", BODY);
    expect(
      (await run(["sign", file, "--json"], { env: secret })).stdout,
    ).toContain(SIGNATURE);
    const secretFile = await writeTemp("secret", "whsec_test_secret\n");
    expect(
      (await run(["sign", file, "--secret-file", secretFile])).stdout,
    ).toContain(SIGNATURE);
  });

  test("verify says yes, with which secret", async () => {
    const env = { TOOL_SECRETS: "whsec_new_secret,whsec_test_secret" };
    expect(
      await run(["verify", "--signature", SIGNATURE], { env, stdin: BODY }),
    ).toEqual({ exitCode: 0, stdout: "verified with secret 1\n", stderr: "" });
    expect(
      (
        await run(
          [
            "verify",
            "--header",
            `x-thunderphone-signature: ${SIGNATURE}`,
            "--json",
          ],
          { env, stdin: BODY },
        )
      ).stdout,
    ).toContain('"ok": true');
  });

  test("verify says no, why, and what was hashed; exit 5", async () => {
    const { exitCode, stdout, stderr } = await run(
      ["verify", "--signature", SIGNATURE],
      { env: secret, stdin: `${BODY}\n` },
    );
    expect([exitCode, stdout]).toEqual([5, "refused: bad_signature\n"]);
    expect(stderr).toMatch(/^hashed 22 bytes, sha256 [0-9a-f]{64}\n/);
    expect(stderr).toContain("ends with a line break");
  });

  const faults: [
    what: string,
    argv: string[],
    exitCode: number,
    words: RegExp,
  ][] = [
    ["no signature", ["verify"], 2, /no signature/],
    ["no such file", ["sign", "/nowhere"], 3, /cannot be read/],
    [
      "no such secret file",
      ["sign", "--secret-file", "/nowhere"],
      3,
      /cannot be read/,
    ],
  ];
  test.each(faults)("refuse in words: %s", async (_, argv, exitCode, words) => {
    const result = await run(argv, { env: secret, stdin: BODY });
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
    expect(result.stderr).toMatch(words);
  });

  test("want a secret, and never one on the command line", async () => {
    const { exitCode, stderr } = await run(["sign"], { stdin: BODY });
    expect([exitCode, stderr]).toEqual([
      2,
      "no secret: set TOOL_SECRETS, or give --secret-file\n",
    ]);
    expect((await run(["sign", "--help"])).stdout).not.toMatch(/--secret /);
  });
});

test("help and version go to stdout and exit 0", async () => {
  const { version } = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  expect(await run(["--version"])).toEqual({
    exitCode: 0,
    stdout: `${version}\n`,
    stderr: "",
  });
  const help = await run(["--help"]);
  expect([help.exitCode, help.stderr]).toEqual([0, ""]);
  for (const verb of [
    "start",
    "serve",
    "relay",
    "compile",
    "lint",
    "call",
    "sign",
    "verify",
    "demo",
  ])
    expect(help.stdout).toContain(`  ${verb} `.trimEnd());
});

test("a .env file is read below real variables", async () => {
  const file = await writeTemp(".env", "TOOL_SECRETS=whsec_test_secret\n");
  const cwd = join(file, "..");
  expect((await run(["sign"], { cwd, stdin: BODY })).stdout).toContain(
    SIGNATURE,
  );
  expect(
    (
      await run(["sign"], {
        cwd,
        stdin: BODY,
        env: { TOOL_SECRETS: "another_secret" },
      })
    ).stdout,
  ).not.toContain(SIGNATURE);
});
