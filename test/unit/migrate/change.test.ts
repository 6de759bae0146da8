import { beforeAll, describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { judgeChange } from "../../../src/migrate/change.ts";
import { greatest, raise } from "../../../src/migrate/schema-version.ts";

beforeAll(async () => loadParser());

/** "major", or "major, at least minor" where a declaration may say less. */
function judged(sql: string): string {
  const { change, least } = judgeChange(parseScript(sql));
  return change === least ? change : `${change}, at least ${least}`;
}

describe("judgeChange", () => {
  test.each([
    // what the schema's users see nothing of
    ["", "patch"],
    ["comment on table t is 'x'", "patch"],
    ["create index concurrently i on t (a)", "patch"],
    ["drop index concurrently i", "patch"],
    ["alter index i rename to j", "patch"],
    ["create or replace function f() returns int language sql as 'select 2'", "patch"],
    ["alter table t alter a set statistics 100, set (fillfactor = 90)", "patch"],
    ["alter table t validate constraint c", "patch"],
    ["alter table t add constraint u unique using index i", "patch"],
    ["alter table t add constraint c check (a > 0) not enforced", "patch"],
    ["create temp table t (a int)", "patch"],
    ["vacuum; analyze; reindex table t; refresh materialized view m", "patch"],
    ["set local lock_timeout = '1s'; select 1; lock table t", "patch"],
    ["drop tablespace t", "patch"],
    // additions
    ["create table t (a int not null)", "minor"],
    ["create view v as select 1; create materialized view m as select 1", "minor"],
    ["alter table users add middle_name varchar(100)", "minor"],
    ["alter table t add a int not null default 1", "minor"],
    [
      "alter table t add a int generated always as identity not null, add b bigserial not null",
      "minor",
    ],
    ["alter table t add a int generated always as (1) stored not null", "minor"],
    ["alter table t alter a drop not null", "minor"],
    ["alter table t alter a set default 2", "minor"],
    ["alter type e add value 'x'", "minor"],
    ["grant select on t to r", "minor"],
    ["create policy p on t using (true)", "minor"],
    ["create function f() returns int language sql as 'select 1'", "minor"],
    ["select * into t from u", "minor"],
    ["alter view v set (security_invoker = on)", "minor"],
    ["alter table p attach partition p1 for values in (1)", "minor"],
    // removals, renames, narrowings, new requirements
    ["drop table t", "major"],
    ["drop table if exists a, b cascade", "major"],
    ["drop function f(int)", "major"],
    ["drop schema s", "major"],
    ["drop cast (int as text)", "major"],
    ["drop policy p on t", "major"],
    ["drop owned by r", "major"],
    ["drop role r", "major"],
    ["alter table t drop column a", "major"],
    ["alter table users rename full_name to first_name", "major"],
    ["alter table t rename to u", "major"],
    ["alter type e rename value 'a' to 'b'", "major"],
    ["alter type c drop attribute a", "major"],
    ["alter schema a rename to b", "major"],
    ["alter table t set schema s", "major"],
    ["alter table t alter a set not null", "major"],
    ["alter table t add a int not null", "major"],
    ["alter table t add a int not null default null", "major"],
    ["alter table t add a uuid primary key", "major"],
    ["alter table t add constraint c check (a > 0) not valid", "major"],
    ["alter table t add foreign key (a) references u", "major"],
    ["alter table t alter a drop identity", "major"],
    ["alter table t enable row level security", "major"],
    ["alter table p detach partition p1 concurrently", "major"],
    ["alter domain d set not null", "major"],
    ["alter domain d add check (value > 0)", "major"],
    ["revoke select on t from r", "major"],
    ["revoke a from b", "major"],
    ["create policy p on t as restrictive using (true)", "major"],
    // what depends on the database
    ["do $$ begin end $$", "minor, at least patch"],
    ["call p()", "minor, at least patch"],
    ["select f()", "minor, at least patch"],
    [
      "insert into t values (1); update t set a = 2; delete from t; truncate t",
      "minor, at least patch",
    ],
    ["alter table t alter a type bigint", "major, at least patch"],
    ["alter table t alter a drop default", "major, at least patch"],
    ["alter table t drop constraint c", "major, at least patch"],
    ["alter table t rename constraint a to b", "major, at least patch"],
    ["create unique index i on t (a)", "major, at least patch"],
    ["alter policy p on t using (false)", "minor, at least patch"],
    ["create event trigger e on ddl_command_start execute function f()", "minor, at least patch"],
  ])("%j is %s", (sql, expected) => expect(judged(sql)).toBe(expected));

  test("what the file itself created may change in any way", () => {
    expect(
      judged(`
        create table app.t (a int);
        alter table app.t add b int not null, alter a set not null, enable row level security;
        create unique index i on app.t (a);
        revoke all on app.t from public;
        create trigger x before insert on app.t for each row execute function f();
        create policy p on app.t as restrictive using (true);
        alter table app.t rename a to c;
        create function g() returns int language sql as 'select 1';
        revoke execute on function g() from public;
        drop function g();
        create type e as enum ('a'); drop type e;
        drop table app.t`),
    ).toBe("minor");
  });

  test("a table of the same name in another schema is another table", () => {
    expect(judged("create table app.t (a int); alter table t drop column a")).toBe("major");
    expect(judged("create table public.t (a int); alter table t drop column a")).toBe("minor");
  });

  test("something dropped and made anew may be the same, but for a table", () => {
    const trigger = "create trigger x before insert on t for each row execute function f()";
    expect(judged(`drop trigger x on t; ${trigger}`)).toBe("minor, at least patch");
    expect(judged(`drop trigger y on t; ${trigger}`)).toBe("major");
    expect(judged("drop view v; create view v as select 1")).toBe("major, at least minor");
    expect(
      judged(
        "drop function f(int); create function f(a int, out b int) language sql as 'select 1'",
      ),
    ).toBe("major, at least minor");
    expect(
      judged(
        "drop function f(int); create function f(a text) returns int language sql as 'select 1'",
      ),
    ).toBe("major");
    expect(judged("drop table t; create table t (a int)")).toBe("major");
  });

  test("says why, statement by statement", () => {
    const statements = parseScript(
      "comment on table t is ''; alter table t rename a to b; alter table t drop c, add d int",
    );
    expect(
      judgeChange(statements).judgements.map(({ change, reason, statement }) => [
        statement.kind,
        change,
        reason,
      ]),
    ).toEqual([
      ["CommentStmt", "patch", "a comment"],
      ["RenameStmt", "major", "column `t.a` is renamed to `b`"],
      ["AlterTableStmt", "major", "column `t.c` is dropped"],
      ["AlterTableStmt", "minor", "column `t.d` is new"],
    ]);
  });
});

describe("the schema's version", () => {
  test.each([
    ["1.4.2", "major", "2.0.0"],
    ["1.4.2", "minor", "1.5.0"],
    ["1.4.2", "patch", "1.4.3"],
    ["0.0.0", "minor", "0.1.0"],
    ["0.9.9", "major", "1.0.0"],
  ] as const)("%s after a %s change is %s", (version, change, next) => {
    expect(raise(version, change)).toBe(next);
  });

  test("refuses what is no version", () => {
    expect(() => raise("1.2", "minor")).toThrow(RangeError);
  });

  test("the greatest change counts", () => {
    expect(greatest(["patch", "major", "minor"])).toBe("major");
    expect(greatest([])).toBe("patch");
  });
});
