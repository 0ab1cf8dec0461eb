import { Agent, request } from "node:http";
import type { sign as signRequest } from "../../middleware/index.ts";

export const SECRET = "whsec_test_secret_0123456789";

/** Each may make 30 calls a minute, and no server is asked for more than 30 times as many. */
const CALL_IDS = 1000;

/** Calls of a tool, as a platform that keeps its connections open makes them. */
export interface ToolCaller {
  /** As many at once as there are sockets. */
  callAll(url: string, count: number): Promise<void>;
  /** @returns the answer's text */
  call(url: string): Promise<string>;
  close(): void;
}

export interface ToolCallerOptions {
  /** One that signs the body and nothing else: it is signed once. */
  scheme: string;
  path: string;
  args: object;
  sockets: number;
}

export function createToolCaller(
  sign: typeof signRequest,
  { scheme, path, args, sockets }: ToolCallerOptions,
): ToolCaller {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const body = JSON.stringify(args);
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...sign(scheme, SECRET, { body }),
  };
  let made = 0;

  function call(url: string): Promise<string> {
    const callId = `CA${made++ % CALL_IDS}`;
    return new Promise((resolve, reject) => {
      const sent = request(
        `${url}${path}`,
        {
          method: "POST",
          agent,
          headers: { ...headers, "x-thunderphone-call-id": callId },
        },
        (response) => {
          const parts: string[] = [];
          response.setEncoding("utf8").on("data", (part: string) => {
            parts.push(part);
          });
          response.on("end", () => {
            const text = parts.join("");
            // A refusal has status 200 too.
            if (response.statusCode === 200 && !text.includes('"error"'))
              resolve(text);
            else reject(new Error(`${response.statusCode}: ${text}`));
          });
        },
      );
      sent.on("error", reject).end(body);
    });
  }

  return {
    call,
    async callAll(url, count) {
      let left = count;
      const callOn = async () => {
        while (left-- > 0) await call(url);
      };
      await Promise.all(Array.from({ length: sockets }, callOn));
    },
    close: () => agent.destroy(),
  };
}
