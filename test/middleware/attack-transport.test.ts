import { EventEmitter, once } from "node:events";
import { request } from "node:http";
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Reason, VerifyOptions } from "../../middleware/index.ts";
import { closeClients, openClient } from "../support/raw-http.ts";
import { closeServers } from "../support/server.ts";
import {
  ask,
  BODY,
  expectRefusal,
  macOf,
  PUBLIC,
  SECRET,
  SIGNATURE,
  signed,
  startApp,
} from "./make-app.ts";

afterEach(() => {
  closeClients();
  return closeServers();
});

const WRONG = "0".repeat(64);

/** A request as it goes over the wire; the body comes as it is given. */
function wire(
  body: string | Buffer,
  lines: readonly string[] = [],
  mac = macOf(body),
): Buffer {
  const head = [
    "POST / HTTP/1.1",
    "Host: a.test",
    `${SIGNATURE}: ${mac}`,
    ...lines,
  ];
  return Buffer.concat([
    Buffer.from(`${head.join("\r\n")}\r\n\r\n`),
    Buffer.from(body as Buffer),
  ]);
}

const withLength = (body: string | Buffer, mac?: string) =>
  wire(body, [`Content-Length: ${Buffer.byteLength(body)}`], mac);

const chunk = (text: string | Buffer) =>
  Buffer.concat([
    Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n`),
    Buffer.from(text as Buffer),
    Buffer.from("\r\n"),
  ]);

async function start(options: Partial<VerifyOptions> = {}) {
  const app = await startApp({ options });
  const client = await openClient(app.url);
  return { app, client };
}

async function mustAnswer(client: Awaited<ReturnType<typeof openClient>>) {
  const answer = await client.answer();
  if (answer === "closed") throw new Error("closed without an answer");
  return answer;
}

describe("a body arrives in whatever pieces", () => {
  test("split at every byte", async () => {
    const { app, client } = await start();
    const whole = withLength(BODY);
    const headEnd = whole.indexOf("\r\n\r\n") + 4;
    await client.send(whole.subarray(0, headEnd));
    for (const byte of whole.subarray(headEnd))
      await client.send(Buffer.from([byte]));
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls[0]?.rawBody.toString()).toBe(BODY);
  });

  test("chunked, a byte in each chunk, a letter split in two", async () => {
    const { app, client } = await start();
    const body = Buffer.from('{"name":"Ren\u00e9"}');
    await client.send(wire("", ["Transfer-Encoding: chunked"], macOf(body)));
    for (const byte of body) await client.send(chunk(Buffer.from([byte])));
    await client.send("0\r\n\r\n");
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls[0]?.arguments).toEqual({ name: "Ren\u00e9" });
  });

  test("chunked without a chunk: an empty body", async () => {
    const { app, client } = await start();
    await client.send(
      Buffer.concat([
        wire("", ["Transfer-Encoding: chunked"]),
        Buffer.from("0\r\n\r\n"),
      ]),
    );
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls[0]?.arguments).toEqual({});
  });

  test("a signature in the trailer counts for nothing", async () => {
    const { app, client } = await start();
    await client.send(
      Buffer.concat([
        Buffer.from(
          `POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: ${SIGNATURE}\r\n\r\n`,
        ),
        chunk(BODY),
        Buffer.from(`0\r\n${SIGNATURE}: ${macOf(BODY)}\r\n\r\n`),
      ]),
    );
    expectRefusal(await mustAnswer(client), "missing_header", app, [
      macOf(BODY),
    ]);
  });

  test("a trailer changes no verdict", async () => {
    const { app, client } = await start();
    await client.send(
      Buffer.concat([
        wire(
          "",
          ["Transfer-Encoding: chunked", `Trailer: ${SIGNATURE}`],
          macOf(BODY),
        ),
        chunk(BODY),
        Buffer.from(`0\r\n${SIGNATURE}: ${WRONG}\r\n\r\n`),
      ]),
    );
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls).toHaveLength(1);
  });

  test("Expect: 100-continue is told to go on, and then what came of it", async () => {
    const { app, client } = await start();
    await client.send(
      wire(
        "",
        [`Content-Length: ${BODY.length}`, "Expect: 100-continue"],
        macOf(BODY),
      ),
    );
    expect(await client.answer()).toMatchObject({ status: 100 });
    await client.send(BODY);
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls).toHaveLength(1);
  });

  test("HTTP/1.0 without a length has no body", async () => {
    const { app, client } = await start();
    await client.send(
      `POST / HTTP/1.0\r\n${SIGNATURE}: ${macOf(BODY)}\r\n\r\n`,
    );
    expectRefusal(await mustAnswer(client), "bad_signature", app, [SECRET]);
  });
});

describe("a length that lies", () => {
  test("too long: the sender goes, nothing runs, and the next sender is served", async () => {
    const { app, client } = await start();
    const gone = new Promise((resolve) =>
      app.server.once("connection", (socket) => socket.once("close", resolve)),
    );
    const second = await openClient(app.url);
    await second.send(wire(BODY, ["Content-Length: 1000"]));
    second.destroy();
    await gone;
    await client.send(withLength(BODY));
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect([app.calls.length, app.refused]).toEqual([1, []]);
  });

  test("too long, and the sender half-closes: Node breaks it off, nothing runs", async () => {
    const { app, client } = await start();
    await client.send(wire(BODY, ["Content-Length: 1000"]));
    client.end();
    const answer = await client.answer();
    expect(answer === "closed" ? 400 : answer.status).toBe(400);
    expect([app.calls, app.refused]).toEqual([[], []]);
  });

  test("too long, and the sender waits: a time limit ends it", async () => {
    const { app, client } = await start({ bodyTimeoutMs: 30 });
    await client.send(wire(BODY, ["Content-Length: 1000"]));
    expectRefusal(await mustAnswer(client), "body_stalled", app, [SECRET]);
    expect(await client.answer()).toBe("closed");
  });

  test("too short: only so many bytes are the body, the rest is another request", async () => {
    const { app, client } = await start();
    const whole = wire(BODY, ["Content-Length: 10"]);
    await client.send(whole.subarray(0, 10 - BODY.length));
    expectRefusal(await mustAnswer(client), "bad_signature", app, [SECRET]);
    await client.send(whole.subarray(10 - BODY.length));
    expect(await client.answer()).toMatchObject({ status: 400 });
    expect(app.calls).toEqual([]);
  });

  const smuggled: [what: string, lines: string[]][] = [
    [
      "both a length and chunks",
      ["Content-Length: 21", "Transfer-Encoding: chunked"],
    ],
    ["two lengths", ["Content-Length: 21", "Content-Length: 22"]],
    ["a negative length", ["Content-Length: -1"]],
    ["a length that is no number", ["Content-Length: 0x15"]],
    ["chunks under another coding", ["Transfer-Encoding: chunked, identity"]],
  ];
  test.each(smuggled)("%s: Node's own 400, nothing runs", async (_, lines) => {
    const { app, client } = await start();
    await client.send(wire(BODY, lines));
    expect(await client.answer()).toMatchObject({ status: 400 });
    expect([app.calls, app.refused]).toEqual([[], []]);
  });
});

describe("a sender who breaks off", () => {
  test.each(["Content-Length: 1000", "Transfer-Encoding: chunked"])(
    "in the middle (%s) is answered by nobody, and hurts nobody",
    async (line) => {
      const { app, client } = await start();
      let served = () => {};
      const isServed = new Promise<void>((resolve) => (served = resolve));
      app.server.once("request", (req) => {
        req.once("data", served);
      });
      const gone = new Promise((resolve) =>
        app.server.once("request", (_req, res) => res.once("close", resolve)),
      );
      await client.send(
        Buffer.concat([wire("", [line], macOf(BODY)), chunk(BODY)]),
      );
      await isServed;
      client.destroy();
      await gone;
      expect([app.calls, app.refused]).toEqual([[], []]);
      const next = await ask(app.url, { body: BODY, headers: signed(BODY) });
      expect(next.status).toBe(200);
    },
  );

  test("before the middleware runs is answered by nobody, and is no parser's fault", async () => {
    let arrived = () => {};
    const isArrived = new Promise<void>((resolve) => (arrived = resolve));
    let passed = () => {};
    const isPassed = new Promise<void>((resolve) => (passed = resolve));
    const app = await startApp({
      before: [
        (req, _res, next) => {
          req.once("close", () => {
            next();
            passed();
          });
          arrived();
        },
      ],
    });
    const client = await openClient(app.url);
    await client.send(wire("", ["Content-Length: 1000"], macOf(BODY)));
    await isArrived;
    client.destroy();
    await isPassed;
    expect([app.calls, app.refused]).toEqual([[], []]);
  });

  test("while secrets are looked up hurts nobody", async () => {
    const asked: ((secret: string) => void)[] = [];
    const events = new EventEmitter();
    const { app, client } = await start({
      secrets: () =>
        new Promise<string>((resolve) => {
          asked.push(resolve);
          events.emit("asked");
        }),
    });
    const closed = new Promise((resolve) =>
      app.server.once("request", (_req, res) => res.once("close", resolve)),
    );
    const first = once(events, "asked");
    await client.send(withLength(BODY, WRONG));
    await first;
    client.destroy();
    await closed;
    asked[0]?.(SECRET);
    const second = once(events, "asked");
    const next = ask(app.url, { body: BODY, headers: signed(BODY) });
    await second;
    asked[1]?.(SECRET);
    expect((await next).status).toBe(200);
    expect(app.calls).toHaveLength(1);
  });
});

describe("a slow body", () => {
  test.each([
    ["with a length", "Content-Length: 1000"],
    ["chunked", "Transfer-Encoding: chunked"],
  ])("%s ends with 408, however many bytes drip", async (_, line) => {
    const { app, client } = await start({ bodyTimeoutMs: 60 });
    await client.send(wire("", [line], WRONG));
    const answered = client.answer();
    let isAnswered = false;
    void answered.finally(() => (isAnswered = true));
    const isChunked = line.includes("chunked");
    while (!isAnswered) {
      await client.send(isChunked ? chunk("x") : "x");
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const answer = await answered;
    if (answer === "closed") throw new Error("closed without an answer");
    // A thousand drops can be all there before the limit is.
    if (!isChunked && answer.status === 401) return;
    expectRefusal(answer, "body_stalled", app);
  });

  test("that never begins ends with 408", async () => {
    const { app, client } = await start({ bodyTimeoutMs: 20 });
    await client.send(wire("", ["Content-Length: 1000"], WRONG));
    expectRefusal(await mustAnswer(client), "body_stalled", app);
  });

  test("holds up no other sender", async () => {
    const { app, client } = await start();
    await client.send(wire("half", ["Content-Length: 1000"], WRONG));
    const other = await ask(app.url, { body: BODY, headers: signed(BODY) });
    expect(other.status).toBe(200);
  });
});

describe("requests on one connection", () => {
  test("a second one sent along with a refused one is answered by itself", async () => {
    const { app, client } = await start();
    await client.send(
      Buffer.concat([
        withLength(BODY, WRONG),
        withLength(BODY, "zz"),
        withLength(BODY),
        withLength("{}", macOf(BODY)),
        withLength("{}"),
      ]),
    );
    const statuses = [];
    for (let round = 0; round < 5; round++)
      statuses.push((await mustAnswer(client)).status);
    expect(statuses).toEqual([401, 401, 200, 401, 200]);
    // Whose header is wrong is refused as soon as it is there.
    expect(app.refused.map(({ reason }) => reason).toSorted()).toEqual([
      "bad_signature",
      "bad_signature",
      "malformed_header",
    ]);
    expect(app.calls.map(({ rawBody }) => rawBody.toString())).toEqual([
      BODY,
      "{}",
    ]);
  });

  test("one after a refused one, its body sent late", async () => {
    const { app, client } = await start();
    await client.send(wire("", [`Content-Length: ${BODY.length}`], "zz"));
    expectRefusal(await mustAnswer(client), "malformed_header", app);
    await client.send(BODY);
    await client.send(withLength(BODY));
    expect(await client.answer()).toMatchObject({ status: 200 });
  });

  test("what stands in a refused body is no request", async () => {
    const { app, client } = await start();
    await client.send(withLength(withLength(BODY), "zz"));
    expectRefusal(await mustAnswer(client), "malformed_header", app);
    await client.send(withLength("{}"));
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls.map(({ rawBody }) => rawBody.toString())).toEqual(["{}"]);
  });

  test("nor in one that is too large", async () => {
    const { app, client } = await start({ maxBodyBytes: 10 });
    await client.send(withLength(withLength("{}")));
    expectRefusal(await mustAnswer(client), "body_too_large", app);
    expect(await client.answer()).toBe("closed");
    expect(app.calls).toEqual([]);
  });
});

describe("the longest body", () => {
  const bodyOf = (length: number) => `{"a":"${"x".repeat(length - 8)}"}`;
  const maxBodyBytes = 64;
  const sizes: [what: string, length: number, status: number][] = [
    ["one below", maxBodyBytes - 1, 200],
    ["the limit", maxBodyBytes, 200],
    ["one above", maxBodyBytes + 1, 413],
  ];

  test.each(sizes)("%s, with a length", async (_, length, status) => {
    const { app, client } = await start({ maxBodyBytes });
    await client.send(withLength(bodyOf(length)));
    const answer = await mustAnswer(client);
    expect(answer.status).toBe(status);
    if (status === 413) {
      expectRefusal(answer, "body_too_large", app, [SECRET]);
      expect(app.refused[0]?.hasReadBody).toBe(false);
    }
  });

  test.each(sizes)("%s, chunked", async (_, length, status) => {
    const { app, client } = await start({ maxBodyBytes });
    const body = bodyOf(length);
    await client.send(
      Buffer.concat([
        wire("", ["Transfer-Encoding: chunked"], macOf(body)),
        chunk(body.slice(0, 40)),
        chunk(body.slice(40)),
        Buffer.from("0\r\n\r\n"),
      ]),
    );
    const answer = await mustAnswer(client);
    expect(answer.status).toBe(status);
    if (status === 413) expectRefusal(answer, "body_too_large", app, [SECRET]);
  });

  test("of 0 bytes takes an empty body only", async () => {
    const { app, client } = await start({ maxBodyBytes: 0 });
    await client.send(withLength(""));
    expect(await client.answer()).toMatchObject({ status: 200 });
    await client.send(withLength("{}"));
    expectRefusal(await mustAnswer(client), "body_too_large", {
      ...app,
      calls: [],
    });
  });
});

describe("much that is not signed costs nothing", () => {
  const size = 16 * 1024 * 1024;
  const heads: [what: string, lines: string[], reason: Reason][] = [
    ["no signature", [], "missing_header"],
    ["a malformed one", [`${SIGNATURE}: zz`], "malformed_header"],
    ["a well-formed one", [`${SIGNATURE}: ${WRONG}`], "body_too_large"],
  ];
  test.each(heads)(
    "16 MiB with %s are refused unread",
    async (_, lines, reason) => {
      const { app, client } = await start();
      await client.send(
        [
          "POST / HTTP/1.1",
          "Host: a.test",
          `Content-Length: ${size}`,
          ...lines,
          "",
          "",
        ].join("\r\n"),
      );
      expectRefusal(await mustAnswer(client), reason, app);
      expect(app.refused[0]?.hasReadBody).toBe(false);
      expect(await client.answer()).toBe("closed");
    },
  );

  test.each(heads.slice(0, 2))(
    "chunks with %s are refused unread",
    async (_, lines, reason) => {
      const { app, client } = await start();
      await client.send(
        [
          "POST / HTTP/1.1",
          "Host: a.test",
          "Transfer-Encoding: chunked",
          ...lines,
          "",
          "",
        ].join("\r\n"),
      );
      expectRefusal(await mustAnswer(client), reason, app);
      expect(app.refused[0]?.hasReadBody).toBe(false);
      expect(await client.answer()).toBe("closed");
    },
  );

  test("chunks without end stop at the limit", async () => {
    const { app, client } = await start({ maxBodyBytes: 1000 });
    await client.send(wire("", ["Transfer-Encoding: chunked"], WRONG));
    const answered = client.answer();
    let isAnswered = false;
    void answered.finally(() => (isAnswered = true));
    while (!isAnswered) {
      await client.send(chunk("x".repeat(100)));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const answer = await answered;
    if (answer === "closed") throw new Error("closed without an answer");
    expectRefusal(answer, "body_too_large", app);
  });

  test("200 senders at once of 1 MiB each are all refused unread", async () => {
    const { app } = await start();
    const clients = await Promise.all(
      Array.from({ length: 200 }, () => openClient(app.url)),
    );
    const answers = await Promise.all(
      clients.map(async (client) => {
        await client.send(
          "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1048576\r\n\r\n",
        );
        return mustAnswer(client);
      }),
    );
    for (const { status, body } of answers)
      expect({ status, body }).toEqual(PUBLIC.missing_header);
    expect(app.refused).toHaveLength(200);
    expect(app.refused.some(({ hasReadBody }) => hasReadBody)).toBe(false);
  });
});

describe("a compressed body", () => {
  const packers: [
    encoding: "gzip" | "deflate" | "br",
    pack: (text: string) => Buffer,
  ][] = [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    [
      "br",
      (text) =>
        brotliCompressSync(text, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
        }),
    ],
  ];

  const refusedCodings = [
    "gzip",
    "GZIP",
    "x-gzip",
    "deflate",
    "br",
    "zstd",
    "compress",
    "gzip, gzip",
    "identity, gzip",
    "gzip, identity",
    "nonsense",
    "aws-chunked",
    "gzip;q=0",
  ];
  test.each(refusedCodings)(
    "%s is refused unread unless it is asked for",
    async (encoding) => {
      const { app, client } = await start();
      await client.send(
        wire(
          "",
          [`Content-Encoding: ${encoding}`, "Content-Length: 1000"],
          WRONG,
        ),
      );
      expectRefusal(await mustAnswer(client), "unsupported_encoding", app);
      expect(app.refused[0]?.hasReadBody).toBe(false);
    },
  );

  test.each(["gzip, gzip", "gzip,gzip", "gzip, br", "identity, gzip", "zstd"])(
    "%s is refused also where the single ones are asked for",
    async (encoding) => {
      const { app, client } = await start({
        contentEncodings: ["gzip", "deflate", "br"],
      });
      await client.send(
        wire(
          "",
          [`Content-Encoding: ${encoding}`, "Content-Length: 1000"],
          WRONG,
        ),
      );
      expectRefusal(await mustAnswer(client), "unsupported_encoding", app);
    },
  );

  test("two headers of it are two codings", async () => {
    const { app, client } = await start({ contentEncodings: ["gzip"] });
    await client.send(
      wire(
        "",
        [
          "Content-Encoding: gzip",
          "Content-Encoding: gzip",
          "Content-Length: 10",
        ],
        WRONG,
      ),
    );
    expectRefusal(await mustAnswer(client), "unsupported_encoding", app);
  });

  test.each(["identity", "Identity", ""])("%j is none", async (encoding) => {
    const { client } = await start();
    await client.send(
      wire(BODY, [
        `Content-Encoding: ${encoding}`,
        `Content-Length: ${BODY.length}`,
      ]),
    );
    expect(await client.answer()).toMatchObject({ status: 200 });
  });

  describe.each(packers)("%s, where asked for", (encoding, pack) => {
    const options = { contentEncodings: [encoding] };
    const packed = pack(BODY);
    const send = async (
      body: Buffer,
      mac: string,
      given: Partial<VerifyOptions> = options,
    ) => {
      const { app, client } = await start(given);
      await client.send(
        wire(
          body,
          [`Content-Encoding: ${encoding}`, `Content-Length: ${body.length}`],
          mac,
        ),
      );
      return { app, answer: await mustAnswer(client) };
    };

    test.each([
      ["as sent", macOf(packed)],
      ["as it was before", macOf(BODY)],
    ])("may be signed %s", async (_, mac) => {
      const { app, answer } = await send(packed, mac);
      expect([answer.status, app.refused]).toEqual([200, []]);
      expect(app.calls[0]?.arguments).toEqual({ date: "2026-03-09" });
      expect(app.calls[0]?.rawBody.toString()).toBe(BODY);
    });

    test("signed otherwise is refused", async () => {
      const { app, answer } = await send(packed, macOf("{}"));
      expectRefusal(answer, "bad_signature", app, [macOf(BODY), macOf(packed)]);
    });

    test("that does not inflate and is not signed is refused as unsigned", async () => {
      const junk = Buffer.from("no such thing");
      const { app, answer } = await send(junk, WRONG);
      expectRefusal(answer, "bad_signature", app);
    });

    test("that does not inflate and is signed is no JSON", async () => {
      const junk = Buffer.from("no such thing");
      const { app, answer } = await send(junk, macOf(junk));
      expectRefusal(answer, "not_json_object", app);
    });

    test("that ends early or goes on is no JSON", async () => {
      for (const body of [
        packed.subarray(0, -3),
        Buffer.concat([packed, Buffer.from("more")]),
      ]) {
        const { app, answer } = await send(body, macOf(body));
        expectRefusal(answer, "not_json_object", app);
      }
    });

    test("packed twice is no JSON", async () => {
      const twice = pack(packed.toString("latin1"));
      const { app, answer } = await send(twice, macOf(twice));
      expectRefusal(answer, "not_json_object", app);
    });

    test("output is bounded: limit and one above", async () => {
      const given = { ...options, maxBodyBytes: 1000 };
      const fits = `{"a":"${"x".repeat(992)}"}`;
      const right = await send(pack(fits), macOf(fits), given);
      expect(right.answer.status).toBe(200);
      const above = `{"a":"${"x".repeat(993)}"}`;
      for (const mac of [macOf(above), macOf(pack(above)), WRONG]) {
        const { app, answer } = await send(pack(above), mac, given);
        expectRefusal(answer, "body_too_large", app);
      }
    });

    test("a bomb of 64 MiB is refused", async () => {
      const bomb = pack("\0".repeat(64 * 1024 * 1024));
      const { app, answer } = await send(bomb, WRONG);
      expectRefusal(answer, "body_too_large", app);
    });
  });

  test("a bare deflate stream inflates too", async () => {
    const { client } = await start({ contentEncodings: ["deflate"] });
    const packed = deflateRawSync(BODY);
    await client.send(
      wire(packed, [
        "Content-Encoding: deflate",
        `Content-Length: ${packed.length}`,
      ]),
    );
    expect(await client.answer()).toMatchObject({ status: 200 });
  });

  test("a wrong coding's body is not guessed", async () => {
    const { app, client } = await start({ contentEncodings: ["gzip", "br"] });
    const packed = gzipSync(BODY);
    await client.send(
      wire(
        packed,
        ["Content-Encoding: br", `Content-Length: ${packed.length}`],
        macOf(BODY),
      ),
    );
    expectRefusal(await mustAnswer(client), "bad_signature", app);
  });
});

test.each(["utf-8", "utf-16le", "latin1", "shift_jis", "no-such-charset"])(
  "a charset of %s changes nothing: JSON is UTF-8",
  async (charset) => {
    const { app, client } = await start();
    const body = '{"name":"Ren\u00e9"}';
    const line = `Content-Type: application/json; charset=${charset}`;
    await client.send(
      wire(body, [line, `Content-Length: ${Buffer.byteLength(body)}`]),
    );
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(app.calls[0]?.arguments).toEqual({ name: "Ren\u00e9" });
  },
);

test("a sender who reads only after it has sent all hears why it was refused", async () => {
  const { app } = await start();
  const sent = request(app.url, {
    method: "POST",
    headers: { [SIGNATURE]: WRONG },
  });
  const answered = once(sent, "response");
  sent.on("error", () => {}); // writing into a closed connection
  for (let round = 0; round < 64; round++) sent.write("x".repeat(65_536));
  sent.end();
  const [response] = (await answered) as [
    { statusCode: number; resume: () => void },
  ];
  response.resume();
  expect(response.statusCode).toBe(413);
});
