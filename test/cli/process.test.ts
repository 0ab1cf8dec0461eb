import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { closeClients, openClient } from "../support/raw-http.ts";
import { closeServers, startServer } from "../support/server.ts";
import { gate } from "../support/switchboard.ts";

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const tsx = import.meta.resolve("tsx");
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  closeClients();
  await closeServers();
});

/** The command as a process of its own. */
function spawnCommand(
  argv: string[],
  env: Record<string, string> = {},
): ChildProcess {
  const child = spawn(process.execPath, ["--import", tsx, main, ...argv], {
    cwd: tmpdir(),
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: "sqlite::memory:",
      PORT: "0",
      JOKE_API_URL: "",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

const exitOf = async (child: ChildProcess) =>
  ((await once(child, "exit")) as [number | null])[0];

async function listeningOf(child: ChildProcess): Promise<string> {
  const [line] = (await once(
    child.stdout as NodeJS.ReadableStream,
    "data",
  )) as [Buffer];
  return (JSON.parse(line.toString()) as { listening: string }).listening;
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "a server ends with 0 on %s",
  async (signal) => {
    const child = spawnCommand(["start"]);
    const [line] = (await once(
      child.stdout as NodeJS.ReadableStream,
      "data",
    )) as [Buffer];
    expect(line.toString()).toMatch(
      /^\{"listening":"http:\/\/127\.0\.0\.1:\d+"\}\n$/,
    );
    child.kill(signal);
    expect(await exitOf(child)).toBe(0);
  },
);

test("a server that is asked to end is not ready any more, answers what runs, and ends with 0", async () => {
  const child = spawnCommand(["serve"]);
  const exited = exitOf(child);
  const url = await listeningOf(child);
  const body = '{"date":"2027-03-08","time":"9 AM","customer_name":"Ann"}';
  const slow = await openClient(url);
  await slow.send(
    `POST /appointments/book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await (await fetch(`${url}/readyz`)).text(); // by now the head is there, too
  child.kill("SIGTERM");
  // Each on a connection of its own, until the signal has come through.
  let status = 200;
  while (status === 200) {
    const probe = await fetch(`${url}/readyz`, {
      headers: { connection: "close" },
    });
    await probe.text();
    ({ status } = probe);
  }
  expect(status).toBe(503);
  await slow.send(body);
  const answer = await slow.answer();
  expect(answer).toMatchObject({
    status: 200,
    body: expect.stringContaining("confirmation_number") as unknown,
  });
  expect(await exited).toBe(0);
});

test("a second signal ends a server at once", async () => {
  const child = spawnCommand(["serve"]);
  const exited = once(child, "exit") as Promise<
    [code: number | null, signal: string | null]
  >;
  const url = await listeningOf(child);
  const stuck = await openClient(url);
  await stuck.send(
    "POST /appointments/book HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
  );
  await (await fetch(`${url}/readyz`)).text();
  child.kill("SIGTERM");
  let status = 200;
  while (status === 200) {
    const probe = await fetch(`${url}/readyz`);
    await probe.text();
    ({ status } = probe);
  }
  child.kill("SIGTERM");
  expect(await exited).toEqual([130, null]);
});

test("a verb that is interrupted ends with 130", async () => {
  const asked = gate();
  const { url } = await startServer(asked.open); // and never answers
  const child = spawnCommand(["call", "get_programming_joke", "--url", url]);
  await asked.opened;
  child.kill("SIGINT");
  expect(await exitOf(child)).toBe(130);
});

test("a reader that goes away is no fault", async () => {
  const child = spawnCommand(["--help"]);
  child.stdout?.destroy();
  expect(await exitOf(child)).toBe(0);
});

test("a pipe gets a long result whole", async () => {
  const operation = (index: number) => [
    `/p${index}`,
    {
      post: {
        operationId: `operation_${index}`,
        description: "x".repeat(1000),
      },
    },
  ];
  const spec = {
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => operation(index)),
    ),
  };
  const file = join(await mkdtemp(join(tmpdir(), "long-")), "spec.json");
  await writeFile(file, JSON.stringify(spec));
  const child = spawnCommand(["compile", file]);
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  expect((JSON.parse(text) as { tools: object[] }).tools).toHaveLength(300);
});

test("results that cannot be written are no success", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "full-")), "out");
  await writeFile(file, "");
  const full = await open(file, "r"); // takes nothing, as a full disk does
  const child = spawn(process.execPath, ["--import", tsx, main, "--version"], {
    stdio: ["ignore", full.fd, "ignore"],
  });
  expect(await exitOf(child)).toBe(1);
  await full.close();
});

test("a server whose log nobody reads any more goes on", async () => {
  const child = spawnCommand(["serve"]);
  const listening = await listeningOf(child);
  child.stderr?.destroy();
  for (let round = 0; round < 3; round++) {
    expect(
      (await fetch(`${listening}/jokes/programming`, { method: "POST" }))
        .status,
    ).toBe(200);
  }
});
