import type { Database, Work } from "../../endpoints/store/database.ts";
import { openDatabase, openStore } from "../../endpoints/store/index.ts";
import { migrate } from "../../endpoints/store/migrate.ts";

// A process of its own that opens the store at the URL on its command line. With
// a number after it, it is killed right before that statement of the migration.
const [, , url = "", killAt] = process.argv;
if (killAt === undefined) {
  const store = await openStore(url);
  await store.calls.list({ limit: 1 });
  await store.close();
} else {
  await migrate(killedAt(Number(killAt), await openDatabase(url)));
}

/** The database until its n-th statement. */
function killedAt(n: number, database: Database): Database {
  let count = 0;
  return {
    ...database,
    transaction: <T>(work: Work<T>) =>
      database.transaction<T>((session) =>
        work({
          ...session,
          run: (sql, values) => {
            if (++count === n) process.kill(process.pid, "SIGKILL");
            return session.run(sql, values);
          },
        }),
      ),
  };
}
