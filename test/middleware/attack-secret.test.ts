import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "@jest/globals";
import express from "express";
import {
  parseScheme,
  sign,
  verify,
  verifyRequest,
  verifySignature,
} from "../../middleware/index.ts";
import type { VerifyOptions } from "../../middleware/index.ts";
import { closeServers, startServer } from "../support/server.ts";
import {
  ask,
  BODY,
  expectRefusal,
  macOf,
  NOW,
  SECRET,
  signed,
  startApp,
  watch,
} from "./make-app.ts";

type GivenSecrets = VerifyOptions["secrets"];

afterEach(closeServers);

// Somebody who only knows that nobody set a secret can make this.
const EMPTY_KEY_MAC = createHmac("sha256", "").update(BODY).digest("hex");

describe("a secret with which anybody could sign", () => {
  const unset: [what: string, secrets: unknown][] = [
    ["empty", ""],
    ["a blank", " "],
    ["white space", " \t\r\n"],
    ["undefined", undefined],
    ["null", null],
    ["a number", 12345678],
    ["an empty list", []],
    ["an empty table", {}],
    ["a list with an empty one", [SECRET, ""]],
    ["a list with a blank one", [SECRET, "  "]],
    ["a list with nothing in a place", [SECRET, undefined]],
    ["a table with an empty one", { new: SECRET, old: "" }],
    ["a table with undefined", { new: SECRET, old: undefined }],
  ];
  test.each(unset)("%s: TypeError everywhere", async (_, given) => {
    const secrets = given as string;
    const headers = { "x-thunderphone-signature": EMPTY_KEY_MAC };
    const body = Buffer.from(BODY);
    expect(() => verifySignature({ secrets })).toThrow(TypeError);
    expect(() => verify("thunderphone", secrets, { headers, body })).toThrow(
      TypeError,
    );
    const request = new Request("http://a.test/", {
      method: "POST",
      body,
      headers,
    });
    await expect(verifyRequest(request, { secrets })).rejects.toThrow(
      TypeError,
    );
  });

  test.each(["", " ", undefined, null])("sign refuses %j too", (given) => {
    expect(() => sign("thunderphone", given as string, { body: BODY })).toThrow(
      TypeError,
    );
  });

  const weak: [what: string, secret: string][] = [
    ["7 bytes", "abcdefg"],
    ["a word that all examples use", "changeme"],
    ["the same in capitals", "PASSWORD"],
    ["a variable that was never set", "undefined"],
    ["one character", "x".repeat(32)],
    ["a line break of the file it came from", `${SECRET}\n`],
    ["a carriage return", `${SECRET}\r`],
    ["a blank before it", ` ${SECRET}`],
  ];
  test.each(weak)("no middleware starts with %s", async (_, secret) => {
    for (const secrets of [secret, [SECRET, secret], { good: SECRET, secret }])
      expect(() => verifySignature({ secrets })).toThrow(/weak/);
    await expect(
      verifyRequest(new Request("http://a.test/"), { secrets: secret }),
    ).rejects.toThrow(/weak/);
  });

  test("random bytes may begin and end with what is white space in a text", () => {
    for (const byte of [0x20, 0x0a, 0x0d, 0x09]) {
      const key = Buffer.concat([
        Buffer.from([byte]),
        Buffer.from(SECRET),
        Buffer.from([byte]),
      ]);
      const secrets = `whsec_${key.toString("base64")}`;
      expect(() =>
        verifySignature({ scheme: "standard-webhooks", secrets }),
      ).not.toThrow();
    }
  });

  const undecodable: [scheme: string, secret: string][] = [
    ["standard-webhooks", "whsec_not base64!"],
    ["standard-webhooks", "whsec_"],
    ["svix", "whsec_abcde"], // five characters stand for no bytes
    ["telnyx", "AAAA"], // three bytes, a key has 32
    ["telnyx", Buffer.alloc(32).toString("base64")], // a point of small order
    ["discord", "zz".repeat(32)],
  ];
  test.each(undecodable)("%s: %j is no key", (scheme, secrets) => {
    expect(() => verifySignature({ scheme, secrets })).toThrow(TypeError);
    expect(() =>
      verify(scheme, secrets, {
        headers: {},
        body: Buffer.alloc(0),
        now: NOW,
      }),
    ).toThrow(TypeError);
  });

  test("a public key is nobody's HMAC secret", () => {
    expect(() =>
      verifySignature({ scheme: ["github", "discord"], secrets: SECRET }),
    ).toThrow(/ed25519/);
  });

  test("what is said of a secret does not repeat it", () => {
    const secrets = ["hunter2", `  ${SECRET}`, "whsec_not base64!\n"];
    for (const secret of secrets) {
      for (const scheme of ["thunderphone", "standard-webhooks", "discord"]) {
        let thrown: unknown;
        try {
          verifySignature({ scheme, secrets: secret });
        } catch (error) {
          thrown = error;
        }
        expect(inspect(thrown)).toContain("TypeError");
        expect(inspect(thrown)).not.toContain(secret.trim());
      }
    }
    expect(() =>
      parseScheme({ algorithm: "sha256", secretKey: 12345 }),
    ).toThrow(/^(?!.*12345)/s);
  });
});

