import { once } from "node:events";
import { WebSocket } from "ws";

/** A caller at the other end of ConversationRelay: speaks Twilio's side of the protocol over a real socket. */
export interface Caller {
  /** Says something and waits for the whole answer. */
  say(words: string): Promise<string>;
  /** Sends any frame as it is. */
  send(frame: object): void;
  hangUp(): Promise<void>;
}

/**
 * Dials the relay and says who calls.
 * @param url  ws:// or wss:// address from the TwiML
 * @param timeoutMs  how long an answer may take
 */
export async function dial(
  url: string,
  callSid: string,
  timeoutMs: number,
): Promise<Caller> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  let answer = "";
  let finish: ((answer: string) => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  socket.on("message", (data) => {
    const frame = JSON.parse((data as Buffer).toString("utf8")) as {
      type: string;
      token?: string;
      last?: boolean;
    };
    if (frame.type !== "text") return;
    answer += frame.token ?? "";
    if (frame.last) finish?.(answer);
  });
  socket.on("close", () => fail?.(new Error("the relay hung up")));
  socket.on("error", (error) => fail?.(error));
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  send({
    type: "setup",
    sessionId: `VX${callSid.slice(2)}`,
    callSid,
    from: "+14155550100",
    to: "+14155550199",
    direction: "inbound",
  });

  return {
    send,
    async say(words) {
      answer = "";
      const answered = new Promise<string>((resolve, reject) => {
        finish = resolve;
        fail = reject;
      });
      const timer = setTimeout(
        () => fail?.(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      send({ type: "prompt", voicePrompt: words, lang: "en-US", last: true });
      return answered.finally(() => clearTimeout(timer));
    },
    async hangUp() {
      fail = undefined;
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close(1000);
      await once(socket, "close");
    },
  };
}
