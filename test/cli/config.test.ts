import { describe, expect, test } from "@jest/globals";
import { parseConfig } from "../../cli/config.ts";

describe("parseConfig", () => {
  test("has the defaults of the contract", () => {
    expect(parseConfig({})).toEqual({
      port: 8080,
      host: "127.0.0.1",
      isPublic: false,
      toolSecrets: [],
      toolScheme: "thunderphone",
      toolHeaders: {},
      twilioAuthTokens: [],
      model: "claude-haiku-5-5",
      databaseUrl: "sqlite:data/appointments.db",
      toolTimeoutMs: 8000,
      modelStallMs: 5000,
      fillerAfterMs: 700,
      jokeApiUrl: "https://v2.jokeapi.dev/joke/Programming?safe-mode",
      logLevel: "info",
    });
  });

  test("reads lists, headers and URLs", () => {
    const config = parseConfig({
      PORT: "0",
      PUBLIC_URL: "https://voice.example.com/agent/",
      TOOL_SECRETS: "new, old",
      TWILIO_AUTH_TOKEN: "a,b",
      TOOL_HEADERS: "X-Api-Key: k:1\nX-Other:  two ",
      JOKE_API_URL: "",
      ANTHROPIC_API_KEY: "",
    });
    expect(config).toMatchObject({
      port: 0,
      publicUrl: "https://voice.example.com/agent",
      isPublic: true,
      toolSecrets: ["new", "old"],
      twilioAuthTokens: ["a", "b"],
      toolHeaders: { "X-Api-Key": "k:1", "X-Other": "two" },
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
    expect(message).not.toMatch(/verysecret|hunter2/);
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
        parseConfig({ ...env, TOOL_SECRETS: "s", TWILIO_AUTH_TOKEN: "t" }, [
          "tools",
          "relay",
        ]).isPublic,
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
