/** What follows the CREATE of an object is taken back, or left out with a true reason. */
import { beforeAll, expect, test } from "vitest";
import { findDifferences } from "../../../src/diff/differences.ts";
import { loadParser } from "../../../src/db/script.ts";
import { dumpObjects } from "../../../src/schema/dump.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";

beforeAll(loadParser);

async function objectsOf({ url }: TestDatabase) {
  await using session = await connectTo(url);
  const { objects } = await dumpObjects(session);
  return objects;
}

/** From `base` and `changes` back to `base`, and whether it is equal then. */
async function wayBack(base: string, changes: string) {
  await using one = await withDatabase();
  await using other = await withDatabase();
  await one.sql.unsafe(base + changes).simple();
  await other.sql.unsafe(base).simple();
  const target = await objectsOf(other);
  const { differences, script } = findDifferences(await objectsOf(one), target);
  const statements = script.flatMap(({ sql }) => sql);
  await one.sql.unsafe(statements.join(";\n")).simple();
  const left = findDifferences(await objectsOf(one), target).differences;
  const leftOut = (of: typeof left) =>
    of.flatMap((difference) => difference.leftOut.map(({ what, why }) => `${what}: ${why}`));
  expect(leftOut(left)).toEqual(leftOut(differences));
  return { statements, leftOut: leftOut(differences) };
}

const table = `create table t (id int primary key, body text, n int);
  create function tell() returns trigger language plpgsql as 'begin return new; end';
  create trigger tell before update on t for each row execute function tell();
  create index t_n on t (n);`;

test("settings of a table are taken back, each by the statement for it", async () => {
  const { statements, leftOut } = await wayBack(
    table,
    `alter table t alter n set statistics 500, alter body set compression pglz, alter n set (n_distinct = 5);
     alter table t enable row level security, force row level security;
     alter table t replica identity full;
     alter table t disable trigger tell;
     alter table t cluster on t_n;
     comment on schema public is 'ours';
     comment on column t.n is 'a number';
     grant select, insert on t to public;`,
  );
  expect(leftOut).toEqual([]);
  expect(statements.toSorted()).toEqual(
    [
      "ALTER TABLE ONLY public.t ALTER COLUMN n RESET (n_distinct)",
      "ALTER TABLE ONLY public.t ALTER COLUMN n SET STATISTICS -1",
      "ALTER TABLE ONLY public.t REPLICA IDENTITY DEFAULT",
      "ALTER TABLE public.t ALTER COLUMN body SET COMPRESSION default",
      "ALTER TABLE public.t DISABLE ROW LEVEL SECURITY",
      "ALTER TABLE public.t ENABLE TRIGGER tell",
      "ALTER TABLE public.t NO FORCE ROW LEVEL SECURITY",
      "ALTER TABLE public.t SET WITHOUT CLUSTER",
      "COMMENT ON COLUMN public.t.n IS NULL",
      "COMMENT ON SCHEMA public IS 'standard public schema'",
      "REVOKE SELECT, INSERT ON TABLE public.t FROM PUBLIC",
    ].toSorted(),
  );
});

test("one setting takes another one's place", async () => {
  const { statements, leftOut } = await wayBack(
    `${table} alter table t replica identity using index t_pkey; alter table t disable trigger tell;
     alter table t alter n set statistics 100; comment on schema public is 'theirs';
     alter default privileges grant select on tables to public;`,
    `alter table t replica identity full; alter table t enable always trigger tell;
     alter table t alter n set statistics 200; comment on schema public is 'ours';
     alter default privileges grant insert on tables to public;
     create index t_more on t (id); alter table t cluster on t_more;`,
  );
  expect(leftOut).toEqual([]);
  expect(statements).not.toContain("ALTER TABLE ONLY public.t ALTER COLUMN n SET STATISTICS -1");
  expect(statements).toContain("ALTER TABLE public.t DISABLE TRIGGER tell");
});

test("what follows a dropped constraint lapses with it, and comes again with one made anew", async () => {
  const comments = `comment on constraint small on t is 'not big'; comment on constraint many on t is 'once';`;
  const { statements, leftOut } = await wayBack(
    `${table} alter table t add constraint small check (n < 9); comment on constraint small on t is 'not big';`,
    `alter table t drop constraint small, add constraint small check (n < 7), add constraint many unique (n);
     ${comments}`,
  );
  expect(leftOut).toEqual([]);
  expect(statements).toContain("COMMENT ON CONSTRAINT small ON public.t IS 'not big'");
  expect(statements).not.toContain("COMMENT ON CONSTRAINT many ON public.t IS NULL");
});

