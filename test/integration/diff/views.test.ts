/** Views, functions and sequences come to another definition, with all that hangs on them. */
import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { differencesAsSql } from "../../../src/cli/differing.ts";
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

/** The script from one schema to the other one, run by the time it is given back; what it leaves out. */
async function lead(from: string, to: string) {
  await using one = await withDatabase();
  await using other = await withDatabase();
  await one.sql.unsafe(from).simple();
  await other.sql.unsafe(to).simple();
  const target = await objectsOf(other);
  const found = findDifferences(await objectsOf(one), target);
  const statements = found.script.flatMap(({ sql }) => sql);
  await one.sql.unsafe(statements.join(";\n")).simple();
  const left = findDifferences(await objectsOf(one), target);
  const leftOut = (of: typeof left) =>
    of.differences.flatMap((one) => one.leftOut.map(({ what, why }) => `${what}: ${why}`));
  expect(leftOut(left)).toEqual(leftOut(found));
  expect(left.script).toEqual([]);
  const text = differencesAsSql({
    elsewhere: [],
    ...found,
    from: "one",
    to: "other",
    isEqual: false,
  });
  const words = new Map(found.differences.map((one) => [one.object, one.words]));
  return {
    statements,
    leftOut: leftOut(found),
    text,
    words,
    isDone: left.differences.length === 0,
  };
}

const base = `create table t (id int primary key, n int, body text);
  create function tell() returns trigger language plpgsql as 'begin return new; end';`;

test("a view is replaced where its columns stay in front, and its options are set", async () => {
  const { statements, isDone } = await lead(
    `${base} create view v with (security_barrier = true, check_option = local) as select id from t where n > 0;
     create view w as select id from v;
     create view options with (security_barrier = true) as select id from t;
     alter view v alter id set default 5; grant select on v to public;`,
    `${base} create view v with (security_invoker = true) as select id, n as number from t where n > 1;
     create view w as select id from v;
     create view options with (security_invoker = true) as select id from t;
     comment on column v.number is 'a number'; grant select on v to public;`,
  );
  expect(isDone).toBe(true);
  expect(statements.some((sql) => sql.startsWith("DROP"))).toBe(false);
  const [set, reset, replace, ...around] = statements;
  expect([set, reset]).toEqual([
    "ALTER VIEW public.options SET (security_invoker = true)",
    "ALTER VIEW public.options RESET (security_barrier)",
  ]);
  expect(replace).toMatch(
    /^CREATE OR REPLACE VIEW public\.v WITH \(security_invoker = true\) AS\n/,
  );
  expect(around).toEqual([
    "ALTER TABLE ONLY public.v ALTER COLUMN id DROP DEFAULT",
    "COMMENT ON COLUMN public.v.number IS 'a number'",
  ]);
});

test("a view with other columns goes with all that hangs on it, and comes again with all of it", async () => {
  const role = `reader_${randomBytes(4).toString("hex")}`;
  await using admin = await withDatabase();
  await admin.sql.unsafe(`create role ${role}`);
  try {
    const around = `
      comment on view v is 'seen'; comment on column v.id is 'its key';
      grant select on v to ${role} with grant option; grant update (id) on w to ${role};
      set role ${role}; grant select on v to public; reset role;
      alter view w owner to ${role};
      create trigger on_v instead of insert on v for each row execute function tell();
      comment on trigger on_v on v is 'tells';
      create rule on_w as on delete to w do instead nothing;
      create materialized view m as select id from w;
      create unique index m_i on m (id); comment on index m_i is 'unique';
      create function count_w() returns bigint begin atomic select count(*) from w; end;
      create policy p on t using (exists (select from v where v.id = t.id));`;
    const { text, statements, leftOut, isDone, words } = await lead(
      `${base} create view v as select id, n from t; create view w as select id from v; ${around}`,
      `${base} create view v as select id, body, n from t; create view w as select id from v; ${around}`,
    );
    expect(leftOut).toEqual([]);
    expect(isDone).toBe(true);
    expect(statements.filter((sql) => sql.startsWith("DROP"))).toEqual([
      "DROP POLICY p ON public.t",
      "DROP MATERIALIZED VIEW public.m",
      "DROP FUNCTION public.count_w()",
      "DROP VIEW public.w",
      "DROP VIEW public.v",
    ]);
    expect(words.get("trigger on_v on public.v")).toEqual([
      "it goes with view public.v, and is made anew",
    ]);
    expect(words.get("materialized view public.m")).toEqual([
      "it goes with view public.w, and is made anew",
      "it is empty until it is refreshed",
    ]);
    expect(text).toContain(
      "-- made without rows, and not to be read before they are filled:\n--   REFRESH MATERIALIZED VIEW public.m;",
    );
  } finally {
    await admin.sql.unsafe(`drop role ${role}`);
  }
});

