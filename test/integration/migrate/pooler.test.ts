import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { countAdvisoryLocks } from "../../support/catalog.ts";
import { eventually } from "../../support/eventually.ts";
import { findStopped } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { hasPooler, withPooler } from "../../support/pooler.ts";

if (!hasPooler) {
  process.stderr.write("SKIPPED: pgbouncer is not installed, nothing behind a pooler is tested\n");
}

/** What clients find on the pooler's server connections; asks until it has seen `count` of them. */
async function readServerSessions(url: string, count: number) {
  // The driver does not decode the name it finds in a URL.
  const database = decodeURIComponent(new URL(url).pathname.slice(1));
  const sql = postgres(url, { database, max: count * 2, prepare: false, onnotice: () => {} });
  const rows = await Promise.all(
    Array.from({ length: count * 2 }, async () =>
      sql.unsafe<{ pid: number; settings: string[] }[]>(
        // The sleep keeps each of them busy, so that every connection is asked.
        `select pg_backend_pid() as pid, array(
             select name || ' = ' || setting from pg_settings
             where source = 'session' and name not in ('application_name', 'client_encoding')) as settings,
             pg_sleep(0.3)`,
      ),
    ),
  );
  await sql.end();
  const all = rows.flat();
  return {
    pids: new Set(all.map(({ pid }) => pid)).size,
    settings: [...new Set(all.flatMap(({ settings }) => settings))],
  };
}

