import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { bundledJokes } from "../../endpoints/jokes/bundled.ts";
import { createJokes } from "../../endpoints/jokes/jokes.ts";
import type { Joke, JokeOptions } from "../../endpoints/jokes/jokes.ts";
import { closeServers, startServer } from "../support/server.ts";
import { gate } from "../support/switchboard.ts";

afterEach(closeServers);

/** An API on a real socket, a clock, and the count of requests. */
async function setUp(
  listener: RequestListener,
  options: Partial<JokeOptions> = {},
) {
  let ms = Date.UTC(2026, 2, 9, 9);
  const api = { requests: 0, answer: listener };
  const { url } = await startServer((req, res) => {
    api.requests += 1;
    api.answer(req, res);
  });
  const tellJoke = createJokes({
    url: `${url}/joke/Programming?safe-mode`,
    now: () => new Date(ms),
    ...options,
  });
  return { api, tellJoke, wait: (byMs: number) => (ms += byMs) };
}

const answer =
  (value: unknown, status = 200): RequestListener =>
  (_req, res) =>
    void res
      .writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify(value));

/** A new joke each time: "Joke 1.", "Joke 2." ... */
function numbered(): RequestListener {
  let count = 0;
  return (req, res) =>
    answer({ type: "single", joke: `Joke ${++count}.` })(req, res);
}

const BROKEN = answer({}, 500);

describe("a joke of the API", () => {
  const told: [what: string, body: object, joke: string][] = [
    ["is told as it is", { type: "single", joke: "Ha." }, "Ha."],
    [
      "has its two parts joined",
      { type: "twopart", setup: "Why?", delivery: "Because." },
      "Why? Because.",
    ],
    [
      "loses control characters, line breaks and bidi marks",
      { type: "single", joke: "a\u0000b\u001b[31m\u202ec\n\nd\ud800" },
      "a b [31m c d",
    ],
    ["may say that there is no error", { error: false, joke: "Ha." }, "Ha."],
    [
      "may have 399 characters",
      { joke: `${"x".repeat(398)}.` },
      `${"x".repeat(398)}.`,
    ],
  ];
  test.each(told)("%s", async (_, body, joke) => {
    const { tellJoke } = await setUp(answer(body));
    expect(await tellJoke("CA1")).toEqual({ joke, source: "jokeapi" });
  });

  test("fits twice into an answer of 1 KB, whatever its letters weigh", async () => {
    const { tellJoke } = await setUp(answer({ joke: "\u{1f602}".repeat(150) }));
    const { joke, source } = await tellJoke("CA1");
    expect(source).toBe("offline");
    const whole = JSON.stringify({ joke, source, speech: joke });
    expect(Buffer.byteLength(whole)).toBeLessThan(1024);
  });
});

describe("the bundled list answers", () => {
  const faults: [what: string, listener: RequestListener][] = [
    ["sends status 500", answer({ joke: "Ha." }, 500)],
    ["sends status 429", answer({ joke: "Ha." }, 429)],
    ["says error", answer({ error: true, joke: "Ha.", message: "none" })],
    ["sends no joke", answer({ type: "single" })],
    ["sends half a joke", answer({ type: "twopart", setup: "Why?" })],
    ["sends an empty joke", answer({ joke: " \u0000 " })],
    ["sends a list", answer(["Ha."])],
    ["sends null", answer(null)],
    ["sends a number as the joke", answer({ joke: 42, setup: "a" })],
    ["sends a web page", (_req, res) => void res.end("<html>")],
    ["sends nothing", (_req, res) => void res.end()],
    ["hangs up", (_req, res) => void res.destroy()],
    [
      "breaks off in its answer",
      (_req, res) => {
        res.writeHead(200, { "content-length": "100" });
        res.write('{"joke":', () => res.destroy());
      },
    ],
    ["tells a long story", answer({ joke: "x".repeat(400) })],
    ["sends 8 KB and more", answer({ joke: "Ha.", id: "x".repeat(8192) })],
  ];
  test.each(faults)("when the API %s", async (_, listener) => {
    const { tellJoke, api } = await setUp(listener);
    const told = await tellJoke("CA1");
    expect([told.source, api.requests]).toEqual(["offline", 1]);
    expect(bundledJokes).toContain(told.joke);
  });

  test("when nobody listens there", async () => {
    const { url, close } = await startServer(() => {});
    await close();
    expect(await createJokes({ url })()).toMatchObject({ source: "offline" });
  });

  test("when there is no address, without a request", async () => {
    const told = await createJokes({
      url: "",
      fetch: () => Promise.reject(new Error("asked")),
    })();
    expect(told.source).toBe("offline");
  });

  test("when the API does not answer in time, and its request is broken off", async () => {
    const gone = gate();
    const { tellJoke } = await setUp(
      (_req, res) => void res.once("close", gone.open),
      { timeoutMs: 20 },
    );
    expect(await tellJoke("CA1")).toMatchObject({ source: "offline" });
    await gone.opened;
  });

  test("when the body trickles in for longer than the limit", async () => {
    const gone = gate();
    const { tellJoke } = await setUp(
      (_req, res) => {
        res.once("close", gone.open);
        res.writeHead(200).write('{"joke":"Ha');
      },
      { timeoutMs: 20 },
    );
    expect(await tellJoke("CA1")).toMatchObject({ source: "offline" });
    await gone.opened;
  });

  test("within the limit also where fetch does not heed its signal", async () => {
    const { tellJoke } = await setUp(BROKEN, {
      timeoutMs: 20,
      fetch: () => new Promise(() => {}),
    });
    expect(await tellJoke("CA1")).toMatchObject({ source: "offline" });
  });

  test("when an answer has no end, which is not read any further", async () => {
    const gone = gate();
    const { tellJoke } = await setUp(
      (_req, res) => {
        res.once("close", gone.open);
        res.writeHead(200);
        const more = () => void res.write("x".repeat(4096), more);
        more();
      },
      { timeoutMs: 60_000 },
    );
    expect(await tellJoke("CA1")).toMatchObject({ source: "offline" });
    await gone.opened;
  });

  test("when the API sends elsewhere, where nobody is asked", async () => {
    let isAsked = false;
    const { url } = await startServer((req, res) => {
      isAsked = true;
      answer({ joke: "Ha." })(req, res);
    });
    const { tellJoke } = await setUp(
      (_req, res) => void res.writeHead(302, { location: url }).end(),
    );
    expect(await tellJoke("CA1")).toMatchObject({ source: "offline" });
    expect(isAsked).toBe(false);
  });
});

