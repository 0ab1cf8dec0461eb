import { generateKeyPairSync, sign as signPrivate } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { sign as signBody, schemes } from "../../middleware/index.ts";
import { runCommand } from "../support/terminal.ts";

const BODY = '{"date":"2026-03-09"}';
const SECRET = "whsec_test_secret";
const BASE64 = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const secret = { TOOL_SECRETS: SECRET };
const base64 = { TOOL_SECRETS: BASE64 };

async function run(
  argv: string[],
  options: Parameters<typeof runCommand>[1] = {},
) {
  const { exitCode, stdout, stderr } = runCommand(argv, {
    stdin: BODY,
    ...options,
  });
  return { exitCode: await exitCode, stdout: stdout(), stderr: stderr() };
}

async function writeTemp(name: string, text: string | Buffer) {
  const file = join(await mkdtemp(join(tmpdir(), "sign-")), name);
  await writeFile(file, text);
  return file;
}

/** What `sign` printed, as `verify` takes it. */
function toFlags(headers: string): string[] {
  return headers
    .trim()
    .split("\n")
    .flatMap((line) => ["--header", line]);
}

describe("sign", () => {
  // The published vector of Standard Webhooks, with its own secret, id, time and body.
  const VECTOR = [
    "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp: 1614265330",
    "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "",
  ].join("\n");

  test.each([
    "1614265330",
    "2021-02-25T15:02:10Z",
    "2021-02-25T16:02:10+01:00",
  ])(
    "prints all headers of a published vector, with the time as %s",
    async (now) => {
      const argv = ["sign", "--scheme", "standard-webhooks", "--now", now];
      const id = ["--id", "msg_p5jXN8AQM9LWM0D4loKWxJek"];
      const stdin = '{"test": 2432232314}';
      expect(await run([...argv, ...id], { env: base64, stdin })).toEqual({
        exitCode: 0,
        stdout: VECTOR,
        stderr: "",
      });
    },
  );

  test("signs by the first of TOOL_SCHEME, and a flag beats it", async () => {
    const env = { ...secret, TOOL_SCHEME: "github,thunderphone" };
    expect((await run(["sign"], { env })).stdout).toMatch(
      /^X-Hub-Signature-256: sha256=[0-9a-f]{64}\n$/,
    );
    const slack = await run(["sign", "--scheme", "slack"], { env });
    expect(slack.stdout).toMatch(/^X-Slack-Request-Timestamp: \d+\nX-Slack-S/);
    const bad = { ...secret, TOOL_SCHEME: "rot13" };
    expect(
      await run(["sign", "--scheme", "slack"], { env: bad }),
    ).toMatchObject({ exitCode: 0 });
  });

  test("makes an id up where one is signed, another one each time", async () => {
    const argv = ["sign", "--scheme", "svix", "--json"];
    const ids: string[] = [];
    for (let round = 0; round < 2; round++) {
      const { stdout } = await run(argv, { env: base64 });
      const { headers } = JSON.parse(stdout) as {
        headers: Record<string, string>;
      };
      ids.push(headers["svix-id"] ?? "");
    }
    expect(ids[0]).toMatch(/^msg_[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test("takes a pasted Vapi plan from a file, without its secret", async () => {
    const plan = {
      type: "hmac",
      secretKey: "hunter2hunter2",
      algorithm: "sha512",
      signatureHeader: "x-vapi-signature",
      timestampHeader: "x-vapi-time",
      payloadFormat: "{timestamp}.{method}.{body}",
      signatureEncoding: "base64",
    };
    const file = await writeTemp("plan.json", `\ufeff${JSON.stringify(plan)}`);
    const argv = ["sign", "--scheme", file, "--method", "put", "--now", "1"];
    const { type: _, secretKey: __, ...scheme } = plan;
    const headers = signBody(scheme as never, SECRET, {
      body: BODY,
      method: "PUT",
      now: new Date(1000),
    });
    const { stdout } = await run([...argv, "--json"], { env: secret });
    expect(JSON.parse(stdout)).toEqual({ headers });
  });

  test("what it signs, verify takes: every scheme with a shared secret", async () => {
    for (const [name, { algorithm }] of Object.entries(schemes)) {
      if (algorithm === "ed25519") continue;
      const url = "https://api.example.com/book?bodySHA256=";
      const digest =
        "aa4065e7d7bd8f90ee931939fc9cb96152e4a5957b3732dc701ba3beebb0af87"; // sha256sum of BODY
      const flags = ["--scheme", name, "--url", url + digest];
      const env = { TOOL_SECRETS: "0123456789abcdef0123456789abcdef" };
      const signed = await run(["sign", ...flags], { env });
      const argv = ["verify", ...flags, ...toFlags(signed.stdout)];
      expect([name, await run(argv, { env })]).toEqual([
        name,
        { exitCode: 0, stdout: "verified with secret 0\n", stderr: "" },
      ]);
    }
  });
});

describe("verify", () => {
  test("checks what a private key signed", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const { x = "" } = publicKey.export({ format: "jwk" });
    const message = Buffer.from(`1700000000|${BODY}`);
    const signature = signPrivate(null, message, privateKey).toString("base64");
    const argv = [
      "verify",
      "--scheme",
      "telnyx",
      "--now",
      "1700000001",
      "--header",
      `telnyx-signature-ed25519: ${signature}`,
      "--header",
      "Telnyx-Timestamp: 1700000000",
    ];
    const env = {
      TOOL_SECRETS: Buffer.from(x, "base64url").toString("base64"),
    };
    expect((await run(argv, { env })).stdout).toBe("verified with secret 0\n");
    const changed = await run(argv, { env, stdin: `${BODY}\n` });
    expect([changed.exitCode, changed.stdout]).toEqual([
      5,
      "refused: bad_signature\n",
    ]);
    expect(changed.stderr).toContain("fits the body without its last line");
  });

  test("--json says all of it", async () => {
    const headers = signBody("thunderphone", SECRET, { body: BODY });
    const [signature = ""] = Object.values(headers);
    const argv = ["verify", "--signature", signature, "--json"];
    const good = await run(argv, { env: secret });
    const hashed = {
      bytes: 21,
      sha256:
        "aa4065e7d7bd8f90ee931939fc9cb96152e4a5957b3732dc701ba3beebb0af87",
    };
    expect(JSON.parse(good.stdout)).toEqual({
      ok: true,
      key: "0",
      scheme: "thunderphone",
      hashed,
      body: hashed,
    });
    const bad = await run(argv, { env: secret, stdin: '{"date": "x"}' });
    expect([bad.exitCode, bad.stderr]).toEqual([5, ""]);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      ok: false,
      reason: "bad_signature",
      scheme: "thunderphone",
      hashed: { bytes: 13 },
      canonical: {
        isCanonical: false,
        difference: { offset: 8, found: ' "x"}', expected: '"x"}' },
      },
      causes: [expect.stringContaining("white space")],
    });
  });

  test("says the first difference to the canonical form, and what the signature would have fitted", async () => {
    const headers = signBody("thunderphone", SECRET, { body: BODY });
    const [signature = ""] = Object.values(headers);
    const stdin = '{"date": "2026-03-09"}\n';
    const { stderr } = await run(["verify", "--signature", signature], {
      env: secret,
      stdin,
    });
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^hashed 23 bytes, sha256 [0-9a-f]{64}$/),
      'first difference to the canonical form at byte 8: found ` "2026-03-09"}\\x0a`, expected `"2026-03-09"}`',
      "The signature fits the body without white space.",
      "The body ends with a line break; was that sent too?",
      expect.stringContaining("JSON with white space"),
      "",
    ]);
  });

  const slips: [
    what: string,
    signed: { scheme: string; secret: string; body?: string },
    checked: { scheme: string; secret: string },
    words: string,
  ][] = [
    [
      "a prefix too many",
      { scheme: "github", secret: SECRET.slice(6) },
      { scheme: "github", secret: SECRET },
      "fits the secret without whsec_",
    ],
    [
      "a prefix that lacks",
      { scheme: "github", secret: SECRET },
      { scheme: "github", secret: SECRET.slice(6) },
      "fits the secret with whsec_ before it",
    ],
    [
      "text that was decoded",
      { scheme: "stripe", secret: BASE64 },
      { scheme: "decoded", secret: BASE64 },
      "fits the secret as text, all of it",
    ],
    [
      "base64 that was not decoded",
      { scheme: "decoded", secret: BASE64 },
      { scheme: "stripe", secret: BASE64 },
      "fits the secret decoded from base64",
    ],
    [
      "keys out of order",
      { scheme: "github", secret: SECRET, body: '{"a":1,"b":2}' },
      { scheme: "github", secret: SECRET },
      "fits the body with sorted keys",
    ],
    [
      "line ends of Windows",
      { scheme: "github", secret: SECRET, body: "a\nb\n" },
      { scheme: "github", secret: SECRET },
      "fits the body with line ends of Unix",
    ],
    [
      "a byte order mark",
      { scheme: "github", secret: SECRET, body: "a" },
      { scheme: "github", secret: SECRET },
      "fits the body without its byte order mark",
    ],
  ];
  const received = new Map([
    ['{"a":1,"b":2}', '{"b": 2, "a": 1}'],
    ["a\nb\n", "a\r\nb\r\n"],
    ["a", "\ufeffa"],
  ]);
  test.each(slips)("knows the slip: %s", async (_, signed, checked, words) => {
    const decoded = {
      ...schemes["stripe"],
      secretEncoding: "base64" as const,
      secretPrefix: "whsec_",
    };
    const { body = BODY } = signed;
    const headers = signBody(
      signed.scheme === "decoded" ? (decoded as never) : signed.scheme,
      signed.secret,
      { body, now: new Date() },
    );
    const file = await writeTemp("decoded.json", JSON.stringify(decoded));
    const scheme = checked.scheme === "decoded" ? file : checked.scheme;
    const lines = Object.entries(headers).map((pair) => pair.join(": "));
    const { exitCode, stdout, stderr } = await run(
      ["verify", "--scheme", scheme, ...toFlags(lines.join("\n"))],
      {
        env: { TOOL_SECRETS: checked.secret },
        stdin: received.get(body) ?? body,
      },
    );
    expect([exitCode, stdout]).toEqual([5, "refused: bad_signature\n"]);
    expect(stderr).toContain(`The signature ${words}`);
    expect(stderr).not.toContain(SECRET.slice(6));
    expect(stderr).not.toContain(BASE64.slice(6));
  });

  test.each([
    [
      "deeper than can be written",
      `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
    ],
    ["no JSON", "{oops"],
    ["empty", ""],
  ])("says no in words to a body that is %s", async (_, stdin) => {
    const signature = "0".repeat(64);
    const argv = ["verify", "--signature", signature];
    const { exitCode, stdout, stderr } = await run(argv, {
      env: secret,
      stdin,
    });
    expect([exitCode, stdout]).toEqual([5, "refused: bad_signature\n"]);
    expect(stderr).toMatch(/^hashed \d+ bytes/);
  });

  test("gives the reason: headers, clock, a header sent twice", async () => {
    const argv = ["verify", "--scheme", "standard-webhooks"];
    const signed = await run(
      ["sign", "--scheme", "standard-webhooks", "--now", "1700000000"],
      { env: base64 },
    );
    const flags = toFlags(signed.stdout);
    const reasonOf = async (...more: string[]) =>
      (await run([...argv, ...more], { env: base64 })).stdout.trim();
    expect(await reasonOf(...flags, "--now", "1700000300")).toBe(
      "verified with secret 0",
    );
    expect(await reasonOf(...flags, "--now", "1700000301")).toBe(
      "refused: too_old",
    );
    expect(await reasonOf(...flags, "--now", "1699999699")).toBe(
      "refused: too_new",
    );
    expect(await reasonOf(...flags, ...flags)).toBe(
      "refused: duplicate_header",
    );
    expect(await reasonOf(...flags.slice(0, 4))).toBe(
      "refused: missing_header",
    );
    const old = await run([...argv, ...flags], { env: base64 });
    expect(old.stderr).toMatch(/clock read 20\d\d-.*--now/);
    expect(old.stderr).not.toMatch(/secret/);
  });

  test("puts the headers together from --signature and --id", async () => {
    const id = ["--scheme", "standard-webhooks", "--id", "CA1.toolu_1"];
    const now = ["--now", "1700000000"];
    const { stdout } = await run(["sign", ...id, ...now], { env: base64 });
    const signature = /^webhook-signature: (.+)$/m.exec(stdout)?.[1] ?? "";
    const time = ["--header", "Webhook-Timestamp: 1700000000"];
    const argv = ["verify", ...now, ...time, "--signature", signature];
    expect(await run([...argv, ...id], { env: base64 })).toMatchObject({
      exitCode: 0,
    });
    const other = [...id.slice(0, 2), "--id", "CA2.toolu_1"];
    expect(await run([...argv, ...other], { env: base64 })).toMatchObject({
      exitCode: 5,
      stdout: "refused: bad_signature\n",
    });
  });
});

test("verify takes the scheme of TOOL_SCHEME whose header is there", async () => {
  const stdin = '{"a":1}';
  const now = ["--now", "1700000000"];
  const signed = await run(["sign", "--scheme", "stripe", ...now], {
    env: secret,
    stdin,
  });
  const env = { ...secret, TOOL_SCHEME: "thunderphone,stripe" };
  const argv = ["verify", "--header", signed.stdout.trim(), ...now];
  expect((await run(argv, { env, stdin })).stdout).toBe(
    "verified with secret 0\n",
  );
});

describe("sign and verify refuse in one line", () => {
  const standard = ["--scheme", "standard-webhooks"];
  const some = ["--signature", "00"];
  const faults: [
    what: string,
    argv: string[],
    exitCode: number,
    words: RegExp,
    env?: Record<string, string>,
  ][] = [
    [
      "a secret on the command line",
      ["sign", "--secret", "hunter2hunter2"],
      2,
      /^--secret: .*TOOL_SECRETS.*--secret-file/,
    ],
    [
      "the same with a sign of equality",
      ["verify", "--secret=hunter2hunter2", ...some],
      2,
      /^--secret: .*TOOL_SECRETS/,
    ],
    [
      "a scheme that nobody has",
      ["sign", "--scheme", "slak"],
      2,
      /^--scheme: .*one of thunderphone, .*received "slak"; did you mean slack\?/,
    ],
    [
      "a name that every object has",
      ["sign", "--scheme", "constructor"],
      2,
      /^--scheme: .*received "constructor"/,
    ],
    [
      "a scheme file that is not there",
      ["sign", "--scheme", "gone.json"],
      3,
      /^gone.json cannot be read/,
    ],
    [
      "words for a time",
      ["sign", "--now", "noon"],
      2,
      /^--now: .*received "noon"/,
    ],
    [
      "a time without its offset",
      ["sign", "--now", "2026-11-21T09:30:00"],
      2,
      /^--now: expected/,
    ],
    [
      "a day that no month has",
      ["sign", "--now", "2026-02-30T09:30:00Z"],
      2,
      /^--now: expected/,
    ],
    [
      "milliseconds",
      ["sign", "--now", "1700000000000"],
      2,
      /^--now: .*seconds/,
    ],
    ["a time before 1970", ["sign", "--now", "-1"], 2, /--now/],
    [
      "a private key's scheme to sign by",
      ["sign", "--scheme", "telnyx"],
      2,
      /^--scheme: telnyx .*private key/,
    ],
    [
      "no URL where it is signed",
      ["sign", "--scheme", "twilio"],
      2,
      /^--url: scheme twilio signs the URL/,
    ],
    [
      "no URL to verify with",
      ["verify", "--scheme", "twilio", ...some],
      2,
      /^--url: scheme twilio signs the URL/,
    ],
    [
      "a URL that is none",
      ["sign", "--url", "api.example.com"],
      2,
      /^--url: expected an http/,
    ],
    [
      "a URL with the digest of another body",
      [
        "sign",
        "--scheme",
        "twilio",
        "--url",
        "https://a.example/?bodySHA256=00",
      ],
      2,
      /^--url: .*bodySHA256/,
    ],
    ["an id with a blank", ["sign", "--id", "a b"], 2, /^--id: expected 1 to/],
    [
      "a method that is none",
      ["sign", "--method", "P/UT"],
      2,
      /^--method: expected/,
    ],
    [
      "no id where one is signed",
      ["verify", ...standard, ...some],
      2,
      /^--id: .*webhook-id/,
      base64,
    ],
    [
      "no time where one is signed",
      ["verify", ...standard, ...some, "--id", "1"],
      2,
      /^--header: .*"webhook-timestamp: VALUE"/,
      base64,
    ],
    [
      "an id that is given twice",
      ["verify", ...standard, "--id", "1", "--header", "Webhook-Id: 2"],
      2,
      /^--id: --header gives webhook-id already/,
      base64,
    ],
    [
      "a signature that is given twice",
      ["verify", ...some, "--header", "x-thunderphone-signature: 00"],
      2,
      /^--signature: --header gives/,
    ],
    [
      "a header without a colon",
      ["verify", "--header", "x"],
      2,
      /^--header: expected "Name: value"/,
    ],
    [
      "a secret that the scheme cannot decode",
      ["sign", ...standard],
      2,
      /^TOOL_SECRETS: secret "0" is not base64/,
    ],
  ];
  test.each(faults)("%s", async (_, argv, exitCode, words, env = secret) => {
    const result = await run(argv, { env });
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toMatch(/hunter2|\n {4}at |^[^\n]*\n[^\n]*\n./);
  });

  const files: [what: string, text: string, exitCode: number, words: RegExp][] =
    [
      [
        "that is no JSON, without quoting it",
        '{"secretKey":"hunter2", oops',
        3,
        /scheme.json is no JSON/,
      ],
      [
        "with a field that nobody knows",
        '{"algorithm":"sha256","salt":"x"}',
        2,
        /scheme.json: scheme.salt is unknown/,
      ],
      [
        "with a placeholder that nothing fills",
        '{"algorithm":"sha256","payloadFormat":"{body}{nonce}"}',
        2,
        /unknown placeholder \{nonce\}/,
      ],
      ["with a list", "[]", 2, /scheme.json: scheme: expected/],
    ];
  test.each(files)("a scheme file %s", async (_, text, exitCode, words) => {
    const file = await writeTemp("scheme.json", text);
    const result = await run(["sign", "--scheme", file], { env: secret });
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toContain("hunter2");
  });

  const secrets: [what: string, text: string | Buffer, words: RegExp][] = [
    ["that is empty", "\n", /secret.txt is empty/],
    ["that is no text", Buffer.from("ff00ff00ff00ff00ff", "hex"), /no UTF-8/],
    [
      "with a second line break",
      "a_good_one\n\n",
      /begins or ends with white space/,
    ],
  ];
  test.each(secrets)("a secret file %s", async (_, text, words) => {
    const file = await writeTemp("secret.txt", text);
    const result = await run(["sign", "--secret-file", file]);
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toContain("hunter2");
  });

  test("a secret file with a byte order mark and a line end of Windows is read as meant, and beats the variable", async () => {
    const file = await writeTemp("secret.txt", `\ufeff${SECRET}\r\n`);
    const plain = await run(["sign"], { env: secret });
    const env = { TOOL_SECRETS: "weak" };
    expect(await run(["sign", "--secret-file", file], { env })).toEqual(plain);
  });

  test("--help shows no --secret", async () => {
    for (const verb of ["sign", "verify"])
      expect((await run([verb, "--help"])).stdout).not.toMatch(/--secret[ =[]/);
  });
});
