import { afterEach, beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import type { Database, Session } from "../../endpoints/store/database.ts";
import { openStore } from "../../endpoints/index.ts";
import { openPostgres } from "../../endpoints/store/postgres.ts";
import { describePostgres } from "../support/engines.ts";

const keep = async <T>(value: T | Promise<T>) => ({
  commit: true,
  value: await value,
});

/** Lets nobody pass before so many have come. */
function createGate(wanted: number): () => Promise<void> {
  let open = () => {};
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  let come = 0;
  return () => {
    if (++come >= wanted) open();
    return isOpen;
  };
}

const TABLES = `
  CREATE TABLE item (name TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL);
  CREATE TABLE part (item TEXT REFERENCES item DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE fatal (name TEXT);
  CREATE FUNCTION raise(state TEXT, words TEXT) RETURNS BIGINT LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '%', words USING ERRCODE = state; END $$;
  CREATE FUNCTION hang_up() RETURNS TRIGGER LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON fatal DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hang_up();
`;

await describePostgres(
  "the adapter",
  (newUrl, server) => {
    const opened: Database[] = [];
    let url: string;
    let admin: pg.Client;
    let database: Database;

    async function open(...args: Parameters<typeof openPostgres>) {
      const one = await openPostgres(...args);
      opened.push(one);
      return one;
    }
    async function connectAdmin(): Promise<pg.Client> {
      const client = new pg.Client({ connectionString: url });
      client.on("error", () => {}); // the server goes in some tests
      await client.connect();
      return client;
    }
    beforeEach(async () => {
      url = await newUrl();
      admin = await connectAdmin();
      await admin.query(TABLES);
      database = await open(url);
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
      await admin.end();
    });
    const insert = (session: Session, name: string) =>
      session.run("INSERT INTO item (name, count) VALUES ($1, 0)", [name]);
    const names = async () =>
      (
        await admin.query<{ name: string }>(
          "SELECT name FROM item ORDER BY name",
        )
      ).rows.map(({ name }) => name);
    const pidOf = async (session: Session) =>
      (await session.all<{ pid: number }>("SELECT pg_backend_pid() AS pid"))[0]
        ?.pid ?? 0;
    const hangUp = (pid: number) =>
      admin.query("SELECT pg_terminate_backend($1, 5000)", [pid]);

    test("tries again after a deadlock: both are kept in the end", async () => {
      await database.transaction(async (session) => {
        await insert(session, "a");
        return keep(insert(session, "b"));
      });
      const meet = createGate(2);
      let tries = 0;
      const increment = async (session: Session, name: string) =>
        session.run("UPDATE item SET count = count + 1 WHERE name = $1", [
          name,
        ]);
      const both = (first: string, second: string) =>
        database.transaction(async (session) => {
          tries++;
          await increment(session, first);
          await meet();
          return keep(increment(session, second));
        });
      await Promise.all([both("a", "b"), both("b", "a")]);
      expect(tries).toBe(3);
      expect(await database.all("SELECT count FROM item")).toEqual([
        { count: 2 },
        { count: 2 },
      ]);
    });

    test("tries again after a serialization failure", async () => {
      const meet = createGate(2);
      let tries = 0;
      const addOwnCount = (name: string) =>
        database.transaction(async (session) => {
          tries++;
          await session.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
          const [row] = await session.all<{ many: number }>(
            "SELECT COUNT(*) AS many FROM item",
          );
          await meet();
          return keep(
            session.run("INSERT INTO item (name, count) VALUES ($1, $2)", [
              name,
              Number(row?.many),
            ]),
          );
        });
      await Promise.all([addOwnCount("a"), addOwnCount("b")]);
      expect(tries).toBe(3);
      expect(
        await database.all("SELECT count FROM item ORDER BY count"),
      ).toEqual([{ count: 0 }, { count: 1 }]);
    });

    test.each([
      ["a serialization failure", "40001", "", 11],
      ["a deadlock", "40P01", "", 11],
      ["CockroachDB's word", "XXUUU", "restart transaction: again", 11],
      ["a unique key", "23505", "", 1],
      ["a wrong statement", "42601", "", 1],
      ["a lock that does not come", "55P03", "", 1],
    ])(
      "%s for ever is tried in all: %s %s %i",
      async (_, state, words, count) => {
        let tries = 0;
        const asked = database.transaction(async (session) => {
          tries++;
          await insert(session, "a");
          return keep(
            session.all("SELECT raise($1, $2)", [state, words || "no"]),
          );
        });
        await expect(asked).rejects.toMatchObject({ code: "ERR_STORE" });
        expect(tries).toBe(count);
        expect(await names()).toEqual([]);
      },
    );

    test("a conflict that the work swallows is tried again too", async () => {
      let tries = 0;
      await database.transaction(async (session) => {
        tries++;
        await insert(session, "a");
        if (tries === 1)
          await session
            .all("SELECT raise('40001', 'once')")
            .catch(() => undefined);
        return keep(undefined);
      });
      expect(tries).toBe(2);
      expect(await names()).toEqual(["a"]);
    });

    test.each([
      ["once: tried again, and kept once", 1, 2],
      ["each time: told after two tries", 2, 2],
    ])("a connection killed in mid-transaction %s", async (_, kills, count) => {
      let tries = 0;
      const asked = database.transaction(async (session) => {
        tries++;
        await insert(session, "a");
        if (tries <= kills) await hangUp(await pidOf(session));
        return keep(insert(session, "b"));
      });
      if (kills < count) await asked;
      else
        await expect(asked).rejects.toMatchObject({
          code: "ERR_STORE",
        });
      expect(tries).toBe(count);
      expect(await names()).toEqual(kills < count ? ["a", "b"] : []);
    });

    test("connections killed at rest are replaced, and end nothing", async () => {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          database.transaction((session) => keep(insert(session, `${index}`))),
        ),
      );
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
      );
      const told = await Promise.all(
        Array.from({ length: 10 }, () =>
          database.all<{ many: number }>("SELECT COUNT(*) AS many FROM item"),
        ),
      );
      expect(told).toEqual(Array(10).fill([{ many: 10 }]));
    });

    test("a connection lost during COMMIT is told as not known, and not tried again", async () => {
      let tries = 0;
      const asked = database.transaction((session) => {
        tries++;
        return keep(session.run("INSERT INTO fatal VALUES ('a')"));
      });
      await expect(asked).rejects.toThrow(/during COMMIT, so nobody knows/);
      expect(tries).toBe(1);
      await database.transaction((session) => keep(insert(session, "next")));
      expect(await names()).toEqual(["next"]);
    });

    test("a COMMIT that is refused is told, once", async () => {
      let tries = 0;
      const asked = database.transaction((session) => {
        tries++;
        return keep(session.run("INSERT INTO part VALUES ('nobody has it')"));
      });
      await expect(asked).rejects.toMatchObject({ code: "ERR_STORE" });
      await expect(asked).rejects.toThrow("23503");
      expect(tries).toBe(1);
      await database.transaction((session) => keep(insert(session, "next")));
    });

    test("a refused statement's error carries no row: those have names and phones", async () => {
      await database.transaction((session) => keep(insert(session, "Maria")));
      const error = await database
        .transaction((session) => keep(insert(session, "Maria")))
        .catch((caught: unknown) => caught as Error);
      expect(error).toMatchObject({ cause: { code: "23505" } });
      const told = Object.getOwnPropertyNames((error as Error).cause as object);
      expect(told.toSorted()).toEqual(["code", "message", "stack"]);
    });

    test("more callers than connections wait for their turn", async () => {
      const small = await open(url, { poolSize: 2 });
      await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          small.transaction((session) => keep(insert(session, `${index}`))),
        ),
      );
      expect(await names()).toHaveLength(30);
    });

    test("statements are prepared, once a connection, and not where the URL says no", async () => {
      const prepared = async (one: Database) => {
        await one.all("SELECT name FROM item WHERE name = $1", ["a"]);
        await one.all("SELECT name FROM item WHERE name = $1", ["b"]);
        return one.all("SELECT COUNT(*) AS many FROM pg_prepared_statements");
      };
      const small = await open(url, { poolSize: 1 });
      expect(await prepared(small)).toEqual([{ many: 1 }]);
      expect(await prepared(await open(`${url}&prepare=no`))).toEqual([
        { many: 0 },
      ]);
    });

    test("many more texts than can be prepared are run all the same", async () => {
      const small = await open(url, { poolSize: 1 });
      for (let index = 0; index < 520; index++) {
        expect(
          await small.all(`SELECT ${index} AS n WHERE 1 = $1`, [1]),
        ).toEqual([{ n: index }]);
      }
      expect(
        await small.all("SELECT COUNT(*) AS many FROM pg_prepared_statements"),
      ).toEqual([{ many: 500 }]);
    });

    test("READ COMMITTED, whatever the database's default", async () => {
      await admin.query(
        `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_isolation = 'serializable'`,
      );
      const other = await open(url);
      expect(
        await other.transaction((session) =>
          keep(session.all("SHOW transaction_isolation")),
        ),
      ).toEqual([{ transaction_isolation: "read committed" }]);
    });

    test("nothing may take for ever, a patient transaction longer, and the URL has the last word", async () => {
      const show = (one: Database, patienceMs?: number) =>
        one.transaction(
          async (session) =>
            keep([
              ...(await session.all("SHOW statement_timeout")),
              ...(await session.all("SHOW lock_timeout")),
              ...(await session.all(
                "SHOW idle_in_transaction_session_timeout",
              )),
            ]),
          patienceMs === undefined ? {} : { patienceMs },
        );
      expect(await show(database)).toEqual([
        { statement_timeout: "5s" },
        { lock_timeout: "4s" },
        { idle_in_transaction_session_timeout: "15s" },
      ]);
      expect(await show(database, 60_000)).toMatchObject([
        { statement_timeout: "1min" },
        { lock_timeout: "1min" },
        {},
      ]);
      expect(await show(database)).toMatchObject([
        { statement_timeout: "5s" },
        { lock_timeout: "4s" },
        {},
      ]);
      expect(await show(await open(`${url}&lock_timeout=20`))).toMatchObject([
        {},
        { lock_timeout: "20ms" },
        {},
      ]);
    });

    test("who waits too long for a row is told", async () => {
      await database.transaction((session) => keep(insert(session, "a")));
      await admin.query("BEGIN; UPDATE item SET count = 1");
      const hurried = await open(`${url}&lock_timeout=20`);
      await expect(
        hurried.transaction((session) =>
          keep(session.run("UPDATE item SET count = 2")),
        ),
      ).rejects.toThrow("55P03");
      await admin.query("ROLLBACK");
    });

    test("knows how far the database's clock is from its own", async () => {
      expect(database.clockOffsetMs).toBe(0);
      const hourMs = 3_600_000;
      let behindMs = hourMs;
      const behind = await open(url, {
        now: () => new Date(Date.now() - behindMs),
        clockEveryMs: 0,
      });
      const minutes = () => Math.round(behind.clockOffsetMs / 60_000);
      expect(minutes()).toBe(60);
      behindMs = -hourMs;
      await behind.transaction(() => keep(undefined));
      expect(minutes()).toBe(-60);
      const lazy = await open(url, {
        now: () => new Date(Date.now() - behindMs),
      });
      behindMs = 0;
      await lazy.transaction(() => keep(undefined));
      expect(Math.round(lazy.clockOffsetMs / 60_000)).toBe(-60);
    });

    test("says what it cannot reach, without the password", async () => {
      const port = "1";
      for (const bad of [
        `postgres://user:secret@127.0.0.1:${port}/db`,
        "postgres://user:secret@[half/db",
        "postgresql://user:secret@127.0.0.1:99999/db",
      ]) {
        const error = await openStore(bad).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: "ERR_STORE" });
        expect(String(error)).not.toContain("secret");
        expect(String((error as Error).cause)).not.toContain("secret");
      }
    });

    const { kill, restart } = server;
    if (!kill || !restart) return;

    test("a server that goes is an error of those calls; when it is back all is well", async () => {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          database.transaction((session) => keep(insert(session, `${index}`))),
        ),
      );
      let begun = () => {};
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      let go = () => {};
      const isGone = new Promise<void>((resolve) => (go = resolve));
      const inWork = database.transaction(async (session) => {
        await insert(session, "unfinished");
        begun();
        await isGone;
        return keep(insert(session, "too late"));
      });
      await isBegun;
      await kill();
      go();
      await expect(inWork).rejects.toMatchObject({ code: "ERR_STORE" });
      await expect(
        database.transaction((session) => keep(insert(session, "lost"))),
      ).rejects.toThrow("cannot connect to the database");
      await expect(database.all("SELECT 1")).rejects.toMatchObject({
        code: "ERR_STORE",
      });
      await restart();
      await database.transaction((session) => keep(insert(session, "kept")));
      await restart();
      expect(await database.all("SELECT name FROM item")).toHaveLength(11);
      admin = await connectAdmin();
    });
  },
  { settings: { deadlock_timeout: "50ms" } },
);
