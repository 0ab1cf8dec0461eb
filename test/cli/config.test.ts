import { describe, expect, test } from "@jest/globals";
import { parseConfig } from "../../cli/config.ts";
import { schemes } from "../../middleware/index.ts";

describe("parseConfig", () => {
  test("has the defaults of the contract", () => {
    expect(parseConfig({})).toEqual({
      port: 8080,
      host: "127.0.0.1",
      isPublic: false,
      toolSecrets: [],
      toolSchemes: ["thunderphone"],
      toolHeaders: {},
      twilioAuthTokens: [],
      model: "claude-haiku-5-5",
      databaseUrl: "sqlite:data/appointments.db",
      toolTimeoutMs: 8000,
      modelStallMs: 5000,
      fillerAfterMs: 700,
      jokeApiUrl: "https://v2.jokeapi.dev/joke/Programming?safe-mode",
      callRatePerMinute: 30,
      upstreamCredentials: {},
      logLevel: "info",
    });
  });

  test("reads lists, headers and URLs", () => {
    const config = parseConfig({
      PORT: "0",
      PUBLIC_URL: "https://voice.example.com/agent/",
      TOOL_SECRETS: "new_secret, old_secret",
      TOOL_SCHEME: "thunderphone, stripe,thunderphone",
      TWILIO_AUTH_TOKEN: "a,b",
      TOOL_HEADERS: "X-Api-Key: k:1\nX-Other:  two ",
      UPSTREAM_CREDENTIALS: "bearerAuth: t:1\r\n\r\napi_key: two words",
      CALL_RATE_PER_MINUTE: "0",
      CONSOLE_TOKEN: "0123456789abcdef",
      JOKE_API_URL: "",
      ANTHROPIC_API_KEY: "",
    });
    expect(config).toMatchObject({
      port: 0,
      publicUrl: "https://voice.example.com/agent",
      isPublic: true,
      toolSecrets: ["new_secret", "old_secret"],
      toolSchemes: ["thunderphone", "stripe"],
      twilioAuthTokens: ["a", "b"],
      toolHeaders: { "X-Api-Key": "k:1", "X-Other": "two" },
      upstreamCredentials: { bearerAuth: "t:1", api_key: "two words" },
      callRatePerMinute: 0,
      consoleToken: "0123456789abcdef",
      jokeApiUrl: "",
    });
    expect(config.anthropicApiKey).toBeUndefined();
  });

  test("names every bad variable in one error, and shows no secret", () => {
    const bad = {
      PORT: "80a",
      PUBLIC_URL: "http://voice.example.com",
      TOOL_SECRETS: "verysecret,,other",
      TOOL_SCHEME: "rot13",
      TOOL_HEADERS: "no colon",
      DATABASE_URL: "mysql://user:hunter2@host",
      TOOL_TIMEOUT_MS: "-1",
      UPSTREAM_CREDENTIALS: "hunter3 without a colon",
      CALL_RATE_PER_MINUTE: "many",
      CONSOLE_TOKEN: "hunter4",
      JOKE_API_URL: "ftp://jokes",
      LOG_LEVEL: "loud",
    };
    let message = "";
    try {
      parseConfig(bad);
    } catch (error) {
      message = String(error);
    }
    for (const name of Object.keys(bad))
      expect(message).toContain(`${name}: expected`);
    expect(message).not.toMatch(/verysecret|hunter\d/);
  });

  test.each([
    "sqlite:data/a.db",
    "sqlite::memory:",
    "postgres://kit:pass%40word@db.example.com:5432/kit",
    "postgresql:///kit?host=/var/run/postgresql",
  ])("takes the database URL %s", (DATABASE_URL) => {
    expect(parseConfig({ DATABASE_URL }).databaseUrl).toBe(DATABASE_URL);
  });

  test.each([
    "sqlite:",
    "mysql://u:hunter2@db/kit",
    "postgres:kit:hunter2",
    "postgres://u:hunter2@db:port/kit",
    "hunter2",
  ])("refuses the database URL %s, and does not show it", (DATABASE_URL) => {
    expect(() => parseConfig({ DATABASE_URL })).toThrow(
      /DATABASE_URL: expected sqlite:PATH(?!.*hunter2)/,
    );
  });

  test.each(["fifteen_is_less", "sixteen with gaps", "sixteen_letters_ö"])(
    "refuses the console token %s, and does not show it",
    (CONSOLE_TOKEN) => {
      expect(() => parseConfig({ CONSOLE_TOKEN })).toThrow(
        /CONSOLE_TOKEN: expected at least 16 characters(?!.*(fifteen|sixteen))/,
      );
    },
  );

  const signing: [
    what: string,
    env: Record<string, string>,
    faults: RegExp[],
  ][] = [
    [
      "an unknown scheme among known ones",
      { TOOL_SCHEME: "thunderphone,rot13" },
      [/^ {2}TOOL_SCHEME: expected names of thunderphone, .*received "rot13"$/],
    ],
    [
      "a scheme that only a private key signs",
      { TOOL_SCHEME: "telnyx" },
      [/^ {2}TOOL_SCHEME: .*telnyx signs with a private key/],
    ],
    [
      "such a scheme beside others",
      { TOOL_SCHEME: "thunderphone,discord" },
      [/^ {2}TOOL_SCHEME: .*discord signs with a private key/],
    ],
    [
      "an empty name",
      { TOOL_SCHEME: "thunderphone," },
      [/^ {2}TOOL_SCHEME: expected a comma-separated list, entry 2 is empty$/],
    ],
    [
      "secrets that can be guessed, each",
      { TOOL_SECRETS: "hunter2,a_good_one,changeme" },
      [
        /^ {2}TOOL_SECRETS: secret "0" is weak: it has 7 bytes/,
        /^ {2}TOOL_SECRETS: secret "2" is weak: it is a well-known example$/,
      ],
    ],
    [
      "a secret that one of the schemes cannot decode",
      {
        TOOL_SCHEME: "thunderphone,standard-webhooks",
        TOOL_SECRETS: "no_base64_hunter2",
      },
      [/^ {2}TOOL_SECRETS: secret "0" is not base64.*standard-webhooks/],
    ],
    [
      "one that is short once it is decoded",
      { TOOL_SCHEME: "standard-webhooks", TOOL_SECRETS: "whsec_hunter20" },
      [/^ {2}TOOL_SECRETS: secret "0" is weak: it has 6 bytes/],
    ],
    [
      "scheme and secret at once",
      { TOOL_SCHEME: "rot13,slack", TOOL_SECRETS: "hunter2" },
      [/^ {2}TOOL_SCHEME: .*rot13/, /^ {2}TOOL_SECRETS: .*7 bytes/],
    ],
  ];
  test("takes a short secret of who only signs: it is the other side's", () => {
    expect(parseConfig({ TOOL_SECRETS: "hunter2" }, ["relay"])).toMatchObject({
      toolSecrets: ["hunter2"],
    });
  });

  test.each(signing)("names what cannot sign: %s", (_, env, faults) => {
    let message = "";
    try {
      parseConfig(env, ["tools"]);
    } catch (error) {
      message = (error as Error).message;
    }
    const lines = message.split("\n").slice(1);
    expect(lines).toEqual(faults.map((each) => expect.stringMatching(each)));
    expect(message).not.toContain("hunter2");
  });

  test("knows every shared-secret scheme that ships, with a secret that fits all of them", () => {
    const names = Object.entries(schemes).flatMap(([name, { algorithm }]) =>
      algorithm === "ed25519" ? [] : [name],
    );
    const env = {
      TOOL_SCHEME: names.join(),
      TOOL_SECRETS: "0123456789abcdef".repeat(4),
    };
    expect(parseConfig(env).toolSchemes).toEqual(names);
  });

  const places: [what: string, env: Record<string, string>][] = [
    ["PUBLIC_URL is set", { PUBLIC_URL: "https://voice.example.com" }],
    ["HOST is every address", { HOST: "0.0.0.0" }],
    ["HOST is every address of IPv6", { HOST: "::" }],
    ["HOST is a name", { HOST: "voice.example.com" }],
  ];
  test.each(places)(
    "where others can reach it, secrets are a must: %s",
    (_, env) => {
      expect(() => parseConfig(env, ["tools"])).toThrow(/TOOL_SECRETS/);
      expect(() => parseConfig(env, ["relay"])).toThrow(/TWILIO_AUTH_TOKEN/);
      expect(() => parseConfig(env, ["tools", "relay"])).toThrow(
        /TOOL_SECRETS[^]*TWILIO_AUTH_TOKEN/,
      );
      expect(
        parseConfig(
          { ...env, TOOL_SECRETS: "some_secret", TWILIO_AUTH_TOKEN: "t" },
          ["tools", "relay"],
        ).isPublic,
      ).toBe(true);
    },
  );

  test.each(["127.0.0.1", "127.1.2.3", "::1", "localhost"])(
    "%s is this machine only",
    (HOST) => {
      expect(parseConfig({ HOST }, ["tools", "relay"]).isPublic).toBe(false);
    },
  );
});