describe("the whole text is the key", () => {
  const variants: [what: string, secret: string][] = [
    ["without whsec_", SECRET.replace("whsec_", "")],
    ["decoded", Buffer.from("test_secret", "base64").toString("latin1")],
    ["with a line break", `${SECRET}\n`],
    ["with a blank", `${SECRET} `],
    ["in capitals", SECRET.toUpperCase()],
    ["a beginning of it", SECRET.slice(0, -1)],
  ];
  test.each(variants)(
    "a sender who signs with it %s is refused",
    async (_, key) => {
      const app = await startApp();
      const headers = {
        "X-ThunderPhone-Signature": createHmac("sha256", key)
          .update(BODY)
          .digest("hex"),
      };
      const refusal = await ask(app.url, { body: BODY, headers });
      expectRefusal(refusal, "bad_signature", app, [SECRET, macOf(BODY)]);
    },
  );

  test("a sender who signs with an empty key is refused", async () => {
    const app = await startApp();
    const headers = { "X-ThunderPhone-Signature": EMPTY_KEY_MAC };
    const refusal = await ask(app.url, { body: BODY, headers });
    expectRefusal(refusal, "bad_signature", app, [SECRET, macOf(BODY)]);
  });

  test("whsec_ is stripped only where the scheme says so", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const request = { body: BODY, now: NOW, id: "msg_1" };
    expect(sign("svix", secret, request)).toEqual(
      sign("svix", secret.replace("whsec_", ""), request),
    );
    expect(sign("thunderphone", secret, request)).not.toEqual(
      sign("thunderphone", secret.replace("whsec_", ""), request),
    );
  });
});

describe("a rotation", () => {
  const secrets = { new: "a-new-secret", old: SECRET };

  test.each(Object.entries(secrets))(
    "takes the %s secret and says so",
    async (label, secret) => {
      const app = await startApp({ options: { secrets } });
      const headers = signed(BODY, secret);
      expect((await ask(app.url, { body: BODY, headers })).status).toBe(200);
      expect(app.calls.map(({ key }) => key)).toEqual([label]);
    },
  );

  test("refuses a third", async () => {
    const app = await startApp({ options: { secrets } });
    const headers = signed(BODY, "a-third-secret");
    expectRefusal(
      await ask(app.url, { body: BODY, headers }),
      "bad_signature",
      app,
      [
        ...Object.values(secrets),
        ...Object.values(secrets).map((secret) => macOf(BODY, secret)),
      ],
    );
  });

  test("two labels with one secret are the first of them", async () => {
    const app = await startApp({
      options: { secrets: { one: SECRET, two: SECRET } },
    });
    const headers = signed(BODY);
    expect((await ask(app.url, { body: BODY, headers })).status).toBe(200);
    expect(app.calls.map(({ key }) => key)).toEqual(["one"]);
  });

  test("names of Object's own are labels as any", async () => {
    const app = await startApp({
      options: {
        secrets: { constructor: "another-secret", hasOwnProperty: SECRET },
      },
    });
    const headers = signed(BODY);
    expect((await ask(app.url, { body: BODY, headers })).status).toBe(200);
    expect(app.calls.map(({ key }) => key)).toEqual(["hasOwnProperty"]);
  });
});