describe("who hears what", () => {
  test("another call within 60 seconds gets the fetched joke without a request", async () => {
    const { tellJoke, api, wait } = await setUp(numbered());
    const first = await tellJoke("CA1");
    wait(59_999);
    expect(await tellJoke("CA2")).toEqual(first);
    expect(api.requests).toBe(1);
    wait(1);
    expect((await tellJoke("CA3")).joke).toBe("Joke 2.");
  });

  test("a caller who asks for another one gets a fresh one", async () => {
    const { tellJoke } = await setUp(numbered());
    const jokes = [];
    for (let each = 0; each < 12; each++)
      jokes.push((await tellJoke("CA1")).joke);
    expect(new Set(jokes).size).toBe(12);
  });

  test("a caller without a call id gets another one too", async () => {
    const { tellJoke } = await setUp(numbered());
    expect((await tellJoke()).joke).not.toBe((await tellJoke()).joke);
  });

  test("an API that repeats itself is helped out by the list, each of it once", async () => {
    const { tellJoke } = await setUp(answer({ joke: "Ha." }));
    const told: Joke[] = [];
    for (let each = 0; each <= bundledJokes.length; each++)
      told.push(await tellJoke("CA1"));
    expect(told[0]).toEqual({ joke: "Ha.", source: "jokeapi" });
    expect(new Set(told.map(({ joke }) => joke)).size).toBe(told.length);
  });

  test("who has heard all there is hears one again, and always one", async () => {
    const { tellJoke } = await setUp(BROKEN);
    for (let each = 0; each < 3 * bundledJokes.length; each++)
      expect(bundledJokes).toContain((await tellJoke("CA1")).joke);
  });

  test("an old joke of the API is told before one is told again", async () => {
    const { tellJoke, api, wait } = await setUp(BROKEN);
    for (const _ of bundledJokes) await tellJoke("CA1");
    wait(30_000);
    api.answer = answer({ joke: "Ha." });
    await tellJoke("CA2");
    wait(60_000);
    api.answer = BROKEN;
    expect((await tellJoke("CA1")).joke).toBe("Ha.");
  });

  test("calls that ask at the same moment share one request", async () => {
    const { tellJoke, api } = await setUp(numbered());
    const told = await Promise.all(["CA1", "CA2", "CA3"].map(tellJoke));
    expect(told.map(({ joke }) => joke)).toEqual(
      Array.from({ length: 3 }, () => "Joke 1."),
    );
    expect(api.requests).toBe(1);
  });

  test("one call that asks twice at the same moment hears two", async () => {
    const { tellJoke } = await setUp(numbered());
    const [one, two] = await Promise.all([tellJoke("CA1"), tellJoke("CA1")]);
    expect(one.joke).not.toBe(two.joke);
  });
});

describe("an API that is down", () => {
  test("is left alone for 30 seconds after three failures in a row, then asked once", async () => {
    const { tellJoke, api, wait } = await setUp(BROKEN);
    for (let each = 0; each < 6; each++) await tellJoke(`CA${each}`);
    expect(api.requests).toBe(3);
    wait(29_999);
    await tellJoke("CA7");
    expect(api.requests).toBe(3);
    wait(1);
    await Promise.all([tellJoke("CA8"), tellJoke("CA9")]);
    await tellJoke("CA10");
    expect(api.requests).toBe(4);
  });

  test("is asked as ever once the trial went well", async () => {
    const { tellJoke, api, wait } = await setUp(BROKEN);
    for (let each = 0; each < 3; each++) await tellJoke("CA1");
    wait(30_000);
    api.answer = numbered();
    expect(await tellJoke("CA1")).toMatchObject({ source: "jokeapi" });
    expect(await tellJoke("CA1")).toMatchObject({ source: "jokeapi" });
  });

  test("is not down when it fails twice, answers and fails twice", async () => {
    const { tellJoke, api } = await setUp(BROKEN);
    for (const listener of [BROKEN, BROKEN, numbered(), BROKEN, BROKEN]) {
      api.answer = listener;
      await tellJoke("CA1");
    }
    await tellJoke("CA1");
    expect(api.requests).toBe(6);
  });

  test("a story that is too long is no failure", async () => {
    const { tellJoke, api } = await setUp(answer({ joke: "x".repeat(400) }));
    for (let each = 0; each < 5; each++) await tellJoke("CA1");
    expect(api.requests).toBe(5);
  });
});

test("no more than 100 requests a minute reach the API", async () => {
  const { tellJoke, api, wait } = await setUp(numbered());
  const sources = [];
  for (let each = 0; each < 110; each++)
    sources.push((await tellJoke("CA1")).source);
  expect(api.requests).toBe(100);
  expect(sources.slice(100)).toEqual(
    Array.from({ length: 10 }, () => "offline"),
  );
  wait(60_000);
  expect(await tellJoke("CA1")).toMatchObject({ source: "jokeapi" });
});
