import { afterEach, describe, expect, test } from "@jest/globals";
import { sign, verify } from "../../middleware/index.ts";
import type { Reason, Scheme } from "../../middleware/index.ts";
import { closeClients, openClient } from "../support/raw-http.ts";
import { closeServers } from "../support/server.ts";
import {
  BODY,
  expectRefusal,
  macOf,
  NOW,
  SECRET,
  SIGNATURE,
  startApp,
} from "./make-app.ts";

afterEach(() => {
  closeClients();
  return closeServers();
});

const MAC = macOf(BODY);
const BASE64 = Buffer.from(MAC, "hex").toString("base64");
const SECONDS = NOW.getTime() / 1000;
const STANDARD_SECRET = `whsec_${Buffer.from("a-standard-secret").toString("base64")}`;

/** Header lines, as they go over the wire in latin1. */
type Lines = readonly (readonly [name: string, value: string])[];

/**
 * Sends the header lines and only the beginning of the body they announce:
 * whoever waits for the rest waits for ever.
 */
async function probe(scheme: string | Scheme, secret: string, lines: Lines) {
  const app = await startApp({
    options: { scheme, secrets: secret },
  });
  const client = await openClient(app.url);
  const head = [
    "POST / HTTP/1.1",
    "Host: a.test",
    "Content-Type: application/json",
    `Content-Length: ${BODY.length}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ];
  await client.send(Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"));
  const answer = await client.answer();
  if (answer === "closed") throw new Error("closed without an answer");
  return { ...app, client, answer };
}

async function expectRefusedUnread(
  scheme: string | Scheme,
  secret: string,
  lines: Lines,
  reason: Reason,
): Promise<void> {
  const { answer, calls, refused } = await probe(scheme, secret, lines);
  expectRefusal(answer, reason, { calls, refused }, [secret]);
  expect(refused.map(({ hasReadBody }) => hasReadBody)).toEqual([false]);
  expect(JSON.stringify([...answer.headers])).not.toContain(secret);
}

describe("a signature header of wrong form is refused before the body", () => {
  const one = (value: string): Lines => [[SIGNATURE, value]];
  const raw: [what: string, lines: Lines, reason: Reason][] = [
    ["missing", [], "missing_header"],
    ["empty", one(""), "missing_header"],
    ["blank", one("   "), "missing_header"],
    ["under another name", [["X-Signature", MAC]], "missing_header"],
    [
      "under a name with a dash too few",
      [["X-ThunderPhoneSignature", MAC]],
      "missing_header",
    ],
    [
      "under a name with an underscore",
      [["X_ThunderPhone_Signature", MAC]],
      "missing_header",
    ],
    [
      "sent twice, equal",
      [
        [SIGNATURE, MAC],
        [SIGNATURE, MAC],
      ],
      "duplicate_header",
    ],
    [
      "sent twice, different",
      [
        [SIGNATURE, "0".repeat(64)],
        [SIGNATURE, MAC],
      ],
      "duplicate_header",
    ],
    [
      "sent twice in two cases",
      [
        ["x-thunderphone-signature", MAC],
        ["X-THUNDERPHONE-SIGNATURE", MAC],
      ],
      "duplicate_header",
    ],
    [
      "sent twice, the first empty",
      [
        [SIGNATURE, ""],
        [SIGNATURE, MAC],
      ],
      "duplicate_header",
    ],
    [
      "sent twice, the last empty",
      [
        [SIGNATURE, MAC],
        [SIGNATURE, ""],
      ],
      "duplicate_header",
    ],
    ["two in one line", one(`${MAC}, ${MAC}`), "duplicate_header"],
    [
      "two in one line without a blank",
      one(`${MAC},${MAC}`),
      "malformed_header",
    ],
    ["63 digits", one(MAC.slice(0, 63)), "malformed_header"],
    ["65 digits", one(`${MAC}0`), "malformed_header"],
    ["66 digits", one(`${MAC}00`), "malformed_header"],
    ["128 digits", one(MAC + MAC), "malformed_header"],
    ["right digits and junk behind them", one(`${MAC}zz`), "malformed_header"],
    [
      "right digits, the last two junk",
      one(`${MAC.slice(0, 62)}zz`),
      "malformed_header",
    ],
    ["all junk", one("z".repeat(64)), "malformed_header"],
    ["upper case", one(MAC.toUpperCase()), "malformed_header"],
    [
      "one digit upper case",
      one(MAC.replace(/[a-f]/, (digit) => digit.toUpperCase())),
      "malformed_header",
    ],
    ["sha256= before it", one(`sha256=${MAC}`), "malformed_header"],
    ["0x before it", one(`0x${MAC}`), "malformed_header"],
    ["base64", one(BASE64), "malformed_header"],
    [
      "base64url",
      one(Buffer.from(MAC, "hex").toString("base64url")),
      "malformed_header",
    ],
    ["quoted", one(`"${MAC}"`), "malformed_header"],
    [
      "a blank within",
      one(`${MAC.slice(0, 32)} ${MAC.slice(32)}`),
      "malformed_header",
    ],
    [
      "a tab within",
      one(`${MAC.slice(0, 32)}\t${MAC.slice(33)}`),
      "malformed_header",
    ],
    ["latin-1 bytes", one("\xe9".repeat(64)), "malformed_header"],
    ["latin-1 digits", one(`${MAC.slice(0, 63)}\xb2`), "malformed_header"],
    [
      "full-width digits, as UTF-8 bytes",
      one(Buffer.from("\uff10".repeat(64)).toString("latin1")),
      "malformed_header",
    ],
    ["4,096 digits", one("0".repeat(4096)), "malformed_header"],
    ["8 KiB", one("0".repeat(8192)), "malformed_header"],
    [
      "1,000 signatures",
      one(Array<string>(1000).fill("0").join(" ")),
      "malformed_header",
    ],
    ["a name of Object's own", one("__proto__"), "malformed_header"],
  ];
  test.each(raw)("thunderphone: %s", (_, lines, reason) =>
    expectRefusedUnread("thunderphone", SECRET, lines, reason),
  );

  const digest = Buffer.from(MAC, "hex").toString("base64");
  const base64: [what: string, value: string][] = [
    ["hex of the same digest", MAC],
    ["no padding", digest.replace("=", "")],
    ["double padding", `${digest}=`],
    ["padding for a shorter one", `${digest.slice(0, 42)}==`],
    ["a blank inside", `${digest.slice(0, 20)} ${digest.slice(20)}`],
    ["base64url letters", digest.replace(/./, "-")],
    ["stray bits in the last letter", digest.replace(/.=$/, "B=")],
    ["a byte more", Buffer.alloc(33).toString("base64")],
    ["a byte less", Buffer.alloc(31).toString("base64")],
    ["sha256= before it", `sha256=${digest}`],
  ];
  test.each(base64)("base64: %s", (_, value) =>
    expectRefusedUnread(
      "shopify",
      SECRET,
      [["X-Shopify-Hmac-Sha256", value]],
      "malformed_header",
    ),
  );

  const prefixed: [what: string, value: string][] = [
    ["no prefix", MAC],
    ["the prefix of a weaker digest", `sha1=${MAC.slice(0, 40)}`],
    ["the prefix alone", "sha256="],
    ["the prefix twice", `sha256=sha256=${MAC}`],
    ["the prefix in capitals", `SHA256=${MAC}`],
    ["a blank behind the prefix", `sha256= ${MAC}`],
  ];
  test.each(prefixed)("prefix: %s", (_, value) =>
    expectRefusedUnread(
      "github",
      SECRET,
      [["X-Hub-Signature-256", value]],
      "malformed_header",
    ),
  );

  test("the older, weaker header beside is no signature", () =>
    expectRefusedUnread(
      "github",
      SECRET,
      [["X-Hub-Signature", `sha1=${"0".repeat(40)}`]],
      "missing_header",
    ));
});

describe("several signatures in one header", () => {
  const headers = sign("standard-webhooks", STANDARD_SECRET, {
    body: BODY,
    now: NOW,
    id: "msg_1",
  });
  const right = headers["webhook-signature"] ?? "";
  const wrong = `v1,${Buffer.alloc(32).toString("base64")}`;
  const verdict = (signature: string) =>
    verify("standard-webhooks", STANDARD_SECRET, {
      headers: { ...headers, "webhook-signature": signature },
      body: Buffer.from(BODY),
      now: NOW,
    });

  test.each([
    ["the last of 16", `${`${wrong} `.repeat(15)}${right}`],
    ["behind another version", `v1a,${"A".repeat(86)}== ${right}`],
    ["behind a version that does not exist yet", `v9,whatever ${right}`],
  ])("a right one is found: %s", (_, signature) => {
    expect(verdict(signature)).toEqual({ ok: true, key: "0" });
  });

  const refused: [what: string, signature: string, reason: Reason][] = [
    [
      "17 of them, the last right",
      `${`${wrong} `.repeat(16)}${right}`,
      "malformed_header",
    ],
    ["1,000 of them", `${`${wrong} `.repeat(999)}${right}`, "malformed_header"],
    [
      "other versions only",
      `v2,${right.slice(3)} v1a,${right.slice(3)}`,
      "malformed_header",
    ],
    [
      "the digest of this version under an older name",
      `v0,${right.slice(3)}`,
      "malformed_header",
    ],
    ["one of them malformed", `v1,zz ${right}`, "malformed_header"],
    ["no version", right.slice(3), "malformed_header"],
    ["only a version", "v1,", "malformed_header"],
    ["joined by a comma and a blank", `${right}, ${right}`, "duplicate_header"],
    ["all of them wrong", `${wrong} ${wrong}`, "bad_signature"],
  ];
  test.each(refused)("%s", (_, signature, reason) => {
    expect(verdict(signature)).toEqual({ ok: false, reason });
  });

  // Node itself refuses 16 KiB of headers.
  const overHttp = refused.filter(
    ([, signature, reason]) =>
      reason !== "bad_signature" && signature.length < 8192,
  );
  test.each(overHttp)("over HTTP: %s", (_, signature, reason) =>
    expectRefusedUnread(
      "standard-webhooks",
      STANDARD_SECRET,
      Object.entries({ ...headers, "webhook-signature": signature }),
      reason,
    ),
  );
});

describe("fields in one header", () => {
  const header =
    sign("stripe", SECRET, { body: BODY, now: NOW })["Stripe-Signature"] ?? "";
  const mac = header.split("v1=")[1] ?? "";
  const zeros = "0".repeat(64);
  const verdict = (signature: string) =>
    verify("stripe", SECRET, {
      headers: { "stripe-signature": signature },
      body: Buffer.from(BODY),
      now: NOW,
    });

  test.each([
    ["as it is sent", header],
    ["the time behind it", `v1=${mac},t=${SECONDS}`],
    ["beside an older version", `t=${SECONDS},v0=${zeros},v1=${mac}`],
    ["beside a field that nobody knows", `t=${SECONDS},x=1,v1=${mac},y`],
    ["the second of two", `t=${SECONDS},v1=${zeros},v1=${mac}`],
  ])("a right one is found: %s", (_, signature) => {
    expect(verdict(signature)).toEqual({ ok: true, key: "0" });
  });

  const refused: [what: string, signature: string, reason: Reason][] = [
    ["only an older version", `t=${SECONDS},v0=${mac}`, "malformed_header"],
    [
      "an older version right, this one wrong",
      `t=${SECONDS},v0=${mac},v1=${zeros}`,
      "bad_signature",
    ],
    [
      "two times, equal",
      `t=${SECONDS},t=${SECONDS},v1=${mac}`,
      "malformed_header",
    ],
    ["two times, one old", `t=1,t=${SECONDS},v1=${mac}`, "malformed_header"],
    ["no time", `v1=${mac}`, "malformed_header"],
    ["an empty time", `t=,v1=${mac}`, "malformed_header"],
    ["blanks between", `t=${SECONDS}, v1=${mac}`, "duplicate_header"],
    ["capitals", `T=${SECONDS},V1=${mac}`, "malformed_header"],
    ["no fields", mac, "malformed_header"],
    ["commas only", ",,,,", "malformed_header"],
    ["equals signs only", "====", "malformed_header"],
    [
      "17 signatures",
      `t=${SECONDS}${`,v1=${mac}`.repeat(17)}`,
      "malformed_header",
    ],
    [
      "1,000 empty fields",
      `t=${SECONDS}${",v1=".repeat(1000)}`,
      "malformed_header",
    ],
    [
      "a name of Object's own",
      `t=${SECONDS},__proto__=${mac}`,
      "malformed_header",
    ],
  ];
  test.each(refused)("%s", (_, signature, reason) => {
    expect(verdict(signature)).toEqual({ ok: false, reason });
  });

  test.each(refused.filter(([, , reason]) => reason !== "bad_signature"))(
    "over HTTP: %s",
    (_, signature, reason) =>
      expectRefusedUnread(
        "stripe",
        SECRET,
        [["Stripe-Signature", signature]],
        reason,
      ),
  );
});

describe("a time is plain seconds within the window", () => {
  // Each is signed as it stands: only its form or age is wrong.
  const scheme: Scheme = { algorithm: "sha256", timestampUnit: "s" };
  const headersAt = (timestamp: string) => {
    const signedBody = {
      algorithm: "sha256",
      payloadFormat: "{body}",
    } as const;
    return {
      ...sign(signedBody, SECRET, { body: `${timestamp}.${BODY}` }),
      "x-timestamp": timestamp,
    };
  };
  const verdict = (timestamp: string) =>
    verify(scheme, SECRET, {
      headers: headersAt(timestamp),
      body: Buffer.from(BODY),
      now: NOW,
    });

  const times: [what: string, timestamp: string, reason: Reason | "ok"][] = [
    ["now", String(SECONDS), "ok"],
    ["300 s ago", String(SECONDS - 300), "ok"],
    ["301 s ago", String(SECONDS - 301), "too_old"],
    ["300 s ahead", String(SECONDS + 300), "ok"],
    ["301 s ahead", String(SECONDS + 301), "too_new"],
    ["a day ahead", String(SECONDS + 86_400), "too_new"],
    ["1970", "0", "too_old"],
    ["milliseconds instead of seconds", String(SECONDS * 1000), "too_new"],
    ["15 digits", "9".repeat(15), "too_new"],
    ["16 digits, above 2^53", "9007199254740993", "malformed_header"],
    ["400 digits", "9".repeat(400), "malformed_header"],
    ["1e9", "1e9", "malformed_header"],
    ["hexadecimal", `0x${SECONDS.toString(16)}`, "malformed_header"],
    ["octal", `0${SECONDS}`, "malformed_header"],
    ["-1", "-1", "malformed_header"],
    ["-0", "-0", "malformed_header"],
    ["+ before it", `+${SECONDS}`, "malformed_header"],
    ["a fraction", `${SECONDS}.0`, "malformed_header"],
    ["blanks around", ` ${SECONDS} `, "malformed_header"],
    ["a line break behind", `${SECONDS}\n`, "malformed_header"],
    [
      "an underscore within",
      `${String(SECONDS).slice(0, 4)}_${String(SECONDS).slice(4)}`,
      "malformed_header",
    ],
    ["NaN", "NaN", "malformed_header"],
    ["Infinity", "Infinity", "malformed_header"],
    ["an ISO date", NOW.toISOString(), "malformed_header"],
    [
      "full-width digits",
      String(SECONDS).replace("1", "\uff11"),
      "malformed_header",
    ],
    ["empty", "", "missing_header"],
    ["two", `${SECONDS}, ${SECONDS}`, "duplicate_header"],
  ];
  test.each(times)("%s", (_, timestamp, expected) => {
    expect(verdict(timestamp)).toEqual(
      expected === "ok"
        ? { ok: true, key: "0" }
        : { ok: false, reason: expected },
    );
  });

  // Node takes blanks and bytes above latin1 off a header before anybody sees it.
  const overHttp = times.filter(
    ([, timestamp, reason]) =>
      reason !== "ok" && /^[\x21-\x7e]*(, \d+)?$/.test(timestamp),
  ) as [string, string, Reason][];
  test.each(overHttp)(
    "over HTTP, before the body: %s",
    (_, timestamp, reason) =>
      expectRefusedUnread(
        scheme,
        SECRET,
        Object.entries(headersAt(timestamp)),
        reason,
      ),
  );

  test("seconds instead of milliseconds are old", () => {
    const inMs: Scheme = { ...scheme, timestampUnit: "ms" };
    expect(
      verify(inMs, SECRET, {
        headers: headersAt(String(SECONDS)),
        body: Buffer.from(BODY),
        now: NOW,
      }),
    ).toEqual({ ok: false, reason: "too_old" });
  });

  test("another time than the signed one", () => {
    expect(
      verify(scheme, SECRET, {
        headers: {
          ...headersAt(String(SECONDS)),
          "x-timestamp": String(SECONDS + 1),
        },
        body: Buffer.from(BODY),
        now: NOW,
      }),
    ).toEqual({ ok: false, reason: "bad_signature" });
  });
});

describe("a call id that is no token", () => {
  const callId: [what: string, lines: Lines, reason: Reason][] = [
    [
      "sent twice",
      [
        ["X-ThunderPhone-Call-ID", "1"],
        ["X-ThunderPhone-Call-ID", "2"],
      ],
      "duplicate_header",
    ],
    [
      "with a blank in it",
      [["X-ThunderPhone-Call-ID", "1 2"]],
      "malformed_header",
    ],
    ["latin-1", [["X-ThunderPhone-Call-ID", "\xe9"]], "malformed_header"],
    [
      "257 characters",
      [["X-ThunderPhone-Call-ID", "1".repeat(257)]],
      "malformed_header",
    ],
  ];
  test.each(callId)("%s", (_, lines, reason) =>
    expectRefusedUnread(
      "thunderphone",
      SECRET,
      [[SIGNATURE, MAC], ...lines],
      reason,
    ),
  );

  const none: [what: string, lines: Lines][] = [
    ["none", []],
    ["an empty one", [["X-ThunderPhone-Call-ID", ""]]],
  ];
  test.each(none)("%s is no call id", async (_, lines) => {
    const app = await startApp();
    const client = await openClient(app.url);
    const head = [...lines, [SIGNATURE, MAC]]
      .map(([name = "", value = ""]) => `${name}: ${value}\r\n`)
      .join("");
    await client.send(
      `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${BODY.length}\r\n${head}\r\n${BODY}`,
    );
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls.map((call) => call.callId)).toEqual([undefined]);
  });
});

describe("a static header", () => {
  const probeWith = async (lines: Lines) => {
    const app = await startApp({
      options: { headers: { "X-Api-Key": "the-right-value" } },
    });
    const client = await openClient(app.url);
    const head = [...lines, [SIGNATURE, MAC]]
      .map(([name = "", value = ""]) => `${name}: ${value}\r\n`)
      .join("");
    await client.send(
      Buffer.from(
        `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${BODY.length}\r\n${head}\r\n`,
        "latin1",
      ),
    );
    const answer = await client.answer();
    return { app, answer };
  };
  const wrong: [what: string, lines: Lines][] = [
    ["missing", []],
    ["empty", [["X-Api-Key", ""]]],
    ["another", [["X-Api-Key", "wrong"]]],
    ["in capitals", [["X-Api-Key", "THE-RIGHT-VALUE"]]],
    ["a beginning of it", [["X-Api-Key", "the-right-valu"]]],
    ["longer", [["X-Api-Key", "the-right-value1"]]],
    [
      "sent twice",
      [
        ["X-Api-Key", "the-right-value"],
        ["X-Api-Key", "the-right-value"],
      ],
    ],
    ["a list with it", [["X-Api-Key", "wrong, the-right-value"]]],
  ];
  test.each(wrong)("%s is refused before the body", async (_, lines) => {
    const { app, answer } = await probeWith(lines);
    if (answer === "closed") throw new Error("closed without an answer");
    expectRefusal(answer, "bad_static_header", app, [
      SECRET,
      "the-right-value",
    ]);
    expect(app.refused[0]?.hasReadBody).toBe(false);
  });

  test("is no signature", async () => {
    const app = await startApp({
      options: { headers: { "X-Api-Key": "the-right-value" } },
    });
    const client = await openClient(app.url);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nX-Api-Key: the-right-value\r\n\r\n",
    );
    const answer = await client.answer();
    if (answer === "closed") throw new Error("closed without an answer");
    expectRefusal(answer, "missing_header", app);
  });
});

test("a header beyond what Node takes is answered by Node, and no handler runs", async () => {
  const app = await startApp();
  const client = await openClient(app.url);
  await client.send(
    `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n${SIGNATURE}: ${"0".repeat(17_000)}\r\n\r\n{}`,
  );
  expect(await client.answer()).toMatchObject({ status: 431 });
  expect([app.calls, app.refused]).toEqual([[], []]);
});

test("a list of values is a duplicate, whatever is in it", () => {
  for (const header of [[MAC], [MAC, MAC], [""]])
    expect(
      verify("thunderphone", SECRET, {
        headers: { [SIGNATURE]: header },
        body: Buffer.from(BODY),
      }),
    ).toEqual({ ok: false, reason: "duplicate_header" });
});

test("headers with names of Object's own are no headers", () => {
  const headers = JSON.parse(
    `{"__proto__":{"${SIGNATURE}":"${MAC}"}}`,
  ) as Record<string, string>;
  expect(
    verify("thunderphone", SECRET, { headers, body: Buffer.from(BODY) }),
  ).toEqual({ ok: false, reason: "missing_header" });
});
