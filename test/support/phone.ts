import { once } from "node:events";
import { WebSocket } from "ws";

interface TextFrame {
  type: string;
  token: string;
  last: boolean;
  preemptible?: boolean;
}

/** Twilio's end of a call: every frame is kept, and waited for, never slept for. */
export interface Phone {
  frames: TextFrame[];
  send(frame: object | string | Buffer): void;
  prompt(words: string, last?: boolean): void;
  interrupt(heard: string): void;
  /** Waits until the frames that came satisfy this. */
  until(
    what: string,
    condition: (frames: TextFrame[]) => boolean,
  ): Promise<void>;
  /** All text since the last answer, once its `last: true` is there. */
  answer(): Promise<string>;
  hangUp(): Promise<void>;
  /** Reads nothing any more, as a line does that went dead. */
  freeze(): void;
  closed: Promise<number>;
}

const WAIT_MS = 5000;
const open: WebSocket[] = [];

export async function closePhones(): Promise<void> {
  for (const socket of open.splice(0)) {
    if (socket.readyState === WebSocket.CLOSED) continue;
    socket.terminate();
    await once(socket, "close");
  }
}

export async function dialPhone(
  url: string,
  callSid: string,
  headers: Record<string, string> = {},
): Promise<Phone> {
  const socket = new WebSocket(url, { headers });
  open.push(socket);
  const frames: TextFrame[] = [];
  const waiting = new Set<() => void>();
  let answered = 0;
  socket.on("message", (data) => {
    frames.push(JSON.parse((data as Buffer).toString("utf8")) as TextFrame);
    for (const check of waiting) check();
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await once(socket, "open");

  const send = (frame: object | string | Buffer) =>
    socket.send(
      typeof frame === "string" || Buffer.isBuffer(frame)
        ? frame
        : JSON.stringify(frame),
    );
  if (callSid !== "")
    send({
      type: "setup",
      sessionId: "VX1",
      callSid,
      from: "+14155550100",
      to: "+14155550199",
      customParameters: {},
    });

  function until(
    what: string,
    condition: (all: TextFrame[]) => boolean,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(check);
        reject(
          new Error(
            `waited in vain for ${what}; got ${JSON.stringify(frames)}`,
          ),
        );
      }, WAIT_MS);
      function check(): void {
        if (!condition(frames)) return;
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      }
      waiting.add(check);
      check();
    });
  }
  return {
    frames,
    send,
    closed,
    until,
    prompt: (voicePrompt, last = true) =>
      send({ type: "prompt", voicePrompt, lang: "en-US", last }),
    interrupt: (utteranceUntilInterrupt) =>
      send({
        type: "interrupt",
        utteranceUntilInterrupt,
        durationUntilInterruptMs: 500,
      }),
    async answer() {
      const from = answered;
      await until("an answer", (all) =>
        all.slice(from).some(({ last }) => last),
      );
      answered = from + frames.slice(from).findIndex(({ last }) => last) + 1;
      return frames
        .slice(from, answered)
        .map(({ token }) => token)
        .join("");
    },
    freeze: () => socket.pause(),
    async hangUp() {
      socket.close(1000, "Closing websocket session");
      await closed;
    },
  };
}