test("where something else needs a view, it stays with all that hangs on it, and the reason is named", async () => {
  const { statements, leftOut } = await lead(
    `${base} create view v as select id, n from t; create view w as select id from v; create table of_v (one v);`,
    `${base} create view v as select id, body, n from t; create view w as select id from v; create table of_v (one v);`,
  );
  expect(statements).toEqual([]);
  expect(leftOut).toEqual(["view public.v: column one of table public.of_v needs it"]);
});

test("a materialized view with another query is made anew with its indexes, other options are set", async () => {
  const { statements, isDone } = await lead(
    `${base} create materialized view m as select id from t; create index m_i on m (id); create index m_gone on m (id, id);
     create materialized view o with (fillfactor = 70) as select id from t;`,
    `${base} create materialized view m as select id from t where n > 0; create index m_i on m (id); create index m_new on m (id);
     create materialized view o with (fillfactor = 80) as select id from t;`,
  );
  expect(isDone).toBe(true);
  expect(statements.map((sql) => sql.replace(/ (?:USING|AS\n|OWNER).*/s, ""))).toEqual([
    "DROP MATERIALIZED VIEW public.m",
    "CREATE MATERIALIZED VIEW public.m",
    "ALTER MATERIALIZED VIEW public.m",
    "CREATE INDEX m_i ON public.m",
    "CREATE INDEX m_new ON public.m",
    "ALTER MATERIALIZED VIEW public.o SET (fillfactor = 80)",
  ]);
});

test("a view of one kind takes the place of one of the other kind", async () => {
  const { isDone, leftOut } = await lead(
    `${base} create view v as select id from t; create view w as select id from v; create view x as select id from w;`,
    `${base} create materialized view v as select id from t; create view w as select id from v; create materialized view x as select id from w;`,
  );
  expect(leftOut).toEqual([]);
  expect(isDone).toBe(true);
});

test("a function is replaced where PostgreSQL takes it, else made anew with what calls it", async () => {
  const { statements, leftOut, isDone } = await lead(
    `${base} create function f(a int default 1) returns int language sql as 'select a';
     create function g(a int) returns int language sql as 'select a';
     create view v as select g(1) as one;
     create function kept(a int) returns int language sql immutable as 'select a';
     create index on t (kept(n));`,
    `${base} create function f(a int default 2) returns int language sql as 'select a + 1';
     create function g(a int) returns bigint language sql as 'select a::bigint';
     create view v as select g(1) as one;
     create function kept(a int) returns bigint language sql immutable as 'select a::bigint';
     create index on t (kept(n));`,
  );
  expect(isDone).toBe(false);
  expect(leftOut).toEqual(["function public.kept(a integer): index public.t_kept_idx needs it"]);
  expect(statements.map((sql) => sql.replace(/[(\n ]+(?:a integer|AS\n|OWNER).*/s, ""))).toEqual([
    "DROP VIEW public.v",
    "CREATE OR REPLACE FUNCTION public.f",
    "DROP FUNCTION public.g",
    "CREATE FUNCTION public.g",
    "ALTER FUNCTION public.g",
    "CREATE VIEW public.v",
    "ALTER VIEW public.v",
  ]);
});

test("what is made anew gets no rights by default, and keeps those that default takes away", async () => {
  const role = `by_default_${randomBytes(4).toString("hex")}`;
  await using admin = await withDatabase();
  await admin.sql.unsafe(`create role ${role}`);
  try {
    const defaults = `alter default privileges in schema public grant select on tables to ${role};
      alter default privileges revoke execute on functions from public;`;
    const { leftOut, isDone } = await lead(
      `${base} create view v as select id, n from t; create function f() returns int language sql as 'select 1'; ${defaults}`,
      `${base} create view v as select n, id from t; create function f() returns bigint language sql as 'select 1::bigint';
       create table fresh (id int); ${defaults}`,
    );
    expect(leftOut).toEqual([]);
    expect(isDone).toBe(true);
  } finally {
    await admin.sql.unsafe(`drop role ${role}`);
  }
});