describe.skipIf(!hasPooler)("behind PgBouncer", () => {
  test("what code makes and sets unseen does not stay in it either", async () => {
    await using pooler = await withPooler(3);
    await using project = await withMigrations({
      "001_t.sql": migration(
        `create table t (id int); insert into t values (1); create schema aside;
         create function mk() returns void language plpgsql as 'begin create temp table t (id int); end';`,
        "drop table t; drop schema aside cascade; drop function mk();",
      ),
      "002_code.sql": migration(
        `select mk(); prepare p as select 1;
         do $$begin perform set_config('search_path', 'aside', false); end$$;`,
        "select 1;",
      ),
      "003_after.sql": migration("create table after (id int);", "drop table after;"),
    });
    const url = pooler.urlOf(project.database.url);
    const before = await readServerSessions(url, 3);
    expect((await project.run(["migrate"], { url })).code).toBe(0);
    expect(await readServerSessions(url, 3)).toEqual(before);
    const sql = postgres(url, { database: project.database.name, max: 6, prepare: false });
    const rows = await Promise.all(
      Array.from({ length: 6 }, async () =>
        sql.unsafe(
          `select (select count(*)::int from t) as t, (select count(*)::int from pg_prepared_statements) as prepared,
                  to_regclass('public.after') is not null as after, pg_sleep(0.3)::text`,
        ),
      ),
    );
    await sql.end();
    expect(new Set(rows.flat().map((row) => JSON.stringify(row))).size).toBe(1);
    expect(rows[0]?.[0]).toMatchObject({ t: 1, prepared: 0, after: true });
  });

  test("transactions go through the pooler, and leave nothing behind in it", async () => {
    await using pooler = await withPooler(3);
    await using project = await withMigrations({
      "001_t.sql": migration("create table t (id int);", "drop table t;"),
      "002_set.sql": migration(
        "set work_mem = '77MB'; set time zone 'Asia/Tokyo'; select set_config('search_path', 'pg_catalog', false); set app.me = 'x'; create table public.u (id int);",
        "set statement_timeout = '5min'; drop table public.u;",
      ),
      "R_v.sql": "create or replace view v as select id from t;\n",
    });
    const { sql } = project;
    const url = pooler.urlOf(project.database.url);
    const before = await readServerSessions(url, 3);
    const up = await project.run(["migrate"], { url });
    expect(up.stderr).toContain("✓ 002_set.sql");
    expect(up.code).toBe(0);
    const status = await project.json(["status"], { url });
    expect(status.body.result.isUpToDate).toBe(true);
    const failed = await (async () => {
      await project.write(
        "003_bad.sql",
        migration("set work_mem = '88MB'; select 1 / 0;", "select 1;"),
      );
      return project.run(["migrate"], { url });
    })();
    expect(failed.code).toBe(4);
    expect(failed.stderr).toContain("division by zero");
    expect((await project.run(["rollback"], { url })).code).toBe(0);
    const after = await readServerSessions(url, 3);
    expect(after.pids).toBe(3);
    expect(after.settings).toEqual(before.settings);
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });

  test("several at once never work at the same time", async () => {
    await using pooler = await withPooler(4);
    const files = Object.fromEntries(
      [1, 2, 3, 4].map((n) => [
        `00${n}_step.sql`,
        migration(
          `insert into at_work select ${n}, clock_timestamp(), pg_backend_pid(); select pg_sleep(0.3);`,
          "select 1;",
        ),
      ]),
    );
    await using project = await withMigrations(files);
    const { sql } = project;
    await sql`create table at_work (step int, at timestamptz, pid int)`;
    const url = pooler.urlOf(project.database.url);
    let most = 0;
    const over = new AbortController();
    const watching = (async () => {
      while (!over.signal.aborted) {
        const rows = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
        most = Math.max(most, rows.length);
      }
    })();
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, async () => project.run(["migrate"], { url })),
    );
    over.abort();
    await watching;
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(outcomes.filter(({ stdout }) => stdout.startsWith("Applied 4"))).toHaveLength(1);
    expect(most).toBe(1);
    expect(await sql`select step from at_work order by at`).toEqual(
      [1, 2, 3, 4].map((step) => ({ step })),
    );
    // Directly and through the pooler they exclude each other as well.
    await project.write("005_step.sql", migration("select pg_sleep(60);", "select 1;"));
    const pooled = project.start(["migrate"], { url });
    await eventually(() => findStopped(sql), "the pooled one at work");
    const direct = await project.run(["migrate", "--lock-wait", "0"]);
    expect(direct.code).toBe(3);
    expect(direct.stderr).toContain("error[migration-lock]");
    pooled.child.kill("SIGINT");
    const stopped = await pooled.done;
    expect(stopped.stderr).toContain("error[interrupted]");
    expect(stopped.code).toBe(130);
  });

  test("after kill -9 the next one waits for the transaction that is left over", async () => {
    await using pooler = await withPooler(4);
    await using project = await withMigrations({
      "001_slow.sql": migration("create table t (id int); select pg_sleep(120);", "select 1;"),
    });
    const { sql } = project;
    const url = pooler.urlOf(project.database.url);
    const first = project.start(["migrate"], { url });
    await eventually(() => findStopped(sql), "the first at work");
    await project.write("001_slow.sql", migration("create table t (id int);", "select 1;"));
    first.child.kill("SIGKILL");
    const second = await project.run(["migrate"], { url });
    expect(second.stderr).toContain("✓ 001_slow.sql");
    expect(second.code).toBe(0);
    await first.done;
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });

  test("what runs outside a transaction needs --direct-url", async () => {
    await using pooler = await withPooler(3);
    await using project = await withMigrations({
      "001_t.sql": migration("create table t (id int);", "drop table t;"),
      "002_index.sql": migration(
        "create index concurrently i on t (id);",
        "drop index concurrently i;",
      ),
    });
    const { sql } = project;
    const url = pooler.urlOf(project.database.url);
    const refused = await project.run(["migrate"], { url });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("error[pooler-refused]: 002_index.sql: ");
    expect(refused.stderr).toContain("--direct-url");
    expect(refused.stderr).toContain("nothing was applied");
    expect(await sql`select count(*)::int from schema_migrations`).toEqual([{ count: 0 }]);
    const direct = ["--direct-url", project.database.url];
    expect((await project.run(["migrate", ...direct], { url })).code).toBe(0);
    const back = await project.run(["rollback"], { url });
    expect(back.code).toBe(4);
    expect(back.stderr).toContain("error[pooler-refused]");
    const redo = await project.run(["redo"], { url });
    expect(redo.code).toBe(4);
    expect((await project.run(["rollback", ...direct], { url })).code).toBe(0);
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });

  test("so does what --online takes out of its transaction", async () => {
    await using pooler = await withPooler(3);
    await using project = await withMigrations({
      "001_index.sql": migration("create index i on t (id);", "drop index i;"),
    });
    const { sql } = project;
    await sql`create table t (id int)`;
    const url = pooler.urlOf(project.database.url);
    const refused = await project.run(["migrate", "--online"], { url });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("error[pooler-refused]: 001_index.sql: ");
    expect(refused.stderr).toContain("--direct-url");
    const direct = ["--direct-url", project.database.url];
    const online = await project.run(["migrate", "--online", ...direct], { url });
    expect(online.code).toBe(0);
    const status = await project.json(["status"], { url });
    expect(status.body.result.migrations).toMatchObject([{ version: "001", ranOnline: true }]);
    // Before the rollback, not behind it.
    const redone = await project.run(["redo", "--online"], { url });
    expect(redone.stderr).toContain("error[pooler-refused]: 001_index.sql: ");
    expect(await sql`select to_regclass('i') is not null as is_there`).toEqual([
      { is_there: true },
    ]);
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });
});
