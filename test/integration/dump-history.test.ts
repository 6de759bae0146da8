import { assert, asyncProperty, shuffledSubarray, tuple } from "fast-check";
import { expect, test } from "vitest";
import { dumpSchema } from "../../src/schema/dump.ts";
import { connectTo } from "../support/connection.ts";
import { withDatabase } from "../support/database.ts";
import { dump, load } from "../support/dump.ts";

/** Statements that can run in any order. */
const independent = [
  "create schema s",
  'create schema "S"',
  "create table public.b (id integer, x text default 'x')",
  "create table public.a (id serial primary key, y varchar(3) check (y in ('a', 'b')))",
  'create table public."A" (id integer generated always as identity, unique (id))',
  "create type public.mood as enum ('x', 'y')",
  "create domain public.d as integer check (value > 0) check (value < 9)",
  "create function public.f(integer) returns integer language sql as 'select 1'",
  "create function public.f(text) returns integer language sql as 'select 1'",
  "create view public.v as select 1 as one",
  "create view public.u as select 1 as one",
  "create sequence public.s",
  "create extension citext",
  "create extension hstore",
  "create table public.p (d date) partition by range (d)",
  "create aggregate public.g(integer) (sfunc = int4larger, stype = integer)",
  "create publication pub",
  "create cast (date as bigint) with inout",
  "create cast (bigint as date) with inout",
];

/** Statements that need those above, and no order among themselves. */
const dependent = [
  "create index i2 on public.b (x)",
  "create index i1 on public.b (id)",
  "alter table public.b add constraint k2 check (id > 0)",
  "alter table public.b add constraint k1 unique (id)",
  "alter table public.b add constraint fk2 foreign key (id) references public.a",
  "alter table public.b add constraint fk1 foreign key (id) references public.a",
  "create table public.p2 partition of public.p for values from ('2024-01-01') to ('2025-01-01')",
  "create table public.p1 partition of public.p for values from ('2025-01-01') to ('2026-01-01')",
  "comment on table public.b is 'b'",
  "comment on column public.b.x is 'x'",
  "grant select on public.b to public",
  "grant select on public.v to pg_monitor",
  "grant insert, update on public.v to pg_signal_backend",
  "create policy q on public.b using (true)",
  "create policy p on public.b for select to pg_monitor, pg_signal_backend using (exists (select from public.a))",
  "create rule r as on delete to public.b do instead nothing",
  "create statistics public.st2 on id, x from public.b",
  "create statistics public.st1 on id, x from public.b",
  'alter table public."A" set (fillfactor = 50)',
  'alter table public."A" set (autovacuum_enabled = off)',
];

test("the order of creation does not show", async () => {
  await using reference = await withDatabase();
  await load(reference, [...independent, ...dependent].join(";\n"));
  const { sql } = await dump(reference);
  const orders = tuple(
    shuffledSubarray(independent, { minLength: independent.length }),
    shuffledSubarray(dependent, { minLength: dependent.length }),
  );
  await assert(
    asyncProperty(orders, async ([first, second]) => {
      await using database = await withDatabase();
      await load(database, [...first, ...second].join(";\n"));
      expect((await dump(database)).sql).toBe(sql);
    }),
    { numRuns: 12 },
  );
});

test("what came and went does not show", async () => {
  await using plain = await withDatabase();
  await load(
    plain,
    `create table t (a integer, b text default 'x', constraint c check (a > 0));
     create index i on t (b);
     create view v as select a, b from t`,
  );
  await using lived = await withDatabase();
  await load(
    lived,
    `create table t (gone1 integer, a bigint, gone2 text, c integer);
     create table other (id integer); drop table other;
     alter table t drop column gone1; alter table t rename column a to tmp;
     alter table t rename column tmp to a; alter table t alter column a type integer;
     alter table t drop column gone2; alter table t rename column c to b;
     alter table t alter column b type text; alter table t alter column b set default 'x';
     alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c;
     create index j on t (b); alter index j rename to i;
     alter table t enable row level security; alter table t disable row level security;
     grant select on t to pg_monitor; revoke select on t from pg_monitor;
     comment on table t is 'x'; comment on table t is null;
     create view v as select a from t; create or replace view v as select a, b from t;
     alter table t set (fillfactor = 10); alter table t reset (fillfactor);
     alter table t alter column b set statistics 5; alter table t alter column b set statistics -1;
     alter default privileges grant select on tables to pg_monitor;
     alter default privileges revoke select on tables from pg_monitor`,
  );
  expect((await dump(lived)).sql).toBe((await dump(plain)).sql);
});

test("a schema that is being changed is dumped as it was at one moment, or not at all", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create table t (a integer check (a in (1, 2)), b integer generated always as (a * 2) stored);
     create index on t ((a + 1)) where a > 0; create view v as select * from t where a = 1;
     create policy p on t using (a > 5); create statistics s on (a * 2) from t;
     create function f() returns integer language sql as 'select 1'`,
  );
  const changes = [
    "alter table t rename a to renamed; alter function f() rename to g",
    "alter table t rename renamed to a; alter function g() rename to f",
  ];
  const valid = new Set<string>();
  for (const change of changes) {
    valid.add((await dump(database)).sql);
    await load(database, change);
  }
  const over = new AbortController();
  const changing = (async () => {
    await using session = await connectTo(database.url);
    for (let i = 0; !over.signal.aborted; i = 1 - i) {
      await session.script(changes[i] ?? "");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
    }
  })();
  const seen: string[] = [];
  await using session = await connectTo(database.url);
  for (let i = 0; i < 30; i += 1) {
    seen.push(
      await dumpSchema(session).then(
        ({ sql }) => (valid.has(sql) ? "whole" : sql),
        (error: Error) => error.message,
      ),
    );
  }
  over.abort();
  await changing;
  const refusal = "the schema is being changed while it is read";
  expect(seen.filter((text) => text !== "whole" && text !== refusal)).toEqual([]);
  expect(seen).toContain("whole");
});
