import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";

/** A PostgreSQL server for tests. */
export interface TestPostgres {
  /** Its first database, whose account may make others. */
  url: string;
  /** @returns the URL of an empty database of its own */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
  /** Ends the server at once, as a crash does; not there for a server that we did not start. */
  kill?: () => Promise<void>;
  /** Starts it on its data again. */
  restart?: () => Promise<void>;
}

export interface PostgresOptions {
  /** Default true; without it tests are quicker and a power cut is not survived. */
  fsync?: boolean;
  /** Other settings of the server, by name. */
  settings?: Record<string, string>;
}

/**
 * TEST_DATABASE_URL if set, else a throw-away cluster of this machine's binaries.
 * @returns undefined, after one line that says so, where there is neither;
 *          with REQUIRE_POSTGRES=1 that is an error
 */
export async function startPostgres(
  options: PostgresOptions = {},
): Promise<TestPostgres | undefined> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given) return useServer(given);
  const bin = findBinaries();
  if (bin !== undefined) return startCluster(bin, options);
  const why =
    "PostgreSQL tests are skipped: no TEST_DATABASE_URL, and initdb and postgres are not installed";
  if (process.env["REQUIRE_POSTGRES"] === "1") throw new Error(why);
  process.stderr.write(`${why}\n`);
  return undefined;
}

/** The folder with initdb and postgres: on the PATH, else Debian's newest. */
function findBinaries(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(debian, version, "bin")),
  ];
  return folders.find((folder) =>
    ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
}

/** PostgreSQL refuses to run as root, so root runs it as somebody else. */
function otherAccount(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = new Map(
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .map(([name = "", , uid, gid]) => [
        name,
        { uid: Number(uid), gid: Number(gid) },
      ]),
  );
  return accounts.get("postgres") ?? accounts.get("nobody");
}

async function startCluster(
  bin: string,
  { fsync = true, settings = {} }: PostgresOptions,
): Promise<TestPostgres> {
  const account = otherAccount();
  const home = mkdtempSync(join(tmpdir(), "pg-"));
  if (account) chownSync(home, account.uid, account.gid);
  const data = join(home, "data");
  const asOther = { cwd: home, ...account };

  const made = spawn(
    join(bin, "initdb"),
    [
      "--username=postgres",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
      "--no-instructions",
      data,
    ],
    { ...asOther, stdio: ["ignore", "ignore", "inherit"] },
  );
  const [code] = (await once(made, "exit")) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}`);

  const all = {
    listen_addresses: "", // a socket in its own folder: no port to collide with
    unix_socket_directories: home,
    fsync: fsync ? "on" : "off",
    max_connections: "100",
    shared_buffers: "32MB",
    log_destination: "stderr",
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const run = () =>
    runServer([join(bin, "postgres"), "-D", data, ...flags], home, asOther);

  let server = await run();
  return {
    ...newDatabases(
      `postgres://postgres@localhost/postgres?host=${encodeURIComponent(home)}`,
    ),
    stop: async () => {
      await endServer(server, false);
      rmSync(home, { recursive: true, force: true });
    },
    kill: () => endServer(server, true),
    restart: async () => {
      await endServer(server, true);
      server = await run();
    },
  };
}

/**
 * The server's parent is a shell that reads from us. When we are gone, however
 * we ended, it reads the end, kills the server and removes the folder.
 */
async function runServer(
  command: string[],
  home: string,
  options: object,
): Promise<ChildProcess> {
  const script = `home=$1; shift; trap "" INT TERM HUP
"$@" & pid=$!
read -r word
kill -QUIT $pid; wait $pid
[ "$word" = keep ] || rm -rf "$home"`;
  const shell = spawn("sh", ["-c", script, "sh", home, ...command], {
    ...options,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const lines: string[] = [];
  for await (const line of createInterface(shell.stderr)) {
    lines.push(line);
    if (!line.includes("ready to accept connections")) continue;
    shell.stderr.resume(); // nobody reads on, and a full pipe would stop the server
    return shell;
  }
  throw new Error(`PostgreSQL did not start: ${lines.join("\n")}`);
}

async function endServer(shell: ChildProcess, isKept: boolean): Promise<void> {
  if (shell.exitCode !== null) return;
  const ended = once(shell, "exit");
  shell.stdin?.end(isKept ? "keep\n" : "");
  await ended;
}

function newDatabases(url: string): Pick<TestPostgres, "url" | "newDatabase"> {
  let count = 0;
  return {
    url,
    newDatabase: async () => {
      const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}_${++count}`;
      await execute(url, `CREATE DATABASE ${name}`);
      return withDatabase(url, name);
    },
  };
}

/** Somebody's server: only the databases that we made are dropped. */
function useServer(url: string): TestPostgres {
  const made: string[] = [];
  const { newDatabase } = newDatabases(url);
  return {
    url,
    newDatabase: async () => {
      const own = await newDatabase();
      made.push(new URL(own).pathname.slice(1));
      return own;
    },
    stop: async () => {
      for (const name of made.splice(0))
        await execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

function withDatabase(url: string, name: string): string {
  const own = new URL(url);
  own.pathname = name;
  return own.href;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
