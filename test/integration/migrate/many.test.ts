import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { countAdvisoryLocks } from "../../support/catalog.ts";
import { findBuild, watchBuilds } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

// Fifty starts of Node on two cores take half a minute by themselves.
test("fifty processes at once apply every migration once", { timeout: 300_000 }, async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int); insert into t select generate_series(1, 10000);",
      "drop table t;",
    ),
    "002_index.sql": migration(
      "create table u (id int);\ncreate index concurrently t_id on t (id);\ncreate table v (id int);",
      "drop table u, v; drop index t_id;",
    ),
    "003_count.sql": migration(
      "create table runs (at timestamptz); insert into runs values (now());",
      "drop table runs;",
    ),
    "R_view.sql": "create or replace view w as select id from t;\n",
  });
  const { sql } = project;
  // A snapshot that CREATE INDEX CONCURRENTLY must wait for.
  const other = await sql.reserve();
  await other.unsafe("begin isolation level repeatable read");
  await other.unsafe("select count(*) from pg_class");
  await using builds = watchBuilds(sql);
  const all = Array.from({ length: 50 }, () => project.start(["migrate", "--lock-wait", "240"]));
  await Promise.all([sleep(4000), findBuild(sql, "waiting for old snapshots")]);
  await other.unsafe("commit");
  other.release();
  const outcomes = await Promise.all(all.map(({ done }) => done));
  expect(outcomes.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
  expect(outcomes.filter(({ stdout }) => stdout.startsWith("Applied 3 migrations"))).toHaveLength(
    1,
  );
  expect(outcomes.filter(({ stdout }) => stdout.startsWith("Nothing to apply"))).toHaveLength(49);
  expect(outcomes.some(({ stderr }) => stderr.includes("deadlock"))).toBe(false);
  expect(await sql`select version from schema_migrations order by 1`).toEqual([
    { version: "001" },
    { version: "002" },
    { version: "003" },
  ]);
  expect(
    await sql`select event, count(*)::int from schema_migrations_log group by 1 order by 1`,
  ).toEqual([
    { event: "apply", count: 3 },
    { event: "repeat", count: 1 },
    { event: "statement-finished", count: 2 },
    { event: "statement-started", count: 1 },
  ]);
  expect(await sql`select count(*)::int from runs`).toEqual([{ count: 1 }]);
  expect(builds.most()).toBeLessThanOrEqual(1);
  expect(await sql`select indisvalid from pg_index where indexrelid = 't_id'::regclass`).toEqual([
    { indisvalid: true },
  ]);
  expect(await countAdvisoryLocks(sql)).toBe(0);
});
