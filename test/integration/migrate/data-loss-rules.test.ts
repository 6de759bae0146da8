/** Rules that statements of a rollback fire are named, where they delete or change anything. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const tables = `create table t (id int); create table u (id int); create table log (id int);
  create function purge() returns void language sql as 'delete from u';`;

interface RuleCase {
  /** SQL of the migration, besides the tables. */
  readonly up: string;
  readonly down: string;
  /** What is named; undefined where nothing is. */
  readonly said?: string;
}

const cases: Record<string, RuleCase> = {
  "DELETE beside an INSERT": {
    up: "create rule r as on insert to t do also delete from u;",
    down: "insert into t values (2);",
    said: "the rule r on public.t",
  },
  "DELETE in place of a DELETE, in a WITH": {
    up: 'create rule "My rule" as on delete to t do instead delete from u;',
    down: "with x as (delete from t where id = 5) select 1;",
    said: 'the rule "My rule" on public.t',
  },
  "UPDATE and a function, of a view and of a table that is renamed before": {
    up: `create view v as select * from u;
         create rule a as on update to v do instead update u set id = 1 where false;
         create rule b as on insert to t do also select purge();`,
    down: "alter table t rename to s; update v set id = 2; insert into s values (1);",
    said: "the rule a on public.v and the rule b on public.t",
  },
  "a rule that a rule fires": {
    up: `create rule a as on insert to t do also insert into log values (new.id);
         create rule b as on insert to log do also delete from u;`,
    down: "insert into t values (1);",
    said: "the rule b on public.log",
  },
  "a rule that the rollback makes": {
    up: "select 1;",
    down: "create rule r as on insert to t do also delete from u; insert into t values (1);",
    said: "the rule r on public.t",
  },
  "a DELETE that a foreign key passes on, twice": {
    up: `create table a (id int primary key); create table b (id int primary key, a int references a on delete cascade);
         create table c (id int, b int references b on delete set null);
         create rule r as on update to c do also delete from u;
         insert into a values (1);`,
    down: "delete from a where id = 5;",
    said: "the rule r on public.c",
  },
  "an UPDATE of a key that others refer to, and of another column": {
    up: `create table a (id int primary key, x int, k int unique); create table b (a int references a on update cascade);
         create table c (k int references a (k) on update cascade);
         create rule r as on update to b do also delete from u;
         create rule s as on update to c do also delete from u;`,
    down: "update a set k = 5 where id = 5;",
    said: "the rule s on public.c",
  },
  "a write through views": {
    up: `create view v as select id as n from t where exists (select from log); create view w as select v.n as m from v;
         create table z (id int); create view x as select id from z;
         create rule r as on update to t do also delete from u;
         create rule l as on update to log do also delete from u;
         create rule n as on delete to x do instead nothing;
         create rule d as on delete to z do also delete from log;`,
    down: "update w set m = 2 where m = 7; delete from x;",
    said: "the rule r on public.t",
  },
  "rules that take nothing, or that nothing fires": {
    up: `create rule a as on insert to t do also insert into log values (new.id);
         create rule b as on insert to u do instead nothing;
         create rule c as on update to t do also delete from u;
         create rule d as on delete to log do also delete from u;
         alter table log disable rule d;`,
    down: "insert into t values (1); insert into u values (1); delete from log where id = 7;",
  },
};

test.each(Object.entries(cases))("%s", async (_name, { up, down, said }) => {
  await using project = await withMigrations({
    "001_t.sql": migration(`${tables} ${up}`, down),
  });
  await project.mustRun(["migrate"]);
  const verb = said?.includes(" and ") ? "delete or change" : "deletes or changes";
  const words = said === undefined ? [] : [`what ${said} ${verb} cannot be seen beforehand`];
  const saidIn = (text: string) => text.match(/what the rule .* beforehand/g) ?? [];
  expect(saidIn((await project.run(["rollback", "--dry-run"])).stdout)).toEqual(words);
  const back = await project.run(["rollback"]);
  expect(saidIn(back.stderr)).toEqual(words);
  expect(back.code).toBe(0);
});
