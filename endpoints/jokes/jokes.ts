import { createLimiter } from "../http/limits.ts";
import { createBreaker } from "./breaker.ts";
import { bundledJokes } from "./bundled.ts";
import { fetchJoke } from "./joke-api.ts";
import { createMemory } from "./memory.ts";

/** A joke and where it came from. */
export interface Joke {
  joke: string;
  source: "jokeapi" | "offline";
}

/** @param callId  the phone call that asks; who has none is one caller together */
export type TellJoke = (callId?: string) => Promise<Joke>;

export interface JokeOptions {
  /** Address of JokeAPI, or "" for the bundled list only. The only place that is ever asked. */
  url: string;
  fetch?: typeof fetch;
  /** How long a caller waits for a fresh joke (default 800). */
  timeoutMs?: number;
  now?: () => Date;
}

const FRESH_MS = 60_000;
const FAILURES = 3;
const REST_MS = 30_000;
/** JokeAPI takes 120 of one address (https://v2.jokeapi.dev, read November 2026). */
const REQUESTS_PER_MINUTE = 100;

/**
 * Makes the function that always has a joke within the limit: the last one that
 * was fetched when this call does not know it, else a fresh one, else one of the
 * bundled list. No call hears a joke twice while there is another.
 */
export function createJokes(options: JokeOptions): TellJoke {
  const { url, timeoutMs = 800, now = () => new Date() } = options;
  const source = { fetch: options.fetch ?? fetch, url, timeoutMs };
  const breaker = createBreaker({ failures: FAILURES, restMs: REST_MS }, now);
  const limiter = createLimiter({ perMinute: REQUESTS_PER_MINUTE, now });
  const memory = createMemory();
  let fetched: { joke: string; at: number } | undefined;
  let running: Promise<string | undefined> | undefined;
  let turn = 0;

  async function request(): Promise<string | undefined> {
    try {
      const joke = await fetchJoke(source);
      breaker.succeeded();
      if (joke !== undefined) fetched = { joke, at: now().getTime() };
      return joke;
    } catch {
      breaker.failed(); // whatever it was: the bundled list answers
      return undefined;
    } finally {
      running = undefined;
    }
  }

  /** One request at a time: who asks meanwhile gets its joke too. */
  function askApi(): Promise<string | undefined> | undefined {
    if (running !== undefined) return running;
    if (url === "" || !breaker.mayTry() || !limiter.take(url)) return undefined;
    return (running = request());
  }

  function readFetched(): string | undefined {
    if (fetched === undefined) return undefined;
    const age = now().getTime() - fetched.at;
    return age >= 0 && age < FRESH_MS ? fetched.joke : undefined;
  }

  /** The next of the list that is new to this call. */
  function takeBundled(isNew: (joke: string) => boolean): string | undefined {
    const { length } = bundledJokes;
    for (let step = 0; step < length; step++) {
      const joke = bundledJokes[(turn + step) % length];
      if (joke === undefined || !isNew(joke)) continue;
      turn += step + 1;
      return joke;
    }
    return undefined;
  }

  return async function tellJoke(callId = "") {
    const isNew = (joke: string | undefined): joke is string =>
      joke !== undefined && !memory.hasHeard(callId, joke);
    const tell = (joke: string, source: Joke["source"]): Joke => {
      memory.note(callId, joke);
      return { joke, source };
    };
    const kept = readFetched();
    const fresh = isNew(kept) ? kept : await askApi();
    if (isNew(fresh)) return tell(fresh, "jokeapi");
    const bundled = takeBundled(isNew);
    if (bundled !== undefined) return tell(bundled, "offline");
    // An old one is new to who has not heard it; only then one is told again.
    if (isNew(fetched?.joke)) return tell(fetched.joke, "jokeapi");
    const again = bundledJokes[turn++ % bundledJokes.length];
    return tell(again ?? bundledJokes[0], "offline");
  };
}
