import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** `serve` as a process of its own. */
export interface ServerProcess {
  url: string;
  /** SIGKILL: it can finish nothing and close nothing. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
}

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const running = new Set<ServerProcess>();

/** Ends every process that the test has started. */
export async function killServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.kill()));
}

/** @param env  in design.md section 3; a free port, no network and no rate limit without it */
export async function startServe(
  env: Record<string, string>,
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), main, "serve"],
    {
      cwd: tmpdir(),
      env: {
        PATH: process.env["PATH"],
        PORT: "0",
        JOKE_API_URL: "",
        CALL_RATE_PER_MINUTE: "0",
        LOG_LEVEL: "silent",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const exited = once(child, "exit") as Promise<[number | null]>;
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    child.kill(signal);
    const [code] = await exited;
    running.delete(server);
    return code;
  }
  const server: ServerProcess = {
    url: "",
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
  running.add(server);
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /"listening":"([^"]+)"/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    server.url = url;
    return server;
  }
  throw new Error(`serve did not start: ${words}`);
}
