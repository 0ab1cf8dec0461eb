/** A joke and where it came from. */
export interface Joke {
  joke: string;
  source: "jokeapi" | "offline";
}

export interface JokeOptions {
  /** Address of JokeAPI, or "" for the bundled list only. */
  url: string;
  fetch?: typeof fetch;
  /** How long a caller waits for a fresh joke (default 800). */
  timeoutMs?: number;
}

const MAX_BYTES = 8192;
/** A joke is told twice in its answer, which has to stay below 1 KB. */
const MAX_CHARACTERS = 400;

// Written for this kit; short, clean and understandable by ear.
const BUNDLED: [string, ...string[]] = [
  "There are 10 kinds of people. Those who know binary, and those who don't.",
  "Why do programmers confuse Halloween and Christmas? Because Oct 31 is Dec 25.",
  "A programmer's partner says: get a loaf of bread, and if they have eggs, get a dozen. The programmer comes home with twelve loaves of bread.",
  "How many programmers does it take to change a light bulb? None. It's a hardware problem.",
  "Why did the developer go broke? Because they used up all their cache.",
  "I would tell you a joke about UDP, but you might not get it.",
  "A database walks into a bar, goes up to two tables and asks: may I join you?",
  "Debugging is like being the detective in a crime film where you are also the culprit.",
];

/**
 * Makes the function that always has a joke within the limit: a fresh one from
 * the public joke API (https://v2.jokeapi.dev), else one of the bundled list.
 */
export function createJokes(options: JokeOptions): () => Promise<Joke> {
  const request = options.fetch ?? fetch;
  const timeoutMs = options.timeoutMs ?? 800;
  let next = 0;

  return async function tellJoke() {
    const fresh =
      options.url === ""
        ? undefined
        : await fetchJoke(request, options.url, timeoutMs);
    if (fresh !== undefined) return { joke: fresh, source: "jokeapi" };
    const joke = BUNDLED[next++ % BUNDLED.length] ?? BUNDLED[0];
    return { joke, source: "offline" };
  };
}

async function fetchJoke(
  request: typeof fetch,
  url: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await request(url, { signal, redirect: "error" });
    if (!response.ok) return undefined;
    const text = await response.text();
    return text.length > MAX_BYTES ? undefined : readJoke(JSON.parse(text));
  } catch {
    return undefined; // not reachable, too slow or no JSON: the bundled list answers
  }
}

/** `{type: "single", joke}` or `{type: "twopart", setup, delivery}` (https://v2.jokeapi.dev, read November 2026). */
function readJoke(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { joke, setup, delivery } = value as Record<string, unknown>;
  const parts = typeof joke === "string" ? [joke] : [setup, delivery];
  if (!parts.every((part) => typeof part === "string" && part.trim() !== ""))
    return undefined;
  const text = parts
    .join(" ")
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim();
  return text.length > MAX_CHARACTERS ? undefined : text;
}
