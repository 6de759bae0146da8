/** What no file tells of and a catalog knows: `lint --url` judges by it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

let project: MigrationProject;
beforeAll(async () => {
  project = await withMigrations({ "001_next.sql": migration("select 1;", "select 1;") });
  await project.sql.unsafe(`
    create table t (id int not null, plain text, c text collate "C", lowered text, condition text, included text, own text, span interval(3), hours interval hour);
    create index t_plain on t (plain);
    create index t_c on t (c);
    create index t_lowered on t (id, lower(lowered));
    create index t_condition on t (id) where condition <> '';
    create index t_included on t (id) include (included);
    create index t_own on t (own collate "C");
    insert into t select i, 'x' from generate_series(1, 20000) i;
    alter table t enable row level security;
    create policy own on t using (id = 1);
    create policy narrow on t as restrictive using (true);
    create function bare() returns int language sql as 'select 1';
    create function safe() returns int language sql set search_path = '' as 'select 1';
    create procedure safer() language sql set search_path = '' as 'select 1';
    create table parted (id int not null, n int) partition by range (id);
    create table parted_rest partition of parted default;
    create table cut (id int not null, n int, check (n >= 0)) partition by range (id);
    create table cut_rest partition of cut default;
    create table proven (id int not null, n int) partition by range (id);
    create table proven_rest partition of proven default;
    alter table proven_rest add check (id > 100);
    insert into parted select i, i from generate_series(1, 20000) i;
    insert into cut select i, i from generate_series(1, 20000) i;
    insert into proven select i + 100, i from generate_series(1, 20000) i;
    analyze;`);
});
afterAll(async () => project[Symbol.asyncDispose]());

/** The rules that find something in an up section, and the objects. */
async function found(up: string): Promise<string[]> {
  await project.write("001_next.sql", migration(up, "select 1;"));
  const { body } = await project.json(["lint", "--url", project.database.url]);
  return body.findings.map(
    ({ rule, object }: { rule: string; object?: string }) => `${rule} ${object}`,
  );
}

test.each([
  ["alter table t alter plain type varchar", []],
  ['alter table t alter plain type text collate "C"', ["lint/change-column-type t"]],
  ["alter table t alter c type text", ["lint/change-column-type t"]],
  ['alter table t alter c type varchar collate "C"', []],
  ["alter table t alter lowered type varchar", ["lint/change-column-type t"]],
  ["alter table t alter condition type varchar", ["lint/change-column-type t"]],
  ['alter table t alter included type varchar collate "C"', []],
  ['alter table t alter own type text collate "POSIX"', []],
])("the indexes of a column: %s", async (up, rules) => {
  expect(await found(`${up};`)).toEqual(rules);
});

test.each([
  ["parted", ["lint/attach-partition parted_rest"]],
  // A CHECK that the whole table has says nothing of its key.
  ["cut", ["lint/attach-partition cut_rest"]],
  ["proven", []],
])("the default partition of %s", async (name, rules) => {
  expect(await found(`create table one partition of ${name} for values from (1) to (2);`)).toEqual(
    rules,
  );
});

test.each([
  ["alter table t alter span type interval, alter hours type interval minute", []],
  ["alter table t alter span type interval(2)", ["lint/change-column-type t"]],
])("the fields and digits of intervals: %s", async (up, rules) => {
  expect(await found(`${up};`)).toEqual(rules);
});

test.each([
  ["drop policy own on t", ["lint/row-security t"]],
  ["drop policy narrow on t", []],
  ["alter function bare() security definer", ["lint/definer-search-path bare"]],
  ["alter function safe() security definer; alter procedure safer() security definer", []],
])("policies and functions: %s", async (up, rules) => {
  expect(await found(`${up};`)).toEqual(rules);
});