describe("a key id of the request", () => {
  const scheme = {
    algorithm: "sha256",
    payloadFormat: "{body}",
    keyIdHeader: "X-Key-Id",
  } as const;
  const headers = (keyId: string | undefined, secret: string) => ({
    ...sign(scheme, secret, { body: BODY }),
    ...(keyId === undefined ? {} : { "X-Key-Id": keyId }),
  });
  const secrets = { a: "secret-of-a", b: "secret-of-b" };

  test("names the one secret that counts", async () => {
    const app = await startApp({ options: { scheme, secrets } });
    const right = headers("b", secrets.b);
    expect((await ask(app.url, { body: BODY, headers: right })).status).toBe(
      200,
    );
    expect(app.calls.map(({ key }) => key)).toEqual(["b"]);
  });

  const wrong = [
    ["another label", "a", "bad_signature"],
    ["no label", "c", "unknown_key"],
    ["a name of Object's own", "constructor", "unknown_key"],
    ["__proto__", "__proto__", "unknown_key"],
    ["a blank in it", "a b", "malformed_header"],
    ["two of them", "a, b", "duplicate_header"],
    ["none", undefined, "missing_header"],
  ] as const;
  test.each(wrong)("%s is refused", async (_, keyId, reason) => {
    const app = await startApp({ options: { scheme, secrets } });
    const refusal = await ask(app.url, {
      body: BODY,
      headers: headers(keyId, secrets.b),
    });
    expectRefusal(refusal, reason, app, Object.values(secrets));
  });
});

describe("a secrets function that fails", () => {
  const failures: [what: string, secrets: GivenSecrets][] = [
    [
      "throws",
      () => {
        throw new Error(SECRET);
      },
    ],
    ["rejects", () => Promise.reject(new Error(SECRET))],
    [
      "rejects with nothing",
      () => Promise.reject(undefined as unknown as Error),
    ],
    ["never settles", () => new Promise(() => {})],
    ["returns undefined", () => undefined as unknown as string],
    [
      "resolves to undefined",
      () => Promise.resolve(undefined as unknown as string),
    ],
    ["returns an empty secret", () => ""],
    ["returns a blank one", () => "  "],
    ["returns an empty list", () => []],
    ["returns an empty table", () => ({})],
    ["returns a list with an empty one", () => [SECRET, ""]],
    ["returns a weak one", () => "changeme"],
    ["returns a number", () => 12345678 as unknown as string],
    ["returns one with a line break", () => `${SECRET}\n`],
  ];
  test.each(failures)(
    "%s: 503, and nothing is let through",
    async (_, secrets) => {
      const app = await startApp({
        options: { secrets, secretsTimeoutMs: 20 },
      });
      for (const headers of [
        signed(BODY),
        { "X-ThunderPhone-Signature": EMPTY_KEY_MAC },
      ]) {
        app.refused.length = 0;
        const refusal = await ask(app.url, { body: BODY, headers });
        expectRefusal(refusal, "secrets_unavailable", app, [
          SECRET,
          macOf(BODY),
        ]);
      }
    },
  );

  test("late answers change nothing, whichever they are", async () => {
    const late: (() => void)[] = [];
    const app = await startApp({
      options: {
        secretsTimeoutMs: 20,
        secrets: () =>
          new Promise((resolve, reject) => {
            late.push(
              late.length === 0
                ? () => resolve(SECRET)
                : () => reject(new Error("late")),
            );
          }),
      },
    });
    for (const round of [0, 1]) {
      app.refused.length = 0;
      const refusal = await ask(app.url, { body: BODY, headers: signed(BODY) });
      late[round]?.();
      expectRefusal(refusal, "secrets_unavailable", app);
    }
  });

  test("is not asked for a request whose header is wrong", async () => {
    let asked = 0;
    const app = await startApp({
      options: { secrets: () => `${SECRET}${asked++}` },
    });
    await ask(app.url, { body: BODY });
    await ask(app.url, {
      body: BODY,
      headers: { "X-ThunderPhone-Signature": "zz" },
    });
    expect([asked, app.refused.length]).toEqual([0, 2]);
  });

  test("a request that fails does not touch the next one", async () => {
    let round = 0;
    const app = await startApp({
      options: {
        secrets: () =>
          round++ === 0 ? Promise.reject(new Error("database")) : SECRET,
      },
    });
    const init = { body: BODY, headers: signed(BODY) };
    expect((await ask(app.url, init)).status).toBe(503);
    expect((await ask(app.url, init)).status).toBe(200);
  });

  test("behind a parser too", async () => {
    const watched = watch({
      secrets: () => Promise.reject(new Error("database")),
    });
    const app = express().use(express.json(), watched.verify, watched.handler);
    const { url } = await startServer(app);
    const headers = { "content-type": "application/json", ...signed(BODY) };
    const refusal = await ask(url, { body: BODY, headers });
    expectRefusal(refusal, "secrets_unavailable", watched);
  });
});
