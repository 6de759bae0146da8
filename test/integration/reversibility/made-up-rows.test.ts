/** Right migrations that rows made up by `seed` stop: they are tried without these, and nobody is accused. */
import { expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("rows in the way are left out, table by table, and told", async () => {
  await using project = await withMigrations({
    "001_start.sql": migration(
      `create table status (id int primary key, name text not null);
insert into status values (1, 'new'), (2, 'paid');
create table customers (id int primary key);
create table orders (id int primary key, customer int not null, status int not null references status);
create table plain (id int primary key, status int not null references status);`,
      "drop table plain, orders, customers, status;",
    ),
    "002_archived.sql": migration(
      "insert into status values (3, 'archived');",
      "delete from status where id = 3;\ndelete from plain;",
    ),
    "003_customer.sql": migration(
      "alter table orders add constraint customer foreign key (customer) references customers not valid;\nalter table orders validate constraint customer;",
      "alter table orders drop constraint customer;",
    ),
    // No row would do, made up or not.
    "004_required.sql": migration(
      "alter table orders add column note text not null;",
      "alter table orders drop column note;",
    ),
  });
  const { code, body } = await project.json(["test", "--data"], {
    env: { TEST_DATABASE_URL: serverUrl() },
  });
  expect(code).toBe(1);
  const told = body.findings.map(
    ({ rule, severity, message }: { rule: string; severity: string; message: string }) =>
      `${severity} ${rule}: ${message}`,
  );
  expect(told).toEqual([
    'info test/not-filled: `002_archived.sql` was tried without made up rows in public.status, which stop it: duplicate key value violates unique constraint "status_pkey"',
    // What it does to other rows is seen because of that.
    "error test/rows-lost: `002_archived.sql` and its rollback lose rows: public.plain had 10 rows and has none",
    expect.stringMatching(
      /^warning test\/down-fails: `002_archived\.sql` cannot be rolled back with rows that were written after it: /,
    ),
    expect.stringMatching(
      /^info test\/not-filled: `003_customer\.sql` was tried without made up rows in public\.orders, which stop it: insert or update on table "orders" violates foreign key constraint "customer"$/,
    ),
    expect.stringMatching(
      /^warning test\/fails-on-rows: `004_required\.sql` cannot be applied to tables with rows: /,
    ),
  ]);
  const verdicts = body.result.migrations.map(
    ({ data }: { data: { verdict: string } | null }) => data?.verdict,
  );
  expect(verdicts).toEqual(["additions lost", "destructive", "lossless", "not tried"]);
});

test("a write that meets none of the rows is told, in either section", async () => {
  await using project = await withMigrations({
    "001_start.sql": migration(
      `create schema shop;
create table shop."Order" (id int primary key, state int not null check (state in (1, 2, 9)));
create table notes (id int primary key, body text);`,
      'drop table notes;\ndrop table shop."Order";\ndrop schema shop;',
    ),
    "002_unmet.sql": migration(
      `update notes set body = 'b' where body = 'a';
delete from shop."Order" where id = -7;`,
      "update notes set body = 'a' where body = 'c';",
    ),
    // Each meets some: the rows before it, what it has written, the rows after it.
    "003_met.sql": migration(
      `alter table notes add column words int;
update notes set words = length(body);
insert into shop."Order" values (0, 9);`,
      `delete from shop."Order" where id = 0;
alter table notes drop column words;`,
    ),
    // Holds the statement and does not carry it out.
    "004_function.sql": migration(
      `create function clear() returns void begin atomic delete from notes where body = 'a'; end;`,
      "drop function clear;",
    ),
  });
  const { body } = await project.json(["test", "--data"], {
    env: { TEST_DATABASE_URL: serverUrl() },
  });
  const told = body.findings.map(
    ({ rule, message, at }: { rule: string; message: string; at: { line: number } }) =>
      `${at.line} ${rule}: ${message}`,
  );
  const what = (write: string) =>
    `test/not-met: none of the made up rows is one for this ${write}: what it does to rows was not tried`;
  expect(told).toEqual([
    `2 ${what("UPDATE of notes")}`,
    `3 ${what('DELETE of shop."Order"')}`,
    `5 ${what("UPDATE of notes")}`,
  ]);
  const [, unmet, met] = body.result.migrations;
  expect(unmet.data.verdict).toBe("lossless");
  expect(unmet.data.notTried.map(({ what: one }: { what: string }) => one)).toEqual([
    "the rows for its UPDATE of notes",
    'the rows for its DELETE of shop."Order"',
    "the rows for its UPDATE of notes",
  ]);
  expect(met.data.notTried).toEqual([]);
});

test("texts are among the rows as only tables in use have them", async () => {
  await using project = await withMigrations({
    "001_start.sql": migration(
      `create table people (
  id int primary key, full_name text not null, note varchar(60), "Code" text check ("Code" <> ''), state text unique
);`,
      "drop table people;",
    ),
    "002_split.sql": migration(
      `alter table people add column first text, add column last text;
update people set first = split_part(full_name, ' ', 1), last = split_part(full_name, ' ', 2);
alter table people drop column full_name;`,
      `alter table people add column full_name text;
update people set full_name = concat_ws(' ', first, last);
alter table people alter column full_name set not null;
alter table people drop column first, drop column last;`,
    ),
    "003_trim.sql": migration(`update people set "Code" = btrim("Code");`, "select 1;"),
    "004_empty.sql": migration("update people set note = nullif(note, '');", "select 1;"),
    "005_moved.sql": migration(
      "create table notes as select id, btrim(note) as note from people;\nalter table people drop column note;",
      "alter table people add column note varchar(60);\nupdate people p set note = n.note from notes n where n.id = p.id;\ndrop table notes;",
    ),
    // Cannot be applied to empty texts, of which there may be none.
    "006_check.sql": migration(
      "update people set state = state;\nalter table people add check (state <> '');",
      "alter table people drop constraint people_state_check;",
    ),
    // Touches no text that is there.
    "007_column.sql": migration(
      "alter table people add column age int;",
      "alter table people drop column age;",
    ),
  });
  const { body } = await project.json(["test", "--data"], {
    env: { TEST_DATABASE_URL: serverUrl() },
  });
  const told = body.findings
    .filter(({ rule }: { rule: string }) => rule === "test/values-lost")
    .map(({ message, hint }: { message: string; hint: string }) => [
      message
        .match(/`(\d+).*? (public\.people\.\S+)/)
        ?.slice(1)
        .join(" "),
      hint,
    ]);
  const had = (column: string) =>
    `${column} had texts that are empty, long, equal, in capitals, or have blanks at both ends or two in a row among others, as in tables that are in use`;
  expect(told).toEqual([
    ["002 public.people.full_name", had("public.people.full_name")],
    ['003 public.people."Code"', had('public.people."Code"')],
    ["004 public.people.note", had("public.people.note")],
    ["005 public.people.note", had("public.people.note")],
  ]);
  const data = body.result.migrations.map((one: { data: unknown }) => one.data);
  expect(data.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
    "additions lost",
    "lossy",
    "lossy",
    "lossy",
    "lossy",
    "lossless",
    "additions lost",
  ]);
  expect(data[5].unusual).toEqual([]);
  expect(data[5].notTried).toEqual([
    {
      what: expect.stringMatching(/public\.people\.state.* with texts that are empty/),
      reason: expect.stringContaining("violated by some row"),
    },
  ]);
  expect(data[6].unusual).toEqual([]);
});

test("equal, long and capital texts are among them; a sequence that is set forward is not taken for one that begins again", async () => {
  await using project = await withMigrations({
    "001_start.sql": migration(
      `create table acc (
  id bigint generated by default as identity primary key, email text not null, status text not null
);`,
      "drop table acc;",
    ),
    "002_lower.sql": migration("update acc set email = lower(email);", "select 1;"),
    "003_unique.sql": migration(
      `delete from acc a using acc b where a.id > b.id and a.email = b.email;
alter table acc add unique (email);`,
      "alter table acc drop constraint acc_email_key;",
    ),
    "004_cut.sql": migration(
      "alter table acc alter status type varchar(200) using left(status, 200);",
      "alter table acc alter status type text;",
    ),
    "005_forward.sql": migration("alter table acc alter id restart with 5000;", "select 1;"),
    "006_back.sql": migration("alter table acc alter id restart with 3;", "select 1;"),
  });
  const { body } = await project.json(["test", "--data"], {
    env: { TEST_DATABASE_URL: serverUrl() },
  });
  const data = body.result.migrations.map((one: { data: unknown }) => one.data);
  expect(data.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
    "additions lost",
    "lossy",
    "destructive",
    "lossy",
    "lossless",
    "lossy",
  ]);
  expect(data[5].changes.map(({ text }: { text: string }) => text)).toEqual([
    "sequence public.acc_id_seq stood at 10 and stands at 2: it gives numbers a second time",
  ]);
});
