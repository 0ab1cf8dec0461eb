const MAX_BODY_BYTES = 8192;
/** Longer is no joke any more by the time it is told on the phone. */
const MAX_CHARACTERS = 400;
/** A joke is told twice in its answer, which has to stay below 1 KB. */
const MAX_JSON_BYTES = 480;

export interface JokeSource {
  fetch: typeof fetch;
  url: string;
  /** For the whole answer, body included. */
  timeoutMs: number;
}

/**
 * One joke of the public joke API (https://v2.jokeapi.dev, read November 2026).
 * @returns the joke as one line, or undefined when it does not fit a phone call
 * @throws Error for whatever the API or the network did: no answer in time, another status, another place, too much, no joke
 */
export async function fetchJoke(
  source: JokeSource,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(source.timeoutMs);
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error)),
  );
  const read = async () => {
    const response = await source.fetch(source.url, {
      signal,
      redirect: "error",
      headers: { Accept: "application/json" },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return toLine(JSON.parse(await readBody(response)));
  };
  // Not every fetch heeds its signal while a body trickles in.
  return Promise.race([read(), late]);
}

/** Stops at the limit, however much more there is. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Error("more than 8 KB"); // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** `{type: "single", joke}` or `{type: "twopart", setup, delivery}`; `{error: true}` instead when there is none. */
function toLine(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null)
    throw new Error("no JSON object");
  const { error, joke, setup, delivery } = value as Record<string, unknown>;
  const parts = joke === undefined ? [setup, delivery] : [joke];
  if (error === true || !parts.every(isText)) throw new Error("no joke in it");
  const line = parts
    .join(" ")
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim();
  const fits =
    line.length < MAX_CHARACTERS &&
    Buffer.byteLength(JSON.stringify(line)) <= MAX_JSON_BYTES;
  return fits && line !== "" ? line : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