test("what has no statement says why", async () => {
  const { leftOut } = await wayBack(
    `${table} create type mood as enum ('ok');
     create table p (id int) partition by range (id);
     create table p1 partition of p for values from (0) to (10);`,
    `alter table t alter body set storage external;
     alter type mood add value 'sad';
     alter table p detach partition p1; alter table p attach partition p1 for values from (0) to (20);`,
  );
  expect(leftOut.toSorted()).toEqual([
    "ALTER TABLE ONLY public.t ALTER COLUMN body SET STORAGE EXTERNAL: the schema does not say which storage its type has",
    "ALTER TABLE public.p ATTACH PARTITION public.p1 FOR VALUES FROM (0) TO (10): its rows may not fit, and PostgreSQL would have to read all of them",
    "ALTER TABLE public.p ATTACH PARTITION public.p1 FOR VALUES FROM (0) TO (20): detaching it would take its rows out of the partitioned table",
    "type public.mood: PostgreSQL takes no label away from an enum and moves none: its columns would have to change to a new type",
  ]);
});

test("a foreign key makes way for the key it needs, and a view makes way for the key that it groups by", async () => {
  const base = `create table a (id int primary key, n int); create table b (id int);`;
  const { statements, leftOut } = await wayBack(
    `${base} alter table a drop constraint a_pkey; alter table a alter id drop not null;`,
    `alter table a add constraint a_key unique (id);
     alter table b add constraint b_a foreign key (id) references a (id);
     create function f() returns int language sql immutable as 'select 1';
     create view v as select f() as one;`,
  );
  expect(leftOut).toEqual([]);
  expect(statements).toEqual([
    "ALTER TABLE public.b DROP CONSTRAINT b_a",
    "ALTER TABLE public.a DROP CONSTRAINT a_key",
    "DROP VIEW public.v",
    "DROP FUNCTION public.f()",
  ]);
  const kept = await wayBack(
    `create table a (id int, n int); create view v as select id, n from a;`,
    `alter table a alter id set not null; alter table a add primary key (id);
     create or replace view v as select id, n from a group by id;`,
  );
  expect(kept.leftOut).toEqual([]);
  expect(kept.statements.slice(0, 2)).toEqual([
    "DROP VIEW public.v",
    "ALTER TABLE public.a DROP CONSTRAINT a_pkey",
  ]);
});

test("a domain comes to what no value can fail on, and keeps the rest with its statement", async () => {
  const { statements, leftOut } = await wayBack(
    `create function f() returns int language sql as 'select 1';
     create domain d as int default 5 not null constraint small check (value < 9) constraint other check (value > 0);
     create domain g as int; create table t (d d, g g); comment on constraint small on domain d is 'not big';`,
    `alter domain d set default 6; alter domain d drop not null; alter domain d drop constraint small;
     alter domain d drop constraint other; alter domain d add constraint other check (value > 1);
     alter domain g set default f(); alter domain g set not null;
     alter domain g add constraint gone check (value < f()); comment on constraint gone on domain g is 'goes';`,
  );
  expect(statements).toEqual([
    "ALTER DOMAIN public.d SET DEFAULT 5",
    "ALTER DOMAIN public.g DROP CONSTRAINT gone",
    "ALTER DOMAIN public.g DROP DEFAULT",
    "ALTER DOMAIN public.g DROP NOT NULL",
  ]);
  const why = "it fails where a value that is there does not fit: `ALTER DOMAIN public.d";
  expect(leftOut).toEqual([
    `NOT NULL: ${why} SET NOT NULL\``,
    `constraint other: ${why} DROP CONSTRAINT other; ALTER DOMAIN public.d ADD CONSTRAINT other CHECK ((VALUE > 0))\``,
    `constraint small: ${why} ADD CONSTRAINT small CHECK ((VALUE < 9))\``,
    "COMMENT ON CONSTRAINT small ON DOMAIN public.d IS 'not big': it is about constraint small, which is left out",
  ]);
});
