import { connect } from "node:net";
import type { Socket } from "node:net";

interface RawAnswer {
  status: number;
  /** By lower-case name; a repeated one is joined with ", ". */
  headers: Map<string, string>;
  body: string;
}

/** A socket that says exactly what a test tells it to, HTTP or not. */
export interface RawClient {
  /** Resolves when the bytes are with the system. */
  send: (bytes: string | Uint8Array) => Promise<void>;
  /** The next answer on this socket; "closed" when the server ends it instead. */
  answer: () => Promise<RawAnswer | "closed">;
  /** Half-closes: nothing more will be sent. */
  end: () => void;
  /** Breaks off at once. */
  destroy: () => void;
}

/** Longer than any limit that a test sets; an answer that is not there by then is a hang. */
const ANSWER_LIMIT_MS = 5000;

const open = new Set<Socket>();

/** Ends every socket that the test has opened. */
export function closeClients(): void {
  for (const socket of open) socket.destroy();
  open.clear();
}

export async function openClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  open.add(socket);
  let received: Buffer = Buffer.alloc(0);
  let isClosed = false;
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  // A reset is one of the ways in which a server closes.
  socket.on("error", () => {});
  socket.on("close", () => {
    isClosed = true;
    wake();
  });
  socket.on("end", () => {
    isClosed = true;
    wake();
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));

  return {
    send: (bytes) =>
      new Promise((resolve) => socket.write(bytes, () => resolve())),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    answer: () =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          reject(
            new Error(
              `no answer in ${ANSWER_LIMIT_MS} ms; received ${JSON.stringify(received.toString("latin1"))}`,
            ),
          );
        }, ANSWER_LIMIT_MS);
        wake = () => {
          const found = takeAnswer(received, isClosed);
          if (!found && !isClosed) return;
          clearTimeout(limit);
          wake = () => {};
          received = found?.rest ?? received;
          resolve(found?.answer ?? "closed");
        };
        wake();
      }),
  };
}

/** The first whole answer, and what follows it (RFC 9112, section 6.3). */
function takeAnswer(
  received: Buffer,
  isClosed: boolean,
): { answer: RawAnswer; rest: Buffer } | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = received
    .toString("latin1", 0, headEnd)
    .split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const known = headers.get(name);
    const value = line.slice(colon + 1).trim();
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  const status = Number(statusLine.split(" ")[1]);
  const start = headEnd + 4;
  const length =
    status < 200 || status === 204
      ? 0
      : Number(headers.get("content-length") ?? Number.NaN);
  if (Number.isNaN(length) && !isClosed) return undefined;
  const end = Number.isNaN(length) ? received.length : start + length;
  if (received.length < end) return undefined;
  return {
    answer: { status, headers, body: received.toString("utf8", start, end) },
    rest: received.subarray(end),
  };
}
