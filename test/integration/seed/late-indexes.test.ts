/** Indexes of large tables are built after the rows, and come back exactly as they were. */
import { expect, it } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { connectTo } from "../../support/fitnesshub.ts";
import { runSeed } from "../../support/seed.ts";

const ddl = `
create table "Users" (id int primary key, email text not null, "Name" text not null, score int,
  constraint "one mail" unique (email) deferrable initially deferred);
create index "by Name" on "Users" ("Name" desc nulls last) include (score) with (fillfactor = 80);
create index lower_name on "Users" (lower("Name")) where score > 5;
create index told on "Users" (score);
comment on index told is 'kept as it is';
create unique index one_name on "Users" ("Name", id) nulls not distinct;
create table parents (id int primary key, name text unique);
create table children (id int primary key, parent_id int not null references parents);
create table watched (id int primary key, name text);
create function nothing() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger nothing after insert on watched for each statement execute function nothing();`;

const rows = { rows: 20_000, columns: {} };
const requests = {
  "public.Users": rows,
  "public.parents": rows,
  "public.children": { rows: 10, columns: {} },
  "public.watched": rows,
};

const shape = `
  select json_agg(json_build_array(indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid, indimmediate,
    obj_description(indexrelid), (select pg_get_constraintdef(c.oid) from pg_constraint c
    where c.conindid = indexrelid and c.contype in ('p', 'u'))) order by indexrelid::regclass::text) as indexes
  from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`;

it("come back as they were; what others need stays", { timeout: 60_000 }, async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(ddl);
  const before = await database.sql.unsafe(shape);
  const plan = await runSeed(database, { requests, dryRun: true });
  const late = Object.fromEntries(
    plan.tables.map(({ table, lateIndexes }) => [table, lateIndexes.map(({ name }) => name)]),
  );
  expect(late).toEqual({
    "public.Users": ["Users_pkey", "by Name", "lower_name", "one_name"],
    "public.parents": ["parents_name_key"],
    "public.children": [],
    "public.watched": [],
  });
  expect(await database.sql.unsafe(shape)).toEqual(before);
  const titles: string[] = [];
  await runSeed(database, {
    requests,
    events: (event) => {
      if (event.type === "step-finished") titles.push(event.title);
    },
  });
  expect(titles).toContain("Users_pkey, by Name, lower_name, one_name");
  expect(await database.sql.unsafe(shape)).toEqual(before);
  const [row] = await database.sql`select count(*)::int as n from "Users"`;
  expect(row).toEqual({ n: 20_000 });
});

it("stay where somebody uses the table", { timeout: 60_000 }, async () => {
  await using database = await withDatabase();
  await database.sql.unsafe("create table t (id int primary key, name text unique)");
  const other = connectTo(database, 1);
  await other.unsafe("begin; select from t");
  const titles: string[] = [];
  await runSeed(database, {
    requests: { "public.t": rows },
    events: (event) => {
      if (event.type === "step-finished") titles.push(event.title);
    },
  });
  await other.end();
  expect(titles).toEqual(["public.t"]);
  const [row] = await database.sql`select count(*)::int as n from t`;
  expect(row).toEqual({ n: 20_000 });
});
