import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../support/postgres.ts";

/** An engine that can be asked for empty databases. */
export interface Engine {
  name: string;
  newUrl: () => Promise<string>;
}

/** Runs a soak on SQLite, and on PostgreSQL where there is one. */
export async function withEngines(
  soak: (engine: Engine) => Promise<boolean>,
): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "soak-"));
  let count = 0;
  const onSqlite = await soak({
    name: "SQLite",
    newUrl: async () => `sqlite:${join(folder, `${++count}.db`)}`,
  });
  // Eight processes with ten connections each, and those of a killed one until the server has noticed.
  const server = await startPostgres({ settings: { max_connections: "200" } });
  if (!server) return onSqlite;
  try {
    const newUrl = () => server.newDatabase();
    return (await soak({ name: "PostgreSQL", newUrl })) && onSqlite;
  } finally {
    await server.stop();
  }
}
